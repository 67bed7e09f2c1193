import { DAY, HOUR, MINUTE, SECOND } from '../../base/time-units';

/** Axes of the chart. Pure. */
export interface AxisRange {
  low: number;
  high: number;
}

/** A round number of this size or a little less: 1, 2 or 5 times a power of ten. */
export function roundStep(size: number): number {
  if (!(size > 0) || !Number.isFinite(size)) return 1;
  const power = 10 ** Math.floor(Math.log10(size));
  return power * ([5, 2, 1].find((factor) => factor * power <= size * 1.0000001) ?? 1);
}

/** Rounded to a step, without the noise of binary fractions. */
export function roundTo(value: number, step: number): number {
  return Number((Math.round(value / step) * step).toPrecision(12));
}

/**
 * The chart's range: the observed values and the limits, with room around them. A limit that is far away is left out, so
 * that it does not flatten the curve; its handle is then at the edge.
 */
export function rangeFor(seen: AxisRange, limits: readonly number[]): AxisRange {
  const size = Math.max(seen.high - seen.low, Math.abs(seen.high) * 0.02, 1e-9);
  const near = limits.filter((limit) => limit > seen.low - 3 * size && limit < seen.high + 3 * size);
  const low = Math.min(seen.low, ...near);
  const high = Math.max(seen.high, ...near);
  const room = (high - low || Math.abs(high) * 0.1 || 1) * 0.14;
  return { low: low - room, high: high + room };
}

export function valueTicks({ low, high }: AxisRange, most: number): number[] {
  const rough = (high - low) / most;
  const step = [1, 2, 2.5, 5].map((one) => one * roundStep(rough)).find((one) => one >= rough) ?? rough;
  const ticks: number[] = [];
  for (let at = Math.ceil(low / step); at * step <= high && ticks.length <= 2 * most; at++)
    ticks.push(roundTo(at * step, step));
  return ticks;
}

const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 4, 6, 12].map((count) => count * HOUR),
];

/**
 * Round local times, at most as many; `label` is `14:00`, with seconds if they are that close. In a span of more than a
 * day, a midnight has the name of its day.
 */
export function timeTicks(
  from: number,
  to: number,
  most: number,
  nameOf: (midnight: number) => string = weekday,
): { at: number; label: string }[] {
  const span = to - from;
  const step = STEPS.find((one) => span / one <= most) ?? DAY;
  // The name of a day takes half the room of a time.
  const days = step < DAY ? 1 : Math.max(1, Math.ceil(span / DAY / (2 * most)));
  const label = (at: number): string =>
    step < MINUTE ? `${clock(at)}:${two(new Date(at).getSeconds())}` : clock(at);
  const ticks: { at: number; label: string }[] = [];
  let midnight = midnightOf(from, 0);
  while (midnight <= to) {
    const next = midnightOf(midnight, days);
    // Counted from each midnight: where the clocks change, a day has another length.
    for (let at = midnight; at <= to && at < next; at += step) {
      const isMidnight = at === midnight;
      if (at >= from && (isMidnight || next - at > step / 2))
        ticks.push({ at, label: isMidnight && span > DAY ? nameOf(at) : label(at) });
      if (step >= DAY) break;
    }
    midnight = next;
  }
  return ticks;
}

function midnightOf(at: number, later: number): number {
  const date = new Date(at);
  date.setHours(0, 0, 0, 0);
  return date.setDate(date.getDate() + later);
}

/** `Fri`, in the language of the browser. */
export function weekday(at: number): string {
  return new Date(at).toLocaleDateString([], { weekday: 'short' });
}

/** `14:03`. */
export function clock(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

const two = (value: number): string => String(value).padStart(2, '0');
