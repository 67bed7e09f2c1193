import type { Series } from '../types';

/** Range of the values; both are equal if there is only one value. Undefined: there is none. */
export interface ValueRange {
  low: number;
  high: number;
}

export function valueRangeOf(series: Pick<Series, 'min' | 'max'>): ValueRange | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of series.min) if (value !== null && value < low) low = value;
  for (const value of series.max) if (value !== null && value > high) high = value;
  return low <= high ? { low, high } : undefined;
}

/** The range extended by these values, as far as they are numbers, and never empty: the range of a picture. */
export function spanned(range: ValueRange, values: readonly (number | undefined)[]): ValueRange {
  const all = [range.low, range.high, ...values.filter((value) => Number.isFinite(value))] as number[];
  const low = Math.min(...all);
  const high = Math.max(...all);
  // Halves, because the distance of two numbers may be more than a number can be.
  const half = high / 2 - low / 2;
  if (half > 0) return { low, high };
  const room = Math.abs(low) * 0.05 || 1;
  return { low: low - room, high: high + room };
}

/** Position of a value in a range, 0 to 1. */
export function placeIn({ low, high }: ValueRange, value: number): number {
  return Math.min(1, Math.max(0, (value / 2 - low / 2) / (high / 2 - low / 2)));
}

/**
 * Distance, in parts, up to which two values belong together, so that the parts between them are no gap. If parts
 * usually have several samples, an empty one is a gap. If a sensor reports less often than there are parts, it is a
 * gap after more than twice the usual interval.
 */
function reachOf({ last, count }: Pick<Series, 'last' | 'count'>): number {
  const distances: number[] = [];
  const counts: number[] = [];
  let before = -1;
  for (let part = 0; part < last.length; part++) {
    if (last[part] === null || last[part] === undefined) continue;
    if (before >= 0) distances.push(part - before);
    counts.push(count[part] ?? 1);
    before = part;
  }
  if (middleOf(counts) >= 3) return 1;
  return Math.max(1, 2 * middleOf(distances));
}

/** The stretches of a series without a gap, as the numbers of their parts that have a value. */
export function stretchesOf(series: Pick<Series, 'last' | 'count'>): number[][] {
  const reach = reachOf(series);
  const stretches: number[][] = [];
  let stretch: number[] = [];
  for (let part = 0; part < series.last.length; part++) {
    if (series.last[part] === null || series.last[part] === undefined) continue;
    const before = stretch.at(-1);
    if (before !== undefined && part - before > reach) {
      stretches.push(stretch);
      stretch = [];
    }
    stretch.push(part);
  }
  if (stretch.length > 0) stretches.push(stretch);
  return stretches;
}

/** For people: five digits that count, no exponent where one can do without. */
export function formatValue(value: number, unit?: string): string {
  const rounded = Number(value.toPrecision(5));
  const size = Math.abs(rounded);
  const text = size !== 0 && (size < 1e-4 || size >= 1e9) ? rounded.toExponential() : String(rounded);
  return unit ? `${text}${/^[%°]$/.test(unit) ? '' : ' '}${unit}` : text;
}

function middleOf(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
}
