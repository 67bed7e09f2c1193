/** Measures the history alone, in a process of its own with `--expose-gc`; prints its figures as JSON. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { sparkPng } from '../src/history/charts/spark-png';
import { sparkSvg } from '../src/history/charts/spark-svg';
import { BLOCK, Buckets } from '../src/history/codec/buckets';
import { Packer } from '../src/history/codec/pack';
import { History } from '../src/history/history';
import { HistoryStore } from '../src/history/store/history-store';

const MINUTE = 60_000;
const DAY = 86_400_000;
const T0 = 472_224 * 3_600_000;
const KEYS = 10_000;
/** The same for the comparison of a day and a week: seven days of more would take minutes. */
const FEWER = 2_000;
const MB = 2 ** 20;

interface Topic {
  name: string;
  /** Seconds between two samples. */
  every: number;
  next(): number;
}

/** What a home has: slow and noisy values, counters, contacts, means with all their digits, and what never changes. */
function topicsOf(count: number): Topic[] {
  let seed = 12_345;
  const random = (): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return seed / 0x7fffffff;
  };
  const round = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits;
  return Array.from({ length: count }, (_, index): Topic => {
    const kind = index % 20;
    const walk = (start: number, step: number, digits: number, drift = 0): (() => number) => {
      let value = start;
      return () => {
        value += (random() - 0.5 + drift) * step;
        return round(value, digits);
      };
    };
    const name = (what: string): string => `home/sensors/${what}/place_${index}`;
    if (kind < 6) return { name: name('temperature'), every: 60, next: walk(15 + random() * 10, 0.3, 1) };
    if (kind < 9) return { name: name('humidity'), every: 60, next: walk(50, 0.8, 1) };
    if (kind < 11) return { name: name('power'), every: 10, next: () => round(230 + random() * 40, 1) };
    if (kind < 13) return { name: name('energy'), every: 60, next: walk(12_345, 0.03, 3, 0.5) };
    if (kind < 17) return { name: name('contact'), every: 600, next: () => (random() < 0.1 ? 1 : 0) };
    if (kind < 18) return { name: name('mean'), every: 60, next: () => 20 + random() * 2 };
    return { name: name('battery'), every: 300, next: () => 100 };
  });
}

/** Seconds of CPU. */
function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

async function memory(): Promise<number> {
  for (let time = 0; time < 3; time++) {
    (globalThis as { gc?: () => void }).gc?.();
    // What arrays leave is given back behind the loop.
    await turn();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Microseconds of CPU for each sample, the better of two runs: the first one is the compiler's. */
function recordCost(keys: number): number {
  const history = new History({ maxKeys: keys });
  const names = Array.from({ length: keys }, (_, key) => `home/sensors/temperature/place_${key}`);
  const samples = 4_000_000;
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3; run++) {
    const begin = cpu();
    for (let sample = 0; sample < samples; sample++)
      history.record(
        names[sample % keys] as string,
        T0 + run * MINUTE + (sample >> 8),
        20 + (sample % 83) / 10,
      );
    best = Math.min(best, ((cpu() - begin) / samples) * 1e6);
  }
  return best;
}

/** Packing as such: bytes of a key's day, and microseconds of CPU for each of its hours, the best of some runs. */
function packCost(keys: number, found: Record<string, number>): void {
  const hours = topicsOf(keys).flatMap(({ every, next }) =>
    Array.from({ length: 24 }, () => {
      const buckets = new Buckets();
      for (let second = 0; second < 60 * BLOCK; second += 10)
        if (second % every === 0) buckets.add(Math.floor(second / 60), next());
      return buckets;
    }),
  );
  const packer = new Packer();
  const packed = hours.map((hour) => Uint8Array.from(packer.pack(hour) ?? []));
  const best = (action: () => void): number => {
    let least = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 5; run++) {
      const begin = cpu();
      action();
      least = Math.min(least, cpu() - begin);
    }
    return (least / hours.length) * 1e6;
  };
  found['packed, a key for a day, KB'] = packed.reduce((sum, { length }) => sum + length, 0) / keys / 1_024;
  found['pack an hour of a key, µs'] = best(() => {
    for (const hour of hours) packer.pack(hour);
  });
  const into = new Buckets();
  found['unpack an hour of a key, µs'] = best(() => {
    for (const bytes of packed) {
      into.clear();
      packer.unpack(bytes, into);
    }
  });
}

function fill(history: History, topics: readonly Topic[], from: number, to: number): void {
  for (let at = from; at < to; at += 10_000)
    for (const { name, every, next } of topics)
      if (at % (every * 1_000) === 0) history.record(name, at, next());
}

/** MB of keys with their day, or with a day and a week, after a week; and microseconds for each hour of a key. */
async function weekMemory(count: number, week: boolean): Promise<{ memory: number; cost: number }> {
  const clock = { time: T0, now: () => clock.time };
  const topics = topicsOf(count);
  const intervals = [...new Set(topics.map(({ every }) => every))];
  const groups = intervals.map((every) => [every, topics.filter((topic) => topic.every === every)] as const);
  const before = await memory();
  const history = new History({ clock, week });
  const begin = cpu();
  for (; clock.time < T0 + 7 * DAY + 30 * MINUTE; clock.time += 10_000)
    for (const [every, group] of groups)
      if (clock.time % (every * 1_000) === 0)
        for (const { name, next } of group) history.record(name, clock.time, next());
  const cost = ((cpu() - begin) / count / (7 * 24)) * 1e6;
  const used = ((await memory()) - before) / MB;
  if (history.size !== count) throw new Error(`${history.size} keys`);
  return { memory: used, cost };
}

