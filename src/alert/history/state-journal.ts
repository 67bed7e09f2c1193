import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../../time/clock';
import { checksum } from './checksum';
import {
  codeOf,
  type FileSystem,
  makeFolder,
  OWNER_ONLY,
  setAside,
  syncFolder,
  systemFiles,
  writeAll,
} from './files';

/** Of the file as a whole; a newer one is not understood. */
const VERSION = 1;
/** Below this size, in bytes, the file is not worth a rewrite. */
const COMPACT_FROM = 65_536;
/** A larger file is none of ours, in bytes. */
const LARGEST = 268_435_456;
/** After a failed write the next try is made then, in milliseconds. */
const RETRY_AFTER = 60_000;
/** Written at once, in characters, so that nothing else waits for long. */
const CHUNK = 262_144;
const HEAD = 8;

export interface StateJournalEvents {
  /** So many lines were damaged, and are left out. */
  damaged(count: number): void;
  /** The file cannot be read, or a newer version wrote it: it lies under this name now, and nothing is known. */
  aside(path: string, why: 'newer' | 'unread'): void;
  /** It cannot be written; the states are kept in memory. Told once until it works again. */
  failed(error: Error): void;
  /** It works again, and all states are on disk. */
  recovered(): void;
}

/**
 * The newest state of each of many keys on disk: small, rare and precious, as that of an alert. Append-only text, a
 * line for each change: checksum, then JSON `[key, state]`, or `[key]` where it is gone. What a turn of the event loop
 * sets stands in the file at the end of that turn, safe from the end of the process, and is forced onto the disk at
 * once, beside the loop. The file is written anew, to a temporary name, when most of it is past. Damage costs the
 * lines that are damaged.
 */
export class StateJournal {
  /** The line of each key, as it stands in the file or is to stand there. */
  private readonly lines = new Map<string, string>();
  private pending = '';
  private handle: FileHandle | undefined;
  /** The file that is about to take the place of the other one: both get every line. */
  private next: FileHandle | undefined;
  /** Lines that came while a new file was being written. */
  private since: string[] | undefined;
  /** Bytes of the file, and characters of the lines that count. */
  private size = 0;
  private live = 0;
  private chain: Promise<void> = Promise.resolve();
  private scheduled = false;
  private syncQueued = false;
  private compactQueued = false;
  private broken = false;
  private ended = false;
  private stopRetry: (() => void) | undefined;

  constructor(
    private readonly path: string,
    private readonly clock: Clock,
    private readonly events: StateJournalEvents,
    private readonly files: FileSystem = systemFiles,
  ) {}

  /** False while nothing can be written. */
  get works(): boolean {
    return !this.broken;
  }

  /** What an earlier process left. Never rejects: what cannot be read is told as an event. */
  async load(): Promise<Map<string, unknown>> {
    const states = new Map<string, unknown>();
    const text = await this.read();
    let damaged = 0;
    for (const line of text?.split('\n') ?? []) {
      if (line === '') continue;
      const record = parse(line);
      if (record === undefined) damaged += 1;
      else if (typeof record === 'number') continue;
      else if (record.length === 1) states.delete(record[0]);
      else states.set(record[0], record[1]);
    }
    for (const [key, state] of states) if (!this.lines.has(key)) this.keep(key, lineOf([key, state]));
    if (damaged > 0) this.events.damaged(damaged);
    // Written anew where that mends something, or where there is nothing to add to.
    if (damaged > 0 || text === undefined) this.compact();
    else await this.queue(() => this.open());
    await this.chain;
    return states;
  }

  /** @throws TypeError where JSON cannot hold it */
  set(key: string, state: unknown): void {
    const line = lineOf([key, state]);
    const known = this.lines.get(key);
    if (known === line) return;
    this.keep(key, line);
    this.add(line);
  }

  delete(key: string): void {
    const known = this.lines.get(key);
    if (known === undefined) return;
    this.live -= known.length;
    this.lines.delete(key);
    this.add(lineOf([key]));
  }

  /** Resolves when all that was set is on the disk, or cannot be. Never rejects. */
  async flush(): Promise<void> {
    this.write();
    this.sync();
    await this.chain;
  }

  /** The end: writes what is left. `works` then tells whether it could. */
  async close(): Promise<void> {
    this.stopRetry?.();
    if (this.broken) this.compact();
    await this.flush();
    this.ended = true;
    this.stopRetry?.();
    await this.queue(() => this.release());
  }

  private keep(key: string, line: string): void {
    this.live += line.length - (this.lines.get(key)?.length ?? 0);
    this.lines.set(key, line);
  }

