import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../base/clock';
import { DAY, MINUTE } from '../../base/time-units';
import { FileReplacement } from '../../storage/atomic-file';
import { type FileSystem, OWNER_ONLY, setAsideAsync, systemFiles, writeAllAsync } from '../../storage/files';
import { fileNameOf } from '../../storage/user-dir';
import { BLOCK } from '../codec/buckets';
import type { History } from '../history';
import type { KeyHistory } from '../key-history';
import { DAY_VERSION, RECORDS_VERSION, RecordWriter } from './records';
import { KEYS_AT_ONCE, MANY_AT_ONCE } from './slices';
import { readStore, versionOf } from './store-reader';

/** Bytes that are collected before they are written. */
const CHUNK = 131_072;

export interface HistoryStoreEvents {
  /** A file cannot be used, or not all of it: it lies under this name now. What could be read of it is there. */
  aside(path: string, why: 'newer' | 'damaged' | 'unread'): void;
  /** Called once when the files cannot be written, until that works again. The history continues in memory. */
  failed(error: Error): void;
  /** It works again, and all of it is on disk. */
  recovered(): void;
}

export interface HistoryStoreOptions {
  history: History;
  /** Folder of the files, created when it is needed. */
  folder: string;
  /** Id of the node: the name of the files. */
  id: string;
  clock: Clock;
  events: HistoryStoreEvents;
  /** Milliseconds between two writes, which is what a sudden end may cost. @default 300000 */
  interval?: number;
  /** @default the disk */
  files?: FileSystem;
}

/** `append`: new data; `turn`: a block has ended and a new journal begins; `rewrite`: everything. */
type Mode = 'append' | 'turn' | 'rewrite';

/**
 * The history of one node on disk, in two files. `<id>.history` holds the keys, the states and the finished blocks,
 * and is append-only. Once a day it is rewritten under a temporary name, forced onto the disk and renamed.
 * `<id>.recent` holds the current block, with new data every few minutes, and each block starts it again. Every record
 * has a checksum. Records found twice count once, so an end at any moment costs only what was not yet written, at most
 * one interval. Never blocks the event loop for more than a few milliseconds, and never rejects.
 */
export class HistoryStore {
  /** Bytes that were handed to the disk. */
  written = 0;
  private readonly history: History;
  private readonly files: FileSystem;
  private readonly path: string;
  private readonly recentPath: string;
  private ids = new Map<string, number>();
  private nextId = 1;
  private gone: number[] = [];
  /** Keys that the file knows. */
  private known = new Set<number>();
  private main: FileHandle | undefined;
  private recent: FileHandle | undefined;
  /** Version of the file with the keys. */
  private version = DAY_VERSION;
  /** The block for which the journal was begun. */
  private block = -1;
  private writtenAnew = Number.NEGATIVE_INFINITY;
  private broken = false;
  private loaded = false;
  private stale = false;
  private ended = false;
  private chain: Promise<void> = Promise.resolve();
  private stopTimer: (() => void) | undefined;

  constructor(private readonly options: HistoryStoreOptions) {
    this.history = options.history;
    this.files = options.files ?? systemFiles;
    [this.path, this.recentPath] = pathsOf(options.folder, options.id);
    this.history.onRemoved = (key) => this.forget(key);
  }

  /** False while nothing can be written. */
  get works(): boolean {
    return !this.broken;
  }

  /** Reads what an earlier process left, and writes every few minutes from then on. */
  load(): Promise<void> {
    return this.queue(async () => {
      const found = await readStore(this.files, this.path, this.recentPath, this.history);
      let taken = 0;
      for (const [id, key] of found.keys) {
        if (this.history.has(key)) this.ids.set(key, id);
        if (++taken % MANY_AT_ONCE === 0) await turn();
      }
      this.nextId = found.nextId;
      this.known = new Set(this.ids.values());
      this.writtenAnew = found.writtenAnew;
      this.loaded = true;
      this.schedule();
      for (const [path, why] of found.unusable) {
        this.stale = true;
        const name = await setAsideAsync(path, why, this.files);
        if (name) this.options.events.aside(name, why);
      }
      // The data that was read is in memory only.
      if (this.stale) await this.write();
      else if (found.end !== undefined) await this.resume(found.end);
    });
  }