const events = {
  aside: () => {},
  recovered: () => {},
  failed: (error: Error) => {
    throw error;
  },
};

interface Watched {
  /** Milliseconds of CPU in all, and until it was done. */
  cpu: number;
  wall: number;
  /** The most CPU within one turn of the event loop: so long nothing else got its turn. */
  longest: number;
}

async function watched(action: () => Promise<void>): Promise<Watched> {
  // What the bench itself threw away before is not to be collected meanwhile.
  await memory();
  let running = true;
  let longest = 0;
  const watch = (async () => {
    for (let last = cpu(); running; last = cpu()) {
      await turn();
      longest = Math.max(longest, cpu() - last);
    }
  })();
  const begin = [performance.now(), cpu()] as const;
  await action();
  const wall = performance.now() - begin[0];
  const used = cpu() - begin[1];
  running = false;
  await watch;
  return { cpu: used * 1_000, wall, longest: longest * 1_000 };
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'history-bench-'));
  const found: Record<string, number> = {};
  try {
    found['record, 1 key, µs'] = recordCost(1);
    found['record, 10,000 keys, µs'] = recordCost(KEYS);
    packCost(1_000, found);

    const [day, week] = [await weekMemory(FEWER, false), await weekMemory(FEWER, true)];
    found['memory of a day, 2,000 keys, MB'] = day.memory;
    found['memory of a day and a week, 2,000 keys, MB'] = week.memory;
    found['memory, a week against a day, times'] = week.memory / day.memory;
    found['an hour of a key in all, a day, µs'] = day.cost;
    found['an hour of a key in all, a week, µs'] = week.cost;

    const clock = { time: T0, now: () => clock.time, steady: () => clock.time, after: () => () => {} };
    const topics = topicsOf(KEYS);
    const before = await memory();
    const history = new History({ clock });
    const store = new HistoryStore({ history, folder, id: 'many', clock, events });
    clock.time = T0 + DAY + 30 * MINUTE;
    fill(history, topics, T0, clock.time);
    found['memory, 10,000 keys, MB'] = ((await memory()) - before) / MB;
    await store.load();
    const first = await watched(() => store.flush());
    found['write all, 10,000 keys, ms'] = first.wall;
    found['write all, 10,000 keys, CPU ms'] = first.cpu;
    found['write all, loop held, ms'] = first.longest;
    fill(history, topics, clock.time, clock.time + 5 * MINUTE);
    clock.time += 5 * MINUTE;
    const next = await watched(() => store.flush());
    found['write 5 minutes, 10,000 keys, ms'] = next.wall;
    found['write 5 minutes, loop held, ms'] = next.longest;
    fill(history, topics, clock.time, T0 + DAY + 65 * MINUTE);
    clock.time = T0 + DAY + 65 * MINUTE;
    const resident = process.memoryUsage().rss / MB;
    found['resident memory of the process, MB'] = resident;
    const hour = await watched(() => store.flush());
    found['end of an hour, loop held, ms'] = hour.longest;
    await store.close();
    found['file, 10,000 keys, MB'] = statSync(join(folder, 'many.history')).size / MB;
    const again = new History({ clock });
    const reader = new HistoryStore({ history: again, folder, id: 'many', clock, events });
    const read = await watched(() => reader.load());
    found['read, 10,000 keys, ms'] = read.wall;
    found['read, 10,000 keys, CPU ms'] = read.cpu;
    found['read, loop held, ms'] = read.longest;
    if (again.size !== KEYS) throw new Error(`${again.size} keys were read`);
    await reader.close();

    const small = { time: T0, now: () => small.time, steady: () => small.time, after: () => () => {} };
    const few = new History({ clock: small });
    const fewTopics = topicsOf(100);
    const fewStore = new HistoryStore({ history: few, folder, id: 'few', clock: small, events });
    await fewStore.load();
    for (let day = 0; day < 2; day++) {
      const already = fewStore.written;
      for (let flush = 0; flush < 288; flush++) {
        fill(few, fewTopics, small.time, small.time + 5 * MINUTE);
        small.time += 5 * MINUTE;
        await fewStore.flush();
      }
      found['written a day, 100 keys, MB'] = (fewStore.written - already) / MB;
    }
    await fewStore.close();

    const [{ name }] = topics as [Topic];
    const draw = (times: number, action: () => unknown): number => {
      for (let time = 0; time < times; time++) action();
      const begin = cpu();
      for (let time = 0; time < times; time++) action();
      return ((cpu() - begin) / times) * 1_000;
    };
    const series = (points: number) => history.series(name, clock.time - DAY, clock.time, points);
    const text = { title: name, description: 'a day' };
    found['SVG of 24 h, query included, ms'] = draw(200, () => sparkSvg(series(240), { ...text, limit: 20 }));
    found['PNG of 24 h, query included, ms'] = draw(20, () => sparkPng(series(580), { ...text, limit: 20 }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(JSON.stringify(found));
}

main().catch((error: Error) => {
  console.error(error);
  process.exitCode = 1;
});
