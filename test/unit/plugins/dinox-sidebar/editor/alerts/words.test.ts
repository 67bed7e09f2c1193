import assert from 'node:assert/strict';
import * as words from '../../../../../../src/plugins/dinox-sidebar/editor/alerts/words';
import type { Alert, PastAlert, Watched } from '../../../../../../src/plugins/dinox-sidebar/editor/rows';
import de from '../../../../../../src/plugins/dinox-sidebar/locales/de.json';
import en from '../../../../../../src/plugins/dinox-sidebar/locales/en-US.json';

/** As the editor does it, but without marking up what comes from outside. */
const from =
  (catalogue: object) =>
  (key: string, values: Record<string, unknown> = {}): string => {
    const text = key
      .split('.')
      .reduce<unknown>((part, name) => (part as Record<string, unknown> | undefined)?.[name], catalogue);
    assert.ok(typeof text === 'string', `no text for ${key}`);
    return text.replace(/__(\w+?)__/g, (_, name: string) => String(values[name]));
  };
/** A unit does not leave its number at the end of a line. */
const plainly = (text: string): string => text.replaceAll('\u00a0', ' ');
const conditionWords = (...about: Parameters<typeof words.conditionWords>): string =>
  plainly(words.conditionWords(...about));
const distanceWords = (...about: Parameters<typeof words.distanceWords>): string =>
  plainly(words.distanceWords(...about));
const { titleOf } = words;
const english = from(en['dinox-sidebar']);
const german = from(de['dinox-sidebar']);

const alert = (more: Partial<Alert>): Alert => ({
  ...{ node: 'n', name: 'Node', key: 'k', state: 'firing', since: 0, unit: '%', limit: 20, value: 19 },
  facts: { title: 'Outside battery', condition: 'below', unit: '%', noDataAfter: 0 },
  ...more,
});
const facts = (more: Partial<NonNullable<Alert['facts']>>) => ({
  facts: { title: 'T', condition: 'below' as const, unit: '', noDataAfter: 0, ...more },
});
const watched = (more: Partial<Watched>): Watched => ({
  ...{ node: 'n', name: 'Node', key: 'k', state: 'normal', title: 'Freezer', condition: 'above' },
  ...{ unit: '°C', noDataAfter: 0, limit: -15, value: -18, distance: 3, nearest: -15 },
  ...more,
});

