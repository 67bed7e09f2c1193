import { closeSync, fdatasync, openSync, readSync, statSync } from 'node:fs';
import type { Clock } from '../base/clock';
import { linesOf, openToAppend } from '../storage/append-file';
import { replaceFile } from '../storage/atomic-file';
import { checkedLine, readCheckedLine } from '../storage/checked-line';
import { setAside, writeAll } from '../storage/files';
import type { PastAlert } from './past-alerts';
import type { DayNumber } from './quiet-grammar';
import { type KeyRecord, type NodeRecord, SNAPSHOT_VERSION, type Snapshot } from './snapshot';
import {
  isDays,
  isKeyRecord,
  isPastAlert,
  isTime,
  isUndeliveredRecord,
  NEW_NODE,
  readNodeRecord,
  withFitFacts,
} from './stored-records';
import { alertIdOf, type UndeliveredRecord } from './undelivered';

/** One line of the file, after the first that says the version. */
export type AlertRecord = { at: number } & (
  | { key: KeyRecord }
  | { gone: string }
  | { node: NodeRecord }
  | { untold: UndeliveredRecord }
  /** An alert that somebody has confirmed. */
  | { told: string }
  /** An alert that is over. */
  | { past: PastAlert }
  /** Days that count as Sunday, all of them. */
  | { holidays: DayNumber[] }
);

export interface AlertStoreEvents {
  /** Called once when the file cannot be written, until that works again. */
  failed(error: Error): void;
  recovered(): void;
  /** The file holds nothing that can be used, or is of a newer version: it lies there now. */
  setAside(path: string, why: 'newer' | 'damaged' | 'unread', reason: string): void;
  /** Called with the number of records that were skipped, and where they are kept. */
  damaged(count: number, path: string): void;
}

/** File operations, replaced by tests that want the disk to fail. */
export interface AlertDisk {
  replaceFile(path: string, records: Iterable<string>): number;
  openToAppend(path: string): number;
  writeAll(file: number, records: Iterable<string>): number;
}

export interface AlertStoreOptions {
  path: string;
  clock: Clock;
  events: AlertStoreEvents;
  /** @default the disk */
  disk?: AlertDisk;
}

/** Bytes below which the file is never rewritten. */
const SMALL = 256 * 1_024;
/** After a failed write the next try is made then, in milliseconds. */
const RETRY_AFTER = 60_000;
/** Bytes that are kept of damaged records. Beyond that the newest replace the oldest. */
const MAX_ASIDE = 1_048_576;

const LINE_BREAK = 10;

/**
 * The states of a `dinox-alert` on disk: a snapshot, followed by a line for each change, written before anybody is
 * notified. Each line has a checksum, and a damaged line costs only itself. However the process ends, the file is
 * complete except for the last line. Each line is forced onto the disk at once, without blocking the event loop: a
 * power cut may cost the changes that arrived while the disk was busy. If the file cannot be written, it is tried
 * again every minute.
 */
export class AlertStore {
  private readonly path: string;
  private readonly events: AlertStoreEvents;
  private readonly disk: AlertDisk;
  /** All that is to be kept, as it is now; from `begin` on. */
  private whole: (() => Snapshot) | undefined;
  private file: number | undefined;
  private size = 0;
  private base = 0;
  private broken = false;
  private ended = false;
  private syncing = false;
  /** Something was written since the disk was asked. */
  private unsynced = false;
  /** Damaged lines that are not yet set aside: until then the file is not written. */
  private bad: Buffer[] = [];
  /** The file itself has to be out of the way before anything is written. */
  private inTheWay: 'newer' | 'damaged' | 'unread' | undefined;
  /** Why it could not be read. */
  private reason = '';
  private stopRetry: (() => void) | undefined;

  constructor(private readonly options: AlertStoreOptions) {
    this.path = options.path;
    this.events = options.events;
    this.disk = options.disk ?? { replaceFile, openToAppend, writeAll };
  }

