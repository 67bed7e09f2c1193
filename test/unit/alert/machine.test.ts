/** What people are told, and when: quiet hours, groups, flapping, cooldown, the connection, many keys. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { QuietHours } from '../../../src/alert/quiet-hours';
import { TRANSITIONS, transitionTable } from '../../../src/alert/transitions';
import { Bench, NOON, WallClock } from './support';

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const above = { condition: 'above', limits: { limit: 20 } } as const;
const asker = { by: 'anna' };

const quietHours = (text: string): QuietHours => {
  const quiet = QuietHours.parse(text, 'UTC');
  assert.ok(quiet);
  return quiet;
};

describe('alert: states', () => {
  /** Samples that lead into each state; `holds` and `keeps` are 10 s, data is missed after a minute. */
  const INTO = {
    normal: (bench: Bench) => bench.sample('a', 10),
    pending: (bench: Bench) => bench.sample('a', 30),
    firing: (bench: Bench) => {
      bench.sample('a', 30);
      bench.wait(10 * SECOND);
    },
    recovering: (bench: Bench) => {
      INTO.firing(bench);
      bench.sample('a', 10);
    },
    nodata: (bench: Bench) => {
      bench.sample('a', 10);
      bench.wait(MINUTE);
    },
  };
  const cases: [
    from: keyof typeof INTO,
    what: string,
    act: (bench: Bench) => void,
    to: string,
    told: string[],
  ][] = [
    ['normal', 'a bad value', (b) => b.sample('a', 30), 'pending', []],
    ['pending', 'a good value', (b) => b.sample('a', 20), 'normal', []],
    ['pending', 'a value in the band', (b) => b.sample('a', 19), 'normal', []],
    ['pending', 'nine seconds', (b) => b.wait(9 * SECOND), 'pending', []],
    ['pending', 'ten seconds', (b) => b.wait(10 * SECOND), 'firing', ['a raised firing']],
    ['firing', 'a value in the band', (b) => b.sample('a', 19), 'firing', []],
    ['firing', 'a good value', (b) => b.sample('a', 18), 'recovering', []],
    ['recovering', 'a bad value', (b) => b.sample('a', 30), 'firing', []],
    ['recovering', 'a value in the band', (b) => b.sample('a', 19), 'firing', []],
    ['recovering', 'ten seconds', (b) => b.wait(10 * SECOND), 'normal', ['a cleared normal']],
    ['firing', 'a minute of silence', (b) => b.wait(MINUTE), 'nodata', ['a nodata nodata']],
    ['nodata', 'a good value', (b) => b.sample('a', 10), 'normal', ['a data normal']],
    ['nodata', 'a bad value', (b) => b.sample('a', 30), 'pending', ['a data normal']],
    ['nodata', 'what is no value', (b) => b.machine.invalid('a'), 'nodata', []],
  ];
  for (const [from, what, act, to, told] of cases) {
    it(`${from}, and ${what}: ${to}`, () => {
      const bench = new Bench({
        ...above,
        hysteresis: { size: 2, percent: false },
        holdFor: 10 * SECOND,
        keepFor: 10 * SECOND,
        noDataAfter: MINUTE,
      });
      INTO[from](bench);
      bench.told();
      assert.equal(bench.state('a'), from);
      act(bench);
      assert.equal(bench.state('a'), to);
      assert.deepEqual(bench.told(), told);
    });
  }

  it('the documentation shows the table that the machine goes by', () => {
    const page = readFileSync(join(__dirname, '../../../docs/alerts.md'), 'utf8');
    assert.ok(
      page.includes(`\n\n${transitionTable()}\n\n`),
      `docs/alerts.md must hold:\n${transitionTable()}`,
    );
  });

  it('no two transitions of the table are about the same', () => {
    const seen = TRANSITIONS.map(({ from, on, when }) =>
      JSON.stringify([from, on, Object.entries(when).sort()]),
    );
    assert.equal(new Set(seen).size, seen.length);
  });

  it('what is no value lets the no-data clock run on', () => {
    const bench = new Bench({ ...above, noDataAfter: MINUTE });
    bench.sample('a', 10);
    for (let i = 0; i < 7; i++) {
      bench.wait(10 * SECOND);
      bench.machine.invalid('a');
    }
    assert.deepEqual(bench.told(), ['a nodata nodata']);
  });
});

