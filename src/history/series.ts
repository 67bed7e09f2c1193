import { HOUR } from '../base/time-units';
import { meanOf } from './codec/pack';
import type { RecordedBuckets } from './recorded-buckets';
import type { Series } from './types';

/** Maximum parts of a series: more than any screen has pixels. */
const MAX_POINTS = 10_000;

/**
 * Brings buckets, or raw points where those reach back to `from`, to at most `points` equal parts. A bucket belongs to
 * the part in which it begins, so a part is never shorter than a bucket.
 * @param drawn for a chart that somebody looks at: a bucket stands in its middle, and the first minutes are drawn of raw
 *        points if there is nothing older.
 */
export function seriesOf(
  from: number,
  to: number,
  points: number,
  source: RecordedBuckets,
  drawn = false,
): Series {
  const span = to - from;
  if (!(span > 0 && span < Number.POSITIVE_INFINITY)) return new Parts(from, to, 0).series;
  const most = Math.min(MAX_POINTS, Math.max(1, Math.floor(points) || 1));
  const raw = [...source.recent()];
  const isWhole = drawn
    ? isComplete(raw, from, to, source)
    : (raw[0]?.[0] ?? Number.POSITIVE_INFINITY) <= from;
  if (isWhole) {
    const parts = new Parts(from, to, most);
    for (const [at, value] of raw) if (at >= from && at <= to) parts.add(at, value, value, value, value, 1);
    return parts.series;
  }
  const parts = new Parts(from, to, Math.min(most, Math.ceil(span / source.stepFrom(from))));
  // The values of a bucket lie on both sides of its middle.
  const middle = drawn ? 0.5 : 0;
  source.walk(from, to, (at, step, buckets, index) => {
    const mean = meanOf(buckets, index);
    const count = buckets.count(index);
    parts.add(at + middle * step, buckets.min(index), buckets.max(index), buckets.last(index), mean, count);
    return false;
  });
  return parts.series;
}

/** A span up to this long, in milliseconds, is drawn of raw points if they are all that there is. */
const YOUNG = 2 * HOUR;

/** True if raw points reach back to `from`, or to the first sample after it. */
function isComplete(
  raw: readonly [number, number][],
  from: number,
  to: number,
  source: RecordedBuckets,
): boolean {
  const [oldest] = raw;
  if (!oldest) return false;
  if (oldest[0] <= from) return true;
  if (to - from > YOUNG) return false;
  const first = firstBucket(from, to, source);
  if (first === undefined || first.end <= oldest[0]) return false;
  return first.count <= raw.filter(([at]) => at >= first.at && at < first.end).length;
}

/** Time of the first sample between the two; of a bucket it is known to the bucket. */
export function firstOf(from: number, to: number, source: RecordedBuckets): number | undefined {
  const first = firstBucket(from, to, source);
  if (!first) return undefined;
  const raw = [...source.recent()];
  const of = raw.filter(([at]) => at >= first.at && at < first.end);
  const isWhole = of.length >= first.count;
  return Math.max(from, isWhole ? (of[0]?.[0] ?? from) : first.at);
}

function firstBucket(
  from: number,
  to: number,
  source: RecordedBuckets,
): { at: number; end: number; count: number } | undefined {
  let found: { at: number; end: number; count: number } | undefined;
  source.walk(from, to, (at, step, buckets, index) => {
    found = { at, end: at + step, count: buckets.count(index) };
    return true;
  });
  return found;
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
