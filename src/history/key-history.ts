import { BLOCK, Buckets } from './codec/buckets';
import type { StateTimeline } from './states';

/** Raw points that a key begins with. */
const FIRST_POINTS = 4;

/**
 * The unfinished part of a key: the current bucket, its block, the newest raw points and the states. Finished blocks
 * are packed in the pages of `History`.
 */
export class KeyHistory {
  /** When the bucket in work begins, milliseconds since the epoch; NaN before the first sample. */
  start = Number.NaN;
  min = 0;
  max = 0;
  last = 0;
  sum = 0;
  /** Samples of the bucket in work; 0: no bucket is in work. */
  count = 0;
  /** Stamp of the newest sample, and its value. */
  newest = Number.NEGATIVE_INFINITY;
  value = 0;
  /** Number of the bucket in work, counted from the epoch. */
  bucket = -1;
  /** When it was last heard of, as a rank among all keys. */
  seen = 0;
  /** No longer among the keys. */
  gone = false;
  /** The finished buckets of the block in work; taken when there is a second one. */
  open: Buckets | undefined;
  states: StateTimeline | undefined;
  /** The state of the store: the last bucket written, and the time of the last sample then. */
  savedBucket = Number.NEGATIVE_INFINITY;
  savedSeen = 0;
  /** Blocks changed by late samples after they were written. */
  late: Set<number> | undefined;
  /** The oldest block of the week that is not written yet; -1: all are. */
  unsavedWeek = -1;
  /** The oldest state that is not written yet, milliseconds since the epoch. */
  unsavedState = Number.POSITIVE_INFINITY;
  private points: Float64Array | undefined;
  private next = 0;
  private kept = 0;

  constructor(
    readonly key: string,
    /** A small number that stands for the key, used again when the key is gone. */
    readonly id: number,
    /** Raw points that are kept. */
    private most: number,
  ) {}

  /** The block in work, counted from the epoch. */
  get block(): number {
    return Math.floor(this.bucket / BLOCK);
  }

  /** A sample of the bucket in work. */
  add(at: number, value: number): void {
    if (at >= this.newest) {
      // The same once more, as a server does that sends a retained message again.
      if (at === this.newest && value === this.value) return;
      this.newest = at;
      this.value = value;
      this.last = value;
      const { points } = this;
      if (points === undefined || this.next === points.length) this.grow();
      const ring = this.points as Float64Array;
      ring[this.next] = at;
      ring[this.next + 1] = value;
      this.next += 2;
      if (this.kept < this.next) this.kept = this.next;
    } else if (this.count === 0) this.last = value;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    this.sum += value;
    this.count += 1;
  }

  /** The first sample of a bucket. */
  begin(bucket: number, start: number): void {
    this.bucket = bucket;
    this.start = start;
    this.min = Number.POSITIVE_INFINITY;
    this.max = Number.NEGATIVE_INFINITY;
    this.last = 0;
    this.sum = 0;
    this.count = 0;
  }

  /** The whole block in work, the bucket in work included. */
  copyInto(buckets: Buckets): void {
    if (this.open) buckets.copy(this.open);
    else buckets.clear();
    this.putBucket(buckets);
  }

  /** Moves the bucket in work to the finished ones of its block. */
  stash(): void {
    this.open ??= new Buckets();
    this.putBucket(this.open);
    this.count = 0;
  }

  /** Takes a bucket of the block in work up again. */
  resume(bucket: number, start: number): void {
    this.begin(bucket, start);
    const index = bucket % BLOCK;
    const count = this.open?.count(index) ?? 0;
    if (!this.open || count === 0) return;
    this.min = this.open.min(index);
    this.max = this.open.max(index);
    this.last = this.open.last(index);
    this.sum = this.open.sum(index);
    this.count = count;
  }

  /** Adds older buckets to those of the block in work. */
  mergeOpen(older: Buckets): void {
    const { bucket, start } = this;
    if (this.count > 0) this.stash();
    this.open ??= new Buckets();
    this.open.merge(older);
    this.resume(bucket, start);
  }

  /** The store has to write this block, or once more. */
  changed(block: number): void {
    this.late ??= new Set();
    this.late.add(block);
  }

  /** The raw points that are kept, oldest first, as `[stamp, value]`. */
  *recent(): Iterable<[number, number]> {
    const { points, kept, next } = this;
    if (!points) return;
    const first = kept > next ? next : 0;
    for (let at = 0; at < kept; at += 2) {
      const place = (first + at) % kept;
      yield [points[place] as number, points[place + 1] as number];
    }
  }

  private putBucket(buckets: Buckets): void {
    if (this.count > 0) buckets.set(this.bucket % BLOCK, this.min, this.max, this.last, this.sum, this.count);
  }

  /** Keeps so many raw points from now on: the newest of those that there are. */
  keep(most: number): void {
    this.most = most;
    if (!this.points || this.points.length <= 2 * most) return;
    const newest = [...this.recent()].slice(-most);
    this.points = new Float64Array(2 * most);
    this.points.set(newest.flat());
    this.kept = 2 * newest.length;
    this.next = this.kept;
  }

  private grow(): void {
    const { points, most } = this;
    if (points && points.length >= 2 * most) {
      this.next = 0;
      return;
    }
    // It is full to its end, so the oldest point stands first.
    this.points = new Float64Array(2 * Math.min(points?.length ?? FIRST_POINTS, most));
    if (points) this.points.set(points);
  }
}
