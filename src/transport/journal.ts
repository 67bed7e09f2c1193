import {
  closeSync,
  fdatasync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from './clock';
import { crc32 } from './crc32';
import type { Publication } from './messages';

/** A message as it lies on disk. */
export interface StoredMessage {
  /** Rank among all that were handed over; rising. */
  number: number;
  publication: Publication;
  /** When it is too old to be sent, milliseconds since the epoch. */
  due: number;
}

export interface JournalEvents {
  /** Something could not be written (disk full, read-only): the queue goes on in memory. Told once until it works again. */
  failed(error: Error): void;
  /** So many records of the file were damaged, and are left out. */
  damaged(count: number): void;
}

/** A rewrite is worth it from here on, in bytes. */
const COMPACT_FROM = 1_048_576;
/** How often what is written is forced onto the disk, in milliseconds. */
const SYNC_EVERY = 1_000;
/** After a failed write the next try is made then, in milliseconds. */
const RETRY_AFTER = 60_000;

/**
 * The waiting messages of one connection on disk. Append-only text, a line for each event: a checksum, then JSON, so
 * that damage costs the damaged line only. What is put and removed within one turn of the event loop is never
 * written; everything else stands in the file at the end of the turn, safe from the end of the process, and is forced
 * onto the disk once a second, safe from the end of the power. The file is rewritten when most of it is past.
 */
export class Journal {
  private file: number | undefined;
  /** Lines of this turn; puts by number, so that a removal can take one back. */
  private readonly puts = new Map<number, StoredMessage>();
  private removals: number[] = [];
  private scheduled = false;
  private size = 0;
  private compactAt = COMPACT_FROM;
  private unsynced = false;
  private stopSync: (() => void) | undefined;
  private pausedUntil = 0;
  private broken = false;

  constructor(
    private readonly path: string,
    private readonly clock: Clock,
    /** All that waits at present, oldest first; asked for when the file is rewritten. */
    private readonly live: () => Iterable<StoredMessage>,
    private readonly events: JournalEvents,
  ) {}

  /** False while nothing can be written. */
  get works(): boolean {
    return !this.broken;
  }

  /** Reads what an earlier process left, oldest first. */
  load(): StoredMessage[] {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.fail(error as Error);
      return [];
    }
    const messages = new Map<number, StoredMessage>();
    let damaged = 0;
    for (const line of text.split('\n')) {
      if (line === '') continue;
      const record = parseLine(line);
      if (record === undefined) damaged += 1;
      else if (typeof record === 'number') messages.delete(record);
      else messages.set(record.number, record);
    }
    if (damaged > 0) this.events.damaged(damaged);
    return [...messages.values()].sort((a, b) => a.number - b.number);
  }

  put(message: StoredMessage): void {
    this.puts.set(message.number, message);
    this.schedule();
  }

  remove(number: number): void {
    if (this.puts.delete(number)) return;
    this.removals.push(number);
    this.schedule();
  }

  /** Writes the present state anew, without what is past. */
  rewrite(): void {
    this.puts.clear();
    this.removals = [];
    const temporary = `${this.path}.new`;
    this.attempt(() => {
      mkdirSync(dirname(this.path), { recursive: true });
      const file = openSync(temporary, 'w', 0o600);
      let size = 0;
      try {
        for (const message of this.live()) size += writeSync(file, formatPut(message));
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      this.release();
      renameSync(temporary, this.path);
      this.size = size;
      // Twice what is live, so that the work of rewriting stays in proportion.
      this.compactAt = Math.max(COMPACT_FROM, size * 2);
    });
  }

  /** Writes what is left of this turn, and lets the file go. */
  close(): void {
    this.flush();
    this.stopSync?.();
    if (this.file !== undefined && this.unsynced) this.attempt(() => fsyncSync(this.file as number));
    this.release();
  }

  /** The node is deleted: so is its file. */
  discard(): void {
    this.puts.clear();
    this.removals = [];
    this.stopSync?.();
    this.release();
    this.attempt(() => rmSync(this.path, { force: true }));
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => this.flush());
  }

  private flush(): void {
    this.scheduled = false;
    if (this.puts.size === 0 && this.removals.length === 0) return;
    if (this.broken) {
      // What could not be written is made good by a rewrite, since it stands in memory.
      if (this.clock.now() >= this.pausedUntil) this.rewrite();
      return;
    }
    const lines = [...this.puts.values()].map(formatPut);
    for (const number of this.removals) lines.push(format([number]));
    this.puts.clear();
    this.removals = [];
    this.attempt(() => {
      this.open();
      const data = Buffer.from(lines.join(''));
      for (let written = 0; written < data.length; ) written += writeSync(this.file as number, data, written);
      this.size += data.length;
      this.syncSoon();
    });
    if (this.size > this.compactAt && !this.broken) this.rewrite();
  }

  private open(): void {
    if (this.file !== undefined) return;
    mkdirSync(dirname(this.path), { recursive: true });
    this.file = openSync(this.path, 'a', 0o600);
    // A torn last line must not swallow the next one.
    this.size += writeSync(this.file, '\n');
  }

  private release(): void {
    if (this.file === undefined) return;
    const file = this.file;
    this.file = undefined;
    closeSync(file);
  }

  private syncSoon(): void {
    this.unsynced = true;
    this.stopSync ??= this.clock.after(SYNC_EVERY, () => {
      this.stopSync = undefined;
      if (this.file === undefined) return;
      this.unsynced = false;
      fdatasync(this.file, (error) => {
        // The file may have been let go meanwhile.
        if (error && error.code !== 'EBADF') this.fail(error);
      });
    });
  }

  private attempt(action: () => void): void {
    try {
      action();
      this.broken = false;
    } catch (error) {
      this.fail(error as Error);
    }
  }

  private fail(error: Error): void {
    this.pausedUntil = this.clock.now() + RETRY_AFTER;
    if (!this.broken) this.events.failed(error);
    this.broken = true;
    try {
      this.release();
    } catch {
      // A disk that fails to write may fail to close as well; there is nothing more to lose.
    }
  }
}

