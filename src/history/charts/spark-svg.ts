import { replaceNonXml } from '../../base/xml-text';
import type { Series } from '../types';
import { formatValue, placeIn, spanned, stretchesOf, type ValueRange, valueRangeOf } from './shape';

/** An alert on the time axis. */
export interface Mark {
  /** When it began, milliseconds since the epoch. */
  at: number;
  /** When it ended; none: it lasts. */
  end?: number | undefined;
}

export interface SparkSvgOptions {
  /** Read out first by a screen reader; shown when the pointer rests on it. */
  title: string;
  /** Read out after it. */
  description: string;
  /** Drawn as a broken line. */
  limit?: number | undefined;
  /** A second one: `outside`, `inside`, or that of critical. */
  limit2?: number | undefined;
  marks?: readonly Mark[] | undefined;
  /** Width in pixels; it scales to any size. @default 240 */
  width?: number | undefined;
  /** @default 48 */
  height?: number | undefined;
}

/** Units of the drawing in a pixel: whole numbers are short. */
export const FINE = 4;
/** Room above and below, in units, so that no line is cut. */
const EDGE = 6;
/** Maximum number of alerts that can be told apart. */
const MAX_MARKS = 100;

/**
 * A sparkline for a page: the band between least and largest value, a line in it, the limits, and the times of alerts
 * as a shade. All in `currentColor`. Gaps stay gaps. Standalone SVG 1.1, all text escaped; of 240 points 1 to 4 kB.
 */
export function sparkSvg(series: Series, options: SparkSvgOptions): string {
  return sheetSvg(series, options, (sheet) => {
    const { range, curve, limits } = drawnOf(series, options, sheet);
    return range ? [...curve, ...limits] : [];
  });
}

/** The parts of a drawing, and the range of values between its edges; undefined: there is no value. */
export function drawnOf(
  series: Series,
  options: Pick<SparkSvgOptions, 'limit' | 'limit2'>,
  { width, height }: Pick<Sheet, 'width' | 'height'>,
): { range: ValueRange | undefined; curve: string[]; limits: string[] } {
  const found = valueRangeOf(series);
  if (!found) return { range: undefined, curve: [], limits: [] };
  const limits = [options.limit, options.limit2];
  const range = spanned(found, limits);
  const drawing = new Drawing(series, range, width, height);
  return { range, curve: drawing.curve(), limits: limits.flatMap((limit) => drawing.limit(limit)) };
}

/** Height of a value in a drawing, in units from above. */
export function heightIn(range: ValueRange, height: number, value: number): number {
  return Math.round(height - EDGE - placeIn(range, value) * (height - 2 * EDGE));
}

/** Drawing area of a picture, in units. */
export interface Sheet {
  width: number;
  height: number;
  /** Position of a moment. */
  x(at: number): number;
}

/** The frame of a picture: its size, its text for screen readers, and alerts as a shade behind the drawing. */
export function sheetSvg(
  { from, to }: { from: number; to: number },
  options: Omit<SparkSvgOptions, 'limit' | 'limit2'>,
  draw: (sheet: Sheet) => string[],
): string {
  const width = sizeOf(options.width, 240) * FINE;
  const height = sizeOf(options.height, 48) * FINE;
  const sheet: Sheet = { width, height, x: (at) => Math.round(((at - from) / (to - from)) * width) };
  const drawn = draw(sheet);
  const parts = drawn.length > 0 ? [...marksOn(sheet, from, to, options.marks ?? []), ...drawn] : [];
  const text = `<title>${escapeXml(options.title)}</title><desc>${escapeXml(options.description)}</desc>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width / FINE}" height="${height / FINE}" preserveAspectRatio="none" role="img" fill="none" stroke="currentColor">${text}${parts.join('')}</svg>`;
}

/** Alerts as a shade; empty if there are none in that time. */
export function marksOn(
  { width, height, x }: Sheet,
  from: number,
  to: number,
  marks: readonly Mark[],
): string[] {
  let path = '';
  for (const { at, end = to } of marks.slice(-MAX_MARKS)) {
    if (!(at <= to && end >= from)) continue;
    const left = x(Math.max(at, from));
    const wide = Math.max(FINE, x(Math.min(end, to)) - left);
    path += `M${Math.min(left, width - wide)} 0h${wide}v${height}h-${wide}z`;
  }
  return path ? [`<path d="${path}" fill="currentColor" fill-opacity=".18" stroke="none"/>`] : [];
}

class Drawing {
  private readonly step: number;

  constructor(
    private readonly series: Series,
    private readonly range: ValueRange,
    private readonly width: number,
    private readonly height: number,
  ) {
    this.step = width / series.t.length;
  }

  curve(): string[] {
    const { min, max, last } = this.series;
    // A series made elsewhere may come without means.
    const middle = this.series.mean ?? last;
    let line = '';
    let band = '';
    for (const stretch of stretchesOf(this.series)) {
      const [only] = stretch as [number];
      if (stretch.length === 1) line += `M${this.middleOf(only)} ${this.y(max[only] as number)}`;
      line += stretch.length === 1 ? `V${this.y(min[only] as number)}` : this.path(stretch, middle);
      if (stretch.length > 1 && stretch.some((part) => min[part] !== max[part])) {
        const back = [...stretch].reverse();
        band += `${this.path(stretch, max)}${this.path(back, min).replace('M', 'L')}z`;
      }
    }
    const made: string[] = [];
    if (band) made.push(`<path d="${band}" fill="currentColor" fill-opacity=".3" stroke="none"/>`);
    made.push(
      `<path d="${line}" stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round" vector-effect="non-scaling-stroke"/>`,
    );
    return made;
  }

  limit(limit: number | undefined): string[] {
    if (limit === undefined || !Number.isFinite(limit)) return [];
    const y = this.y(limit);
    return [
      `<path d="M0 ${y}H${this.width}" stroke-opacity=".6" stroke-dasharray="4 3" vector-effect="non-scaling-stroke"><title>${escapeXml(formatValue(limit))}</title></path>`,
    ];
  }

  /** Through the middle of the parts. */
  private path(stretch: readonly number[], values: readonly (number | null)[]): string {
    let text = '';
    let [x, y] = [0, 0];
    for (const part of stretch) {
      const nextX = this.middleOf(part);
      const nextY = this.y(values[part] as number);
      if (!text) text = `M${nextX} ${nextY}`;
      else if (nextY === y) text += `h${nextX - x}`;
      else text += `l${nextX - x}${nextY < y ? '' : ' '}${nextY - y}`;
      [x, y] = [nextX, nextY];
    }
    return text;
  }

  private middleOf(part: number): number {
    return Math.round((part + 0.5) * this.step);
  }

  private y(value: number): number {
    return heightIn(this.range, this.height, value);
  }
}

function sizeOf(size: number | undefined, usual: number): number {
  return Number.isFinite(size) ? Math.min(4_096, Math.max(8, Math.round(size as number))) : usual;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for XML, in an element or in an attribute; what XML forbids becomes U+FFFD. */
export function escapeXml(text: string): string {
  return replaceNonXml(text, '\ufffd').replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}