  /** The last written state, as far as it can be read; undefined: nothing. Never throws. */
  load(): Snapshot | undefined {
    const reader = new Reader();
    try {
      const terminated = endsWithLineBreak(this.path);
      let last: Buffer | undefined;
      for (const line of linesOf(this.path)) {
        if (last) reader.take(last);
        last = line;
      }
      if (last) reader.takeLast(last, terminated);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      this.inTheWay = 'unread';
      this.reason = (error as Error).message;
    }
    if (reader.isNewer) this.inTheWay = 'newer';
    else if (!reader.isUsable && reader.bad.length > 0) this.inTheWay ??= 'damaged';
    else this.bad = reader.bad;
    if (reader.isNewer || !reader.isUsable) return undefined;
    return {
      v: SNAPSHOT_VERSION,
      at: reader.at,
      node: reader.node ?? NEW_NODE,
      keys: [...reader.keys.values()],
      undelivered: [...reader.undelivered.values()],
      past: reader.past,
      ...(reader.holidays.length > 0 && { holidays: reader.holidays }),
    };
  }

  /** From now on it is written: all of it at once, and whenever it pays. */
  begin(whole: () => Snapshot): void {
    this.whole = whole;
    this.rewrite();
  }

  /** Adds lines; they are with the operating system when this comes back, unless it cannot be written. */
  append(records: readonly AlertRecord[]): void {
    if (records.length === 0) return;
    if (this.ended) {
      this.appendLate(records);
      return;
    }
    // The rewrite that ends the trouble has them.
    if (this.broken) return;
    if (this.file === undefined) {
      this.rewrite();
      return;
    }
    try {
      this.size += this.disk.writeAll(this.file, records.map(checkedLine));
    } catch (error) {
      this.fail(error as Error);
      return;
    }
    if (this.size > SMALL && this.size > 4 * this.base) this.rewrite();
    else this.sync();
  }

  /** Writes all of it a last time. */
  close(): void {
    this.rewrite();
    this.stopRetry?.();
    this.stopRetry = undefined;
    this.whole = undefined;
    this.ended = true;
    this.release();
  }

  /** News after the end: a delivered alert is worth a line, but an error is not worth a complaint. */
  private appendLate(records: readonly AlertRecord[]): void {
    if (this.broken) return;
    try {
      const file = this.disk.openToAppend(this.path);
      try {
        this.disk.writeAll(file, records.map(checkedLine));
      } finally {
        closeSync(file);
      }
    } catch {
      // The alert is sent once more at the next start.
    }
  }

  private sync(): void {
    const { file } = this;
    this.unsynced = this.syncing;
    if (this.syncing || file === undefined) return;
    this.syncing = true;
    fdatasync(file, (error) => {
      this.syncing = false;
      // Errors of a file that was closed or replaced meanwhile are of no interest.
      if (file !== this.file) return;
      if (error) this.fail(error);
      else if (this.unsynced) this.sync();
    });
  }

  /** Rewrites the file, once damaged parts are out of the way. Nothing that is not understood is overwritten. */
  private rewrite(): void {
    const { whole } = this;
    if (!whole) return;
    this.release();
    try {
      this.putAside();
      this.size = this.disk.replaceFile(this.path, linesFor(whole()));
      this.base = this.size;
      this.file = this.disk.openToAppend(this.path);
    } catch (error) {
      this.fail(error as Error);
      return;
    }
    this.stopRetry?.();
    this.stopRetry = undefined;
    if (this.broken) this.events.recovered();
    this.broken = false;
  }

  private putAside(): void {
    const { inTheWay, bad } = this;
    if (inTheWay) {
      const aside = setAside(this.path, inTheWay);
      this.inTheWay = undefined;
      if (aside) this.events.setAside(aside, inTheWay, this.reason);
    }
    if (bad.length === 0) return;
    const aside = `${this.path}.damaged`;
    const known = statSync(aside, { throwIfNoEntry: false })?.size ?? 0;
    const lines = bad.map((line) => `${line.toString('latin1')}\n`);
    if (known > MAX_ASIDE) this.disk.replaceFile(aside, lines);
    else {
      const file = this.disk.openToAppend(aside);
      try {
        this.disk.writeAll(file, lines);
      } finally {
        closeSync(file);
      }
    }
    this.bad = [];
    this.events.damaged(bad.length, aside);
  }

