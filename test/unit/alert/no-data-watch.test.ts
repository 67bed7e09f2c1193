/** Kinds: a clock that starts anew with us; our own pause is somebody else's silence; read once, though it can change. */
import assert from 'node:assert/strict';
import type { Rules } from '../../../src/alert/rules';
import { Bench } from './support';

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const rules = { condition: 'above', limits: { limit: 20 }, noDataAfter: DAY } as const;

describe('alert: our own absence', () => {
  it('a sensor that is dead is named, however often there is a deploy', () => {
    const bench = new Bench(rules);
    bench.sample('dead', 10);
    for (let hour = 0; hour < 23; hour++) {
      bench.wait(HOUR);
      bench.restart();
    }
    assert.deepEqual(bench.told(), []);
    bench.wait(HOUR);
    assert.deepEqual(bench.told(), ['dead nodata nodata']);
  });

  it('the time in which we were not there is no silence', () => {
    const bench = new Bench(rules);
    bench.sample('a', 10);
    bench.wait(20 * HOUR);
    bench.restart(7 * DAY);
    bench.wait(3.9 * HOUR);
    assert.deepEqual(bench.told(), []);
    bench.wait(0.1 * HOUR);
    assert.deepEqual(bench.told(), ['a nodata nodata']);
  });

  it('nor is the time in which the connection was away, before a restart and after it', () => {
    const bench = new Bench({ ...rules, noDataAfter: HOUR });
    bench.sample('a', 10);
    bench.wait(30 * MINUTE);
    bench.machine.connection(false);
    bench.wait(20 * MINUTE);
    bench.restart(MINUTE);
    bench.machine.connection(false);
    bench.wait(20 * MINUTE);
    bench.machine.connection(true);
    bench.wait(29 * MINUTE);
    assert.deepEqual(bench.told(), []);
    bench.wait(MINUTE);
    assert.deepEqual(bench.told(), ['a nodata nodata']);
  });

  it('what was written before a process was killed is no more than it knew', () => {
    const bench = new Bench(rules);
    bench.sample('dead', 10);
    bench.sample('rare', 10);
    bench.wait(20 * HOUR);
    bench.machine.noteNoDataTimes();
    assert.deepEqual([...bench.machine.takeChanges().keys].sort(), ['dead', 'rare']);
    const written = bench.saved();
    bench.sample('rare', 10);
    assert.deepEqual(bench.noted, ['rare'], 'what stands there says that it is silent');
    bench.restartFrom({ ...written, keys: written.keys.filter(({ key }) => key === 'dead') }, HOUR);
    bench.wait(4 * HOUR);
    assert.deepEqual(bench.told(), ['dead nodata nodata']);
  });

  it('a clock that was set meanwhile moves nothing', () => {
    for (const jump of [-DAY, 30 * DAY]) {
      const bench = new Bench(rules);
      bench.sample('a', 10);
      bench.wait(20 * HOUR);
      const written = bench.saved();
      bench.clock.jump(jump);
      bench.restartFrom(written, MINUTE);
      bench.wait(3.9 * HOUR);
      assert.deepEqual(bench.told(), [], String(jump));
      bench.wait(0.1 * HOUR);
      assert.deepEqual(bench.told(), ['a nodata nodata'], String(jump));
    }
  });
});

