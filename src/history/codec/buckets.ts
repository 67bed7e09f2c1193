/** Buckets of a block, the unit of packing, storing and dropping: an hour if a bucket is a minute. */
export const BLOCK = 60;

/** A bucket counts no further; its mean stays right. */
const MAX_COUNT = 0xffffff;

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
    data[SUM + index] = count > MAX_COUNT ? (sum / count) * MAX_COUNT : sum;
    data[COUNT + index] = Math.min(count, MAX_COUNT);
  }

  /** Adds a sample that is newer than the bucket's content. */
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
    for (let index = 0; index < BLOCK; index++) this.mergeOne(index, other, index);
  }

  /** The same for one bucket, which may have another place in the other block. */
  mergeOne(index: number, other: Buckets, place: number): void {
    const more = other.count(place);
    if (more === 0) return;
    const count = this.count(index);
    const none = count === 0;
    this.set(
      index,
      none ? other.min(place) : Math.min(this.min(index), other.min(place)),
      none ? other.max(place) : Math.max(this.max(index), other.max(place)),
      none ? other.last(place) : this.last(index),
      (none ? 0 : this.sum(index)) + other.sum(place),
      count + more,
    );
  }

  /** The same, but the other's `last` is newer. */
  append(index: number, other: Buckets, place: number): void {
    if (other.count(place) === 0) return;
    this.mergeOne(index, other, place);
    this.data[LAST + index] = other.last(place);
  }

  /** Merges two versions of a block. For each bucket the one with more samples, which is newer, wins. */
  takeFuller(other: Buckets): void {
    for (let index = 0; index < BLOCK; index++) {
      const count = other.count(index);
      if (count > this.count(index))
        this.set(index, other.min(index), other.max(index), other.last(index), other.sum(index), count);
    }
  }

  copy(other: Buckets): void {
    this.data.set(other.data);
  }

  clear(): void {
    this.data.fill(0, COUNT);
  }

  /** The last bucket with content; -1: all are empty. */
  get newest(): number {
    for (let index = BLOCK - 1; index >= 0; index--) if (this.count(index) > 0) return index;
    return -1;
  }
}

/** A block as one or several of buckets of another length, each with its number; each good until the next one. */
export function* rebucket(
  block: number,
  buckets: Buckets,
  step: number,
  newStep: number,
): Iterable<[block: number, buckets: Buckets]> {
  if (step === newStep) {
    yield [block, buckets];
    return;
  }
  const made = new Buckets();
  let target = -1;
  for (let index = 0; index < BLOCK; index++) {
    const bucket = Math.floor(((block * BLOCK + index) * step) / newStep);
    const next = Math.floor(bucket / BLOCK);
    if (next !== target) {
      if (target >= 0) yield [target, made];
      made.clear();
      target = next;
    }
    // Oldest first: of several the last one ends the new bucket.
    made.append(bucket % BLOCK, buckets, index);
  }
  yield [target, made];
}
