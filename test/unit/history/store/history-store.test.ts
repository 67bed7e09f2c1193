import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { History } from '../../../../src/history/history';
import { HistoryStore } from '../../../../src/history/store/history-store';
import { RECORDS_VERSION, RecordWriter } from '../../../../src/history/store/records';
import { sweep } from '../../../../src/history/store/sweep';
import type { HistoryOptions, Series, StateChange } from '../../../../src/history/types';
import { FakeClock } from '../../transport/fake-clock';
import { FailingFiles, folder, removeFolders } from './failing-files';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const T0 = 472_224 * HOUR;

class Harness {
  readonly files = new FailingFiles();
  readonly told: string[] = [];
  readonly history: History;
  readonly store: HistoryStore;

  constructor(
    readonly path: string,
    readonly clock = clockAt(T0),
    options: HistoryOptions = {},
  ) {
    this.history = new History({ points: 1, clock, ...options });
    this.store = new HistoryStore({
      history: this.history,
      folder: path,
      id: 'node.1',
      clock,
      files: this.files,
      events: {
        aside: (at, why) => this.told.push(`${why} ${at.slice(path.length + 1)}`),
        failed: (error) => this.told.push(`failed ${error.message}`),
        recovered: () => this.told.push('recovered'),
      },
    });
  }

  /** Lets time pass minute by minute; what the timer starts is waited for. */
  async live(minutes: number, each: (minute: number) => void): Promise<void> {
    for (let minute = 0; minute < minutes; minute++) {
      each(minute);
      this.clock.advance(MINUTE);
      // The flush of the timer, if there is one, is behind this.
      if (minute % 5 === 4) await this.store.flush();
    }
  }
}

function clockAt(time: number): FakeClock {
  const clock = new FakeClock();
  clock.advance(time - clock.now());
  return clock;
}

/** Closed after the test, where a test leaves them open as a process does that is killed. */
const left: Harness[] = [];

interface Content {
  series: Record<string, Series>;
  states: Record<string, StateChange[]>;
}

function contentOf(history: History, from = T0 - DAY, to = T0 + 3 * DAY): Content {
  const series: Content['series'] = {};
  const states: Content['states'] = {};
  for (const key of [...history.keys()].sort()) {
    series[key] = history.series(key, from, to - 1, (to - from) / MINUTE);
    states[key] = history.states(key, from, to);
  }
  return { series, states };
}

/** What the next process would find. */
async function reload(path: string, now: number, options: HistoryOptions = {}): Promise<Harness> {
  const harness = new Harness(path, clockAt(now), options);
  await harness.store.load();
  left.push(harness);
  return harness;
}

const value = (minute: number, key = 0): number => Math.round(200 + 50 * Math.sin(minute / 40 + key)) / 10;
const countOf = ({ count }: Series): number => count.reduce((sum, one) => sum + one, 0);