  private add(line: string): void {
    this.since?.push(line);
    // What cannot be written now stands in memory, and the rewrite that ends the trouble takes it from there.
    if (this.broken || this.ended) return;
    this.pending += line;
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.write();
    });
  }

  private write(): void {
    const { handle, next, pending } = this;
    if (!handle || pending === '' || this.broken) return;
    this.pending = '';
    try {
      const data = Buffer.from(pending);
      writeNow(this.files, handle, data);
      if (next) writeNow(this.files, next, data);
      this.size += data.length;
    } catch (error) {
      this.fail(error as Error);
      return;
    }
    this.sync();
    if (this.size > COMPACT_FROM && this.size > 2 * this.live) this.compact();
  }

  private sync(): void {
    if (this.syncQueued) return;
    this.syncQueued = true;
    void this.queue(async () => {
      this.syncQueued = false;
      await this.handle?.datasync();
    });
  }

  private compact(): void {
    if (this.compactQueued) return;
    this.compactQueued = true;
    void this.queue(async () => {
      this.compactQueued = false;
      await this.replace();
      if (this.broken) {
        this.broken = false;
        this.events.recovered();
      }
    });
  }

  /** All lines into a new file, beside the loop; what comes meanwhile goes into both. */
  private async replace(): Promise<void> {
    const temporary = `${this.path}.new`;
    this.write();
    const lines = [lineOf([VERSION]), ...this.lines.values()];
    this.since = [];
    let next: FileHandle | undefined;
    try {
      await makeFolder(this.files, dirname(this.path));
      await this.files.rm(temporary, { force: true });
      next = await this.files.open(temporary, 'ax', OWNER_ONLY);
      let size = 0;
      for (let first = 0; first < lines.length; ) {
        let text = '';
        while (first < lines.length && text.length < CHUNK) text += lines[first++];
        const data = Buffer.from(text);
        await writeAll(next, data);
        size += data.length;
      }
      const since = Buffer.from(this.since.join(''));
      this.since = undefined;
      writeNow(this.files, next, since);
      this.next = next;
      await next.sync();
      await this.files.rename(temporary, this.path);
      this.size = size + since.length;
      const old = this.handle;
      this.handle = next;
      this.next = undefined;
      await old?.close();
      await syncFolder(this.files, dirname(this.path));
    } catch (error) {
      this.since = undefined;
      this.next = undefined;
      if (next !== this.handle) await next?.close().catch(() => {});
      // It would keep the room that is missing.
      await this.files.rm(temporary, { force: true }).catch(() => {});
      throw error;
    }
  }

  private async open(): Promise<void> {
    this.handle ??= await this.files.open(this.path, 'a', OWNER_ONLY);
    this.write();
  }

  /** Undefined where there is nothing, or nothing that can be read. */
  private async read(): Promise<string | undefined> {
    try {
      const { size } = await this.files.stat(this.path);
      if (size > LARGEST) throw new Error(`${this.path} has ${size} bytes`);
      const handle = await this.files.open(this.path, 'r');
      try {
        const text = (await handle.readFile()).toString('utf8');
        this.size = size;
        if (!isNewer(text)) return text;
      } finally {
        await handle.close();
      }
      await this.putAside('newer');
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') await this.putAside('unread');
    }
    return undefined;
  }

  private async putAside(why: 'newer' | 'unread'): Promise<void> {
    this.size = 0;
    try {
      const path = await setAside(this.files, this.path, why);
      if (path) this.events.aside(path, why);
    } catch (error) {
      this.fail(error as Error);
    }
  }

  private queue(task: () => Promise<void>): Promise<void> {
    this.chain = this.chain.then(task).catch((error: Error) => this.fail(error));
    return this.chain;
  }

  private async release(): Promise<void> {
    const { handle } = this;
    this.handle = undefined;
    await handle?.close();
  }

  private fail(error: Error): void {
    const { broken } = this;
    this.broken = true;
    this.pending = '';
    this.stopRetry?.();
    if (!this.ended) this.stopRetry = this.clock.after(RETRY_AFTER, () => this.compact());
    if (!broken) this.events.failed(error);
  }
}

function writeNow(files: FileSystem, { fd }: FileHandle, data: Uint8Array): void {
  for (let at = 0; at < data.length; ) at += files.writeSync(fd, data, at);
}

/** A line break on either side, so that a damaged byte costs one line and never its neighbour. */
function lineOf(record: unknown[]): string {
  const json = JSON.stringify(record);
  return `\n${checksum(Buffer.from(json)).toString(16).padStart(HEAD, '0')}${json}\n`;
}

/** Undefined: damaged. The first of them is the key, or the version of the file. */
function parse(line: string): [string, unknown?] | number | undefined {
  const json = line.slice(HEAD);
  if (Number.parseInt(line.slice(0, HEAD), 16) !== checksum(Buffer.from(json))) return undefined;
  try {
    const record: unknown = JSON.parse(json);
    if (!Array.isArray(record) || record.length < 1) return undefined;
    if (typeof record[0] === 'string') return record as [string, unknown?];
    return typeof record[0] === 'number' ? record[0] : undefined;
  } catch {
    return undefined;
  }
}

function isNewer(text: string): boolean {
  const [first = ''] = text.trimStart().split('\n', 1);
  const version = parse(first);
  return typeof version === 'number' && version > VERSION;
}
