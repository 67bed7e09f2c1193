import { Canvas, type Colour } from './canvas';
import type { Mark } from './spark-svg';
import { timeTicks } from './ticks';

/** Options that all pictures for a chat share. */
export interface FrameOptions {
  /** Above the picture; shortened where it is too long, what cannot be shown is a box. */
  title: string;
  marks?: readonly Mark[] | undefined;
  /** Width in pixels. @default 640 */
  width?: number | undefined;
  /** Height in pixels. @default 240 */
  height?: number | undefined;
  /** Pixels for each of these, whole: 2 for the screens of phones. @default 1 */
  scale?: number | undefined;
  /** IANA time zone of the time axis. @default the process's */
  timeZone?: string | undefined;
}

const WHITE: Colour = [255, 255, 255];
const INK: Colour = [33, 37, 41];
const GREY: Colour = [108, 117, 125];
export const GRID: Colour = [226, 230, 234];
export const LINE: Colour = [13, 110, 253];
export const LIMIT: Colour = [220, 53, 69];
const EDGE = 12;
/** Pixels of title and time axis beyond a line of text. */
const GAP = 8;

/** Title, time axis and the times of alerts, around the drawing between `left` and `right`, `top` and `bottom`. */
export class Frame {
  readonly canvas: Canvas;
  readonly top = EDGE + Canvas.lineHeight + GAP;
  readonly bottom: number;
  readonly right: number;
  left = EDGE;

  constructor(
    private readonly from: number,
    private readonly to: number,
    private readonly options: FrameOptions,
  ) {
    const [width, height] = [sizeOf(options.width, 640, 200), sizeOf(options.height, 240, 120)];
    this.canvas = new Canvas(width, height, WHITE, options.scale ?? 1);
    this.bottom = this.canvas.height - EDGE - Canvas.lineHeight - GAP;
    this.right = this.canvas.width - EDGE;
  }

  /** Makes room on the left for labels; gives how wide they may be. */
  reserve(labels: readonly string[]): number {
    const widest = Math.max(0, ...labels.map((label) => this.canvas.widthOf(label)));
    this.left = EDGE + Math.min(widest, this.canvas.width / 4) + GAP;
    return this.left - EDGE - GAP + 1;
  }

  /** A label on the left, its middle at this height. */
  label(text: string, y: number, room: number): void {
    const { canvas } = this;
    const shown = canvas.fitting(text, room);
    canvas.text(shown, this.left - GAP - canvas.widthOf(shown), y - Canvas.lineHeight / 2, GREY);
  }

  heading(figures: string): void {
    const { canvas } = this;
    const shown = canvas.fitting(figures, canvas.width / 2);
    const width = canvas.widthOf(shown);
    canvas.text(shown, this.right - width, EDGE, GREY);
    const title = this.options.title.replace(/\s+/g, ' ').slice(0, 500);
    canvas.text(canvas.fitting(title, this.right - width - 2 * EDGE - GAP), EDGE, EDGE, INK);
  }

  timeAxis(): void {
    const { canvas } = this;
    canvas.rectangle(this.left, this.bottom, this.right - this.left, 1, GREY, 0.6);
    const most = Math.max(1, Math.floor((this.right - this.left) / 70));
    let free = 0;
    for (const { at, label } of timeTicks(this.from, this.to, most, this.options.timeZone)) {
      const x = Math.round(this.x(at));
      canvas.rectangle(x, this.top, 1, this.bottom - this.top, GRID);
      canvas.rectangle(x, this.bottom, 1, 5, GREY, 0.6);
      const width = canvas.widthOf(label);
      const place = Math.min(this.right - width, Math.max(EDGE, x - width / 2));
      // The last one is moved to the left, where the one before it may be.
      if (place < free) continue;
      free = place + width + GAP / 2;
      canvas.text(label, place, this.bottom + GAP - 1, GREY);
    }
  }

  marks(): void {
    const { from, to, top } = this;
    for (const { at, end = to } of (this.options.marks ?? []).slice(-100)) {
      if (!(at <= to && end >= from)) continue;
      const begin = Math.round(this.x(Math.max(at, from)));
      const wide = Math.max(2, Math.round(this.x(Math.min(end, to))) - begin);
      this.canvas.rectangle(begin, top, wide, this.bottom - top, LIMIT, 0.12);
      this.canvas.rectangle(begin, top, 1, this.bottom - top, LIMIT, 0.35);
    }
  }

  x(at: number): number {
    return this.left + ((at - this.from) / (this.to - this.from)) * (this.right - this.left);
  }
}

function sizeOf(size: number | undefined, usual: number, least: number): number {
  return Number.isFinite(size) ? Math.min(2_000, Math.max(least, Math.round(size as number))) : usual;
}
