/** The line of one series of values. Pure. */
import { type AxisRange, rangeFor } from './scale';

/** Equal parts of a time span, each with its least, greatest and last value. */
export interface Curve {
  min: readonly (number | null)[];
  max: readonly (number | null)[];
  last: readonly (number | null)[];
  /** Longest pause that is no gap, in milliseconds. */
  bridge: number;
}

/** Parts to each side of the pointer in which a value is looked for. */
const NEAR = 12;

/** A curve's range of values, with room for limits that are near. */
export function axisRangeOf({ min, max }: Curve, limits: readonly number[]): AxisRange {
  const low = Math.min(...min.filter((value) => value !== null));
  const high = Math.max(...max.filter((value) => value !== null));
  if (low <= high) return rangeFor({ low, high }, limits);
  const [one] = limits;
  return one === undefined ? { low: 0, high: 1 } : rangeFor({ low: one, high: one }, limits);
}

export interface Paths {
  /** Line through the last values, with gaps. */
  line: string;
  /** Area from the least to the greatest values. */
  area: string;
  /** Values that stand alone. */
  dots: string;
}

/** SVG paths of a curve. `x` takes a share of the time, `part` is the length of a part in milliseconds. */
export function pathsOf(
  { min, max, last, bridge }: Curve,
  part: number,
  x: (share: number) => number,
  y: (value: number) => number,
): Paths {
  const longest = Math.max(2, Math.ceil(bridge / part));
  const paths: Paths = { line: '', area: '', dots: '' };
  let points: string[] = [];
  let upper: string[] = [];
  let lower: string[] = [];
  let before = Number.NEGATIVE_INFINITY;
  const close = (): void => {
    if (points.length === 1) paths.dots += `M${points[0]}h.01`;
    else if (points.length > 1) {
      paths.line += `M${points.join('L')}`;
      paths.area += `M${upper.join('L')}L${lower.reverse().join('L')}z`;
    }
    [points, upper, lower] = [[], [], []];
  };
  for (const [at, value] of last.entries()) {
    if (value === null) continue;
    if (at - before > longest) close();
    const place = x((at + 0.5) / last.length);
    points.push(`${place} ${y(value)}`);
    upper.push(`${place} ${y(max[at] ?? value)}`);
    lower.push(`${place} ${y(min[at] ?? value)}`);
    before = at;
  }
  close();
  return paths;
}

/** The nearest part with a value, a few to each side. */
export function nearest(values: readonly (number | null)[], part: number): number | undefined {
  for (let away = 0; away < NEAR; away++)
    for (const at of [part - away, part + away]) if (typeof values[at] === 'number') return at;
  return undefined;
}
