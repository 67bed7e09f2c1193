import { BLOCK, Buckets } from './codec/buckets';
import { MAX_PACKED, Packer } from './codec/pack';
import { Pages } from './codec/pages';
import type { KeyHistory } from './key-history';
import type { WeekTier } from './week-tier';

/** The blocks of all keys: the one in work lies open in its `KeyHistory`, the finished ones are packed. */
export class KeyBlocks {
  /** The finished ones. */
  readonly pages: Pages;
  private readonly packer = new Packer();
  private readonly scratch = new Buckets();
  private readonly second = new Buckets();
  /** Takes each hour that ends; undefined where none is kept. */
  week: WeekTier | undefined;

  /** @param span how many finished blocks it has */
  constructor(private readonly span: number) {
    this.pages = new Pages(span);
  }

  /** A block, in work or finished; good until the next call of anything here. */
  get(entry: KeyHistory, block: number): Buckets | undefined {
    const { scratch } = this;
    if (isOpen(entry, block)) {
      entry.copyInto(scratch);
      return scratch;
    }
    const bytes = this.packed(entry, block);
    if (!bytes) return undefined;
    scratch.clear();
    this.packer.unpack(bytes, scratch);
    return scratch;
  }

  /** A finished block as it lies there, good until the next sample. */
  packed(entry: KeyHistory, block: number): Uint8Array | undefined {
    return this.pages.get(block, entry.id);
  }

  /** The buckets of the block in work from this one on, packed; good until the next sample, or the next key. */
  packedFrom(entry: KeyHistory, index: number): Uint8Array | undefined {
    entry.copyInto(this.scratch);
    return this.packer.pack(this.scratch, index);
  }

  /** Packs the block in work. */
  finish(entry: KeyHistory): void {
    entry.copyInto(this.scratch);
    this.put(entry, entry.block, this.scratch);
    entry.open?.clear();
    entry.count = 0;
  }

  /** The packed part of this block is unpacked again to continue it. */
  reopen(entry: KeyHistory, block: number): void {
    const bytes = this.packed(entry, block);
    if (!bytes) return;
    entry.open ??= new Buckets();
    entry.open.clear();
    this.packer.unpack(bytes, entry.open);
    this.pages.delete(block, entry.id);
  }

  /** A sample of a bucket that was in work before. */
  addLate(entry: KeyHistory, block: number, index: number, value: number): void {
    if (isOpen(entry, block)) {
      entry.open ??= new Buckets();
      entry.open.add(index, value);
      return;
    }
    if (this.isInWeek(entry, block)) {
      this.week?.add(entry, block, index, value);
      return;
    }
    const buckets = this.getOrEmpty(entry, block);
    buckets.add(index, value);
    this.put(entry, block, buckets);
    entry.changed(block);
  }

  /** Adds older buckets to what there is of a block. */
  merge(entry: KeyHistory, block: number, older: Buckets): void {
    this.pages.advance(block);
    if (isOpen(entry, block)) {
      entry.mergeOpen(older);
      return;
    }
    const buckets = this.getOrEmpty(entry, block);
    buckets.merge(older);
    this.put(entry, block, buckets);
    entry.changed(block);
  }

  /**
   * A finished block that was packed before, or parts of one; of several versions each bucket's fullest counts.
   * Gives how far it is there: its last bucket that holds something, or `BLOCK` where it was taken as it is.
   * @param unfinished the week does not have it
   */
  restore(entry: KeyHistory, block: number, parts: readonly Uint8Array[], unfinished: boolean): number {
    this.pages.advance(block);
    const [only] = parts;
    const isNews = unfinished && this.week !== undefined;
    if (parts.length === 1 && only && !isNews && !this.packed(entry, block)) {
      if (only.length <= MAX_PACKED) this.pages.put(block, entry.id, only);
      return BLOCK;
    }
    const buckets = this.joined(parts, this.getOrEmpty(entry, block));
    const { newest } = buckets;
    this.put(entry, block, buckets);
    return newest;
  }

  /** The same of an hour that is too old for this tier. */
  restoreToWeek(entry: KeyHistory, block: number, parts: readonly Uint8Array[]): void {
    this.scratch.clear();
    this.putInWeek(entry, block, this.joined(parts, this.scratch));
  }

  /** Makes the week of a key of the hours that there are; those of a block together, of which each is packed once. */
  fillWeek(entry: KeyHistory): void {
    const { week } = this;
    if (!week) return;
    const blocks = new Map<number, number[]>();
    for (const hour of this.pages.numbers) {
      if (!this.packed(entry, hour)) continue;
      const block = week.blockOfHour(hour);
      const hours = blocks.get(block);
      if (hours) hours.push(hour);
      else blocks.set(block, [hour]);
    }
    for (const [block, hours] of blocks) week.put(entry, block, this.unpacked(entry, hours));
  }

  private *unpacked(
    entry: KeyHistory,
    hours: readonly number[],
  ): Iterable<readonly [hour: number, buckets: Buckets]> {
    for (const hour of hours) {
      const buckets = this.get(entry, hour);
      if (buckets) yield [hour, buckets];
    }
  }

  private joined(parts: readonly Uint8Array[], into: Buckets): Buckets {
    for (const part of parts) {
      this.second.clear();
      this.packer.unpack(part, this.second);
      into.takeFuller(this.second);
    }
    return into;
  }

  /**
   * That hour of the key is too old for this tier, and the week has something of it.
   * @param current block of now: nobody may have been heard of for long
   */
  isOfWeek(entry: KeyHistory, block: number, current: number): boolean {
    const oldest = Math.max(this.pages.oldest, current - this.span);
    return block < oldest && this.week?.hasHour(entry, block) === true;
  }

  /** This tier no longer has that hour of the key, or never had it. */
  private isInWeek(entry: KeyHistory, block: number): boolean {
    const { week, pages } = this;
    if (!week || this.packed(entry, block)) return false;
    return block < pages.oldest || week.hasHour(entry, block);
  }

  private getOrEmpty(entry: KeyHistory, block: number): Buckets {
    const buckets = this.get(entry, block);
    if (buckets) return buckets;
    this.scratch.clear();
    return this.scratch;
  }

  private put(entry: KeyHistory, block: number, buckets: Buckets): void {
    const bytes = this.packer.pack(buckets);
    if (bytes) this.pages.put(block, entry.id, bytes);
    this.putInWeek(entry, block, buckets);
  }

  private putInWeek(entry: KeyHistory, hour: number, buckets: Buckets): void {
    const { week } = this;
    week?.put(entry, week.blockOfHour(hour), [[hour, buckets]]);
  }
}

function isOpen(entry: KeyHistory, block: number): boolean {
  return entry.bucket >= 0 && entry.block === block;
}
