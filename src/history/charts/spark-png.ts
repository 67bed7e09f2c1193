import type { Series } from '../types';
import { Canvas } from './canvas';
import { encodeCanvases } from './png';
import { Frame, type FrameOptions, GRID, LIMIT, LINE } from './png-frame';
import { formatValue, placeIn, spanned, stretchesOf, type ValueRange, valueRangeOf } from './shape';
import { valueTicks } from './ticks';

export interface PngOptions extends FrameOptions {
  limit?: number | undefined;
  limit2?: number | undefined;
  /** Behind each figure. */
  unit?: string | undefined;
  /** @default {min: 'min', max: 'max'} */
  words?: { min: string; max: string } | undefined;
}

/**
 * The chart of a series as PNG, for a chat: line, band between least and largest value, limits, the times of alerts,
 * round values and times on the axes. Gaps stay gaps. 5 to 30 kB; needs no native library and no font.
 */
export function sparkPng(series: Series, options: PngOptions): Buffer {
  return encodeCanvases([drawSeries(series, options)]);
}

/** The same as a picture that may stand above others. */
export function drawSeries(series: Series, options: PngOptions): Canvas {
  const frame = new Frame(series.from, series.to, options);
  new Chart(frame, series, options).draw();
  return frame.canvas;
}

class Chart {
  private readonly found: ValueRange | undefined;
  private readonly range: ValueRange;
  private readonly ticks: { value: number; label: string }[];
  /** Room for the labels of the values. */
  private readonly room: number;

  constructor(
    private readonly frame: Frame,
    private readonly series: Series,
    private readonly options: PngOptions,
  ) {
    this.found = valueRangeOf(series);
    this.range = spanned(
      this.found ?? { low: 0, high: 0 },
      this.found ? [options.limit, options.limit2] : [],
    );
    const { low, high } = this.range;
    // Air above and below, as far as there are numbers for it.
    const air = Math.min(Number.MAX_VALUE / 4, (high / 2 - low / 2) * 0.1);
    if (Number.isFinite(low - air) && Number.isFinite(high + air))
      this.range = { low: low - air, high: high + air };
    const most = Math.max(2, Math.floor((frame.bottom - frame.top) / 40));
    this.ticks = (this.found ? valueTicks(this.range, most) : []).map((value) => ({
      value,
      label: formatValue(value),
    }));
    this.room = frame.reserve(this.ticks.map(({ label }) => label));
  }

  draw(): void {
    this.grid();
    this.frame.marks();
    if (this.found) this.curve();
    for (const limit of [this.options.limit, this.options.limit2]) this.limit(limit);
    this.heading();
  }

  private heading(): void {
    const { options, found } = this;
    const { min, max } = options.words ?? { min: 'min', max: 'max' };
    this.frame.heading(
      found
        ? `${min} ${formatValue(found.low, options.unit)}   ${max} ${formatValue(found.high, options.unit)}`
        : '–',
    );
  }

  private grid(): void {
    const { frame } = this;
    for (const { value, label } of this.ticks) {
      const y = Math.round(this.y(value));
      frame.canvas.rectangle(frame.left, y, frame.right - frame.left, 1, GRID);
      frame.label(label, y, this.room);
    }
    frame.timeAxis();
  }

  private curve(): void {
    const { frame, series } = this;
    const { canvas } = frame;
    const { min, max } = series;
    const middle = series.mean ?? series.last;
    const step = (frame.right - frame.left) / series.t.length;
    const lists: [number, number][][] = [];
    for (const stretch of stretchesOf(series)) {
      const points = (values: readonly (number | null)[]): [number, number][] =>
        stretch.map((part) => [frame.left + (part + 0.5) * step, this.y(values[part] as number)]);
      const [upper, lower] = [points(max), points(min)];
      this.band(upper, lower);
      lists.push(points(middle));
      // Peaks are as clear as the line: each part from least to largest.
      for (const [at, high] of upper.entries()) {
        const low = lower[at] as [number, number];
        if (low[1] - high[1] > 3) canvas.column(Math.floor(high[0]), high[1], low[1], LINE, 0.3);
      }
    }
    canvas.lines(lists, 2, LINE);
  }

  /** Between two lines with points at the same places. */
  private band(upper: readonly [number, number][], lower: readonly [number, number][]): void {
    for (let at = 0; at + 1 < upper.length; at++) {
      const [[x1, high1], [x2, high2]] = [upper[at], upper[at + 1]] as [[number, number], [number, number]];
      const [low1, low2] = [(lower[at] as [number, number])[1], (lower[at + 1] as [number, number])[1]];
      for (let x = Math.ceil(x1 - 0.5); x + 0.5 < x2; x++) {
        const share = (x + 0.5 - x1) / (x2 - x1);
        const top = high1 + (high2 - high1) * share;
        this.frame.canvas.column(x, top, low1 + (low2 - low1) * share, LINE, 0.22);
      }
    }
  }

  private limit(limit: number | undefined): void {
    if (limit === undefined || !Number.isFinite(limit) || !this.found) return;
    const { canvas, left, right, top } = this.frame;
    const y = Math.round(this.y(limit));
    for (let x = left; x < right; x += 10) canvas.rectangle(x, y, Math.min(6, right - x), 2, LIMIT, 0.85);
    const label = formatValue(limit, this.options.unit);
    const above = y - Canvas.lineHeight - 1;
    const place = above > top ? above : y + 3;
    canvas.text(label, right - canvas.widthOf(label) - 2, place, LIMIT);
  }

  private y(value: number): number {
    const { top, bottom } = this.frame;
    return bottom - 1 - placeIn(this.range, value) * (bottom - top - 2);
  }
}
