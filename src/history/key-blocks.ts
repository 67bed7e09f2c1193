import { BLOCK, Buckets } from './codec/buckets';
import { Packer } from './codec/pack';
import { Pages } from './codec/pages';
import type { KeyHistory } from './key-history';

/** The blocks of all keys: the one in work lies open in its `KeyHistory`, the finished ones are packed. */
export class KeyBlocks {
  /** The finished ones. */
  readonly pages: Pages;
  private readonly packer = new Packer();
  private readonly scratch = new Buckets();
  private readonly second = new Buckets();

  /** @param span how many finished blocks it has */
  constructor(span: number) {
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
   */
  restore(entry: KeyHistory, block: number, parts: readonly Uint8Array[]): number {
    this.pages.advance(block);
    const [only] = parts;
    if (parts.length === 1 && only && !this.packed(entry, block)) {
      this.pages.put(block, entry.id, only);
      return BLOCK;
    }
    const buckets = this.getOrEmpty(entry, block);
    for (const part of parts) {
      this.second.clear();
      this.packer.unpack(part, this.second);
      buckets.takeFuller(this.second);
    }
    const { newest } = buckets;
    this.put(entry, block, buckets);
    return newest;
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
  }
}

function isOpen(entry: KeyHistory, block: number): boolean {
  return entry.bucket >= 0 && entry.block === block;
}