describe('alert: a process that stood still', () => {
  for (const after of [2 * SECOND, 10 * SECOND, 15.5 * SECOND]) {
    it(`16 s, with noDataAfter ${after / SECOND} s: what waits in the socket is read first`, () => {
      const bench = new Bench({ ...rules, noDataAfter: after });
      const keys = ['a', 'b', 'c'];
      for (let i = 0; i < 5; i++) {
        for (const key of keys) bench.sample(key, 10);
        bench.wait(SECOND);
      }
      // Timers come before the sockets; then what came meanwhile, but for `c`, which died.
      bench.clock.stand(16 * SECOND);
      bench.wait(1);
      for (let i = 0; i < 16; i++) for (const key of ['a', 'b']) bench.sample(key, 10);
      bench.wait(after / 2);
      for (const key of ['a', 'b']) bench.sample(key, 10);
      bench.wait(after - 1);
      assert.deepEqual(bench.told(), ['c nodata nodata'], 'and the dead one is named');
    });
  }

  it('a message may come before the timers', () => {
    const bench = new Bench({ ...rules, noDataAfter: 10 * SECOND });
    for (const key of ['a', 'b']) bench.sample(key, 10);
    bench.wait(SECOND);
    bench.clock.stand(16 * SECOND);
    for (const key of ['a', 'b']) bench.sample(key, 10);
    bench.wait(5 * SECOND);
    assert.deepEqual(bench.told(), []);
  });

  it('a hold time and a keep time end when it was read', () => {
    const bench = new Bench({ ...rules, holdFor: 10 * SECOND, keepFor: 10 * SECOND });
    bench.sample('a', 30);
    bench.wait(SECOND);
    bench.clock.stand(16 * SECOND);
    bench.wait(1);
    bench.sample('a', 10);
    bench.wait(MINUTE);
    assert.deepEqual(bench.told(), []);
    bench.sample('b', 30);
    bench.wait(11 * SECOND);
    bench.sample('b', 10);
    bench.clock.stand(16 * SECOND);
    bench.wait(1);
    bench.sample('b', 30);
    bench.wait(MINUTE);
    assert.deepEqual(bench.told(), ['b raised firing']);
  });

  it('one that is always late comes to its conclusions all the same', () => {
    const bench = new Bench({ ...rules, noDataAfter: 10 * SECOND });
    for (let i = 0; i < 20; i++) bench.sample(`key ${i}`, 10);
    for (let i = 0; i < 30; i++) {
      bench.clock.stand(900);
      bench.wait(1);
    }
    assert.equal(bench.told().length, 20);
  });
});

describe('alert: rules that change while something waits', () => {
  const pending = { ...rules, noDataAfter: 0, holdFor: HOUR };
  const changed = (first: Partial<Rules>, to: Partial<Rules>): Bench => {
    const bench = new Bench({ ...pending, ...first });
    bench.sample('a', 30);
    bench.wait(10 * SECOND);
    bench.restart(SECOND, { ...bench.rules, ...to });
    return bench;
  };

  it('a hold time that is made shorter', () => {
    const bench = changed({}, { holdFor: 20 * SECOND });
    bench.wait(8 * SECOND);
    assert.deepEqual(bench.told(), []);
    bench.wait(SECOND);
    assert.deepEqual(bench.told(), ['a raised firing']);
  });

  for (const holdFor of [2 * SECOND, 0]) {
    it(`one that is over by now (${holdFor / SECOND} s)`, () =>
      assert.deepEqual(changed({}, { holdFor }).told(), ['a raised firing']));
  }

  it('one that is made longer: what waits keeps its end', () => {
    const bench = changed({ holdFor: 20 * SECOND }, { holdFor: 60 * SECOND });
    bench.wait(8 * SECOND);
    assert.deepEqual(bench.told(), []);
    bench.wait(SECOND);
    assert.deepEqual(bench.told(), ['a raised firing']);
  });

  it('a limit that the value keeps: nothing waits any more', () => {
    const bench = changed({}, { holdFor: 20 * SECOND, limits: { limit: 40 } });
    assert.equal(bench.state('a'), 'normal');
    bench.wait(HOUR);
    assert.deepEqual(bench.told(), []);
  });

  it('a keep time', () => {
    const bench = new Bench({ ...pending, holdFor: 0, keepFor: HOUR });
    bench.sample('a', 30);
    bench.sample('a', 10);
    bench.wait(MINUTE);
    bench.restart(0, { ...bench.rules, keepFor: 0 });
    assert.deepEqual(bench.told(), ['a raised firing', 'a cleared normal']);
  });

  it('a cooldown', () => {
    const bench = new Bench({ ...pending, holdFor: 0, cooldown: DAY });
    bench.sample('a', 30);
    bench.sample('a', 10);
    bench.sample('a', 30);
    bench.restart(0, { ...bench.rules, cooldown: 10 * SECOND });
    bench.wait(10 * SECOND);
    assert.deepEqual(bench.told(), ['a raised firing', 'a cleared normal', 'a raised firing']);
  });

  it('no-data: a time that is made shorter', () => {
    const bench = new Bench({ ...rules, noDataAfter: DAY });
    bench.sample('a', 10);
    bench.wait(2 * HOUR);
    bench.restart(0, { ...bench.rules, noDataAfter: HOUR });
    assert.deepEqual(bench.told(), ['a nodata nodata']);
  });
});
