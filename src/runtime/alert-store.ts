import { closeSync, existsSync, fdatasync, renameSync } from 'node:fs';
import {
  isKeyRecord,
  isNodeRecord,
  type KeyRecord,
  type NodeRecord,
  type Snapshot,
  VERSION,
} from '../alert/snapshot';
import { linesOf, openToAppend, replaceFile, writeAll } from '../transport/journal-file';

/** One line of the file, after the first that says the version. */
export type AlertRecord = { at: number } & ({ key: KeyRecord } | { gone: string } | { node: NodeRecord });

export interface AlertStoreEvents {
  /** It cannot be written; told once until it can again. */
  failed(error: Error): void;
  recovered(): void;
  /** The file was damaged, or of a newer version: it lies there now. */
  setAside(path: string, newer: boolean): void;
  /** So many lines were left out. */
  damaged(count: number): void;
}

/** Below this the file is never written anew, in bytes. */
const SMALL = 256 * 1_024;

/**
 * The states of a `dinox-alert` on disk: a snapshot, and behind it a line for each change, written before anybody is
 * told of it. Whatever stops the process, what stands there is whole but for the last line. Each line is forced onto
 * the disk at once, beside the event loop: a power cut may take what came within the time that this takes.
 */
export class AlertStore {
  private file: number | undefined;
  private size = 0;
  private base = 0;
  private broken = false;
  private syncing = false;
  /** Something was written since the disk was asked. */
  private unsynced = false;

  constructor(
    private readonly path: string,
    private readonly events: AlertStoreEvents,
  ) {}

  /** What was written last; undefined: nothing, or nothing that can be understood. */
  load(): Snapshot | undefined {
    if (!existsSync(this.path)) return undefined;
    try {
      return this.read();
    } catch (error) {
      this.events.failed(error as Error);
      return undefined;
    }
  }

  private read(): Snapshot | undefined {
    const keys = new Map<string, KeyRecord>();
    let node: NodeRecord | undefined;
    let at = 0;
    let bad = 0;
    let isFirst = true;
    let isLastBad = false;
    for (const line of linesOf(this.path)) {
      const record = parsed(line);
      if (isFirst) {
        const version = record?.dinoxAlerts;
        if (version !== VERSION) {
          this.setAside(typeof version === 'number' && version > VERSION);
          return undefined;
        }
        isFirst = false;
        continue;
      }
      isLastBad = false;
      if (typeof record?.at === 'number') at = Math.max(at, record.at);
      if (isKeyRecord(record?.key)) keys.set(record.key.key, record.key);
      else if (typeof record?.gone === 'string') keys.delete(record.gone);
      else if (isNodeRecord(record?.node)) node = record.node;
      else {
        bad += 1;
        isLastBad = true;
      }
    }
    // The last line may be half of one: that is how a process ends.
    if (isLastBad) bad -= 1;
    if (bad > 0) this.events.damaged(bad);
    return node && { v: VERSION, at, node, keys: [...keys.values()] };
  }

  /** Adds lines; they are with the operating system when this comes back. False: they are not. */
  append(records: readonly AlertRecord[], whole: () => Snapshot): void {
    if (records.length === 0) return;
    if (this.broken || this.file === undefined) {
      this.replace(whole());
      return;
    }
    try {
      this.size += writeAll(this.file, records.map(lineOf));
    } catch (error) {
      this.fail(error as Error);
      return;
    }
    if (this.size > SMALL && this.size > 4 * this.base) this.replace(whole());
    else this.sync();
  }

  private sync(): void {
    const { file } = this;
    this.unsynced = this.syncing;
    if (this.syncing || file === undefined) return;
    this.syncing = true;
    fdatasync(file, (error) => {
      this.syncing = false;
      // Of a file that was closed or replaced meanwhile nobody wants to know.
      if (file !== this.file) return;
      if (error) this.fail(error);
      else if (this.unsynced) this.sync();
    });
  }

  /** Writes all of it anew: temporary name, fsync, rename. */
  replace(snapshot: Snapshot): void {
    this.release();
    try {
      this.size = replaceFile(this.path, linesFor(snapshot));
      this.base = this.size;
      this.file = openToAppend(this.path);
    } catch (error) {
      this.fail(error as Error);
      return;
    }
    if (this.broken) this.events.recovered();
    this.broken = false;
  }

  close(): void {
    this.release();
  }

  private fail(error: Error): void {
    this.release();
    if (!this.broken) this.events.failed(error);
    this.broken = true;
  }

  private release(): void {
    if (this.file === undefined) return;
    try {
      closeSync(this.file);
    } catch {
      // What was written is written.
    }
    this.file = undefined;
  }

  private setAside(newer: boolean): void {
    const aside = `${this.path}.${newer ? 'newer' : 'damaged'}`;
    renameSync(this.path, aside);
    this.events.setAside(aside, newer);
  }
}

function* linesFor({ at, node, keys }: Snapshot): Iterable<string> {
  yield `${JSON.stringify({ dinoxAlerts: VERSION, at })}\n`;
  yield lineOf({ at, node });
  for (const key of keys) yield lineOf({ at, key });
}

const lineOf = (record: AlertRecord): string => `${JSON.stringify(record)}\n`;

function parsed(line: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