/** Payloads as text where they are, as base64 where they are bytes; `c` is the correlation data. */
interface Meta {
  t: string;
  p?: string;
  b?: string;
  q: number;
  r: boolean;
  v?: Record<string, unknown>;
  c?: string;
}

function formatPut({ number, publication, due }: StoredMessage): string {
  const { topic, payload, qos, retain, properties } = publication;
  const meta: Meta = { t: topic, q: qos, r: retain };
  if (typeof payload === 'string') meta.p = payload;
  else meta.b = payload.toString('base64');
  if (properties) {
    const { correlationData, ...others } = properties;
    meta.v = others;
    if (correlationData) meta.c = correlationData.toString('base64');
  }
  return format([number, due, meta]);
}

function format(record: unknown[]): string {
  const json = JSON.stringify(record);
  return `${crc32(json).toString(16).padStart(8, '0')}${json}\n`;
}

/** A number is a removal; undefined: damaged. */
function parseLine(line: string): StoredMessage | number | undefined {
  const json = line.slice(8);
  if (Number.parseInt(line.slice(0, 8), 16) !== crc32(json)) return undefined;
  try {
    const [number, due, meta] = JSON.parse(json) as [number, number?, Meta?];
    if (due === undefined || meta === undefined) return number;
    const { t: topic, p, b, q, r: retain, v, c } = meta;
    const payload = b === undefined ? (p ?? '') : Buffer.from(b, 'base64');
    const properties = v && {
      ...v,
      ...(c === undefined ? {} : { correlationData: Buffer.from(c, 'base64') }),
    };
    return {
      number,
      due,
      publication: { topic, payload, qos: q as 0 | 1 | 2, retain, ...(properties ? { properties } : {}) },
    };
  } catch {
    return undefined;
  }
}
