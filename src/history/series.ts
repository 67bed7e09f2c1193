import { HOUR } from '../base/time-units';
import { BLOCK, type Buckets } from './codec/buckets';
import { meanOf } from './codec/pack';
import type { Series } from './types';

/** Maximum parts of a series: more than any screen has pixels. */
const MAX_POINTS = 10_000;

/** Source of a series. */
export interface SeriesSource {
  /** Raw points, oldest first, as `[stamp, value]`. */
  recent(): Iterable<[number, number]>;
  /** The blocks that there may be, both included. */
  readonly first: number;
  readonly end: number;
  /** A block, good until the next one is asked for. */
  buckets(block: number): Buckets | undefined;
}

/**
 * Brings buckets, or raw points where those reach back to `from`, to at most `points` equal parts. A bucket belongs to
 * the part in which it begins, so a part is never shorter than a bucket.
 * @param step length of a bucket, in milliseconds
 * @param drawn for a chart that somebody looks at: a bucket stands in its middle, and the first minutes are drawn of raw
 *        points if there is nothing older.
 */
export function seriesOf(
  from: number,
  to: number,
  points: number,
  step: number,
  source: SeriesSource,
  drawn = false,
): Series {
  const span = to - from;
  if (!(span > 0 && span < Number.POSITIVE_INFINITY)) return new Parts(from, to, 0).series;
  const most = Math.min(MAX_POINTS, Math.max(1, Math.floor(points) || 1));
  const raw = [...source.recent()];
  const isWhole = drawn
    ? isComplete(raw, from, to, step, source)
    : (raw[0]?.[0] ?? Number.POSITIVE_INFINITY) <= from;
  if (isWhole) {
    const parts = new Parts(from, to, most);
    for (const [at, value] of raw) if (at >= from && at <= to) parts.add(at, value, value, value, value, 1);
    return parts.series;
  }
  const parts = new Parts(from, to, Math.min(most, Math.ceil(span / step)));
  // The values of a bucket lie on both sides of its middle.
  const middle = drawn ? 0.5 : 0;
  const first = Math.floor(from / step);
  const end = Math.floor(to / step);
  const lastBlock = Math.min(Math.floor(end / BLOCK), source.end);
  for (let block = Math.max(Math.floor(first / BLOCK), source.first); block <= lastBlock; block++) {
    const buckets = source.buckets(block);
    if (!buckets) continue;
    for (let index = 0; index < BLOCK; index++) {
      const count = buckets.count(index);
      const bucket = block * BLOCK + index;
      if (count === 0 || bucket < first || bucket > end) continue;
      const mean = meanOf(buckets, index);
      parts.add(
        (bucket + middle) * step,
        buckets.min(index),
        buckets.max(index),
        buckets.last(index),
        mean,
        count,
      );
    }
  }
  return parts.series;
}

/** A span up to this long, in milliseconds, is drawn of raw points if they are all that there is. */
const YOUNG = 2 * HOUR;

/** True if raw points reach back to `from`, or to the first sample after it. */
function isComplete(
  raw: readonly [number, number][],
  from: number,
  to: number,
  step: number,
  source: SeriesSource,
): boolean {
  const [oldest] = raw;
  if (!oldest) return false;
  if (oldest[0] <= from) return true;
  if (to - from > YOUNG) return false;
  const begin = Math.floor(oldest[0] / step);
  const first = firstBucket(from, to, step, source);
  if (first === undefined || first.bucket < begin) return false;
  return first.count <= raw.filter(([at]) => Math.floor(at / step) === begin).length;
}

/** Time of the first sample between the two; of a bucket it is known to the bucket. */
export function firstOf(from: number, to: number, step: number, source: SeriesSource): number | undefined {
  const first = firstBucket(from, to, step, source);
  if (!first) return undefined;
  const raw = [...source.recent()];
  const of = raw.filter(([at]) => Math.floor(at / step) === first.bucket);
  const isWhole = of.length >= first.count;
  return Math.max(from, isWhole ? (of[0]?.[0] ?? from) : first.bucket * step);
}

function firstBucket(
  from: number,
  to: number,
  step: number,
  source: SeriesSource,
): { bucket: number; count: number } | undefined {
  const least = Math.floor(from / step);
  const lastBlock = Math.min(Math.floor(to / step / BLOCK), source.end);
  for (let block = Math.max(Math.floor(least / BLOCK), source.first); block <= lastBlock; block++) {
    const buckets = source.buckets(block);
    for (let index = 0; buckets && index < BLOCK; index++) {
      const bucket = block * BLOCK + index;
      const count = buckets.count(index);
      if (bucket >= least && count > 0) return { bucket, count };
    }
  }
  return undefined;
}

/** The parts of a series while they are filled, in the order of time. */
class Parts {
  readonly series: Series;
  private readonly width: number;

  constructor(from: number, to: number, parts: number) {
    this.width = (to - from) / parts;
    this.series = {
      from,
      to,
      t: Array.from({ length: parts }, (_, part) => from + part * this.width),
      min: new Array(parts).fill(null),
      max: new Array(parts).fill(null),
      last: new Array(parts).fill(null),
      mean: new Array(parts).fill(null),
      count: new Array(parts).fill(0),
    };
  }

  add(at: number, min: number, max: number, last: number, mean: number, count: number): void {
    const { series } = this;
    const { length } = series.t;
    const part = Math.min(length - 1, Math.max(0, Math.floor((at - series.from) / this.width)));
    const known = series.count[part] as number;
    series.last[part] = last;
    series.count[part] = known + count;
    if (known === 0) {
      series.min[part] = min;
      series.max[part] = max;
      series.mean[part] = mean;
      return;
    }
    const before = series.mean[part] as number;
    series.min[part] = Math.min(series.min[part] as number, min);
    series.max[part] = Math.max(series.max[part] as number, max);
    // Computed without a sum, which might be infinite.
    series.mean[part] = before + (mean - before) * (count / (known + count));
  }
}
