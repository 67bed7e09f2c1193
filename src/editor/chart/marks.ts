/** Parts of a chart, as SVG elements. */
import { svg } from '../dom';
import { number } from '../format';
import { type Curve, pathsOf } from './curve';
import { type AxisRange, clock, timeTicks, valueTicks } from './scale';

/** Place of the times and values in a chart, in pixels from its upper left corner. */
export interface ChartFrame {
  left: number;
  right: number;
  top: number;
  bottom: number;
  /** Milliseconds since the epoch. */
  from: number;
  to: number;
}

/** Pixels for one label of a time, and of a value. */
const TIME_ROOM = 60;
const VALUE_ROOM = 36;

const round = (value: number): number => Math.round(value * 10) / 10;

export function xOf({ left, right, from, to }: ChartFrame, at: number): number {
  return round(left + ((at - from) / (to - from)) * (right - left));
}

/** A value's height; beyond the axis, its edge. */
export function yOf({ top, bottom }: ChartFrame, { low, high }: AxisRange, value: number): number {
  const share = Math.min(1, Math.max(0, (value - low) / (high - low)));
  return round(top + (1 - share) * (bottom - top));
}

/** The times below the chart, with lines through it if it has values. */
export function times(frame: ChartFrame, isGrid: boolean): Element[] {
  const { left, right, top, bottom, from, to } = frame;
  const ticks = timeTicks(from, to, Math.max(2, Math.floor((right - left) / TIME_ROOM)));
  const lines = isGrid ? ticks.map(({ at }) => `M${xOf(frame, at)} ${top}V${bottom}`).join('') : '';
  return [
    svg('path', { class: 'dinox-chart-grid', d: lines }),
    svg('path', { class: 'dinox-chart-axis', d: `M${left} ${bottom}H${right}` }),
    ...ticks.map(({ at, label }) => textMark(xOf(frame, at), bottom + 15, label, 'middle')),
  ];
}

/** The values beside the chart: the first curve's at the left, with lines; the second's at the right. */
export function values(frame: ChartFrame, range: AxisRange, isSecond: boolean): Element[] {
  const { left, right, top, bottom } = frame;
  const ticks = valueTicks(range, Math.max(2, Math.floor((bottom - top) / VALUE_ROOM)));
  const seen = ticks.map((tick) => ({ tick, y: yOf(frame, range, tick) })).filter(({ y }) => y > top + 4);
  const labels = seen.map(({ tick, y }) =>
    isSecond
      ? textMark(right + 6, y + 4, number(tick), 'start')
      : textMark(left - 6, y + 4, number(tick), 'end'),
  );
  if (isSecond) return labels;
  const lines = seen.map(({ y }) => `M${left} ${y}H${right}`).join('');
  return [svg('path', { class: 'dinox-chart-grid', d: lines }), ...labels];
}

export function curve(frame: ChartFrame, range: AxisRange, one: Curve, isSecond: boolean): Element[] {
  const { left, right, from, to } = frame;
  const { line, area, dots } = pathsOf(
    one,
    (to - from) / one.last.length,
    (share) => round(left + share * (right - left)),
    (value) => yOf(frame, range, value),
  );
  const kind = isSecond ? ' dinox-chart-second' : '';
  return [
    svg('path', { class: `dinox-chart-area${kind}`, d: area }),
    svg('path', { class: `dinox-chart-line${kind}`, d: line }),
    svg('path', { class: `dinox-chart-dots${kind}`, d: dots }),
  ];
}

/** States, one after the other, for values that are no numbers. */
export function states(frame: ChartFrame, all: readonly { at: number; state: string }[]): Element[] {
  const { top, bottom, from, to } = frame;
  const kinds = [...new Set(all.map(({ state }) => state))];
  return all.flatMap(({ at, state }, place) => {
    const left = xOf(frame, Math.max(at, from));
    const wide = Math.max(1, xOf(frame, all[place + 1]?.at ?? to) - left);
    const kind = `dinox-chart-state dinox-chart-state-${kinds.indexOf(state) % 6}`;
    const strip = box(kind, left, top + 4, wide, bottom - top - 4);
    const title = svg('title');
    title.textContent = `${clock(at)} ${state}`;
    strip.append(title);
    const fits = state.length * 7 < wide - 6;
    return [
      strip,
      ...(fits ? [textMark(left + 5, (top + bottom) / 2 + 6, state, 'start', 'dinox-chart-name')] : []),
    ];
  });
}

/** Marked times: `[from, to, criticalFrom or 0, noData 0 or 1]`. */
export function spans(frame: ChartFrame, all: readonly (readonly number[])[]): Element[] {
  const { top, bottom } = frame;
  return all.flatMap(([from = 0, to = 0, critical = 0, noData = 0]) => {
    if (to < frame.from) return [];
    const shade = (begin: number, more: string): Element[] => {
      const left = xOf(frame, Math.max(begin, frame.from));
      const wide = Math.max(2, xOf(frame, to) - left);
      const kind = `dinox-chart-span${more}`;
      return [box(kind, left, top, wide, bottom - top), box(`${kind} dinox-chart-edge`, left, top, wide, 3)];
    };
    return [
      ...shade(from, noData ? ' dinox-chart-nodata' : ''),
      ...(critical > 0 ? shade(critical, ' dinox-chart-severe') : []),
    ];
  });
}

/** Bands between two values, over the whole time. */
export function bands(
  frame: ChartFrame,
  range: AxisRange,
  all: readonly (readonly [number, number])[],
): Element[] {
  const { left, right } = frame;
  return all.map(([one, other]) => {
    const [top, bottom] = [Math.max(one, other), Math.min(one, other)].map((value) =>
      yOf(frame, range, value),
    );
    return box('dinox-chart-band', left, top ?? 0, right - left, (bottom ?? 0) - (top ?? 0));
  });
}

function box(kind: string, x: number, y: number, width: number, height: number): SVGElement {
  return svg('rect', { class: kind, x, y, width: round(width), height: Math.max(0, round(height)) });
}

export function textMark(
  x: number,
  y: number,
  words: string,
  anchor: string,
  kind = 'dinox-chart-label',
): SVGElement {
  const element = svg('text', { class: kind, x, y, 'text-anchor': anchor });
  element.textContent = words;
  return element;
}
