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
 */
export function seriesOf(
  from: number,
  to: number,
  points: number,
  step: number,
  source: SeriesSource,
): Series {
  const span = to - from;
  if (!(span > 0 && span < Number.POSITIVE_INFINITY)) return new Parts(from, to, 0).series;
  const most = Math.min(MAX_POINTS, Math.max(1, Math.floor(points) || 1));
  const raw = [...source.recent()];
  const [oldest] = raw;
  if (oldest && oldest[0] <= from) {
    const parts = new Parts(from, to, most);
    for (const [at, value] of raw) if (at >= from && at <= to) parts.add(at, value, value, value, value, 1);
    return parts.series;
  }
  const parts = new Parts(from, to, Math.min(most, Math.ceil(span / step)));
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
      parts.add(bucket * step, buckets.min(index), buckets.max(index), buckets.last(index), mean, count);
    }
  }
  return parts.series;
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
