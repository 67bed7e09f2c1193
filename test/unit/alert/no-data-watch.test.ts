/** Kinds: a clock that starts anew with us; our own pause is somebody else's silence; read once, though it can change. */
import assert from 'node:assert/strict';
import type { Rules } from '../../../src/alert/rules';
import { Harness } from './support';

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const rules = { condition: 'above', limits: { limit: 20 }, noDataAfter: DAY } as const;

describe('alert: our own absence', () => {
  it('a sensor that is dead is named, however often there is a deploy', () => {
    const harness = new Harness(rules);
    harness.sample('dead', 10);
    for (let hour = 0; hour < 23; hour++) {
      harness.wait(HOUR);
      harness.restart();
    }
    assert.deepEqual(harness.told(), []);
    harness.wait(HOUR);
    assert.deepEqual(harness.told(), ['dead nodata nodata']);
  });

  it('the time in which we were not there is no silence', () => {
    const harness = new Harness(rules);
    harness.sample('a', 10);
    harness.wait(20 * HOUR);
    harness.restart(7 * DAY);
    harness.wait(3.9 * HOUR);
    assert.deepEqual(harness.told(), []);
    harness.wait(0.1 * HOUR);
    assert.deepEqual(harness.told(), ['a nodata nodata']);
  });

  it('nor is the time in which the connection was away, before a restart and after it', () => {
    const harness = new Harness({ ...rules, noDataAfter: HOUR });
    harness.sample('a', 10);
    harness.wait(30 * MINUTE);
    harness.machine.connection(false);
    harness.wait(20 * MINUTE);
    harness.restart(MINUTE);
    harness.machine.connection(false);
    harness.wait(20 * MINUTE);
    harness.machine.connection(true);
    harness.wait(29 * MINUTE);
    assert.deepEqual(harness.told(), []);
    harness.wait(MINUTE);
    assert.deepEqual(harness.told(), ['a nodata nodata']);
  });

  it('what was written before a process was killed is no more than it knew', () => {
    const harness = new Harness(rules);
    harness.sample('dead', 10);
    harness.sample('rare', 10);
    harness.wait(20 * HOUR);
    harness.machine.noteNoDataTimes();
    assert.deepEqual([...harness.machine.takeChanges().keys].sort(), ['dead', 'rare']);
    const written = harness.saved();
    harness.sample('rare', 10);
    assert.deepEqual(harness.noted, ['rare'], 'what stands there says that it is silent');
    harness.restartFrom({ ...written, keys: written.keys.filter(({ key }) => key === 'dead') }, HOUR);
    harness.wait(4 * HOUR);
    assert.deepEqual(harness.told(), ['dead nodata nodata']);
  });

  it('a clock that was set meanwhile moves nothing', () => {
    for (const jump of [-DAY, 30 * DAY]) {
      const harness = new Harness(rules);
      harness.sample('a', 10);
      harness.wait(20 * HOUR);
      const written = harness.saved();
      harness.clock.jump(jump);
      harness.restartFrom(written, MINUTE);
      harness.wait(3.9 * HOUR);
      assert.deepEqual(harness.told(), [], String(jump));
      harness.wait(0.1 * HOUR);
      assert.deepEqual(harness.told(), ['a nodata nodata'], String(jump));
    }
  });
});

