/** The second tier of a history: ten minutes for seven days, beside the day of minutes. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { DAY, HOUR, MINUTE } from '../../../src/base/time-units';
import { History } from '../../../src/history/history';
import { HistoryStore } from '../../../src/history/store/history-store';
import { RECORDS_VERSION, RecordWriter } from '../../../src/history/store/records';
import type { Series } from '../../../src/history/types';
import { WEEK_STEP } from '../../../src/history/week-tier';
import { FakeClock } from '../transport/fake-clock';
import { folder, removeFolders } from './store/failing-files';

/** No boundary of a block of the week, which is ten hours. */
const T0 = 472_223 * HOUR;
const RUNS = process.env.DINOX_LONG ? 2_000 : 60;

function clockAt(time: number): FakeClock {
  const clock = new FakeClock();
  clock.advance(time - clock.now());
  return clock;
}

const countOf = ({ count }: Series): number => count.reduce((sum, one) => sum + one, 0);
/** Ten minutes a part. */
const weekOf = (history: History, key: string, to: number): Series =>
  history.series(key, to - 7 * DAY, to, 2_000);

/** A value a minute: of the minute, so that each is told from the others. */
function live(history: History, clock: FakeClock, minutes: number, key = 'k'): void {
  for (let minute = 0; minute < minutes; minute++) {
    history.record(key, clock.now(), Math.round((clock.now() - T0) / MINUTE));
    clock.advance(MINUTE);
  }
}

