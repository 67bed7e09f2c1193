import { UNKNOWN_TIME } from '../history/measured';
import type { ConnectionWatch } from './connection-watch';
import type { KeyEntry, KeyStore } from './keys';
import { LISTEN_MS, StallDetector } from './stall-detector';

/** Part of the allowed time after which a gap is worth storing. */
const NOTABLE = 1 / 8;

/** Times at which each key was last seen. Time without us or without the connection is no gap. */
export class NoDataWatch {
  readonly stalls: StallDetector;

  constructor(
    private readonly noDataAfter: number,
    private readonly keys: KeyStore,
    private readonly line: ConnectionWatch,
    now: number,
    private readonly tools: {
      /** The stored state of a key has to be written again. */
      changed(key: string): void;
      /** The no-data clock of a key runs again. */
      runs(entry: KeyEntry, now: number): void;
    },
  ) {
    this.stalls = new StallDetector(now);
  }

  /** A sample came that was measured just now. */
  seen(entry: KeyEntry, now: number): void {
    entry.lastSeen = now;
    if (entry.missing) this.wakes(entry, now);
    if (entry.noted) this.forget(entry);
  }

  /** A sample that was not measured just now: its time of measurement says if the key lives. */
  livesBy(entry: KeyEntry, measured: number, now: number): boolean {
    const before = entry.lastSeen;
    entry.lastSeen = Math.max(before, Math.min(measured, now));
    const allowed = this.allowed(entry);
    if (measured === UNKNOWN_TIME || (allowed > 0 && entry.lastSeen + allowed <= now)) return false;
    // A value from before the gap is no news.
    if (entry.lastSeen === before && entry.missing) return false;
    if (entry.missing) this.wakes(entry, now);
    if (entry.noted) this.forget(entry);
    return true;
  }

  /** Time at which an unknown key was seen. If nobody knows, its clock begins now. */
  firstSeen(measured: number, now: number): number {
    if (measured === UNKNOWN_TIME) return now;
    // It may be the first of many that waited somewhere: the newest of them is right behind it.
    const earliest = this.noDataAfter > 0 ? now - this.noDataAfter + LISTEN_MS : measured;
    return Math.min(now, Math.max(measured, earliest));
  }

  /** A deadline passed then: was the process running? What it could not hear is no gap. */
  look(now: number, due: number): void {
    const pause = this.stalls.look(now, due);
    if (pause > 0) this.forgive(pause, now);
  }

  /** Milliseconds in which nothing could be heard. */
  forgive(ms: number, now: number): void {
    for (const entry of this.keys.map.values()) entry.lastSeen = Math.min(now, entry.lastSeen + ms);
  }

  /** Time at which the first key will have been without data for too long; Infinity: none will. */
  firstDue(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const entry of this.keys.map.values())
      if (this.runsFor(entry)) first = Math.min(first, entry.lastSeen + this.allowed(entry));
    return first;
  }

  /**
   * Milliseconds for which a key has been without data while we listened, to be stored. Undefined if no no-data clock runs.
   */
  lengthOf(entry: KeyEntry): number | undefined {
    const allowed = this.allowed(entry);
    if (allowed === 0 && !entry.usual) return undefined;
    const length = Math.max(0, this.line.standsSince(this.stalls.alive) - entry.lastSeen);
    entry.noted = allowed > 0 && length > allowed * NOTABLE;
    return length;
  }

  /** The keys whose gap is worth writing down, should the process end without a word. */
  *notable(now: number): Iterable<string> {
    for (const entry of this.keys.map.values())
      if (this.runsFor(entry) && now - entry.lastSeen > this.allowed(entry) * NOTABLE) yield entry.key;
  }

  /** Milliseconds that a key may be without data; 0: for ever. */
  allowed({ subject, noDataAfter }: KeyEntry): number {
    return subject ? (noDataAfter ?? 0) : this.noDataAfter;
  }

  private runsFor(entry: KeyEntry): boolean {
    return !entry.missing && !entry.parent && this.allowed(entry) > 0;
  }

  private wakes(entry: KeyEntry, now: number): void {
    entry.missing = false;
    this.tools.runs(entry, now);
  }

  private forget(entry: KeyEntry): void {
    entry.noted = false;
    this.tools.changed(entry.key);
  }
}