describe('alert: a process that stood still', () => {
  for (const after of [2 * SECOND, 10 * SECOND, 15.5 * SECOND]) {
    it(`16 s, with noDataAfter ${after / SECOND} s: what waits in the socket is read first`, () => {
      const harness = new Harness({ ...rules, noDataAfter: after });
      const keys = ['a', 'b', 'c'];
      for (let i = 0; i < 5; i++) {
        for (const key of keys) harness.sample(key, 10);
        harness.wait(SECOND);
      }
      // Timers come before the sockets; then what came meanwhile, but for `c`, which died.
      harness.clock.stand(16 * SECOND);
      harness.wait(1);
      for (let i = 0; i < 16; i++) for (const key of ['a', 'b']) harness.sample(key, 10);
      harness.wait(after / 2);
      for (const key of ['a', 'b']) harness.sample(key, 10);
      harness.wait(after - 1);
      assert.deepEqual(harness.told(), ['c nodata nodata'], 'and the dead one is named');
    });
  }

  it('a message may come before the timers', () => {
    const harness = new Harness({ ...rules, noDataAfter: 10 * SECOND });
    for (const key of ['a', 'b']) harness.sample(key, 10);
    harness.wait(SECOND);
    harness.clock.stand(16 * SECOND);
    for (const key of ['a', 'b']) harness.sample(key, 10);
    harness.wait(5 * SECOND);
    assert.deepEqual(harness.told(), []);
  });

  it('a hold time and a keep time end when it was read', () => {
    const harness = new Harness({ ...rules, holdFor: 10 * SECOND, keepFor: 10 * SECOND });
    harness.sample('a', 30);
    harness.wait(SECOND);
    harness.clock.stand(16 * SECOND);
    harness.wait(1);
    harness.sample('a', 10);
    harness.wait(MINUTE);
    assert.deepEqual(harness.told(), []);
    harness.sample('b', 30);
    harness.wait(11 * SECOND);
    harness.sample('b', 10);
    harness.clock.stand(16 * SECOND);
    harness.wait(1);
    harness.sample('b', 30);
    harness.wait(MINUTE);
    assert.deepEqual(harness.told(), ['b raised firing']);
  });

  it('one that is always late comes to its conclusions all the same', () => {
    const harness = new Harness({ ...rules, noDataAfter: 10 * SECOND });
    for (let i = 0; i < 20; i++) harness.sample(`key ${i}`, 10);
    for (let i = 0; i < 30; i++) {
      harness.clock.stand(900);
      harness.wait(1);
    }
    assert.equal(harness.told().length, 20);
  });
});

describe('alert: rules that change while something waits', () => {
  const pending = { ...rules, noDataAfter: 0, holdFor: HOUR };
  const changed = (first: Partial<Rules>, to: Partial<Rules>): Harness => {
    const harness = new Harness({ ...pending, ...first });
    harness.sample('a', 30);
    harness.wait(10 * SECOND);
    harness.restart(SECOND, { ...harness.rules, ...to });
    return harness;
  };

  it('a hold time that is made shorter', () => {
    const harness = changed({}, { holdFor: 20 * SECOND });
    harness.wait(8 * SECOND);
    assert.deepEqual(harness.told(), []);
    harness.wait(SECOND);
    assert.deepEqual(harness.told(), ['a raised firing']);
  });

  for (const holdFor of [2 * SECOND, 0]) {
    it(`one that is over by now (${holdFor / SECOND} s)`, () =>
      assert.deepEqual(changed({}, { holdFor }).told(), ['a raised firing']));
  }

  it('one that is made longer: what waits keeps its end', () => {
    const harness = changed({ holdFor: 20 * SECOND }, { holdFor: 60 * SECOND });
    harness.wait(8 * SECOND);
    assert.deepEqual(harness.told(), []);
    harness.wait(SECOND);
    assert.deepEqual(harness.told(), ['a raised firing']);
  });

  it('a limit that the value keeps: nothing waits any more', () => {
    const harness = changed({}, { holdFor: 20 * SECOND, limits: { limit: 40 } });
    assert.equal(harness.state('a'), 'normal');
    harness.wait(HOUR);
    assert.deepEqual(harness.told(), []);
  });

  it('a keep time', () => {
    const harness = new Harness({ ...pending, holdFor: 0, keepFor: HOUR });
    harness.sample('a', 30);
    harness.sample('a', 10);
    harness.wait(MINUTE);
    harness.restart(0, { ...harness.rules, keepFor: 0 });
    assert.deepEqual(harness.told(), ['a raised firing', 'a cleared normal']);
  });

  it('a cooldown', () => {
    const harness = new Harness({ ...pending, holdFor: 0, cooldown: DAY });
    harness.sample('a', 30);
    harness.sample('a', 10);
    harness.sample('a', 30);
    harness.restart(0, { ...harness.rules, cooldown: 10 * SECOND });
    harness.wait(10 * SECOND);
    assert.deepEqual(harness.told(), ['a raised firing', 'a cleared normal', 'a raised firing']);
  });

  it('no-data: a time that is made shorter', () => {
    const harness = new Harness({ ...rules, noDataAfter: DAY });
    harness.sample('a', 10);
    harness.wait(2 * HOUR);
    harness.restart(0, { ...harness.rules, noDataAfter: HOUR });
    assert.deepEqual(harness.told(), ['a nodata nodata']);
  });
});
