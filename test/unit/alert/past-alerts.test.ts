import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AlertStore } from '../../../src/alert/alert-store';
import { parseText } from '../../../src/alert/commands';
import { jointAnswers } from '../../../src/alert/joint-answers';
import { MessageTexts } from '../../../src/alert/message-texts';
import { type AlertRow, alertRows, MAX_PAST } from '../../../src/alert/past-alerts';
import { snapshot } from '../../../src/alert/snapshot';
import { Harness, plainTranslate } from './support';

const HOUR = 3_600_000;
const MINUTE = 60_000;

function rows(harness: Harness, from = 0, to = Number.MAX_SAFE_INTEGER): AlertRow[] {
  const texts = new MessageTexts(harness.rules, plainTranslate, { timeZone: 'UTC', name: 'node' });
  return alertRows(harness.machine.active, harness.machine.past, texts, from, to);
}

const above20 = (more = {}): Harness =>
  new Harness({ condition: 'above', limits: { limit: 20 }, sendResolved: true, ...more });

describe('alerts that are over', () => {
  it('are listed with those that are open, the newest first', () => {
    const harness = above20();
    const begin = harness.clock.now();
    harness.sample('a', 30);
    harness.commands.command({ cmd: 'ack', which: { key: 'a' } }, { by: 'anna' });
    harness.wait(MINUTE);
    harness.sample('a', 10);
    harness.wait(MINUTE);
    harness.sample('b', 40);
    const [open, over] = rows(harness);
    assert.deepEqual(
      { ...over, text: '' },
      {
        ...{ id: 'a1', number: 1, key: 'a', state: 'normal', severity: 'warning' },
        since: new Date(begin).toISOString(),
        until: new Date(begin + MINUTE).toISOString(),
        acked: { by: 'anna', until: null, note: null, at: new Date(begin).toISOString() },
        text: '',
      },
    );
    assert.match(String(over?.text), /^🟠 #1 text\.above\(a\|30/);
    assert.deepEqual([open?.key, open?.state, open?.until, open?.acked], ['b', 'firing', null, null]);
    assert.deepEqual(rows(harness, 0, begin - 1), []);
    assert.deepEqual(
      rows(harness, begin + MINUTE + 1).map(({ key }) => key),
      ['b'],
      'what was over before is not of that time',
    );
  });

  it('also those that nobody was told of, and what a command ended', () => {
    const harness = above20();
    harness.commands.command({ cmd: 'silence', ms: HOUR }, { by: 'anna' });
    harness.sample('a', 30);
    harness.sample('a', 10);
    harness.wait(MINUTE);
    harness.sample('b', 30);
    harness.commands.command({ cmd: 'reset' }, { by: 'anna' });
    assert.deepEqual(
      rows(harness).map(({ key, text }) => [key, /^🟠 #\d text\.above\(\w\|30/.test(text)]),
      [
        ['b', true],
        ['a', true],
      ],
      'with the value that was one, and not with the one that ended it',
    );
  });

  it('keep what people were told as data, for readers of another language', () => {
    const told = (harness: Harness) => harness.machine.past.all.map(({ facts }) => facts);
    const above = { state: 'firing', condition: 'above', limit: 20 };
    const freezer = above20({ repeatEvery: HOUR, hysteresis: { size: 5, percent: false } });
    freezer.sample('freezer', 30, '°C');
    freezer.sample('freezer', 18);
    freezer.wait(HOUR + 1);
    assert.match(rows(freezer)[0]?.text ?? '', /18/, 'reminded while the value was back, and not far enough');
    freezer.sample('freezer', 10);
    assert.deepEqual(told(freezer), [{ ...above, value: 30, unit: '°C' }]);

    const flapping = above20({ flapCount: 4, flapWindow: HOUR });
    for (let turn = 0; turn < 4; turn++) {
      flapping.sample('a', turn % 2 === 0 ? 30 : 10);
      flapping.wait(1_000);
    }
    flapping.sample('a', 30);
    flapping.sample('a', 10);
    assert.match(rows(flapping)[0]?.text ?? '', /text\.normal.* text\.flapping/);
    const again = { ...above, value: 30 };
    assert.deepEqual(told(flapping), [again, again], 'not: 10 is above 20');

    const rules = { condition: 'equals' as const, limits: { limit: 'open' } };
    const names = { opening: () => ({ name: 'Front door', is: 'open' as const }) };
    const door = new Harness(rules, undefined, undefined, names);
    door.sample('home/door', 'open');
    door.sample('home/door', 'closed');
    const open = { state: 'firing', condition: 'equals', title: 'Front door', value: 'open', limit: 'open' };
    assert.deepEqual(told(door), [{ ...open, is: 'open' }]);
    door.restart();
    assert.deepEqual(told(door), [{ ...open, is: 'open' }], 'over a restart');

    const own = new Harness(rules, undefined, undefined, { own: () => ['Ring the bell'] });
    own.sample('home/door', 'open');
    own.sample('home/door', 'closed');
    assert.deepEqual([rows(own)[0]?.text, ...told(own)], ['🟠 #1 Ring the bell', undefined]);
  });

  it('say what a check found and what a parent is, also where nobody was told', () => {
    const harness = new Harness({ condition: 'nodata' });
    harness.commands.command({ cmd: 'silence', ms: HOUR }, { by: 'anna' });
    const device = { id: 'zigbee2mqtt/Door', name: 'Door', area: 'Hall', family: 'zigbee2mqtt' };
    const found = (value: string, judgement: 'bad' | 'good') =>
      harness.machine.checks.take(
        'zigbee2mqtt/Door/offline',
        { check: 'offline', device },
        { value, unit: '', judgement, limits: undefined },
      );
    found('offline', 'bad');
    harness.machine.parent('power', 'topic', true, 'offline');
    found('online', 'good');
    harness.machine.parent('power', 'topic', false, 'online');
    const [door, power] = rows(harness);
    assert.match(door?.text ?? '', /#1 text\.check\.offline\(Door \(Hall\)\|/, 'not: no data for 0 s');
    assert.match(power?.text ?? '', /#2 text\.parent\.topic\(power\|/);
    assert.deepEqual(
      harness.machine.past.all.map(({ facts }) => facts),
      [
        {
          ...{ state: 'firing', condition: 'nodata', value: 'offline' },
          subject: { check: 'offline', device: { name: 'Door', area: 'Hall' } },
        },
        { state: 'firing', condition: 'nodata', value: 'offline', parent: 'topic' },
      ],
    );
  });

  it('the command history lists the last ten, of all nodes that a chat leads to, the newest first', () => {
    const harness = above20();
    const other = new Harness({ condition: 'above', limits: { limit: 20 } }, harness.clock);
    const nodes = [harness.commands, other.commands];
    const ask = (text: string): string[] => {
      const [first, ...more] = jointAnswers(nodes, parseText(text), { by: 'anna', chat: true });
      assert.deepEqual([first?.answer.ok, more], [true, []]);
      return (first?.answer.text ?? '').split('\n');
    };
    assert.deepEqual(ask('history'), ['answer.pastNone']);
    for (let turn = 0; turn < 12; turn++) {
      const one = turn % 2 === 0 ? harness : other;
      one.sample(`key ${turn}`, 30);
      harness.wait(MINUTE);
      one.sample(`key ${turn}`, 10);
    }
    const lines = ask('history');
    assert.equal(lines.length, 10);
    assert.match(
      lines[0] ?? '',
      /^answer\.pastLine\(🟠 #\d+ text\.above\(key 11\|.*12:11\|12:12\|1 unit\.min\)$/,
    );
    assert.match(lines[9] ?? '', /key 2\|/);
    harness.restart(MINUTE);
    nodes[0] = harness.commands;
    assert.deepEqual(ask('historie KEY 4').length, 1, 'also from before a restart');
    assert.deepEqual(ask('history nothing'), ['answer.pastNoneOf(nothing)']);
  });

  it('a flapping key has one alert, not one for each turn', () => {
    const harness = above20({ flapCount: 4, flapWindow: HOUR });
    for (let turn = 0; turn < 10; turn++) {
      harness.sample('a', turn % 2 === 0 ? 30 : 10);
      harness.wait(1_000);
    }
    const ids = rows(harness).map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(ids.length < 4, String(ids.length));
    harness.sample('a', 30);
    assert.equal(harness.state('a'), 'firing');
    const past = harness.commands.command({ cmd: 'history' }, { by: 'anna' }).text.split('\n');
    const over = rows(harness).filter(({ state }) => state === 'normal');
    assert.deepEqual([past.length, harness.machine.past.all.length], [over.length, over.length + 1]);
  });

  it('are bounded: no value, unit or name is longer than somebody reads', () => {
    const long = '\u202e'.repeat(60_000);
    const contains = { condition: 'contains' as const, limits: { limit: '\u202e' } };
    const harness = new Harness(contains, undefined, undefined, {
      opening: () => undefined,
      title: () => long,
    });
    harness.sample(long, long, long);
    harness.sample(long, 'good');
    const [past] = harness.machine.past.all;
    assert.ok(
      past?.facts?.title && past.facts.value && past.facts.unit,
      JSON.stringify(past).slice(0, 1_000),
    );
    assert.ok(JSON.stringify(past).length < 2_500, String(JSON.stringify(past).length));
  });

  it('are bounded: the oldest go', () => {
    const harness = above20();
    for (let turn = 0; turn < MAX_PAST + 50; turn++) {
      harness.sample(`key ${turn}`, 30);
      harness.sample(`key ${turn}`, 10);
    }
    const kept = harness.machine.past.all;
    assert.deepEqual([kept.length, kept[0]?.key], [MAX_PAST, 'key 50']);
    assert.equal(harness.machine.past.takeAdded().length, MAX_PAST);
    harness.restart();
    assert.deepEqual(harness.machine.past.all, kept, 'over a restart');
  });

  it('lie on disk, each as a line when it ends; one that is damaged costs itself', () => {
    const folder = mkdtempSync(join(tmpdir(), 'dinox-past-'));
    try {
      const harness = above20();
      const open = () =>
        new AlertStore({
          path: join(folder, 'node.log'),
          clock: harness.clock,
          events: { failed: assert.fail, recovered() {}, setAside: assert.fail, damaged() {} },
        });
      const store = open();
      harness.sample('a', 30);
      harness.sample('a', 10);
      store.begin(() => snapshot(harness.machine, undefined, harness.clock.now()));
      harness.machine.past.takeAdded();
      harness.sample('b', 30);
      harness.sample('b', 10);
      const at = harness.clock.now();
      const [b] = harness.machine.past.takeAdded();
      assert.ok(b);
      store.append([
        { at, past: b },
        { at, past: { ...b, id: 'c', startedAt: 'x' as never } },
      ]);
      assert.deepEqual(open().load()?.past, harness.machine.past.all);

      // What is no sentence costs the sentence, and not the alert: its text says it as well.
      const good = { state: 'firing', condition: 'above', value: 30 };
      const subject = { check: 'battery', device: { name: 'n'.repeat(1_000), area: '', more: 1 } };
      const bad = [
        ...[null, 5, [], 'x', {}, { ...good, condition: 'constructor' }, { ...good, state: 'normal' }],
        ...[
          { ...good, value: {} },
          { ...good, limit2: 'x' },
          { ...good, title: 5 },
          { ...good, is: 'ajar' },
        ],
        ...[
          { ...good, parent: 'house' },
          { ...good, subject: { check: 'x', device: subject.device } },
        ],
      ];
      const kept = [...bad, { ...good, title: 't'.repeat(1_000), subject, more: 'x' }];
      store.append(kept.map((facts, i) => ({ at, past: { ...b, id: `k${i}`, facts: facts as never } })));
      const [last, ...rest] = (open().load()?.past ?? []).filter(({ id }) => id.startsWith('k')).reverse();
      assert.deepEqual(
        rest.map((one) => [one.text, 'facts' in one]),
        bad.map(() => [b.text, false]),
      );
      const device = { name: 'n'.repeat(200), area: '' };
      assert.deepEqual(last?.facts, {
        ...good,
        title: 't'.repeat(200),
        subject: { check: 'battery', device },
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
