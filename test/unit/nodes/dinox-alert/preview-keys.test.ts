/** What the preview of `dinox-alert` looks through, without Node-RED. */
import assert from 'node:assert/strict';
import { DAY, HOUR, MINUTE } from '../../../../src/base/time-units';
import { HomeNames } from '../../../../src/homeassistant/names';
import { alertConfig } from '../../../../src/nodes/dinox-alert/config';
import { preview } from '../../../../src/nodes/dinox-alert/preview';
import { recordedKeys } from '../../../../src/nodes/dinox-alert/preview-keys';
import { Recorder } from '../../../../src/recorder/recorder';
import { stateFields } from '../../../../src/recorder/state-fields';
import { FakeClock } from '../../transport/fake-clock';

describe('dinox-alert: the preview', () => {
  const clock = new FakeClock();
  const recorder = new Recorder(clock);
  for (const topic of ['home/a', 'home/b/c', 'garden/a', '$SYS/load']) {
    const flags = { qos: 0, retain: false, dup: false, properties: undefined } as const;
    recorder.take({ topic, payload: Buffer.from('21.5'), ...flags } as never, false);
  }
  const find = (...filters: string[]) =>
    recordedKeys(
      alertConfig({ condition: 'above', limit: '25' }),
      filters.map((filter) => ({ broker: 'house', filter })),
      () => recorder,
    )
      .keys.map(({ key }) => key)
      .sort();

  it('finds what any of the wires brings, each topic once', () => {
    assert.deepEqual(find('home/+', '$share/g/garden/#', 'home/b/c'), ['garden/a', 'home/a', 'home/b/c']);
    assert.deepEqual(find('#'), ['garden/a', 'home/a', 'home/b/c']);
    assert.deepEqual(find('home/#/x', 'ho+'), [], 'still being typed');
  });

  it('takes what the server had kept for no fault of the condition: it only has no time yet (a wrong reason)', () => {
    const kept = new Recorder(clock);
    const keep = (topic: string, payload: string) => {
      const flags = { qos: 0, retain: true, dup: false, properties: undefined } as const;
      kept.take({ topic, payload: Buffer.from(payload), ...flags } as never, true);
    };
    const look = (filter: string, property = 'payload') => {
      const config = alertConfig({ condition: 'above', limit: '25', property, propertyType: 'msg' });
      const { keys, unreadable } = recordedKeys(config, [{ broker: 'house', filter }], () => kept);
      return [keys.length, unreadable];
    };
    keep('home/cellar', '{"value":61,"unit":"%"}');
    keep('home/plug', '{"power":3.2,"load":1}');
    assert.deepEqual(look('home/cellar'), [0, false]);
    assert.deepEqual(look('home/plug', 'payload.power'), [0, false]);
    assert.deepEqual(look('home/plug'), [0, true], 'what it cannot read it still names');
  });

  it('says what the phone will say before the first value, with the name that the device announces', async () => {
    const names = new HomeNames(1);
    const device = { name: 'Deep freeze', device_class: 'temperature', unit_of_measurement: '°C' };
    const announced = { ...device, state_topic: 'z/1', value_template: '{{ value_json.temperature }}' };
    names.take('homeassistant/sensor/1/config', Buffer.from(JSON.stringify(announced)));
    const ask = (filter: string) =>
      preview(
        {
          rule: {
            ...{ condition: 'above', limit: '-15', limitType: 'num', property: 'payload.temperature' },
            ...{ propertyType: 'msg', keyBy: 'topic', keyByType: 'topic' },
          },
          ...{ key: undefined, message: '', name: '', points: 0, sources: [{ broker: 'house', filter }] },
        },
        {
          ...{ engine: undefined, recorder: () => recorder, names: () => names, now: () => clock.now() },
          ...{ translate: (key, values) => `${key} ${Object.values(values ?? {}).join(' ')}` },
          pause: () => Promise.resolve(),
        },
      );
    const { called, unit, message } = await ask('z/1');
    assert.deepEqual([called, unit], ['Deep freeze', '°C']);
    assert.match(message?.text ?? '', /Deep freeze -13\.5 °C -15 °C/);
    assert.equal((await ask('z/+')).called, undefined, 'of which one?');
  });

  it('knows what is on or off behind a wildcard, also of what sends seldom (one example stands for all)', () => {
    const late = new FakeClock();
    const house = new Recorder(late);
    const flags = { qos: 0, retain: false, dup: false, properties: undefined } as const;
    const take = (topic: string, payload: object) =>
      house.take({ topic, payload: Buffer.from(JSON.stringify(payload)), ...flags } as never, false);
    take('z/door', { contact: false, battery: 81 });
    late.set(HOUR);
    for (let lamp = 0; lamp < 500; lamp++) take(`z/lamp${lamp}`, { state: 'ON', brightness: lamp });
    assert.deepEqual(new Map(stateFields(house, 'z/+')).get('contact'), 'false');
    assert.deepEqual(stateFields(house, 'z/door'), [['contact', 'false']]);
    assert.deepEqual(stateFields(house, 'z/#/x'), [], 'no filter');
    const rule = { condition: 'equals', limit: 'false', property: 'payload.contact', propertyType: 'msg' };
    const sources = [{ broker: 'house', filter: 'z/+' }];
    const { example, onOff, fields } = recordedKeys(alertConfig(rule), sources, () => house);
    assert.equal(example, 'z/door');
    const door = onOff.find(({ field }) => field === 'contact');
    assert.deepEqual(door, { field: 'contact', topic: 'z/door', words: ['false', 'true'] });
    assert.deepEqual(fields.slice(0, 3), ['state', 'contact', 'brightness'], 'what is on or off first');
  });

  it('draws the first minutes of every value, and not of a bucket a minute', async () => {
    const clock = new FakeClock();
    clock.set(DAY);
    const [now, house] = [clock.now(), new Recorder(clock)];
    const flags = { qos: 0, retain: false, dup: false, properties: undefined } as const;
    for (let i = 12; i > 0; i--) house.history.record('home/a', now - i * 10_000, i);
    house.take({ topic: 'home/a', payload: Buffer.from('1'), ...flags } as never, false);
    const { series } = await preview(
      {
        rule: { condition: 'above', limit: 20, keyBy: 'topic', keyByType: 'topic' },
        ...{ key: undefined, message: '', name: '', points: 240 },
        sources: [{ broker: 'house', filter: 'home/a' }],
      },
      {
        ...{ engine: undefined, recorder: () => house, names: () => undefined, now: () => now },
        ...{ translate: (key) => key, pause: () => Promise.resolve() },
      },
    );
    const drawn = series?.last.filter((value) => value !== null) ?? [];
    assert.ok(drawn.length >= 12, String(drawn));
  });

  it("calls a sensor silent only where that is known: of each minute of the day three values are kept (our own pause is somebody else's silence)", async () => {
    const late = new FakeClock();
    late.set(DAY);
    const [now, house] = [late.now(), new Recorder(late)];
    const flags = { qos: 0, retain: false, dup: false, properties: undefined } as const;
    house.take({ topic: 'home/a', payload: Buffer.from('21.5'), ...flags } as never, false);
    // It sends every seven seconds, and was away for ten minutes.
    for (let at = now - 4 * HOUR; at < now; at += 7_000)
      if (at < now - 3 * HOUR || at > now - 3 * HOUR + 10 * MINUTE) house.history.record('home/a', at, 21.5);
    const { alerts } = await preview(
      {
        rule: { condition: 'nodata', noDataAfter: '1m', keyBy: 'topic', keyByType: 'topic' },
        ...{ key: undefined, message: '', name: '', points: 0 },
        sources: [{ broker: 'house', filter: 'home/a' }],
      },
      {
        ...{ engine: undefined, recorder: () => house, names: () => undefined, now: () => now },
        ...{ translate: (key) => key, pause: () => Promise.resolve() },
      },
    );
    assert.equal(alerts, 1);
  });

  it('goes through the topics once, however many wires there are', () => {
    let walks = 0;
    const { find: walk } = recorder;
    recorder.find = (...args) => {
      walks += 1;
      return walk.apply(recorder, args);
    };
    find(...Array.from({ length: 50 }, (_, at) => (at % 2 ? '#' : `home/+/${at}`)));
    assert.equal(walks, 1);
  });
});