describe('history store', () => {
  let path: string;
  beforeEach(() => {
    path = join(folder(), 'dinox', 'history');
  });
  afterEach(async () => {
    for (const harness of left.splice(0)) {
      harness.files.failing.clear();
      await harness.store.close();
    }
    removeFolders();
  });

  it('gives back what was recorded, of hours that ended and of the one that has not', async () => {
    const first = new Harness(path);
    await first.store.load();
    left.push(first);
    first.history.record('once', T0, 7);
    await first.live(150, (minute) => {
      for (let key = 0; key < 3; key++)
        first.history.record(`k${key}`, first.clock.now(), value(minute, key));
      if (minute % 40 === 0)
        first.history.recordText('door', first.clock.now(), minute % 80 ? 'open' : 'closed');
    });
    await first.store.close();
    // A key that fell silent is packed when its hour is over.
    const silent = [...first.history.all].find(({ key }) => key === 'once');
    assert.deepEqual([silent?.bucket, silent?.open], [-1, undefined]);
    const second = await reload(path, first.clock.now());
    assert.deepEqual(contentOf(second.history), contentOf(first.history));
    assert.deepEqual(second.history.latest('k1'), { at: T0 + 149 * MINUTE, value: value(149, 1) });
    assert.deepEqual(second.told, []);
    await second.store.close();
    assert.deepEqual(readdirSync(path).sort(), ['node.1.history', 'node.1.recent']);
    for (const name of readdirSync(path)) assert.equal(statSync(join(path, name)).mode & 0o777, 0o600);
  });

  it('goes on where it was, over many restarts', async () => {
    let now = T0;
    const plain = new History({ points: 1 });
    for (let run = 0; run < 12; run++) {
      const harness = await reload(path, now);
      await harness.live(17 + run * 3, (minute) => {
        const at = harness.clock.now();
        for (const history of [plain, harness.history]) {
          history.record('k', at, value(minute, run));
          if (minute % 9 === 0) history.recordText('s', at, `${run} ${minute}`);
          if (minute === 3 && run > 2) history.record('k', at - 100 * MINUTE, 99);
        }
      });
      // Every other one is not closed: what is flushed counts.
      await harness.store.flush();
      if (run % 2 === 0) await harness.store.close();
      now = harness.clock.now();
      assert.deepEqual(harness.told, []);
    }
    const last = await reload(path, now);
    assert.deepEqual(contentOf(last.history), contentOf(plain));
  });

  it('keeps what is recorded while it is being read', async () => {
    const first = new Harness(path);
    await first.store.load();
    await first.live(90, (minute) => first.history.record('k', first.clock.now(), minute));
    await first.store.close();
    const second = new Harness(path, clockAt(first.clock.now()));
    const loading = second.store.load();
    second.history.record('k', second.clock.now() - MINUTE, -5);
    second.history.record('new', second.clock.now(), 1);
    await loading;
    const { series } = contentOf(second.history);
    assert.equal(countOf(series.k as Series), 91);
    assert.equal(countOf(series.new as Series), 1);
    await second.store.close();
    const third = await reload(path, second.clock.now());
    assert.deepEqual(contentOf(third.history), contentOf(second.history));
  });

  it('takes over what was kept with buckets of another length', async () => {
    const first = new Harness(path);
    await first.store.load();
    await first.live(200, (minute) => first.history.record('k', first.clock.now(), minute));
    await first.store.close();
    for (const hours of [48, 168, 24]) {
      const next = await reload(path, first.clock.now(), { span: hours * HOUR });
      const series = next.history.series('k', T0 - HOUR, T0 + 4 * HOUR, 1);
      assert.deepEqual([series.min, series.max, series.last, series.count], [[0], [199], [199], [200]]);
      await next.store.close();
      assert.deepEqual(next.told, []);
    }
  });

  it('forgets a deleted key, and what is older than the span', async () => {
    const first = new Harness(path);
    await first.store.load();
    await first.live(70, (minute) => {
      for (const key of ['a', 'b']) first.history.record(key, first.clock.now(), minute);
    });
    first.history.delete('a');
    await first.store.flush();
    first.history.record('a', first.clock.now(), 5);
    await first.store.close();
    const second = await reload(path, first.clock.now());
    assert.equal(countOf(contentOf(second.history).series.a as Series), 1);
    const later = await reload(path, first.clock.now() + 3 * DAY);
    assert.deepEqual([...later.history.keys()], []);
  });

  it('is written anew once a day, and does not grow beyond that', async () => {
    const harness = new Harness(path);
    await harness.store.load();
    const sizes: number[] = [];
    await harness.live(4 * 1_440, (minute) => {
      harness.history.record('k', harness.clock.now(), value(minute));
      if (minute % 1_440 === 1_439) sizes.push(statSync(join(path, 'node.1.history')).size);
    });
    await harness.store.close();
    assert.ok(Math.max(...sizes) < 2.2 * (sizes[0] as number), `${sizes}`);
    const next = await reload(path, harness.clock.now());
    assert.deepEqual(
      contentOf(next.history, T0 + 3 * DAY, T0 + 4 * DAY),
      contentOf(harness.history, T0 + 3 * DAY, T0 + 4 * DAY),
    );
  });

  it('writes by itself every five minutes, and nothing where nothing is new', async () => {
    const harness = new Harness(path);
    await harness.store.load();
    harness.history.record('k', T0, 1);
    harness.clock.advance(5 * MINUTE);
    // The timer's own flush stands before this one in the queue.
    await harness.store.flush();
    assert.equal(countOf(contentOf((await reload(path, T0 + 5 * MINUTE)).history).series.k as Series), 1);
    const { written } = harness.store;
    await harness.store.flush();
    assert.equal(harness.store.written, written);
    await harness.store.close();
    assert.equal(harness.clock.waiting, 0);
  });

  describe('files that are not as they should be', () => {
    const FILES = ['node.1.history', 'node.1.recent'] as const;
    let content: Record<(typeof FILES)[number], Buffer>;
    let now: number;
    let all: Content;

    beforeEach(async () => {
      const harness = new Harness(path);
      await harness.store.load();
      await harness.live(75, (minute) => {
        harness.history.record('k', harness.clock.now(), value(minute));
        if (minute % 30 === 0) harness.history.recordText('s', harness.clock.now(), `${minute}`);
      });
      await harness.store.close();
      now = harness.clock.now();
      all = contentOf(harness.history);
      content = Object.fromEntries(
        FILES.map((name) => [name, readFileSync(join(path, name))]),
      ) as typeof content;
    });

    /** Puts the files there, one of them changed; what is then read must be a part of what was written. */
    async function check(name: (typeof FILES)[number], bytes: Buffer, where: string): Promise<string[]> {
      for (const one of FILES) writeFileSync(join(path, one), one === name ? bytes : content[one]);
      const { history, told, store } = await reload(path, now);
      const found = contentOf(history);
      for (const [key, series] of Object.entries(found.series)) {
        for (const [part, count] of series.count.entries()) {
          if (count === 0) continue;
          assert.equal(series.last[part], all.series[key]?.last[part], where);
        }
      }
      await store.close();
      const again = await reload(path, now);
      assert.deepEqual(contentOf(again.history), found, where);
      assert.deepEqual(again.told, [], where);
      return told;
    }

    for (const name of FILES) {
      it(`${name}: any damaged byte is told, costs what its record held, and is mended`, async () => {
        const step = process.env.DINOX_LONG ? 1 : 5;
        for (let at = 0; at < content[name].length; at += step) {
          const bytes = Buffer.from(content[name]);
          bytes[at] = (bytes[at] as number) ^ 0x11;
          const told = await check(name, bytes, `byte ${at}`);
          // A length that leads behind the end looks like a record that was cut off.
          assert.ok(told.length === 0 || told[0] === `damaged ${name}.damaged`, `${told} at ${at}`);
          if (told.length > 0) assert.deepEqual(readFileSync(join(path, `${name}.damaged`)), bytes);
        }
      });

      it(`${name}: may be cut off anywhere`, async () => {
        const step = process.env.DINOX_LONG ? 1 : 7;
        for (let length = 0; length < content[name].length; length += step)
          await check(name, content[name].subarray(0, length), `length ${length}`);
      });
    }

    it('of a newer version are set aside, named, and nothing of them is used', async () => {
      const records = new RecordWriter();
      records.head(MINUTE, now, RECORDS_VERSION);
      const newer = records.take();
      // Its checksum has to be right: two heads of another version, made as this one's are.
      const half = newer.length / 2;
      for (const at of [0, half]) {
        newer[at + 10] = RECORDS_VERSION + 1;
        const body = newer.subarray(at + 10, at + half);
        newer.writeUInt32LE((crc32(newer.subarray(at + 2, at + 6)) ^ crc32(body)) >>> 0, at + 6);
      }
      for (const name of FILES) writeFileSync(join(path, name), newer);
      const harness = await reload(path, now);
      assert.deepEqual([...harness.history.keys()], []);
      assert.deepEqual(harness.told, ['newer node.1.history.newer', 'newer node.1.recent.newer']);
      harness.history.record('k', now, 1);
      await harness.store.close();
      assert.deepEqual(readFileSync(join(path, 'node.1.history.newer')), newer);
      assert.deepEqual([...(await reload(path, now)).history.keys()], ['k']);
    });

    it('that are no files at all are set aside', async () => {
      const other = join(folder(), 'h');
      mkdirSync(join(other, 'node.1.history'), { recursive: true });
      const harness = await reload(other, now);
      assert.deepEqual(harness.told, ['unread node.1.history.unread']);
      harness.history.record('k', now, 1);
      await harness.store.close();
      assert.deepEqual([...(await reload(other, now)).history.keys()], ['k']);
    });
  });

  describe('a disk that fails', () => {
    for (const operation of ['open', 'write', 'sync', 'datasync', 'rename', 'mkdir', 'rm'] as const) {
      it(`${operation}: said once, and all is written when it works again`, async () => {
        const harness = new Harness(path);
        left.push(harness);
        if (operation !== 'mkdir') await harness.store.load();
        const record = (minute: number): void => harness.history.record('k', harness.clock.now(), minute);
        if (operation !== 'mkdir') await harness.live(30, record);
        harness.files.failing.set(operation, 'EIO');
        if (operation === 'mkdir') await harness.store.load();
        await harness.live(130, record);
        assert.deepEqual(harness.told.slice(0, 1), [`failed EIO: ${operation}`]);
        // Forcing what is appended onto the disk may fail where a new file can be written.
        if (operation !== 'datasync') assert.deepEqual(harness.told.slice(1), []);
        harness.files.failing.clear();
        await harness.live(10, record);
        assert.equal(harness.told.at(-1), 'recovered');
        assert.equal(harness.store.works, true);
        const next = await reload(path, harness.clock.now());
        assert.deepEqual(contentOf(next.history), contentOf(harness.history));
        assert.deepEqual(next.told, []);
        await harness.store.close();
        assert.deepEqual(readdirSync(path).sort(), ['node.1.history', 'node.1.recent']);
      });
    }

    it('takes a few bytes at a time', async () => {
      const harness = new Harness(path);
      harness.files.most = 7;
      await harness.store.load();
      await harness.live(70, (minute) => harness.history.record('k', harness.clock.now(), minute));
      await harness.store.close();
      assert.deepEqual(
        contentOf((await reload(path, harness.clock.now())).history),
        contentOf(harness.history),
      );
    });

    it('never was there: the history works without it', async () => {
      const harness = new Harness('/proc/no/folder');
      await harness.store.load();
      harness.history.record('k', T0, 1);
      await harness.store.close();
      assert.equal(harness.told.length, 1);
      assert.equal(harness.store.works, false);
      assert.deepEqual(harness.history.latest('k'), { at: T0, value: 1 });
    });
  });

  it('takes any id as a name', async () => {
    for (const id of ['../../x', 'a/b', 'ü*?', '..']) {
      const own = join(folder(), 'h');
      const clock = clockAt(T0);
      const history = new History();
      const events = { aside: () => {}, failed: (error: Error) => assert.fail(error), recovered: () => {} };
      const store = new HistoryStore({ history, folder: own, id, clock, events });
      await store.load();
      history.record('k', T0, 1);
      await store.close();
      assert.equal(readdirSync(own).length, 2);
      assert.deepEqual(await sweep(own, new Set([id]), Date.now() + 30 * DAY), []);
      assert.equal((await sweep(own, new Set(), Date.now() + 30 * DAY)).length, 2);
    }
  });

  it('leaves what a deleted node left for seven days, and what is not its own for ever', async () => {
    const own = folder();
    const names = [
      'old.history',
      'old.recent',
      'old.states',
      'old.history.damaged',
      'old.log',
      'old.log.newer',
      'kept.history',
      'kept.log',
      'instance-of.subflow-kept.log',
      'other.txt',
      '.history',
    ];
    for (const name of names) {
      writeFileSync(join(own, name), '');
      utimesSync(join(own, name), T0 / 1_000, T0 / 1_000);
    }
    assert.deepEqual(await sweep(own, new Set(['kept']), T0 + 7 * DAY - 1), []);
    assert.deepEqual((await sweep(own, new Set(['kept']), T0 + 7 * DAY)).sort(), names.slice(0, 6).sort());
    assert.deepEqual(readdirSync(own).sort(), names.slice(6).sort());
    assert.deepEqual(await sweep(join(own, 'not there'), new Set(), T0), []);
    assert.ok(existsSync(own));
  });
});