  /** Resolves when all that was recorded is on the disk, or cannot be. */
  flush(): Promise<void> {
    return this.queue(() => this.write());
  }

  /** The last flush. */
  async close(): Promise<void> {
    this.stopTimer?.();
    this.ended = true;
    await this.flush();
    await this.queue(() => this.release());
  }

  private queue(task: () => Promise<void>): Promise<void> {
    this.chain = this.chain.then(task).catch((error: Error) => this.fail(error));
    return this.chain;
  }

  private schedule(): void {
    if (this.ended) return;
    this.stopTimer = this.options.clock.after(this.options.interval ?? 5 * MINUTE, () => {
      void this.flush();
      this.schedule();
    });
  }

  /** Continues an existing file behind its last valid record. */
  private async resume(end: number): Promise<void> {
    this.main = await this.files.open(this.path, 'r+', OWNER_ONLY);
    await this.main.truncate(end);
    this.version = versionOf(this.history);
    await this.main.close();
    this.main = await this.files.open(this.path, 'a', OWNER_ONLY);
  }

  private async write(): Promise<void> {
    if (!this.loaded) return;
    const now = this.options.clock.now();
    const block = this.history.blockOf(now);
    const old = now - this.writtenAnew > DAY || now < this.writtenAnew;
    const turned = block !== this.block;
    // With a new block only: else a restart would be enough to write everything.
    const isOther = this.version !== versionOf(this.history);
    const anew = this.broken || this.stale || !this.main || isOther || (turned && old);
    await this.pass(anew ? 'rewrite' : turned ? 'turn' : 'append', now);
    this.block = block;
    this.stale = false;
    if (!this.broken) return;
    this.broken = false;
    this.options.events.recovered();
  }

  /** Goes through all keys once. */
  private async pass(mode: Mode, now: number): Promise<void> {
    const { history } = this;
    if (mode !== 'append') history.expire(now);
    if (mode === 'rewrite') this.version = versionOf(history);
    const main = await this.output(mode === 'rewrite', this.path, this.main, now, this.version);
    let recent: Output | undefined;
    try {
      recent = await this.output(mode !== 'append', this.recentPath, this.recent, now, DAY_VERSION);
      if (mode === 'rewrite') this.known.clear();
      for (const id of this.gone.splice(0)) main.records.gone(id);
      let keys = 0;
      for (const entry of history.all) {
        this.put(entry, mode, now, main.records, recent.records);
        if (++keys % KEYS_AT_ONCE > 0) continue;
        await this.drain(main, CHUNK);
        await this.drain(recent, CHUNK);
        await turn();
      }
      // The journal counts on the keys of the other file, and is replaced when that one has its blocks.
      this.main = await this.finish(main, this.main);
      this.recent = await this.finish(recent, this.recent);
      if (mode === 'rewrite') this.writtenAnew = now;
    } catch (error) {
      for (const output of [main, recent]) await output?.replacement?.abandon();
      throw error;
    }
  }

