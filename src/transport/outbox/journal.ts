import { closeSync, fdatasync, fsyncSync, rmSync } from 'node:fs';
import type { Clock } from '../../base/clock';
import { linesOf, openToAppend } from '../../storage/append-file';
import { replaceFile } from '../../storage/atomic-file';
import { setAside, writeAll } from '../../storage/files';
import { parseRecord, putRecord, removalRecord, type StoredMessage } from './journal-record';

export type { StoredMessage } from './journal-record';

export interface JournalEvents {
  /** Called once when writing fails (disk full, read-only), until it works again. The queue continues in memory. */
  failed(error: Error): void;
  /** It works again: all that waits is on disk. */
  recovered(): void;
  /** Called with the number of damaged records that were skipped. */
  damaged(count: number): void;
}

/** Below this size, in bytes, the file is not worth a rewrite. */
const COMPACT_FROM = 1_048_576;
/** Milliseconds between two syncs to the disk. */
const SYNC_EVERY = 1_000;
/** After a failed write the next try is made then, in milliseconds. */
const RETRY_AFTER = 60_000;

/**
 * The waiting messages of one connection on disk. The file is append-only text with a record for each event: a
 * checksum, then JSON, so that damage costs only the damaged record. Messages that are put and removed within one turn
 * of the event loop are never written. Everything else is in the file at the end of the turn, safe from the end of the
 * process, and is forced onto the disk once a second, safe from a power cut. The file is rewritten when more than half
 * of it is obsolete.
 */
export class Journal {
  private file: number | undefined;
  /** Messages put in this turn. A removal in the same turn takes them back. */
  private readonly puts = new Map<number, StoredMessage>();
  private removals: number[] = [];
  /** Size of the record of every waiting message in the file. */
  private readonly written = new Map<number, number>();
  /** Their sum. */
  private live = 0;
  /** Bytes of the file. */
  private size = 0;
  /** Most bytes of the file until it is worth a try to rewrite it. */
  private compactAt = COMPACT_FROM;
  /** The file holds what must not stay: damage, or messages that another node has taken over. */
  private stale = false;
  /** The file cannot be read. It is set aside before anything is written. */
  private unread = false;
  private scheduled = false;
  private unsynced = false;
  private stopSync: (() => void) | undefined;
  private stopRetry: (() => void) | undefined;
  private broken = false;
  private ended = false;

  constructor(
    private readonly path: string,
    private readonly clock: Clock,
    /** All that waits at present, oldest first; asked for when the file is rewritten. */
    private readonly waiting: () => Iterable<StoredMessage>,
    private readonly events: JournalEvents,
  ) {}

  /** False while nothing can be written. */
  get works(): boolean {
    return !this.broken;
  }

  /**
   * The messages in the file have been handed over already: `load` returns nothing, and the next write replaces the
   * file.
   */
  supersede(): void {
    this.stale = true;
    this.schedule();
  }

  /** Reads what an earlier process left, oldest first. */
  load(): StoredMessage[] {
    if (this.stale) return [];
    const messages = new Map<number, StoredMessage>();
    let damaged = 0;
    try {
      for (const line of linesOf(this.path)) {
        const record = parseRecord(line);
        const bytes = line.length + 2;
        this.size += bytes;
        if (record === undefined) damaged += 1;
        else if (typeof record === 'number') {
          messages.delete(record);
          this.forget(record);
        } else {
          messages.set(record.number, record);
          this.forget(record.number);
          this.note(record.number, bytes);
        }
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        this.unread = true;
        this.fail(error as Error);
      }
    }
    if (damaged > 0) {
      this.events.damaged(damaged);
      // Called once; the next start finds it repaired.
      this.stale = true;
      this.schedule();
    }
    return [...messages.values()].sort((a, b) => a.number - b.number);
  }

  put(message: StoredMessage): void {
    // Messages that cannot be written now stay in memory, and the next successful rewrite takes them from there.
    if (this.broken) return;
    this.puts.set(message.number, message);
    this.schedule();
  }

  remove(number: number): void {
    if (this.broken || this.puts.delete(number)) return;
    this.removals.push(number);
    this.schedule();
  }

