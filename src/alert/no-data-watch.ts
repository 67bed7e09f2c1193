import { KEPT } from '../history/measured';
import type { ConnectionWatch } from './connection-watch';
import type { KeyEntry, KeyStore } from './keys';
import { LISTEN_MS, StallDetector } from './stall-detector';

/** A silence is worth writing down when it is longer than this part of what is allowed. */
const NOTABLE = 1 / 8;

/** When each key was last seen. What is no silence of theirs: our own absence, and that of the connection. */
export class NoDataWatch {
  readonly stalls: StallDetector;

  constructor(
    private readonly noDataAfter: number,
    private readonly keys: KeyStore,
    private readonly line: ConnectionWatch,
    now: number,
    private readonly tools: {
      /** What is written down of a key is to be written anew. */
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
    if (entry.silent) this.wakes(entry, now);
    if (entry.noted) this.forget(entry);
  }

  /** A sample that was not measured just now: whether the key lives, by what it says. */
  livesBy(entry: KeyEntry, measured: number, now: number): boolean {
    const before = entry.lastSeen;
    entry.lastSeen = Math.max(before, Math.min(measured, now));
    if (measured === KEPT || (this.noDataAfter > 0 && entry.lastSeen + this.noDataAfter <= now)) return false;
    // What was known before it fell silent says nothing new.
    if (entry.lastSeen === before && entry.silent) return false;
    if (entry.silent) this.wakes(entry, now);
    if (entry.noted) this.forget(entry);
    return true;
  }

  /** When a key was seen that was not known: where nobody knows, the clock for it begins now. */
  firstSeen(measured: number, now: number): number {
    if (measured === KEPT) return now;
    // It may be the first of many that waited somewhere: the newest of them is right behind it.
    const earliest = this.noDataAfter > 0 ? now - this.noDataAfter + LISTEN_MS : measured;
    return Math.min(now, Math.max(measured, earliest));
  }

  /** Something fell due then: was the process there? What it could not hear is nobody's silence. */
  look(now: number, due: number): void {
    const pause = this.stalls.look(now, due);
    if (pause > 0) this.forgive(pause, now);
  }

  /** Nobody could be heard for so long. */
  forgive(ms: number, now: number): void {
    for (const entry of this.keys.map.values()) entry.lastSeen = Math.min(now, entry.lastSeen + ms);
  }

  /** When the first key will have been silent for too long; Infinity: none will. */
  firstDue(): number {
    let first = Number.POSITIVE_INFINITY;
    if (this.noDataAfter === 0) return first;
    for (const { silent, lastSeen } of this.keys.map.values())
      if (!silent) first = Math.min(first, lastSeen + this.noDataAfter);
    return first;
  }

  /** For how long a key has been silent, in milliseconds, as far as somebody listened: to be written down.
   * Undefined where no no-data clock runs. */
  lengthOf(entry: KeyEntry): number | undefined {
    if (this.noDataAfter === 0) return undefined;
    const length = Math.max(0, this.line.standsSince(this.stalls.alive) - entry.lastSeen);
    entry.noted = length > this.noDataAfter * NOTABLE;
    return length;
  }

  /** The keys whose silence is worth writing down, should the process end without a word. */
  *notable(now: number): Iterable<string> {
    for (const { key, silent, lastSeen } of this.keys.map.values())
      if (!silent && now - lastSeen > this.noDataAfter * NOTABLE) yield key;
  }

  private wakes(entry: KeyEntry, now: number): void {
    entry.silent = false;
    this.tools.runs(entry, now);
  }

  private forget(entry: KeyEntry): void {
    entry.noted = false;
    this.tools.changed(entry.key);
  }
}
