import type { Buckets } from './codec/buckets';
import type { RecordedBuckets } from './recorded-buckets';

/** A value and when it came, in milliseconds since the epoch. */
export type Sample = readonly [at: number, value: number];

/**
 * Samples between the two, both included, oldest first, as exactly as they are still known: the newest as they came
 * (the raw points), before that the least, the largest and the last of each bucket, in the order that suits their
 * neighbours and spread over the bucket. At most three per bucket, plus the raw points.
 */
export function samplesOf(from: number, to: number, source: RecordedBuckets): Sample[] {
  const found: Sample[] = [];
  if (!(to >= from)) return found;
  const raw = [...source.recent()];
  const known = rawFrom(raw, source);
  source.walk(from, to, (at, step, buckets, index) => {
    if (at >= from && at < known) spread(found, buckets, index, at, step);
    return at >= known;
  });
  for (const [at, value] of raw) if (at >= known && at >= from && at <= to) found.push([at, value]);
  return found;
}

/** From when on the raw points are all that came: a bucket that has more samples than are kept of it counts itself. */
function rawFrom(raw: readonly Sample[], source: RecordedBuckets): number {
  const [oldest] = raw;
  if (!oldest) return Number.POSITIVE_INFINITY;
  const [first] = oldest;
  let from = first;
  source.walk(first, first, (at, step, buckets, index) => {
    const kept = raw.filter(([stamp]) => stamp < at + step).length;
    from = buckets.count(index) > kept ? at + step : at;
    return true;
  });
  return from;
}

function spread(found: Sample[], buckets: Buckets, index: number, at: number, step: number): void {
  const [min, max, last] = [buckets.min(index), buckets.max(index), buckets.last(index)];
  const before = found.at(-1)?.[1] ?? min;
  const falls = Math.abs(before - max) < Math.abs(before - min);
  const values = falls ? [max, min, last] : [min, max, last];
  const apart = values.filter((value, place) => value !== values[place - 1]);
  for (const [place, value] of apart.entries()) found.push([at + (place * step) / apart.length, value]);
}
