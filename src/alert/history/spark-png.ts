import { Canvas, type Colour } from './canvas';
import { encodePng } from './png';
import { formatValue, placeIn, type Range, rangeOf, spanned, stretchesOf } from './shape';
import type { Mark } from './spark-svg';
import { timeTicks, valueTicks } from './ticks';
import type { Series } from './types';

export interface PngOptions {
  /** Above the picture; shortened where it is too long, what cannot be shown is a box. */
  title: string;
  limit?: number | undefined;
  limit2?: number | undefined;
  marks?: readonly Mark[] | undefined;
  /** Behind each figure. */
  unit?: string | undefined;
  /** In pixels. @default 640 */
  width?: number;
  /** In pixels. @default 240 */
  height?: number;
  /** Of the time axis, of IANA. @default the process's */
  timeZone?: string | undefined;
  /** @default {min: 'min', max: 'max'} */
  words?: { min: string; max: string } | undefined;
}

const WHITE: Colour = [255, 255, 255];
const INK: Colour = [33, 37, 41];
const GREY: Colour = [108, 117, 125];
const GRID: Colour = [226, 230, 234];
const LINE: Colour = [13, 110, 253];
const LIMIT: Colour = [220, 53, 69];
const EDGE = 12;
/** How much more than a line of text the title and the time axis take. */
const GAP = 8;

/**
 * The chart of a series as PNG, for a chat: line, band between least and largest value, limits, the times of alerts,
 * round values and times on the axes. Gaps stay gaps. 5 to 30 kB; needs no native library and no font.
 */
export function sparkPng(series: Series, options: PngOptions): Buffer {
  const width = sizeOf(options.width, 640, 200);
  const height = sizeOf(options.height, 240, 120);
  const canvas = new Canvas(width, height, WHITE);
  new Chart(canvas, series, options).draw();
  return encodePng(width, height, canvas.pixels);
}

class Chart {
  private readonly found: Range | undefined;
  private readonly range: Range;
  private readonly ticks: { value: number; label: string }[];
  private readonly left: number;
  private readonly right: number;
  private readonly top = EDGE + Canvas.lineHeight + GAP;
  private readonly bottom: number;

  constructor(
    private readonly canvas: Canvas,
    private readonly series: Series,
    private readonly options: PngOptions,
  ) {
    this.found = rangeOf(series);
    this.range = spanned(
      this.found ?? { low: 0, high: 0 },
      this.found ? [options.limit, options.limit2] : [],
    );
    const { low, high } = this.range;
    // Air above and below, as far as there are numbers for it.
    const air = Math.min(Number.MAX_VALUE / 4, (high / 2 - low / 2) * 0.1);
    if (Number.isFinite(low - air) && Number.isFinite(high + air))
      this.range = { low: low - air, high: high + air };
    this.bottom = canvas.height - EDGE - Canvas.lineHeight - GAP;
    const most = Math.max(2, Math.floor((this.bottom - this.top) / 40));
    this.ticks = (this.found ? valueTicks(this.range, most) : []).map((value) => ({
      value,
      label: formatValue(value),
    }));
    const widest = Math.max(0, ...this.ticks.map(({ label }) => canvas.widthOf(label)));
    this.left = EDGE + Math.min(widest, canvas.width / 4) + GAP;
    this.right = canvas.width - EDGE;
  }

  draw(): void {
    this.grid();
    this.marks();
    if (this.found) this.curve();
    for (const limit of [this.options.limit, this.options.limit2]) this.limit(limit);
    this.heading();
  }

  private heading(): void {
    const { canvas, options, found } = this;
    const { min, max } = options.words ?? { min: 'min', max: 'max' };
    const figures = found
      ? `${min} ${formatValue(found.low, options.unit)}   ${max} ${formatValue(found.high, options.unit)}`
      : '–';
    const shown = canvas.fitting(figures, canvas.width / 2);
    const width = canvas.widthOf(shown);
    canvas.text(shown, this.right - width, EDGE, GREY);
    const title = options.title.replace(/\s+/g, ' ').slice(0, 500);
    canvas.text(canvas.fitting(title, this.right - width - 2 * EDGE - GAP), EDGE, EDGE, INK);
  }

  private grid(): void {
    const { canvas, series } = this;
    for (const { value, label } of this.ticks) {
      const y = Math.round(this.y(value));
      canvas.rectangle(this.left, y, this.right - this.left, 1, GRID);
      const shown = canvas.fitting(label, this.left - EDGE - GAP + 1);
      canvas.text(shown, this.left - GAP - canvas.widthOf(shown), y - Canvas.lineHeight / 2, GREY);
    }
    canvas.rectangle(this.left, this.bottom, this.right - this.left, 1, GREY, 0.6);
    const most = Math.max(1, Math.floor((this.right - this.left) / 70));
    for (const { at, label } of timeTicks(series.from, series.to, most, this.options.timeZone)) {
      const x = Math.round(this.x(at));
      canvas.rectangle(x, this.top, 1, this.bottom - this.top, GRID);
      canvas.rectangle(x, this.bottom, 1, 5, GREY, 0.6);
      const width = canvas.widthOf(label);
      const place = Math.min(this.right - width, Math.max(EDGE, x - width / 2));
      canvas.text(label, place, this.bottom + GAP - 1, GREY);
    }
  }

  private marks(): void {
    const { from, to } = this.series;
    for (const { at, end = to } of (this.options.marks ?? []).slice(-100)) {
      if (!(at <= to && end >= from)) continue;
      const begin = Math.round(this.x(Math.max(at, from)));
      const wide = Math.max(2, Math.round(this.x(Math.min(end, to))) - begin);
      this.canvas.rectangle(begin, this.top, wide, this.bottom - this.top, LIMIT, 0.12);
      this.canvas.rectangle(begin, this.top, 1, this.bottom - this.top, LIMIT, 0.35);
    }
  }

  private curve(): void {
    const { canvas, series } = this;
    const { min, max } = series;
    const middle = series.mean ?? series.last;
    const step = (this.right - this.left) / series.t.length;
    const lists: [number, number][][] = [];
    for (const stretch of stretchesOf(series)) {
      const points = (values: readonly (number | null)[]): [number, number][] =>
        stretch.map((part) => [this.left + (part + 0.5) * step, this.y(values[part] as number)]);
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
        this.canvas.column(x, top, low1 + (low2 - low1) * share, LINE, 0.22);
      }
    }
  }

  private limit(limit: number | undefined): void {
    if (limit === undefined || !Number.isFinite(limit) || !this.found) return;
    const { canvas } = this;
    const y = Math.round(this.y(limit));
    for (let x = this.left; x < this.right; x += 10)
      canvas.rectangle(x, y, Math.min(6, this.right - x), 2, LIMIT, 0.85);
    const label = formatValue(limit, this.options.unit);
    const above = y - Canvas.lineHeight - 1;
    const place = above > this.top ? above : y + 3;
    canvas.text(label, this.right - canvas.widthOf(label) - 2, place, LIMIT);
  }

  private x(at: number): number {
    const { from, to } = this.series;
    return this.left + ((at - from) / (to - from)) * (this.right - this.left);
  }

  private y(value: number): number {
    return this.bottom - 1 - placeIn(this.range, value) * (this.bottom - this.top - 2);
  }
}

function sizeOf(size: number | undefined, usual: number, least: number): number {
  return Number.isFinite(size) ? Math.min(2_000, Math.max(least, Math.round(size as number))) : usual;
}
