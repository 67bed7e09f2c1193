/** Buckets of a block: what is packed, stored and dropped together. An hour where a bucket is a minute. */
export const BLOCK = 60;

/** A bucket counts no further; its mean stays right. */
export const MOST_COUNT = 0xffffff;

const MIN = 0;
const MAX = BLOCK;
const LAST = 2 * BLOCK;
const SUM = 3 * BLOCK;
const COUNT = 4 * BLOCK;

/** The five columns of a block in one piece of memory. A bucket whose count is 0 holds nothing. */
export class Buckets {
  private readonly data = new Float64Array(5 * BLOCK);

  min(index: number): number {
    return this.data[MIN + index] as number;
  }
  max(index: number): number {
    return this.data[MAX + index] as number;
  }
  last(index: number): number {
    return this.data[LAST + index] as number;
  }
  sum(index: number): number {
    return this.data[SUM + index] as number;
  }
  count(index: number): number {
    return this.data[COUNT + index] as number;
  }

  set(index: number, min: number, max: number, last: number, sum: number, count: number): void {
    const { data } = this;
    data[MIN + index] = min;
    data[MAX + index] = max;
    data[LAST + index] = last;
    data[SUM + index] = count > MOST_COUNT ? (sum / count) * MOST_COUNT : sum;
    data[COUNT + index] = Math.min(count, MOST_COUNT);
  }

  /** One more sample, newer than what the bucket holds. */
  add(index: number, value: number): void {
    if (this.count(index) === 0) this.set(index, value, value, value, value, 1);
    else
      this.set(
        index,
        Math.min(this.min(index), value),
        Math.max(this.max(index), value),
        value,
        this.sum(index) + value,
        this.count(index) + 1,
      );
  }

  /** Takes what another has where this one has nothing, and both together where both have; this one's `last` is newer. */
  merge(other: Buckets): void {
    for (let index = 0; index < BLOCK; index++) {
      const more = other.count(index);
      if (more === 0) continue;
      const count = this.count(index);
      if (count === 0)
        this.set(index, other.min(index), other.max(index), other.last(index), other.sum(index), more);
      else
        this.set(
          index,
          Math.min(this.min(index), other.min(index)),
          Math.max(this.max(index), other.max(index)),
          this.last(index),
          this.sum(index) + other.sum(index),
          count + more,
        );
    }
  }

  copy(other: Buckets): void {
    this.data.set(other.data);
  }

  clear(): void {
    this.data.fill(0, COUNT);
  }

  /** Holds nothing at all. */
  get empty(): boolean {
    for (let index = 0; index < BLOCK; index++) if (this.count(index) > 0) return false;
    return true;
  }
}
