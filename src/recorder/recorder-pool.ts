import { readFile } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { text } from '../base/catalogue';
import type { Clock } from '../base/clock';
import { textOf } from '../base/coded-error';
import type { Text } from '../base/text';
import type { History } from '../history/history';
import { HistoryStore } from '../history/store/history-store';
import { KEYS_AT_ONCE } from '../history/store/slices';
import { sweep } from '../history/store/sweep';
import { replaceFileAsync } from '../storage/atomic-file';
import { recordedValuesFile, recorderFolder } from '../storage/user-dir';
import { Recorder } from './recorder';
import type { StoredValue } from './stored-value';

/** How often the last values are written, in milliseconds; the history has its own store with the same pace. */
const FLUSH_MS = 5 * 60_000;
/** When files of brokers that are gone are looked for, in milliseconds from the first one. */
const SWEEP_AFTER = 60_000;
/** A longer file is not ours, in characters. */
const MAX_FILE_LENGTH = 64 * 1_048_576;

interface PooledRecorder {
  recorder: Recorder;
  /** Undefined without a user directory. */
  store: HistoryStore | undefined;
  /** Last values as JSON. */
  file: string | undefined;
  /** Work on the disk, one thing after the other. */
  busy: Promise<void>;
  stop: () => void;
}

const ASIDE = {
  newer: 'log.recordsNewer',
  damaged: 'log.recordsDamaged',
  unread: 'log.recordsUnread',
} as const;

/**
 * The recorders of all `dinox-broker`s of this Node-RED, by node id. A deploy replaces the node but not its
 * recordings, and a restart reads them back.
 */
export class RecorderPool {
  private readonly kept = new Map<string, PooledRecorder>();
  private swept = false;

  /**
   * @param ids of all `dinox-broker`s in the flows, disabled ones included: the files of others go after a week
   * @param warn told once of what cannot be written or read
   */
  constructor(
    private readonly clock: Clock,
    private readonly ids: () => Iterable<string>,
    private readonly warn: (said: Text) => void,
  ) {}

  /**
   * The recorder of a node: the one it had before the deploy, or a new one that reads the files on disk.
   * @param dataFolder folder of the running flows; undefined: recordings stay in memory
   * @param week true if seven days are kept. What there is stays when that changes, as far as it reaches
   */
  claim(id: string, dataFolder: string | undefined, week = false): Recorder {
    const key = keyOf(id, dataFolder);
    const known = this.kept.get(key);
    if (known) {
      keepWeek(known, week);
      return known.recorder;
    }
    const recorder = new Recorder(this.clock, Math.random, week);
    const folder = dataFolder && recorderFolder(dataFolder);
    const file = dataFolder && recordedValuesFile(dataFolder, id);
    const store = folder === undefined ? undefined : this.storeFor(recorder, folder, id);
    const kept: PooledRecorder = { recorder, file, store, busy: Promise.resolve(), stop: () => {} };
    kept.busy = this.load(kept);
    recorder.loading = kept.busy.then(() => {
      recorder.loading = undefined;
    });
    this.kept.set(key, kept);
    if (file) this.schedule(key, kept);
    this.sweepOnce(folder);
    return recorder;
  }

  /** The node closes, so its recordings go to disk. A node that was removed may only be disabled. */
  async release(id: string, dataFolder: string | undefined, removed: boolean): Promise<void> {
    const key = keyOf(id, dataFolder);
    const kept = this.kept.get(key);
    if (!kept) return;
    kept.recorder.sweep();
    await this.write(kept);
    if (!removed) return kept.store?.flush();
    this.kept.delete(key);
    kept.stop();
    kept.recorder.close();
    await kept.store?.close();
  }

  private storeFor(recorder: Recorder, folder: string, id: string): HistoryStore {
    const { clock, warn } = this;
    return new HistoryStore({
      history: recorder.history,
      folder,
      id,
      clock,
      events: {
        aside: (path, why) => warn(text(ASIDE[why], { path })),
        failed: (error) => warn(text('log.recordsFailed', { reason: textOf(error) })),
        recovered: () => {},
      },
    });
  }

  private schedule(key: string, kept: PooledRecorder): void {
    kept.stop = this.clock.after(FLUSH_MS, () => {
      if (this.kept.get(key) !== kept) return;
      void this.write(kept);
      this.schedule(key, kept);
    });
  }

  private async load({ file, store, recorder }: PooledRecorder): Promise<void> {
    if (!file || !store) return;
    await store.load();
    try {
      const text = await readFile(file, 'utf8');
      if (text.length > MAX_FILE_LENGTH) return;
      const stored: unknown = JSON.parse(text);
      recorder.restore(remembered(stored));
      const { since } = (stored ?? {}) as { since?: unknown };
      if (typeof since === 'number' && since > 0 && since < recorder.since) recorder.since = since;
    } catch {
      // Nothing was recorded yet, or it cannot be read: the values come again.
    }
  }

  private write(kept: PooledRecorder): Promise<void> {
    kept.busy = kept.busy.then(() => this.writeNow(kept));
    return kept.busy;
  }

  private async writeNow({ file, recorder }: PooledRecorder): Promise<void> {
    if (!file || recorder.size === 0) return;
    const text = JSON.stringify({ version: 1, since: recorder.since, topics: [...recorder.remember()] });
    try {
      await replaceFileAsync(file, text);
    } catch {
      // The store of the history names a disk that cannot be written.
    }
  }

  private sweepOnce(folder: string | undefined): void {
    if (this.swept || folder === undefined) return;
    this.swept = true;
    this.clock.after(SWEEP_AFTER, () => {
      const known = [...this.kept.keys()].map((key) => key.slice(key.indexOf('\n') + 1));
      const keep = new Set([...known, ...this.ids()]);
      sweep(folder, keep, this.clock.now()).catch(() => {});
    });
  }
}

/** Behind the loading, which counts on the span with which it began. */
function keepWeek(kept: PooledRecorder, week: boolean): void {
  const { history } = kept.recorder;
  kept.busy = kept.busy.then(async () => {
    if (week === (history.week !== undefined)) return;
    history.keepWeek(week);
    if (week) await fillWeek(history);
  });
}

async function fillWeek(history: History): Promise<void> {
  let done = 0;
  for (const _ of history.fillWeek()) if (++done % KEYS_AT_ONCE === 0) await turn();
}

/** Node ids are unique in one flow file. */
const keyOf = (id: string, folder: string | undefined): string => `${folder ?? ''}\n${id}`;

function* remembered(value: unknown): Iterable<StoredValue> {
  const topics = (value as { version?: unknown; topics?: unknown } | null)?.topics;
  if (!Array.isArray(topics)) return;
  for (const one of topics as Partial<StoredValue>[]) {
    const { topic, at, qos, retained, payload, pubsub } = one ?? {};
    if (typeof topic !== 'string' || typeof payload !== 'string' || typeof at !== 'number') continue;
    const { service, type, node } = pubsub ?? {};
    const isNode = [service, type, node].every((part) => typeof part === 'string');
    yield {
      ...{ topic, at, payload, qos: Number(qos) || 0, retained: retained === true },
      ...(isNode && { pubsub }),
    };
  }
}