  /** Writes the rest of this turn and forces it onto the disk; `works` then says if all waiting messages are there. */
  close(): void {
    if (this.broken) this.rewrite();
    else this.flush();
    this.stop();
    const { file } = this;
    if (file !== undefined && this.unsynced) this.attempt(() => fsyncSync(file));
    this.release();
    // Obsolete records are not needed, and may be private.
    if (!this.broken && this.written.size === 0) this.attempt(() => rmSync(this.path, { force: true }));
  }

  /** The node is deleted, and its file with it, unless the file could not be read. */
  discard(): void {
    this.stop();
    this.release();
    if (!this.unread) this.attempt(() => rmSync(this.path, { force: true }));
  }

  private stop(): void {
    this.ended = true;
    this.puts.clear();
    this.removals = [];
    this.stopSync?.();
    this.stopRetry?.();
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      if (!this.ended) this.flush();
    });
  }

  private flush(): void {
    if (this.broken) return;
    if (this.stale) {
      this.rewrite();
      return;
    }
    if (this.puts.size === 0 && this.removals.length === 0) return;
    this.attempt(() => {
      this.file ??= openToAppend(this.path);
      this.size += writeAll(this.file, this.records());
      this.syncSoon();
    });
    this.puts.clear();
    this.removals = [];
    if (!this.broken && this.size > this.compactAt && this.size > 2 * this.live) this.compact();
  }

  private *records(): Iterable<string> {
    for (const message of this.puts.values()) {
      const record = putRecord(message);
      this.note(message.number, Buffer.byteLength(record));
      yield record;
    }
    for (const number of this.removals) {
      this.forget(number);
      yield removalRecord(number);
    }
  }

  /** Writes the waiting messages into a new file. Throws if that fails. */
  private replace(): void {
    this.release();
    if (this.unread) setAside(this.path, 'unread');
    this.unread = false;
    const written = new Map<number, number>();
    this.size = replaceFile(this.path, recordsOf(this.waiting(), written));
    this.written.clear();
    this.live = 0;
    for (const [number, bytes] of written) this.note(number, bytes);
    this.stale = false;
    this.compactAt = COMPACT_FROM;
  }

  /** Puts all that waits into a new file, or ends in `broken`. */
  private rewrite(): void {
    const was = this.broken;
    this.puts.clear();
    this.removals = [];
    this.attempt(() => this.replace());
    if (was && !this.broken) this.events.recovered();
  }

  /** Without room for a second file, the first one is still good. */
  private compact(): void {
    try {
      this.replace();
    } catch {
      this.compactAt = this.size + COMPACT_FROM;
    }
  }

  private note(number: number, bytes: number): void {
    this.written.set(number, bytes);
    this.live += bytes;
  }

  private forget(number: number): void {
    this.live -= this.written.get(number) ?? 0;
    this.written.delete(number);
  }

  private release(): void {
    const { file } = this;
    this.file = undefined;
    if (file !== undefined) closeSync(file);
  }

  private syncSoon(): void {
    this.unsynced = true;
    this.stopSync ??= this.clock.after(SYNC_EVERY, () => {
      this.stopSync = undefined;
      if (this.file === undefined) return;
      this.unsynced = false;
      fdatasync(this.file, (error) => {
        // The file may have been let go meanwhile.
        if (error && error.code !== 'EBADF' && !this.ended) this.fail(error);
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
    const { broken } = this;
    this.broken = true;
    this.puts.clear();
    this.removals = [];
    this.stopRetry?.();
    if (!this.ended) this.stopRetry = this.clock.after(RETRY_AFTER, () => this.rewrite());
    try {
      this.release();
    } catch {
      // A disk that fails to write may fail to close as well; there is nothing more to lose.
    }
    if (!broken) this.events.failed(error);
  }
}

function* recordsOf(messages: Iterable<StoredMessage>, written: Map<number, number>): Iterable<string> {
  for (const message of messages) {
    const record = putRecord(message);
    written.set(message.number, Buffer.byteLength(record));
    yield record;
  }
}
