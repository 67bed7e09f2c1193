import { BLOCK, type Buckets } from './codec/buckets';
import type { SeriesSource } from './series';

/** A value and when it came, in milliseconds since the epoch. */
export type Sample = readonly [at: number, value: number];

/**
 * Samples between the two, both included, oldest first, as exactly as they are still known: the newest as they came
 * (the raw points), before that the least, the largest and the last of each bucket, in the order that suits their
 * neighbours and spread over the bucket. At most three per bucket, plus the raw points.
 * @param step length of a bucket, in milliseconds
 */
export function samplesOf(from: number, to: number, step: number, source: SeriesSource): Sample[] {
  const found: Sample[] = [];
  if (!(to >= from)) return found;
  const raw = [...source.recent()];
  const known = rawFrom(raw, step, source);
  const last = Math.min(Math.floor(to / step / BLOCK), source.end);
  for (let block = Math.max(Math.floor(from / step / BLOCK), source.first); block <= last; block++) {
    const buckets = source.buckets(block);
    if (!buckets) continue;
    for (let index = 0; index < BLOCK; index++) {
      const at = (block * BLOCK + index) * step;
      if (at < from || at > to || at >= known || buckets.count(index) === 0) continue;
      spread(found, buckets, index, at, step);
    }
  }
  for (const [at, value] of raw) if (at >= known && at >= from && at <= to) found.push([at, value]);
  return found;
}

/** From when on the raw points are all that came: a bucket that has more samples than are kept of it counts itself. */
function rawFrom(raw: readonly Sample[], step: number, source: SeriesSource): number {
  const [oldest] = raw;
  if (!oldest) return Number.POSITIVE_INFINITY;
  const bucket = Math.floor(oldest[0] / step);
  const next = (bucket + 1) * step;
  const kept = raw.filter(([at]) => at < next).length;
  const count = source.buckets(Math.floor(bucket / BLOCK))?.count(bucket % BLOCK) ?? 0;
  return count > kept ? next : bucket * step;
}

function spread(found: Sample[], buckets: Buckets, index: number, at: number, step: number): void {
  const [min, max, last] = [buckets.min(index), buckets.max(index), buckets.last(index)];
  const before = found.at(-1)?.[1] ?? min;
  const falls = Math.abs(before - max) < Math.abs(before - min);
  const values = falls ? [max, min, last] : [min, max, last];
  const apart = values.filter((value, place) => value !== values[place - 1]);
  for (const [place, value] of apart.entries()) found.push([at + (place * step) / apart.length, value]);
}