describe('alerts in words', () => {
  it('say the condition in both languages', () => {
    assert.equal(conditionWords(alert({}), english), '19 % is below 20 %');
    assert.equal(conditionWords(alert({}), german), '19 % ist unter 20 %');
    const back = alert({ state: 'recovering', value: 22 });
    assert.equal(conditionWords(back, english), 'now 22 %, not over yet', 'not: 22 % is below 20 %');
    assert.equal(conditionWords(back, german), 'jetzt 22 %, noch nicht vorbei');
    assert.equal(conditionWords(alert({ value: 20.5 }), english), 'now 20.5 %, not over yet', 'hysteresis');
    const online = {
      ...facts({ condition: 'equals' }),
      state: 'recovering' as const,
      value: 'online',
      unit: '',
    };
    assert.equal(conditionWords(alert({ ...online, limit: 'offline' }), english), 'now online, not over yet');
    const range = facts({ condition: 'outside', limit: 18, limit2: 24 });
    assert.equal(
      conditionWords(alert({ ...range, limit: 18, value: 30 }), english),
      '30 % is outside 18 … 24 %',
    );
    assert.equal(
      conditionWords(alert({ ...facts({ condition: 'rate' }), unit: 'W', value: 7, limit: 5 }), english),
      'changes by 7 W/min (limit 5 W/min)',
    );
    const door = { ...facts({ condition: 'equals' }), unit: '', value: 'open', limit: 'open' };
    assert.equal(conditionWords(alert(door), english), 'is open');
    assert.equal(
      conditionWords(alert({ state: 'nodata', ...facts({ noDataAfter: 600_000 }) }), english),
      'no data for 10 min',
    );
    assert.equal(conditionWords(alert({ ...facts({ parent: 'topic' }) }), english), 'is offline');
  });

  it('say of a door what the phone says', () => {
    const place = { broker: 'b', topic: 'zigbee2mqtt/Front door', field: 'contact' };
    const contact = { ...facts({ condition: 'equals' }), place, unit: '', value: false, limit: 'false' };
    assert.equal(conditionWords(alert(contact), english), 'is open');
    assert.equal(conditionWords(alert(contact), german), 'ist offen');
    const { distance: _, nearest: __, ...rest } = watched({});
    const closed = { ...rest, place, condition: 'equals', limit: 'false', value: true, unit: '' } as const;
    assert.equal(distanceWords(closed, english), 'closed · alert if it is “open”');
    const lock = { ...closed, place: { ...place, field: 'lock' } };
    assert.equal(distanceWords(lock, english), 'true · alert if it is “false”');
    const whole = { broker: 'b', topic: 'home/hall/window' };
    assert.equal(conditionWords(alert({ ...contact, place: whole, value: 'ON' }), english), 'is open');
  });

  it('name devices and their checks', () => {
    const device = { name: 'Front door', area: 'Hall' };
    const low = alert({ subject: { check: 'battery', device }, value: 25, limit: 30 });
    assert.equal(titleOf(low, english), 'Front door (Hall): battery');
    assert.equal(conditionWords(low, english), '25 % is below 30 %');
    const gone = alert({ subject: { check: 'offline', device }, value: 'offline', unit: '' });
    assert.equal(conditionWords(gone, english), 'offline');
    const weak = alert({ subject: { check: 'battery', device }, value: 'low', unit: '' });
    assert.equal(conditionWords(weak, german), 'schwach');
  });

  it('say of one that is over what people were told, in the reader’s language', () => {
    const both = (facts: PastAlert['facts'], more: Partial<PastAlert> = {}) =>
      [english, german].map((translate) => plainly(words.pastWords(past(facts, more), translate)));
    const past = (facts: PastAlert['facts'], more: Partial<PastAlert>): PastAlert => ({
      ...{ node: 'n', name: 'Node', id: 'a', number: 5, key: 'k', severity: 'warning' },
      ...{ since: '', until: null, acked: null, text: '🟠 #5 told <b>', ...(facts && { facts }), ...more },
    });
    const above = { state: 'firing', condition: 'above', title: 'Freezer', unit: '°C', limit: -15 } as const;
    assert.deepEqual(both({ ...above, value: -12 }), [
      '🟠 #5 Freezer: -12 °C is above -15 °C',
      '🟠 #5 Freezer: -12 °C ist über -15 °C',
    ]);
    assert.deepEqual(
      both({ ...above, value: -16 }, { severity: 'critical' })[0],
      '🔴 #5 Freezer: -16 °C is above -15 °C',
      'nothing is not over yet',
    );
    assert.deepEqual(both({ ...above, condition: 'rate', limit: 2, value: 3 }), [
      '🟠 #5 Freezer changes by 3 °C/min (limit 2 °C/min)',
      '🟠 #5 Freezer ändert sich um 3 °C/min (Grenze 2 °C/min)',
    ]);
    assert.deepEqual(both({ ...above, condition: 'outside', value: 30, limit: 18, limit2: 24 }), [
      '🟠 #5 Freezer: 30 °C is outside 18 … 24 °C',
      '🟠 #5 Freezer: 30 °C ist außerhalb von 18 … 24 °C',
    ]);
    assert.deepEqual(both({ ...above, state: 'nodata', noDataAfter: 600_000 }), [
      '⚪ #5 Freezer: no data for 10 min',
      '⚪ #5 Freezer: keine Daten seit 10 min',
    ]);
    const equals = { state: 'firing', condition: 'equals', value: 'ON', limit: 'ON' } as const;
    assert.deepEqual(both({ ...equals, title: 'Haustür', is: 'open' }), [
      '🟠 #5 Haustür is open',
      '🟠 #5 Haustür ist offen',
    ]);
    assert.deepEqual(both(equals), ['🟠 #5 k is ON', '🟠 #5 k ist ON']);
    assert.deepEqual(both({ ...equals, parent: 'topic' }), ['🟠 #5 k is offline', '🟠 #5 k ist offline']);
    assert.deepEqual(
      both({ ...equals, parent: 'connection' })[1],
      '🟠 #5 k: Die Verbindung ist unterbrochen',
    );
    const check = (check: 'offline' | 'silent' | 'battery' | 'update', value?: string | number) =>
      both({
        ...{
          state: check === 'silent' ? 'nodata' : 'firing',
          condition: 'nodata',
          value,
          noDataAfter: 7_200_000,
        },
        ...(typeof value === 'number' && { unit: '%', limit: 20 }),
        subject: { check, device: { name: 'Haustür', area: 'Flur' } },
      });
    assert.deepEqual(check('offline', 'offline')[1], '🟠 #5 Haustür (Flur): offline');
    assert.deepEqual(check('silent')[1], '⚪ #5 Haustür (Flur): stumm · keine Daten seit 2 h');
    assert.deepEqual(check('battery', 15)[1], '🟠 #5 Haustür (Flur): Batterie · 15 % ist unter 20 %');
    assert.deepEqual(check('battery', 'low'), [
      '🟠 #5 Haustür (Flur): battery · low',
      '🟠 #5 Haustür (Flur): Batterie · schwach',
    ]);
    assert.deepEqual(check('update', 'available')[1], '🟠 #5 Haustür (Flur): Update · verfügbar');
    assert.deepEqual(both(undefined), ['🟠 #5 told <b>', '🟠 #5 told <b>'], 'somebody’s own words');
  });

  it('say how far what is watched is from its limit', () => {
    assert.equal(distanceWords(watched({}), english), '-18 °C · 3 °C below the limit of -15 °C');
    assert.equal(distanceWords(watched({}), german), '-18 °C · 3 °C unter der Grenze von -15 °C');
    const above = { condition: 'below', unit: '%', value: 80, distance: 60, nearest: 20 } as const;
    assert.equal(distanceWords(watched(above), english), '80 % · 60 % above the limit of 20 %');
    assert.equal(
      distanceWords(watched({ state: 'pending', value: -14, distance: -1 }), english),
      '-14 °C · 1 °C above the limit of -15 °C · the time before an alert is running',
    );
    const { distance: _, nearest: __, value: ___, ...rest } = watched({});
    assert.equal(distanceWords({ ...rest, left: 360_000 }, english), 'alert after 6 min without a message');
    assert.equal(
      distanceWords({ ...rest, condition: 'equals', limit: 'open', value: 'shut', unit: '' }, english),
      'shut · alert if it is “open”',
    );
    assert.equal(distanceWords({ ...rest, parent: 'connection' }, english), 'online');
    assert.equal(distanceWords(rest, english), 'no value yet');
    const device = { name: 'Front door', area: '' };
    assert.match(distanceWords({ ...rest, subject: { check: 'silent', device } }, english), /not known yet/);
  });

  it('are bounded, and show every character of a hostile text', () => {
    const evil = `<img src=x>\u202e${'x'.repeat(1_000)}`;
    const said = conditionWords(
      alert({ ...facts({ condition: 'contains' }), value: evil, limit: evil }),
      english,
    );
    assert.ok(said.length < 200 && !said.includes('\u202e'), said);
    assert.ok(titleOf({ key: evil }, english).length <= 210);
    assert.ok(distanceWords(watched({ value: evil, unit: evil }), english).length < 300);
  });
});