  private fail(error: Error): void {
    this.release();
    this.stopRetry?.();
    this.stopRetry = this.whole && this.options.clock.after(RETRY_AFTER, () => this.rewrite());
    if (!this.broken) this.events.failed(error);
    this.broken = true;
  }

  private release(): void {
    if (this.file === undefined) return;
    try {
      closeSync(this.file);
    } catch {
      // Everything written so far stays.
    }
    this.file = undefined;
  }
}

/** Puts the lines of a file together; those of version 1 have no checksum. */
class Reader {
  readonly keys = new Map<string, KeyRecord>();
  readonly undelivered = new Map<string, UndeliveredRecord>();
  readonly past: PastAlert[] = [];
  holidays: DayNumber[] = [];
  node: NodeRecord | undefined;
  at = 0;
  readonly bad: Buffer[] = [];
  isNewer = false;
  /** Something in it was understood. */
  isUsable = false;

  take(line: Buffer): void {
    if (!this.read(line)) this.bad.push(line);
  }

  /** The last line may be incomplete: that is how a process ends. */
  takeLast(line: Buffer, terminated: boolean): void {
    if (this.read(line)) return;
    // The line was complete, and only its line break is damaged.
    if (terminated || readCheckedLine(line.subarray(0, -1)) !== undefined) this.bad.push(line);
  }

  /** False if it is not understood, or not all of it. */
  private read(line: Buffer): boolean {
    const record = (line[0] === 0x7b ? plainLine(line) : readCheckedLine(line)) as
      | Readonly<Record<string, unknown>>
      | undefined;
    if (typeof record !== 'object' || record === null) return false;
    const { dinoxAlerts: version, at, key, gone, node, untold, told, past, holidays } = record;
    if (version !== undefined) {
      if (typeof version === 'number' && version > SNAPSHOT_VERSION) this.isNewer = true;
      else this.isUsable = true;
      return typeof version === 'number';
    }
    let whole = true;
    if (isKeyRecord(key)) this.keys.set(key.key, key.told ? { ...key, told: withFitFacts(key.told) } : key);
    else if (typeof gone === 'string') this.keys.delete(gone);
    else if (typeof told === 'string') this.undelivered.delete(told);
    else if (isPastAlert(past)) this.past.push(withFitFacts(past));
    else if (isDays(holidays)) this.holidays = holidays;
    else if (isUndeliveredRecord(untold)) {
      const id = alertIdOf(untold.event);
      this.undelivered.delete(id);
      this.undelivered.set(id, untold);
    } else {
      const known = readNodeRecord(node);
      if (!known) return false;
      this.node = known.node;
      whole = known.bad === 0;
    }
    this.isUsable = true;
    if (isTime(at)) this.at = Math.max(this.at, at as number);
    return whole;
  }
}

function plainLine(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

function endsWithLineBreak(path: string): boolean {
  const { size } = statSync(path);
  if (size === 0) return true;
  const file = openSync(path, 'r');
  try {
    const last = Buffer.alloc(1);
    readSync(file, last, 0, 1, size - 1);
    return last[0] === LINE_BREAK;
  } finally {
    closeSync(file);
  }
}

function* linesFor({
  at,
  node,
  keys,
  undelivered = [],
  past = [],
  holidays = [],
}: Snapshot): Iterable<string> {
  yield checkedLine({ dinoxAlerts: SNAPSHOT_VERSION, at });
  yield checkedLine({ at, node });
  for (const key of keys) yield checkedLine({ at, key });
  for (const one of undelivered) yield checkedLine({ at, untold: one });
  for (const one of past) yield checkedLine({ at, past: one });
  if (holidays.length > 0) yield checkedLine({ at, holidays });
}