  private put(entry: KeyHistory, mode: Mode, now: number, main: RecordWriter, recent: RecordWriter): void {
    const { history } = this;
    if (mode !== 'append') history.settle(entry, now);
    const all = mode === 'rewrite';
    const states = all ? entry.states?.size : entry.unsavedState < Number.POSITIVE_INFINITY;
    const hasWeek = this.version === RECORDS_VERSION && (all || entry.unsavedWeek >= 0);
    if (mode === 'append' && entry.seen === entry.savedSeen && !entry.late && !states && !hasWeek) return;
    const id = this.idOf(entry.key, main);
    if (states) {
      const from = all ? 0 : entry.unsavedState;
      for (const { at, state } of entry.states?.between(from, Number.MAX_VALUE) ?? [])
        main.state(id, at, state);
      entry.unsavedState = Number.POSITIVE_INFINITY;
    }
    const working = entry.bucket >= 0;
    const last = working ? entry.block - 1 : history.blocks.pages.head;
    const from = all ? history.blocks.pages.oldest : Math.floor(entry.savedBucket / BLOCK);
    const first = Math.max(history.blocks.pages.oldest, from);
    for (const block of entry.late ?? [])
      if (block < first || block > last) this.putBlock(entry, id, block, main);
    entry.late = undefined;
    for (let block = first; block <= last; block++) this.putBlock(entry, id, block, main);
    if (hasWeek) this.putWeek(entry, id, all, main);
    if (working) {
      const begin = mode === 'append' ? Math.max(0, entry.savedBucket - entry.block * BLOCK) : 0;
      const bytes = history.blocks.packedFrom(entry, begin);
      if (bytes) recent.block(id, entry.block, bytes);
    }
    entry.savedBucket = working ? entry.bucket : Number.POSITIVE_INFINITY;
    entry.savedSeen = entry.seen;
  }

  private putWeek(entry: KeyHistory, id: number, all: boolean, main: RecordWriter): void {
    for (const [block, bytes] of this.history.week?.toWrite(entry, all) ?? [])
      main.block(id, block, bytes, 'week');
    entry.unsavedWeek = -1;
  }

  private putBlock(entry: KeyHistory, id: number, block: number, main: RecordWriter): void {
    const bytes = this.history.blocks.packed(entry, block);
    if (bytes) main.block(id, block, bytes);
  }

  private idOf(key: string, main: RecordWriter): number {
    let id = this.ids.get(key);
    if (id === undefined) {
      id = this.nextId++;
      this.ids.set(key, id);
    }
    if (!this.known.has(id)) {
      this.known.add(id);
      main.key(id, key);
    }
    return id;
  }

  private forget(key: string): void {
    const id = this.ids.get(key);
    if (id === undefined) return;
    this.ids.delete(key);
    if (this.known.delete(id)) this.gone.push(id);
  }

  private async output(
    anew: boolean,
    path: string,
    there: FileHandle | undefined,
    now: number,
    version: number,
  ): Promise<Output> {
    const records = new RecordWriter();
    if (!anew && there) return { records, handle: there, replacement: undefined, bytes: 0 };
    const replacement = await FileReplacement.begin(path, this.files);
    records.head(this.history.step, now, version);
    return { records, handle: replacement.handle, replacement, bytes: 0 };
  }

  private async drain(output: Output, above: number): Promise<void> {
    if (output.records.ready < above) return;
    const data = output.records.take();
    await writeAllAsync(output.handle, data);
    output.bytes += data.length;
    this.written += data.length;
  }

  /** All of it on the disk, and in its place; gives the file to go on with. */
  private async finish(output: Output, old: FileHandle | undefined): Promise<FileHandle> {
    await this.drain(output, 0);
    if (!output.replacement) {
      if (output.bytes > 0) await output.handle.datasync();
      return output.handle;
    }
    await output.replacement.commit();
    output.replacement = undefined;
    await old?.close();
    return output.handle;
  }

  private async release(): Promise<void> {
    const { main, recent } = this;
    this.main = undefined;
    this.recent = undefined;
    await main?.close();
    await recent?.close();
  }

  private fail(error: Error): void {
    const { broken } = this;
    this.broken = true;
    if (!broken) this.options.events.failed(error);
  }
}

interface Output {
  readonly records: RecordWriter;
  readonly handle: FileHandle;
  /** Until it is in its place. */
  replacement: FileReplacement | undefined;
  bytes: number;
}

function pathsOf(folder: string, id: string): [history: string, recent: string] {
  return [join(folder, `${fileNameOf(id)}.history`), join(folder, `${fileNameOf(id)}.recent`)];
}