describe('a week of values', () => {
  it('holds what a plain list of samples gives, however late and out of order they come', () => {
    const wait = fc.oneof(
      { weight: 40, arbitrary: fc.integer({ min: 0, max: 5 * MINUTE }) },
      { weight: 10, arbitrary: fc.integer({ min: 0, max: 14 * HOUR }) },
      { weight: 8, arbitrary: fc.integer({ min: -60 * HOUR, max: 0 }) },
    );
    const value = fc.oneof(
      fc.integer({ min: -500, max: 500 }),
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    );
    const steps = fc.array(fc.record({ wait, value, key: fc.constantFrom('k', 'other') }), {
      minLength: 1,
      maxLength: 250,
    });
    fc.assert(
      fc.property(steps, (list) => {
        const history = new History({ points: 1, week: true });
        const expected = new Map<number, { min: number; max: number; count: number }>();
        const newest: Record<string, { at: number; value: number }> = {};
        let at = T0 + 3 * DAY;
        for (const step of list) {
          at = Math.min(T0 + 6 * DAY, Math.max(T0, at + step.wait));
          history.record(step.key, at, step.value);
          const before = newest[step.key];
          if (before?.at === at && before.value === step.value) continue;
          if (!before || at >= before.at) newest[step.key] = { at, value: step.value };
          if (step.key !== 'k') continue;
          const place = Math.floor((at - T0) / WEEK_STEP);
          const known = expected.get(place) ?? { min: Infinity, max: -Infinity, count: 0 };
          expected.set(place, {
            min: Math.min(known.min, step.value),
            max: Math.max(known.max, step.value),
            count: known.count + 1,
          });
        }
        const series = history.series('k', T0, T0 + 6 * DAY + WEEK_STEP, 6 * 144 + 1);
        for (const [place, count] of series.count.entries()) {
          const one = expected.get(place);
          assert.equal(count, one?.count ?? 0, `part ${place}`);
          if (!one) continue;
          for (const name of ['min', 'max'] as const) {
            const slack = Math.max(1e-9, Math.abs(one[name]) * 2e-6);
            assert.ok(Math.abs((series[name][place] as number) - one[name]) <= slack, name);
          }
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('reaches back seven days, of which the last is in minutes; without it, a day', () => {
    const clock = clockAt(T0);
    const history = new History({ clock, week: true });
    const day = new History({ clock });
    for (let hour = 0; hour < 240; hour++) {
      for (const one of [history, day]) one.record('k', clock.now(), hour);
      clock.advance(HOUR);
    }
    const now = clock.now();
    assert.deepEqual([history.span, day.span], [7 * DAY, DAY]);
    const { count, last, min } = weekOf(history, 'k', now);
    assert.equal(count.length, 7 * 144);
    assert.equal(countOf({ count } as Series), 168);
    assert.deepEqual([min.find((one) => one !== null), last.findLast((one) => one !== null)], [72, 239]);
    assert.equal(history.first('k', now - 7 * DAY, now), now - 7 * DAY);
    assert.ok(countOf(weekOf(day, 'k', now)) <= 25);
    // A question about the last day is answered as exactly as without the week.
    const question = [now - DAY, now, 1_440] as const;
    assert.deepEqual(history.series('k', ...question), day.series('k', ...question));
    assert.equal(history.series('k', ...question).t.length, 1_440);
    const middle = history.drawn('k', now - 3 * DAY, now, 3 * 144);
    assert.equal(middle.count[0], 1, 'a bucket stands in its middle');
    assert.equal(history.samples('k', now - 2 * DAY, now).length, 48);
  });

  it('a peak of a minute is in the least and largest of its ten, and gaps stay gaps', () => {
    const clock = clockAt(T0);
    const history = new History({ clock, week: true });
    live(history, clock, 100);
    history.record('k', clock.now(), 9_000);
    clock.advance(5 * HOUR);
    live(history, clock, 60 * 48);
    const series = history.series('k', T0, T0 + 8 * HOUR, 48);
    assert.deepEqual(series.max.slice(0, 12), [9, 19, 29, 39, 49, 59, 69, 79, 89, 99, 9_000, null]);
    assert.deepEqual(series.mean.slice(0, 2), [4.5, 14.5]);
    assert.deepEqual(series.last.slice(8, 12), [89, 99, 9_000, null]);
    assert.equal(
      series.count.slice(11, 40).some((count) => count > 0),
      false,
    );
    assert.equal(series.count[41], 10);
  });

  it('a clock that leaps ahead by days, as that of a board without one, costs nothing; one set back neither', () => {
    const clock = clockAt(T0);
    const history = new History({ clock, week: true });
    live(history, clock, 90);
    clock.advance(3 * DAY);
    live(history, clock, 30, 'other');
    assert.equal(countOf(history.series('k', T0, clock.now(), 1_000)), 90, 'the hour in work too');
    assert.deepEqual(history.latest('k'), { at: T0 + 89 * MINUTE, value: 89 });
    clock.advance(-HOUR);
    live(history, clock, 120, 'k');
    assert.equal(countOf(history.series('k', T0, clock.now(), 1_000)), 210);
  });

  it('a sample of six days ago finds its place; one of eight days does not; a deleted key has none', () => {
    const clock = clockAt(T0 + 8 * DAY);
    const history = new History({ clock, week: true });
    const now = clock.now();
    history.record('k', now, 1);
    history.record('k', now - 6 * DAY, 2);
    history.record('k', now - 6 * DAY, 4);
    history.record('k', now - 8 * DAY, 8);
    const { count, min, max } = weekOf(history, 'k', now);
    const place = count.findIndex((one) => one > 0);
    assert.deepEqual([count[place], min[place], max[place]], [2, 2, 4]);
    assert.equal(countOf(weekOf(history, 'k', now)), 3);
    history.delete('k');
    history.record('next', now, 1);
    assert.equal(countOf(weekOf(history, 'next', now)), 1, 'its place is used again, and empty');
    history.record('next', now - 2 * DAY, 1);
    history.expire(now + 6 * DAY);
    assert.equal(countOf(weekOf(history, 'next', now)), 1, 'the hour in work stays');
  });

  it('a late sample of a silent key adds to the hour of which only the week knows', () => {
    for (const heard of ['other', undefined]) {
      const clock = clockAt(T0);
      const history = new History({ clock, week: true });
      live(history, clock, 90);
      clock.advance(3 * DAY);
      if (heard) live(history, clock, 1, heard);
      for (const entry of history.all) history.settle(entry, clock.now() + HOUR);
      history.expire(clock.now());
      history.record('k', T0 + 5 * MINUTE, 9_000);
      const { count, max } = history.series('k', T0, T0 + HOUR, 6);
      assert.deepEqual([count[0], max[0], count[1]], [11, 9_000, 10], heard ?? 'nobody was heard of');
      assert.deepEqual(history.latest('k'), { at: T0 + 89 * MINUTE, value: 89 });
    }
  });

  describe('on disk', () => {
    let path: string;
    beforeEach(() => {
      path = folder();
    });
    afterEach(() => removeFolders());

    const open = async (clock: FakeClock, week: boolean, told: string[] = []) => {
      const history = new History({ points: 1, clock, week });
      const events = {
        aside: (_: string, why: string) => told.push(why),
        failed: (error: Error) => assert.fail(error),
        recovered: () => {},
      };
      const store = new HistoryStore({ history, folder: path, id: 'n', clock, events });
      await store.load();
      return { history, store, told };
    };
    const versionOf = (): number => readFileSync(join(path, 'n.history')).readUInt16LE(10);

    it('comes back after restarts, and after two days without the process', async () => {
      const clock = clockAt(T0);
      const plain = new History({ points: 1, clock: { now: () => clock.now() }, week: true });
      for (const away of [0, 2 * DAY, 20 * MINUTE, DAY]) {
        clock.advance(away);
        const { history, store, told } = await open(clock, true);
        for (let hour = 0; hour < 15; hour++) {
          for (let minute = 0; minute < 60; minute += 4) {
            for (const one of [history, plain]) one.record('k', clock.now(), hour * 60 + minute);
            clock.advance(4 * MINUTE);
          }
          await store.flush();
        }
        await store.close();
        assert.deepEqual(told, []);
      }
      const { history, store } = await open(clock, true);
      const [found, expected] = [history, plain].map((one) => weekOf(one, 'k', clock.now()));
      assert.ok(found && expected);
      assert.equal(countOf(found), 4 * 15 * 15);
      for (const name of ['count', 'min', 'max', 'last'] as const)
        assert.deepEqual(found[name], expected[name]);
      assert.equal(versionOf(), RECORDS_VERSION);
      await store.close();
    });

    it('after two days without the process, and before the first value, no part is shorter than a bucket', async () => {
      const clock = clockAt(T0);
      const first = await open(clock, true);
      live(first.history, clock, 20 * 60);
      await first.store.close();
      clock.advance(2 * DAY);
      const { history, store } = await open(clock, true);
      const { t, count } = history.series('k', T0, clock.now(), 10_000);
      assert.equal(t.length, (clock.now() - T0) / WEEK_STEP);
      assert.deepEqual(count.slice(0, 120), new Array(120).fill(10));
      await store.close();
    });

    it('a sample of a time without the process is on disk, though no hour has ended since', async () => {
      const clock = clockAt(T0);
      const first = await open(clock, true);
      live(first.history, clock, 90);
      await first.store.close();
      clock.advance(3 * DAY);
      const second = await open(clock, true);
      live(second.history, clock, 1);
      second.history.record('k', T0 + DAY, 7);
      await second.store.flush();
      await second.store.close();
      const { history, store } = await open(clock, true);
      assert.equal(countOf(weekOf(history, 'k', clock.now())), 92);
      await store.close();
    });

    it('begins with the day of a file without it; a history of a day goes on with the day, in the older form', async () => {
      const clock = clockAt(T0);
      const first = await open(clock, false);
      live(first.history, clock, 20 * 60);
      await first.store.close();
      assert.equal(versionOf(), 2);
      const second = await open(clock, true);
      clock.advance(DAY + HOUR);
      live(second.history, clock, 60);
      assert.equal(countOf(weekOf(second.history, 'k', clock.now())), 21 * 60, 'more than a day ago');
      await second.store.close();
      assert.equal(versionOf(), RECORDS_VERSION);
      const third = await open(clock, false);
      const from = clock.now() - HOUR;
      assert.equal(countOf(third.history.series('k', from, clock.now(), 60)), 60);
      assert.equal(third.history.span, DAY);
      live(third.history, clock, 1);
      await third.store.close();
      assert.equal(versionOf(), 2);
      assert.deepEqual(
        [first, second, third].flatMap(({ told }) => told),
        [],
      );
    });

    it('changed while it runs: what there is stays, and the file follows', async () => {
      const clock = clockAt(T0);
      const { history, store } = await open(clock, false);
      live(history, clock, 20 * 60);
      await store.flush();
      history.keepWeek(true);
      await store.flush();
      for (const _ of history.fillWeek());
      await store.close();
      assert.equal(versionOf(), RECORDS_VERSION);
      clock.advance(2 * DAY);
      const next = await open(clock, true);
      const counted = countOf(weekOf(next.history, 'k', clock.now()));
      assert.equal(counted, 20 * 60);
      next.history.keepWeek(false);
      live(next.history, clock, 1);
      await next.store.close();
      assert.equal(versionOf(), 2);
      assert.equal(countOf(weekOf((await open(clock, true)).history, 'k', clock.now())), 1);
    });

    it('a file that is not ours makes nothing large, and costs only itself', async () => {
      const clock = clockAt(T0);
      const records = new RecordWriter();
      records.head(MINUTE, T0, RECORDS_VERSION);
      records.key(1, 'k');
      const block = Math.floor(T0 / WEEK_STEP / 60);
      for (const far of [0, block - 40, block + 40, Number.MAX_SAFE_INTEGER])
        records.block(1, far, Buffer.alloc(9, far % 256), 'week');
      records.block(1, block, Buffer.alloc(100_000, 1), 'week');
      records.block(1, block - 1, Buffer.alloc(2_000, 255), 'week');
      records.block(7, block, Buffer.alloc(9), 'week');
      mkdirSync(path, { recursive: true });
      writeFileSync(join(path, 'n.history'), records.take());
      const { history, store } = await open(clock, true);
      assert.ok((history.week?.pages.memory ?? 0) < 10_000);
      assert.equal(countOf(weekOf(history, 'k', T0)), 0);
      live(history, clock, 5);
      assert.equal(countOf(weekOf(history, 'k', clock.now())), 5);
      await store.close();
    });
  });
});
