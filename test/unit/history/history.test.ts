import assert from 'node:assert/strict';
import { History } from '../../../src/history/history';

const MINUTE = 60_000;
const HOUR = 3_600_000;
/** The beginning of an hour. */
const T0 = 472_222 * HOUR;

describe('history', () => {
  it('keeps least, largest, last, mean and count of every minute', () => {
    const history = new History({ points: 1 });
    for (const [at, value] of [
      [0, 5],
      [10, 9],
      [20, 1],
      [59.999, 4],
      [180, 7],
    ] as const)
      history.record('k', T0 + at * 1_000, value);
    const { t, min, max, last, mean, count } = history.series('k', T0 - 1, T0 + 4 * MINUTE - 1, 4);
    assert.deepEqual(
      t,
      [0, 1, 2, 3].map((part) => T0 - 1 + part * MINUTE),
    );
    assert.deepEqual(min, [1, null, null, 7]);
    assert.deepEqual(max, [9, null, null, 7]);
    assert.deepEqual(last, [4, null, null, 7]);
    assert.deepEqual(mean, [4.75, null, null, 7]);
    assert.deepEqual(count, [4, 0, 0, 1]);
  });

  it('draws the first minutes from every value, as long as there is nothing else', () => {
    const history = new History();
    const begin = T0 + 20_000;
    for (let i = 0; i < 30; i++) history.record('k', begin + i * 1_000, i);
    assert.equal(history.first('k', T0 - 3_600_000, T0 + 60_000), begin);
    const { last } = history.drawn('k', T0 - 30 * MINUTE, begin + 30_000, 1_825);
    assert.equal(last.filter((value) => value !== null).length, 30, 'and not one of a minute');
    // What came before is known by the minute only, so all is drawn by minutes.
    for (let i = 0; i < 100; i++) history.record('k', begin + (30 + i) * 1_000, i);
    assert.ok(history.drawn('k', T0 - 30 * MINUTE, begin + 130_000, 1_825).last.length <= 33);
    assert.equal(history.first('k', T0 - 3_600_000, T0 + 4 * MINUTE), T0);
    assert.equal(history.first('nobody', 0, T0), undefined);
  });

  it('keeps ten minutes of a value a second, of a key that somebody looks at', () => {
    const history = new History();
    history.record('k', T0, 0);
    history.look('k');
    history.look('unknown');
    for (let i = 1; i < 2_000; i++) history.record('k', T0 + i * 1_000, i);
    const of = (from: number) =>
      history.series('k', from, T0 + 2_000_000, 10_000).last.filter((one) => one !== null);
    assert.equal(of(T0 + 1_400_000).length, 600);
    // Others are looked at, and it keeps its newest.
    for (let i = 0; i < 500; i++) {
      history.record(`other ${i}`, T0, 0);
      history.look(`other ${i}`);
    }
    assert.equal(of(T0 + 1_936_000).length, 64);
    for (let i = 2_000; i < 2_100; i++) history.record('k', T0 + i * 1_000, i);
    const newest = history
      .series('k', T0 + 2_036_000, T0 + 2_100_000, 10_000)
      .last.filter((one) => one !== null);
    assert.deepEqual([newest.length, newest[0], newest.at(-1)], [64, 2_036, 2_099]);
  });

  it('draws a bucket in its middle', () => {
    const history = new History({ points: 1 });
    for (let i = 0; i < 10; i++) history.record('k', T0 + i * MINUTE, i);
    const { last } = history.drawn('k', T0 - 40_000, T0 + 10 * MINUTE - 40_000, 10);
    assert.deepEqual(last, [null, 0, 1, 2, 3, 4, 5, 6, 7, 9], 'the one in work stands at the end');
  });

  it('loses no peak, however few points are asked for', () => {
    const history = new History();
    for (let second = 0; second < 86_400; second += 10) history.record('k', T0 + second * 1_000, 20);
    const peak = T0 + 40_000_000;
    history.record('k', peak, 99);
    for (const points of [1, 7, 100, 1_440]) {
      const { max, t } = history.series('k', T0, T0 + 24 * HOUR, points);
      assert.equal(t.length, points);
      assert.equal(Math.max(...(max as number[])), 99);
      assert.equal(
        max.indexOf(99),
        Math.floor(((Math.floor(peak / MINUTE) * MINUTE - T0) / (24 * HOUR)) * points),
      );
    }
  });

  it('takes the raw points where they reach back far enough', () => {
    const history = new History();
    for (let second = 0; second < 200; second++) history.record('k', T0 + second * 1_000, second);
    const { last } = history.series('k', T0 + 190_000, T0 + 200_000, 10);
    assert.deepEqual(last, [190, 191, 192, 193, 194, 195, 196, 197, 198, 199]);
    const earlier = history.series('k', T0, T0 + 200_000, 200);
    assert.equal(earlier.t.length, 4);
  });

  it('ignores what is no number, no time, or too old', () => {
    const history = new History();
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      history.record('k', T0, value);
    for (const at of [Number.NaN, Number.POSITIVE_INFINITY, -1]) history.record('k', at, 1);
    assert.equal(history.latest('k'), undefined);
    history.record('k', T0, 1);
    history.record('k', T0 - 26 * HOUR, 2);
    assert.deepEqual(history.series('k', T0 - 30 * HOUR, T0 + MINUTE, 1).count, [1]);
  });

  it('puts late samples where they belong, and the same sample once', () => {
    const history = new History();
    for (let minute = 0; minute < 300; minute++) history.record('k', T0 + minute * MINUTE, 10);
    history.record('k', T0 + 299 * MINUTE, 10);
    history.record('k', T0 + 20 * MINUTE, 50);
    history.record('k', T0 + 290 * MINUTE, -50);
    const { max, min, count } = history.series('k', T0, T0 + 300 * MINUTE - 1, 300);
    assert.equal(max[20], 50);
    assert.equal(min[290], -50);
    assert.equal(count[20], 2);
    assert.equal(count[299], 1);
    assert.deepEqual(history.latest('k'), { at: T0 + 299 * MINUTE, value: 10 });
  });

  it('forgets what is older than the span, key by key and page by page', () => {
    const history = new History({ span: 2 * HOUR });
    for (let minute = 0; minute < 600; minute++) history.record('k', T0 + minute * MINUTE, minute);
    const { count } = history.series('k', T0, T0 + 600 * MINUTE - 1, 10);
    assert.deepEqual(count, [0, 0, 0, 0, 0, 0, 0, 60, 60, 60]);
    history.expire(T0 + 30 * HOUR);
    assert.equal(history.blocks.pages.memory, 0);
  });

  it('takes at most 36 KB for a key, however often and with whatever values, late ones too', () => {
    const history = new History();
    let seed = 1;
    const random = (): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
      return seed / 0x7fffffff;
    };
    for (let second = 0; second < 25 * 3_600; second += 1 + Math.floor(random() * 9)) {
      // All digits, and magnitudes without a pattern.
      history.record('k', T0 + second * 1_000, (random() - 0.5) * 10 ** (random() * 300));
      if (second % 50 === 0) history.record('k', T0 + Math.floor(second * random()) * 1_000, random());
    }
    // Beside the finished hours: the one in work and the points, in whole arrays, and what a key and its name take.
    const [open, points, others] = [5 * 60 * 8, 64 * 2 * 8, 800];
    assert.ok(history.blocks.pages.memory > 15_000);
    assert.ok(
      history.blocks.pages.memory + open + points + others <= 36_864,
      `${history.blocks.pages.memory} bytes`,
    );
  });

  it('has wider buckets where the span is longer than a day', () => {
    assert.equal(new History().step, MINUTE);
    assert.equal(new History({ span: 48 * HOUR }).step, 2 * MINUTE);
    assert.equal(new History({ span: 168 * HOUR }).step, 7 * MINUTE);
    assert.equal(new History({ span: 9_999 * HOUR }).span, 168 * HOUR);
    const week = new History({ span: 168 * HOUR });
    for (let minute = 0; minute < 168 * 60; minute++) week.record('k', T0 + minute * MINUTE, minute % 100);
    const { count } = week.series('k', T0, T0 + 168 * HOUR - 1, 7);
    assert.equal(
      count.reduce((sum, one) => sum + one, 0),
      168 * 60,
    );
  });

  it('lets the longest unseen key go when there are too many, but none that must stay', () => {
    const history = new History({ maxKeys: 3, keep: (key) => key === 'a' });
    for (const key of ['a', 'b', 'c']) history.record(key, T0, 1);
    history.record('b', T0 + 1, 2);
    history.record('d', T0, 1);
    assert.deepEqual([...history.keys()], ['a', 'b', 'd']);
    history.recordText('e', T0, 'on');
    assert.deepEqual([...history.keys()], ['a', 'd', 'e']);
    const all = new History({ maxKeys: 2, keep: () => true });
    for (const key of ['a', 'b', 'c']) all.record(key, T0, 1);
    assert.deepEqual([...all.keys()], ['a', 'b']);
  });

  it('survives 200,000 different keys', () => {
    const history = new History({ maxKeys: 1_000 });
    for (let key = 0; key < 200_000; key++) history.record(`key ${key}`, T0 + key, key);
    assert.equal(history.size, 1_000);
    assert.deepEqual(history.latest('key 199000'), { at: T0 + 199_000, value: 199_000 });
    assert.equal(history.latest('key 198999'), undefined);
  });

  it('gives the memory of a deleted key to the next one, and nothing of what was in it', () => {
    const history = new History();
    for (let minute = 0; minute < 200; minute++) history.record('a', T0 + minute * MINUTE, 1);
    history.delete('a');
    history.record('b', T0 + 200 * MINUTE, 2);
    const { count } = history.series('b', T0, T0 + 201 * MINUTE, 1);
    assert.deepEqual(count, [1]);
    assert.equal(history.has('a'), false);
  });

  it('gives the number of a key that went while another was read to nobody of the other', () => {
    const read = new History();
    for (let minute = 0; minute < 100; minute++) read.record('old', T0 + minute * MINUTE, 1);
    const history = new History();
    history.record('gone', T0, 9);
    history.delete('gone');
    for (const _ of history.adopt(read));
    for (let minute = 0; minute < 100; minute++) history.record('new', T0 + minute * MINUTE, 2);
    const { max } = history.series('old', T0, T0 + HOUR, 1);
    assert.deepEqual(max, [1]);
  });

  it('answers for keys that it does not know, and for spans that are none', () => {
    const history = new History();
    assert.deepEqual(history.series('k', T0, T0 + HOUR, 2).last, [null, null]);
    assert.deepEqual(history.states('k', 0, T0), []);
    history.record('k', T0, 1);
    for (const [from, to] of [
      [T0, T0],
      [T0, T0 - 1],
      [Number.NaN, T0],
      [T0, Number.POSITIVE_INFINITY],
    ] as const)
      assert.deepEqual(history.series('k', from, to, 10).t, []);
    assert.equal(history.series('k', T0, T0 + HOUR, Number.NaN).t.length, 1);
    assert.equal(history.series('k', -1e300, 1e300, 1e9).t.length, 10_000);
  });

  describe('clock', () => {
    function withClock(): { history: History; clock: { time: number; now(): number } } {
      const clock = {
        time: T0,
        now() {
          return this.time;
        },
      };
      return { history: new History({ clock }), clock };
    }

    it('takes a stamp from the future as now', () => {
      const { history } = withClock();
      history.record('k', T0 + 4 * MINUTE, 1);
      history.record('broken', T0 + 1_000 * HOUR, 2);
      assert.deepEqual(history.latest('broken'), { at: T0, value: 2 });
      assert.deepEqual(history.latest('k'), { at: T0 + 4 * MINUTE, value: 1 });
    });

    for (const hours of [1, 3, 1_000]) {
      it(`goes on when the clock was ${hours} h ahead and is set right`, () => {
        const { history, clock } = withClock();
        history.record('k', clock.time, 1);
        clock.time += hours * HOUR;
        history.record('k', clock.time, 100);
        clock.time = T0 + MINUTE;
        for (let minute = 0; minute < 26 * 60; minute++) {
          clock.time += MINUTE;
          history.record('k', clock.time, 2);
          assert.deepEqual(history.latest('k'), { at: clock.time, value: 2 });
        }
        const { count } = history.series(
          'k',
          clock.time - 24 * HOUR + MINUTE,
          clock.time + MINUTE - 1,
          1_440,
        );
        // What was recorded with the wrong time meets what belongs there.
        assert.deepEqual(
          count.filter((one) => one !== 1),
          hours === 3 ? [2] : [],
        );
      });
    }

    it('goes on when the clock jumps ahead', () => {
      const { history, clock } = withClock();
      for (let minute = 0; minute < 120; minute++) {
        clock.time += minute === 60 ? HOUR + MINUTE : MINUTE;
        history.record('k', clock.time, minute);
      }
      const { count } = history.series('k', T0, T0 + 4 * HOUR, 4);
      assert.equal(
        count.reduce((sum, one) => sum + one, 0),
        120,
      );
    });
  });

  describe('states', () => {
    it('keeps changes only, and what was in force before', () => {
      const history = new History();
      for (const [at, state] of [
        [0, 'closed'],
        [1, 'closed'],
        [2, 'open'],
        [5, 'closed'],
      ] as const)
        history.recordText('door', T0 + at, state);
      assert.deepEqual(history.states('door', T0 + 3, T0 + 9), [
        { at: T0 + 2, state: 'open' },
        { at: T0 + 5, state: 'closed' },
      ]);
      assert.deepEqual(history.latest('door'), { at: T0 + 5, value: 'closed' });
    });

    it('puts late ones where they belong', () => {
      const history = new History();
      for (const [at, state] of [
        [0, 'a'],
        [10, 'b'],
        [20, 'a'],
        [15, 'a'],
        [10, 'a'],
        [5, 'c'],
      ] as const)
        history.recordText('k', T0 + at, state);
      assert.deepEqual(history.states('k', T0, T0 + 99), [
        { at: T0, state: 'a' },
        { at: T0 + 5, state: 'c' },
      ]);
    });

    it('is bounded in number and in length', () => {
      const history = new History();
      for (let at = 0; at < 5_000; at++) history.recordText('k', T0 + at, `${at % 2}`.repeat(1_000));
      const states = history.states('k', T0, T0 + 5_000);
      assert.ok(states.length <= 512, `${states.length}`);
      assert.ok(states.every(({ state }) => state.length === 256));
      assert.deepEqual(history.latest('k'), { at: T0 + 4_999, value: '1'.repeat(256) });
    });
  });
});