describe('alert: critical', () => {
  it('must hold as long as the alert itself', () => {
    const bench = new Bench({
      condition: 'above',
      limits: { limit: 20, critical: 30 },
      holdFor: 10 * SECOND,
    });
    bench.sample('a', 25);
    bench.wait(10 * SECOND);
    bench.sample('a', 35);
    bench.sample('a', 25);
    bench.wait(MINUTE);
    assert.deepEqual(bench.told(), ['a raised firing'], 'a peak is not critical');
    bench.sample('a', 35);
    bench.wait(10 * SECOND);
    assert.deepEqual(bench.told(), ['a critical firing']);
  });

  it('comes to who has acknowledged the warning, and begins as one where it is one', () => {
    const bench = new Bench({ condition: 'above', limits: { limit: 20, critical: 30 } });
    bench.sample('a', 25);
    bench.commands.command({ cmd: 'ack' }, asker);
    bench.sample('a', 31);
    bench.sample('b', 31);
    assert.deepEqual(bench.told(), [
      'a raised firing',
      'a acknowledged firing',
      'a critical firing',
      'b raised firing',
    ]);
    assert.deepEqual(
      bench.commands.open().map(({ severity, acked }) => [severity, acked]),
      [
        ['critical', undefined],
        ['critical', undefined],
      ],
    );
  });
});

describe('alert: a clock that is set', () => {
  for (const ms of [HOUR, -HOUR]) {
    it(`${ms / HOUR} h neither fires nor forgets: hold time, silence, no data and reminders go on`, () => {
      const bench = new Bench({
        ...above,
        holdFor: 10 * MINUTE,
        noDataAfter: 30 * MINUTE,
        repeatEvery: 2 * HOUR,
      });
      bench.sample('quiet', 10);
      bench.sample('a', 30);
      bench.commands.command({ cmd: 'silence', ms: 5 * MINUTE }, asker);
      bench.wait(4 * MINUTE);
      bench.clock.jump(ms);
      bench.wait(5 * MINUTE);
      assert.deepEqual(bench.told(), []);
      assert.deepEqual([bench.state('a'), bench.state('quiet')], ['pending', 'normal']);
      assert.equal(bench.machine.silences.all.length, 0, 'the silence is over, not earlier and not later');
      bench.wait(MINUTE);
      assert.deepEqual(bench.told(), ['a raised firing']);
      bench.wait(19 * MINUTE);
      assert.deepEqual(bench.told(), []);
      bench.clock.jump(ms);
      bench.wait(MINUTE);
      assert.deepEqual(bench.told().sort(), ['a nodata nodata', 'quiet nodata nodata']);
    });
  }
});

