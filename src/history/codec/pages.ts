import { BlockPage } from './blocks';

/** The pages of a history by the number of their block, and which of them are within the span. */
export class Pages {
  private readonly pages = new Map<number, BlockPage>();
  /** The newest block of all keys; -1: there is none. */
  head = -1;

  /** @param blocks how many finished blocks the span has */
  constructor(private readonly blocks: number) {}

  /** The oldest block that is kept. */
  get oldest(): number {
    return this.head - this.blocks;
  }

  /** Bytes. */
  get memory(): number {
    let bytes = 0;
    for (const page of this.pages.values()) bytes += page.memory;
    return bytes;
  }

  get numbers(): Iterable<number> {
    return this.pages.keys();
  }

  /** A view, good until the next `put`. */
  get(block: number, key: number): Uint8Array | undefined {
    return this.pages.get(block)?.get(key);
  }

  put(block: number, key: number, bytes: Uint8Array): void {
    if (block < this.oldest) return;
    let page = this.pages.get(block);
    if (!page) {
      page = new BlockPage();
      this.pages.set(block, page);
    }
    page.put(key, bytes);
  }

  delete(block: number, key: number): void {
    this.pages.get(block)?.delete(key);
  }

  deleteKey(key: number): void {
    for (const page of this.pages.values()) page.delete(key);
  }

  /** A block that is newer than all may begin: the oldest go. */
  advance(block: number): void {
    if (block <= this.head) return;
    this.head = block;
    for (const [number, page] of this.pages) {
      // Those far ahead are of a clock that was wrong.
      if (Math.abs(number - block) > this.blocks) this.pages.delete(number);
      else if (number < block - 1) page.trim();
    }
  }

  /** Drops everything older than the span when this block is the newest. */
  expire(newest: number): void {
    for (const number of this.pages.keys()) if (number < newest - this.blocks) this.pages.delete(number);
  }

  /** Takes over what another has; this one has nothing. */
  adopt(other: Pages): void {
    for (const [block, page] of other.pages) this.pages.set(block, page);
    this.head = other.head;
  }
}
