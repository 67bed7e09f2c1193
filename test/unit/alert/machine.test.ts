/** What people are told, and when: quiet hours, groups, flapping, cooldown, the connection, many keys. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { showText } from '../../../src/alert/alert-text';
import { DigestTime } from '../../../src/alert/digest';
import { QuietHours } from '../../../src/alert/quiet-hours';
import { TRANSITIONS, transitionTable } from '../../../src/alert/transitions';
import { Harness, NOON, WallClock } from './support';

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
    normal: (harness: Harness) => harness.sample('a', 10),
    pending: (harness: Harness) => harness.sample('a', 30),
    firing: (harness: Harness) => {
      harness.sample('a', 30);
      harness.wait(10 * SECOND);
    },
    recovering: (harness: Harness) => {
      INTO.firing(harness);
      harness.sample('a', 10);
    },
    nodata: (harness: Harness) => {
      harness.sample('a', 10);
      harness.wait(MINUTE);
    },
  };
  const cases: [
    from: keyof typeof INTO,
    what: string,
    act: (harness: Harness) => void,
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
      const harness = new Harness({
        ...above,
        hysteresis: { size: 2, percent: false },
        holdFor: 10 * SECOND,
        keepFor: 10 * SECOND,
        noDataAfter: MINUTE,
      });
      INTO[from](harness);
      harness.told();
      assert.equal(harness.state('a'), from);
      act(harness);
      assert.equal(harness.state('a'), to);
      assert.deepEqual(harness.told(), told);
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
    const harness = new Harness({ ...above, noDataAfter: MINUTE });
    harness.sample('a', 10);
    for (let i = 0; i < 7; i++) {
      harness.wait(10 * SECOND);
      harness.machine.invalid('a');
    }
    assert.deepEqual(harness.told(), ['a nodata nodata']);
  });
});

describe('alert: critical', () => {
  it('must hold as long as the alert itself', () => {
    const harness = new Harness({
      condition: 'above',
      limits: { limit: 20, critical: 30 },
      holdFor: 10 * SECOND,
    });
    harness.sample('a', 25);
    harness.wait(10 * SECOND);
    harness.sample('a', 35);
    harness.sample('a', 25);
    harness.wait(MINUTE);
    assert.deepEqual(harness.told(), ['a raised firing'], 'a peak is not critical');
    harness.sample('a', 35);
    harness.wait(10 * SECOND);
    assert.deepEqual(harness.told(), ['a critical firing']);
  });

  it('comes to who has acknowledged the warning, and begins as one where it is one', () => {
    const harness = new Harness({ condition: 'above', limits: { limit: 20, critical: 30 } });
    harness.sample('a', 25);
    harness.commands.command({ cmd: 'ack' }, asker);
    harness.sample('a', 31);
    harness.sample('b', 31);
    assert.deepEqual(harness.told(), [
      'a raised firing',
      'a acknowledged firing',
      'a critical firing',
      'b raised firing',
    ]);
    assert.deepEqual(
      harness.commands.open().map(({ severity, acked }) => [severity, acked]),
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
      const harness = new Harness({
        ...above,
        holdFor: 10 * MINUTE,
        noDataAfter: 30 * MINUTE,
        repeatEvery: 2 * HOUR,
      });
      harness.sample('quiet', 10);
      harness.sample('a', 30);
      harness.commands.command({ cmd: 'silence', ms: 5 * MINUTE }, asker);
      harness.wait(4 * MINUTE);
      harness.clock.jump(ms);
      harness.wait(5 * MINUTE);
      assert.deepEqual(harness.told(), []);
      assert.deepEqual([harness.state('a'), harness.state('quiet')], ['pending', 'normal']);
      assert.equal(harness.machine.silences.all.length, 0, 'the silence is over, not earlier and not later');
      harness.wait(MINUTE);
      assert.deepEqual(harness.told(), ['a raised firing']);
      harness.wait(19 * MINUTE);
      assert.deepEqual(harness.told(), []);
      harness.clock.jump(ms);
      harness.wait(MINUTE);
      assert.deepEqual(harness.told().sort(), ['a nodata nodata', 'quiet nodata nodata']);
    });
  }
});

describe('alert: a process that is late', () => {
  it('what is critical without a hold time rings once, as critical, and what holds an acknowledgement keeps it', () => {
    const harness = new Harness({
      ...{ condition: 'above', limits: { limit: 20, critical: 30 } },
      noDataAfter: MINUTE,
    });
    harness.sample('other', 10);
    harness.wait(MINUTE - 1);
    harness.clock.stand(100);
    harness.sample('a', 40);
    harness.commands.command({ cmd: 'ack' }, asker);
    harness.wait(5 * SECOND);
    const ofA = harness.events.filter(({ key }) => key === 'a');
    assert.deepEqual(
      ofA.map(({ reason, severity, acked }) => [reason, severity, acked?.by]),
      [
        ['raised', 'critical', undefined],
        ['acknowledged', 'critical', 'anna'],
      ],
    );
  });
});

describe('alert: a digest and a clock that is set', () => {
  for (const [name, jumped, gone] of [
    ['right before its time, it comes at its time', 20 * HOUR - SECOND, SECOND],
    ['past its time, it comes at once', 23 * HOUR, 0],
    ['back before the time of today, it does not wait for that of tomorrow', -5 * HOUR, HOUR],
  ] as const) {
    it(`${name}, though the samples change nothing`, () => {
      const digest = DigestTime.parse('08:00', 'UTC');
      const harness = new Harness({ ...above, ...(digest && { digest }) });
      harness.sample('a', 30);
      harness.wait(30 * SECOND);
      harness.clock.jump(jumped - 30 * SECOND);
      harness.sample('a', 30);
      if (gone > 0) {
        harness.wait(gone - 1);
        assert.deepEqual(harness.told(), []);
        harness.wait(1);
      }
      assert.deepEqual(harness.told(), ['a raised firing']);
    });
  }
});

describe('alert: in peace', () => {
  it('quiet hours hold all but what is critical; what was held comes as one message', () => {
    const harness = new Harness({
      condition: 'above',
      limits: { limit: 20, critical: 30 },
      quietHours: quietHours('13:00-15:00'),
    });
    harness.wait(HOUR);
    for (const key of ['a', 'b', 'c']) harness.sample(key, 25);
    harness.sample('d', 35);
    assert.deepEqual(harness.told(), ['d raised firing']);
    harness.sample('c', 10);
    harness.wait(2 * HOUR - SECOND);
    assert.deepEqual(harness.told(), []);
    harness.wait(SECOND);
    const [summary, ...more] = harness.events.splice(0);
    assert.deepEqual(more, []);
    assert.deepEqual(
      summary?.alerts?.map(({ key, reason }) => `${key} ${reason}`),
      ['a raised', 'b raised'],
    );
    assert.match(
      showText(summary?.text ?? []),
      /text.group\(3\)\n.*#1 text.above\(a.*\n.*#2 text.above\(b.*\ntext.missed\(c\|13:00\|13:00/,
    );

    const group = summary?.id;
    harness.commands.command({ cmd: 'ack' }, { by: 'anna', alertId: String(group) });
    const acked = harness.events.splice(0);
    assert.deepEqual(
      acked.map(({ key, replaces }) => [key, replaces]),
      [
        ['a', group],
        ['b', group],
      ],
    );
    harness.sample('a', 10);
    const [ended] = harness.events.splice(0);
    assert.equal(ended?.replaces, group);
    assert.match(
      showText(ended?.text ?? []),
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
      const harness = new Harness({
        condition: 'above',
        limits,
        quietHours: quietHours('11:00-13:00'),
        quietPass,
      });
      harness.sample('a', 25);
      harness.sample('b', 35);
      assert.deepEqual(harness.told(), told);
    });
  }

  it('a restart within quiet hours forgets nothing of it', () => {
    const harness = new Harness({ ...above, quietHours: quietHours('13:00-15:00') });
    harness.wait(HOUR);
    for (const key of ['a', 'b']) harness.sample(key, 25);
    harness.restart(3 * HOUR);
    const [summary, ...more] = harness.events.splice(0);
    assert.equal(summary?.alerts?.length, 2);
    assert.deepEqual(more, []);
  });

  it('alerts that begin together come together', () => {
    const harness = new Harness({ ...above, groupWait: 10 * SECOND });
    harness.sample('a', 30);
    harness.wait(5 * SECOND);
    for (const key of ['b', 'c']) harness.sample(key, 30);
    harness.sample('c', 10);
    harness.wait(4 * SECOND);
    assert.deepEqual(harness.told(), []);
    harness.wait(SECOND);
    const [group] = harness.events.splice(0);
    assert.deepEqual(
      group?.alerts?.map(({ key }) => key),
      ['a', 'b'],
    );
    harness.sample('d', 30);
    harness.wait(10 * SECOND);
    assert.deepEqual(harness.told(), ['d raised firing'], 'one alone is no group');
  });

  it('what keeps changing becomes one message until it calms down', () => {
    const harness = new Harness({ ...above, flapCount: 4, flapWindow: 10 * MINUTE });
    for (let i = 0; i < 10; i++) {
      harness.sample('a', i % 2 === 0 ? 30 : 10);
      harness.wait(30 * SECOND);
    }
    assert.deepEqual(harness.told(), [
      'a raised firing',
      'a cleared normal',
      'a raised firing',
      'a flapping normal',
    ]);
    harness.wait(9 * MINUTE);
    assert.deepEqual(harness.told(), []);
    harness.wait(MINUTE);
    assert.deepEqual(harness.told(), ['a cleared normal']);
    assert.equal(harness.commands.of('a')?.flapping, false);
  });

  it('what keeps changing and stays bad is said to be so when it calms down', () => {
    const harness = new Harness({ ...above, flapCount: 4, flapWindow: 10 * MINUTE });
    for (const value of [30, 10, 30, 10, 30]) harness.sample('a', value);
    harness.told();
    harness.wait(10 * MINUTE);
    assert.deepEqual(harness.told(), ['a calm firing']);
    harness.sample('a', 10);
    assert.deepEqual(harness.told(), ['a cleared normal']);
  });

  it('what keeps changing is one alert: nobody is told second twice, and its worst value stays', () => {
    const escalates = { escalateAfter: MINUTE, escalatesAll: true };
    const harness = new Harness({ ...above, ...escalates, flapCount: 4, flapWindow: 10 * MINUTE });
    for (const value of [30, 10, 30, 10, 99]) harness.sample('a', value);
    harness.wait(MINUTE);
    assert.equal(harness.told().at(-1), 'a escalated firing');
    harness.commands.command({ cmd: 'ack' }, asker);
    for (const value of [10, 30]) harness.sample('a', value);
    harness.told();
    harness.wait(10 * MINUTE);
    const event = harness.events.at(-1);
    assert.deepEqual([event?.reason, event?.escalated], ['calm', true]);
    harness.sample('a', 10);
    assert.match(showText(harness.events.at(-1)?.text ?? []), /text\.peak\(99\)/);
  });

  it('a silence ends by itself, and what is so then is told', () => {
    const harness = new Harness(above);
    harness.sample('a', 30);
    harness.told();
    harness.commands.command({ cmd: 'silence', ms: HOUR }, asker);
    harness.sample('a', 10);
    harness.sample('b', 30);
    harness.sample('c', 30);
    harness.sample('c', 10);
    harness.wait(HOUR - SECOND);
    assert.deepEqual(harness.told(), []);
    harness.wait(SECOND);
    assert.deepEqual(harness.told().sort(), ['a cleared normal', 'b raised firing']);
  });
});

describe('alert: the connection', () => {
  it('while it is away nobody is missed, one message says so, and another that it is back', () => {
    const harness = new Harness({ ...above, noDataAfter: 10 * MINUTE });
    for (let i = 0; i < 200; i++) harness.sample(`key ${i}`, 10);
    harness.wait(5 * MINUTE);
    harness.machine.connection(false);
    harness.wait(4 * MINUTE);
    assert.deepEqual(harness.told(), [], 'a short loss is none of anybody’s business');
    harness.wait(HOUR);
    assert.deepEqual(harness.told(), [' connection nodata']);
    harness.machine.connection(true);
    assert.deepEqual(harness.told(), [' connection normal']);
    harness.wait(5 * MINUTE - SECOND);
    assert.deepEqual(harness.told(), []);
    harness.wait(SECOND);
    assert.equal(harness.told().length, 200, 'the clocks went on where they stood');
  });

  it('a restart while it is away keeps what was said of it', () => {
    const harness = new Harness({ ...above, noDataAfter: MINUTE });
    harness.sample('a', 10);
    harness.machine.connection(false);
    harness.wait(HOUR);
    assert.equal(harness.told().length, 1);
    harness.restart(MINUTE);
    harness.machine.connection(false);
    harness.wait(HOUR);
    assert.deepEqual(harness.told(), []);
    harness.machine.connection(true);
    assert.deepEqual(harness.told(), [' connection normal']);
  });
});

describe('alert: many keys', () => {
  it('the longest unseen quiet one goes first, an alerting one never', () => {
    const harness = new Harness({ ...above, maxKeys: 3 });
    harness.sample('alerting', 30);
    for (const key of ['a', 'b', 'a', 'c']) harness.sample(key, 10);
    assert.deepEqual([...harness.commands.keys()].sort(), ['a', 'alerting', 'c']);
    for (const key of ['a', 'c']) harness.sample(key, 30);
    assert.equal(harness.machine.sample('d', 10, ''), undefined, 'all others alert');
    assert.equal(harness.machine.refused, 1);
    harness.sample('a', 10);
    assert.ok(harness.machine.sample('d', 10, ''));
  });

  it('a million different keys take no more room than ten thousand, and one timer', () => {
    const harness = new Harness({ ...above, noDataAfter: HOUR });
    for (let i = 0; i < 1_000_000; i++) harness.machine.sample(`key ${i}`, 10, '');
    assert.equal(harness.machine.keys.map.size, 10_000);
    assert.equal(harness.clock.waiting, 1);
    // Seconds of work, on a machine that may have other things to do.
  }).timeout(300_000);

  it('short numbers are used again', () => {
    const harness = new Harness(above);
    const numbers = (): (number | undefined)[] => harness.commands.open().map(({ number }) => number);
    for (const key of ['a', 'b', 'c']) harness.sample(key, 30);
    harness.sample('b', 10);
    harness.sample('d', 30);
    assert.deepEqual(numbers().sort(), [1, 2, 3]);
    harness.restart();
    harness.sample('e', 30);
    assert.deepEqual(numbers().sort(), [1, 2, 3, 4]);
  });
});

describe('alert: the desk', () => {
  const answer = (harness: Harness, cmd: string, more: object = {}): string =>
    harness.commands.command({ cmd, ...more } as never, asker).text;

  it('acknowledges the newest open alert that nobody has acknowledged', () => {
    const harness = new Harness(above);
    for (const key of ['a', 'b']) {
      harness.sample(key, 30);
      harness.wait(SECOND);
    }
    answer(harness, 'ack');
    answer(harness, 'ack');
    assert.deepEqual(harness.told().slice(2), ['b acknowledged firing', 'a acknowledged firing']);
    assert.equal(answer(harness, 'ack', { which: { number: 9 } }), 'answer.unknown(#9)');
    assert.equal(answer(new Harness(above), 'ack'), 'answer.noneOpen');
  });

  it('sets a limit, keeps it over a restart, and gives it up when the configuration changes', () => {
    const clock = new WallClock(NOON);
    const harness = new Harness({ condition: 'above', limits: { limit: 20, critical: 40 } }, clock);
    assert.equal(answer(harness, 'set', { field: 'limit', value: '30,5 °C' }), 'answer.set(limit|30.5)');
    assert.match(answer(harness, 'set', { field: 'limit', value: 50 }), /rule\.criticalAbove/);
    assert.match(answer(harness, 'set', { field: 'limit', value: 'warm' }), /command.number/);
    harness.restart();
    harness.sample('a', 30);
    assert.deepEqual(harness.told(), []);
    const other = new Harness({ condition: 'above', limits: { limit: 21, critical: 40 } }, clock);
    other.commands.adoptOverride(harness.saved().node.override);
    assert.equal(other.machine.limits?.low, 21);
  });

  it('disable ends all alerts, and nothing happens until enable', () => {
    const harness = new Harness({ ...above, noDataAfter: MINUTE });
    harness.sample('a', 30);
    answer(harness, 'disable');
    harness.sample('a', 40);
    harness.wait(HOUR);
    harness.restart();
    harness.wait(HOUR);
    assert.deepEqual(harness.told(), ['a raised firing', 'a disabled normal']);
    answer(harness, 'enable');
    harness.sample('a', 40);
    assert.deepEqual(harness.told(), ['a raised firing']);
  });

  it('says what there is', () => {
    const harness = new Harness(above);
    harness.sample('a', 10);
    assert.equal(answer(harness, 'status'), 'answer.normalSingle(1)');
    harness.sample('a', 30);
    assert.match(
      answer(harness, 'status'),
      /^answer.openCount\(1\|1\)\nanswer.line\(#1 \|a\|state.firing\|30\|/,
    );
    assert.equal(answer(harness, 'status', { filter: 'x' }), 'answer.unknown(x)');
  });
});
