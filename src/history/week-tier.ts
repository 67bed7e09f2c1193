import { DAY, MINUTE } from '../base/time-units';
import { BLOCK, Buckets } from './codec/buckets';
import { MAX_PACKED, Packer } from './codec/pack';
import { Pages } from './codec/pages';
import type { KeyHistory } from './key-history';

/** Length of a bucket of the week, in milliseconds. */
export const WEEK_STEP = 10 * MINUTE;
export const WEEK_SPAN = 7 * DAY;
/** Length of the buckets that it is made of. */
const FINE_STEP = MINUTE;
const FINE_IN_ONE = WEEK_STEP / FINE_STEP;
/** Hours, which are blocks of the first tier, in a block of this one, and buckets of this one in an hour. */
const HOURS = FINE_IN_ONE;
const IN_HOUR = BLOCK / FINE_IN_ONE;
/** Hours of which there may be something: those of the blocks in which a week lies. */
export const WEEK_HOURS = (Math.ceil(WEEK_SPAN / WEEK_STEP / BLOCK) + 1) * HOURS;

/**
 * The second tier: buckets of ten minutes for seven days, made of the hours of the first tier as they end. An hour may be
 * put again, after a late sample or out of a file: of two versions of a bucket the fuller one counts. A block is ten
 * hours, always packed, so that a key takes some 3 KB for the week.
 */
export class WeekTier {
  readonly pages = new Pages(Math.ceil(WEEK_SPAN / WEEK_STEP / BLOCK));
  private readonly packer = new Packer(true);
  private readonly scratch = new Buckets();
  private readonly hour = new Buckets();

  blockOf(at: number): number {
    return Math.floor(at / WEEK_STEP / BLOCK);
  }

  /** The newest hour, counted from the epoch, of which there may be something. */
  get newestHour(): number {
    return this.pages.head * HOURS + HOURS - 1;
  }

  /** The block of this tier in which an hour lies. */
  blockOfHour(hour: number): number {
    return Math.floor(hour / HOURS);
  }

  /** A block; good until the next call of anything here. */
  get(entry: KeyHistory, block: number): Buckets | undefined {
    const bytes = this.packed(entry, block);
    if (!bytes) return undefined;
    this.scratch.clear();
    this.packer.unpack(bytes, this.scratch);
    return this.scratch;
  }

  /** As it lies there, good until the next hour of any key. */
  packed(entry: KeyHistory, block: number): Uint8Array | undefined {
    return this.pages.get(block, entry.id);
  }

  /** Where the buckets of an hour lie in the block. */
  placesOf(hour: number): [first: number, end: number] {
    const first = (hour - this.blockOfHour(hour) * HOURS) * IN_HOUR;
    return [first, first + IN_HOUR];
  }

  hasHour(entry: KeyHistory, hour: number): boolean {
    const buckets = this.get(entry, this.blockOfHour(hour));
    const [first, end] = this.placesOf(hour);
    for (let index = first; buckets && index < end; index++) if (buckets.count(index) > 0) return true;
    return false;
  }

  /** Takes hours that lie in the same block of this tier. */
  put(entry: KeyHistory, block: number, hours: Iterable<readonly [hour: number, buckets: Buckets]>): void {
    this.pages.advance(block);
    if (block < this.pages.oldest) return;
    const made = this.getOrEmpty(entry, block);
    for (const [number, minutes] of hours) {
      const { hour } = this;
      const [first] = this.placesOf(number);
      hour.clear();
      // Oldest first: the last minute ends the bucket.
      for (let index = 0; index < BLOCK; index++)
        hour.append(first + Math.floor(index / FINE_IN_ONE), minutes, index);
      made.takeFuller(hour);
    }
    this.keep(entry, block, made);
  }

  /** A sample of an hour that the first tier no longer has. */
  add(entry: KeyHistory, hour: number, minute: number, value: number): void {
    const block = this.blockOfHour(hour);
    // None of the hours since may have ended yet.
    this.pages.advance(block);
    if (block < this.pages.oldest) return;
    const buckets = this.getOrEmpty(entry, block);
    buckets.add(this.placesOf(hour)[0] + Math.floor(minute / FINE_IN_ONE), value);
    this.keep(entry, block, buckets);
  }

  /** False for a block that is too old, or of a clock that was wrong. */
  isWithin(block: number, now: number | undefined): boolean {
    const { oldest, head } = this.pages;
    if (now !== undefined && Math.abs(block - this.blockOf(now)) > head - oldest + 1) return false;
    return block >= oldest;
  }

  /** The value of a key's newest bucket, and when that begins. */
  newestOf(entry: KeyHistory): { newest: number; value: number } | undefined {
    for (let block = this.pages.head; block >= this.pages.oldest; block--) {
      const buckets = this.get(entry, block);
      const index = buckets?.newest ?? -1;
      if (buckets && index >= 0)
        return { newest: (block * BLOCK + index) * WEEK_STEP, value: buckets.last(index) };
    }
    return undefined;
  }

  /** A block from the disk; the last version of it counts. */
  restore(entry: KeyHistory, block: number, bytes: Uint8Array): void {
    if (bytes.length > MAX_PACKED) return;
    this.pages.advance(block);
    this.pages.put(block, entry.id, bytes);
  }

  /** Adds what another one has of a key, known there by its own entry. */
  merge(entry: KeyHistory, other: WeekTier, old: KeyHistory): void {
    for (const block of other.pages.numbers) {
      const buckets = other.get(old, block);
      if (!buckets) continue;
      this.pages.advance(block);
      if (block < this.pages.oldest) continue;
      const made = this.getOrEmpty(entry, block);
      made.takeFuller(buckets);
      this.keep(entry, block, made);
    }
  }

  /** The blocks that are not on the disk yet, or all. */
  *toWrite(entry: KeyHistory, all: boolean): Iterable<[block: number, bytes: Uint8Array]> {
    const { oldest, head } = this.pages;
    if (!all && entry.unsavedWeek < 0) return;
    for (let block = all ? oldest : Math.max(oldest, entry.unsavedWeek); block <= head; block++) {
      const bytes = this.packed(entry, block);
      if (bytes) yield [block, bytes];
    }
  }

  private getOrEmpty(entry: KeyHistory, block: number): Buckets {
    const buckets = this.get(entry, block);
    if (buckets) return buckets;
    this.scratch.clear();
    return this.scratch;
  }

  private keep(entry: KeyHistory, block: number, buckets: Buckets): void {
    const bytes = this.packer.pack(buckets);
    if (bytes) this.pages.put(block, entry.id, bytes);
    entry.unsavedWeek = entry.unsavedWeek < 0 ? block : Math.min(entry.unsavedWeek, block);
  }
}