describe('alert: in peace', () => {
  it('quiet hours hold all but what is critical; what was held comes as one message', () => {
    const bench = new Bench({
      condition: 'above',
      limits: { limit: 20, critical: 30 },
      quietHours: quietHours('13:00-15:00'),
    });
    bench.wait(HOUR);
    for (const key of ['a', 'b', 'c']) bench.sample(key, 25);
    bench.sample('d', 35);
    assert.deepEqual(bench.told(), ['d raised firing']);
    bench.sample('c', 10);
    bench.wait(2 * HOUR - SECOND);
    assert.deepEqual(bench.told(), []);
    bench.wait(SECOND);
    const [summary, ...more] = bench.events.splice(0);
    assert.deepEqual(more, []);
    assert.deepEqual(
      summary?.alerts?.map(({ key, reason }) => `${key} ${reason}`),
      ['a raised', 'b raised'],
    );
    assert.match(
      summary?.text ?? '',
      /text.group\(3\)\n.*#1 text.above\(a.*\n.*#2 text.above\(b.*\ntext.missed\(c\|13:00\|13:00/,
    );

    const group = summary?.id;
    bench.commands.command({ cmd: 'ack' }, { by: 'anna', alertId: String(group) });
    const acked = bench.events.splice(0);
    assert.deepEqual(
      acked.map(({ key, replaces }) => [key, replaces]),
      [
        ['a', group],
        ['b', group],
      ],
    );
    bench.sample('a', 10);
    const [ended] = bench.events.splice(0);
    assert.equal(ended?.replaces, group);
    assert.match(
      ended?.text ?? '',
      /#1 .*text.acknowledged.*text.ended.cleared.*\n.*#2 .*acknowledged[^\n]*$/,
    );
  });

  for (const [quietPass, told] of [
    ['all', ['a raised firing', 'b raised firing']],
    ['critical', ['b raised firing']],
    ['none', []],
  ] as const) {
    it(`quiet hours let pass: ${quietPass}`, () => {
      const limits = { limit: 20, critical: 30 };
      const bench = new Bench({
        condition: 'above',
        limits,
        quietHours: quietHours('11:00-13:00'),
        quietPass,
      });
      bench.sample('a', 25);
      bench.sample('b', 35);
      assert.deepEqual(bench.told(), told);
    });
  }

  it('a restart within quiet hours forgets nothing of it', () => {
    const bench = new Bench({ ...above, quietHours: quietHours('13:00-15:00') });
    bench.wait(HOUR);
    for (const key of ['a', 'b']) bench.sample(key, 25);
    bench.restart(3 * HOUR);
    const [summary, ...more] = bench.events.splice(0);
    assert.equal(summary?.alerts?.length, 2);
    assert.deepEqual(more, []);
  });

  it('alerts that begin together come together', () => {
    const bench = new Bench({ ...above, groupWait: 10 * SECOND });
    bench.sample('a', 30);
    bench.wait(5 * SECOND);
    for (const key of ['b', 'c']) bench.sample(key, 30);
    bench.sample('c', 10);
    bench.wait(4 * SECOND);
    assert.deepEqual(bench.told(), []);
    bench.wait(SECOND);
    const [group] = bench.events.splice(0);
    assert.deepEqual(
      group?.alerts?.map(({ key }) => key),
      ['a', 'b'],
    );
    bench.sample('d', 30);
    bench.wait(10 * SECOND);
    assert.deepEqual(bench.told(), ['d raised firing'], 'one alone is no group');
  });

  it('what keeps changing becomes one message until it calms down', () => {
    const bench = new Bench({ ...above, flapCount: 4, flapWindow: 10 * MINUTE });
    for (let i = 0; i < 10; i++) {
      bench.sample('a', i % 2 === 0 ? 30 : 10);
      bench.wait(30 * SECOND);
    }
    assert.deepEqual(bench.told(), [
      'a raised firing',
      'a cleared normal',
      'a raised firing',
      'a flapping normal',
    ]);
    bench.wait(9 * MINUTE);
    assert.deepEqual(bench.told(), []);
    bench.wait(MINUTE);
    assert.deepEqual(bench.told(), ['a cleared normal']);
    assert.equal(bench.commands.of('a')?.flapping, false);
  });

  it('what keeps changing and stays bad is said to be so when it calms down', () => {
    const bench = new Bench({ ...above, flapCount: 4, flapWindow: 10 * MINUTE });
    for (const value of [30, 10, 30, 10, 30]) bench.sample('a', value);
    bench.told();
    bench.wait(10 * MINUTE);
    assert.deepEqual(bench.told(), ['a calm firing']);
    bench.sample('a', 10);
    assert.deepEqual(bench.told(), ['a cleared normal']);
  });

  it('a silence ends by itself, and what is so then is told', () => {
    const bench = new Bench(above);
    bench.sample('a', 30);
    bench.told();
    bench.commands.command({ cmd: 'silence', ms: HOUR }, asker);
    bench.sample('a', 10);
    bench.sample('b', 30);
    bench.sample('c', 30);
    bench.sample('c', 10);
    bench.wait(HOUR - SECOND);
    assert.deepEqual(bench.told(), []);
    bench.wait(SECOND);
    assert.deepEqual(bench.told().sort(), ['a cleared normal', 'b raised firing']);
  });
});

describe('alert: the connection', () => {
  it('while it is away nobody is missed, one message says so, and another that it is back', () => {
    const bench = new Bench({ ...above, noDataAfter: 10 * MINUTE });
    for (let i = 0; i < 200; i++) bench.sample(`key ${i}`, 10);
    bench.wait(5 * MINUTE);
    bench.machine.connection(false);
    bench.wait(4 * MINUTE);
    assert.deepEqual(bench.told(), [], 'a short loss is none of anybody’s business');
    bench.wait(HOUR);
    assert.deepEqual(bench.told(), [' connection nodata']);
    bench.machine.connection(true);
    assert.deepEqual(bench.told(), [' connection normal']);
    bench.wait(5 * MINUTE - SECOND);
    assert.deepEqual(bench.told(), []);
    bench.wait(SECOND);
    assert.equal(bench.told().length, 200, 'the clocks went on where they stood');
  });

  it('a restart while it is away keeps what was said of it', () => {
    const bench = new Bench({ ...above, noDataAfter: MINUTE });
    bench.sample('a', 10);
    bench.machine.connection(false);
    bench.wait(HOUR);
    assert.equal(bench.told().length, 1);
    bench.restart(MINUTE);
    bench.machine.connection(false);
    bench.wait(HOUR);
    assert.deepEqual(bench.told(), []);
    bench.machine.connection(true);
    assert.deepEqual(bench.told(), [' connection normal']);
  });
});

describe('alert: many keys', () => {
  it('the longest unseen quiet one goes first, an alerting one never', () => {
    const bench = new Bench({ ...above, maxKeys: 3 });
    bench.sample('alerting', 30);
    for (const key of ['a', 'b', 'a', 'c']) bench.sample(key, 10);
    assert.deepEqual([...bench.commands.keys()].sort(), ['a', 'alerting', 'c']);
    for (const key of ['a', 'c']) bench.sample(key, 30);
    assert.equal(bench.machine.sample('d', 10, ''), undefined, 'all others alert');
    assert.equal(bench.machine.refused, 1);
    bench.sample('a', 10);
    assert.ok(bench.machine.sample('d', 10, ''));
  });

  it('a million different keys take no more room than ten thousand, and one timer', () => {
    const bench = new Bench({ ...above, noDataAfter: HOUR });
    for (let i = 0; i < 1_000_000; i++) bench.machine.sample(`key ${i}`, 10, '');
    assert.equal(bench.machine.keys.map.size, 10_000);
    assert.equal(bench.clock.waiting, 1);
    // Seconds of work, on a machine that may have other things to do.
  }).timeout(300_000);

  it('short numbers are used again', () => {
    const bench = new Bench(above);
    const numbers = (): (number | undefined)[] => bench.commands.open().map(({ number }) => number);
    for (const key of ['a', 'b', 'c']) bench.sample(key, 30);
    bench.sample('b', 10);
    bench.sample('d', 30);
    assert.deepEqual(numbers().sort(), [1, 2, 3]);
    bench.restart();
    bench.sample('e', 30);
    assert.deepEqual(numbers().sort(), [1, 2, 3, 4]);
  });
});

describe('alert: the desk', () => {
  const answer = (bench: Bench, cmd: string, more: object = {}): string =>
    bench.commands.command({ cmd, ...more } as never, asker).text;

  it('acknowledges the newest open alert that nobody has acknowledged', () => {
    const bench = new Bench(above);
    for (const key of ['a', 'b']) {
      bench.sample(key, 30);
      bench.wait(SECOND);
    }
    answer(bench, 'ack');
    answer(bench, 'ack');
    assert.deepEqual(bench.told().slice(2), ['b acknowledged firing', 'a acknowledged firing']);
    assert.equal(answer(bench, 'ack', { which: { number: 9 } }), 'answer.unknown(#9)');
    assert.equal(answer(new Bench(above), 'ack'), 'answer.noneOpen');
  });

  it('sets a limit, keeps it over a restart, and gives it up when the configuration changes', () => {
    const clock = new WallClock(NOON);
    const bench = new Bench({ condition: 'above', limits: { limit: 20, critical: 40 } }, clock);
    assert.equal(answer(bench, 'set', { field: 'limit', value: '30,5 °C' }), 'answer.set(limit|30.5)');
    assert.match(answer(bench, 'set', { field: 'limit', value: 50 }), /problem.criticalSide/);
    assert.match(answer(bench, 'set', { field: 'limit', value: 'warm' }), /answer.error.number/);
    bench.restart();
    bench.sample('a', 30);
    assert.deepEqual(bench.told(), []);
    const other = new Bench({ condition: 'above', limits: { limit: 21, critical: 40 } }, clock);
    other.commands.adoptOverride(bench.saved().node.override);
    assert.equal(other.machine.limits?.low, 21);
  });

  it('disable ends all alerts, and nothing happens until enable', () => {
    const bench = new Bench({ ...above, noDataAfter: MINUTE });
    bench.sample('a', 30);
    answer(bench, 'disable');
    bench.sample('a', 40);
    bench.wait(HOUR);
    bench.restart();
    bench.wait(HOUR);
    assert.deepEqual(bench.told(), ['a raised firing', 'a disabled normal']);
    answer(bench, 'enable');
    bench.sample('a', 40);
    assert.deepEqual(bench.told(), ['a raised firing']);
  });

  it('says what there is', () => {
    const bench = new Bench(above);
    bench.sample('a', 10);
    assert.equal(answer(bench, 'status'), 'answer.normalSingle(1)');
    bench.sample('a', 30);
    assert.match(
      answer(bench, 'status'),
      /^answer.openCount\(1\|1\)\nanswer.line\(#1 \|a\|state.firing\|30\|/,
    );
    assert.equal(answer(bench, 'status', { filter: 'x' }), 'answer.unknown(x)');
  });
});
