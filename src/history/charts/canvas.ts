import { inflateRawSync } from 'node:zlib';
import { GLYPHS } from './glyphs';

export type Colour = readonly [red: number, green: number, blue: number];

/** Shown for a letter that was not prepared. */
const MISSING = 0x25a1;

/** The prepared letters, unpacked: half a millisecond, for each picture. */
class Letters {
  private readonly widths = Buffer.from(GLYPHS.widths, 'base64');
  private readonly pixels = inflateRawSync(Buffer.from(GLYPHS.pixels, 'base64'));
  private readonly starts: number[] = [];

  constructor() {
    let at = 0;
    for (const width of this.widths) {
      this.starts.push(at);
      at += width * GLYPHS.height;
    }
  }

  of(letter: string): { width: number; opacity(x: number, y: number): number } {
    const index = indexOf(letter.codePointAt(0) ?? MISSING) ?? indexOf(MISSING) ?? 0;
    const width = this.widths[index] as number;
    const start = this.starts[index] as number;
    return {
      width,
      opacity: (x, y) => {
        const at = start + y * width + x;
        const pair = this.pixels[at >> 1] ?? 0;
        return (at % 2 === 0 ? pair >> 4 : pair & 15) / 15;
      },
    };
  }
}

function indexOf(code: number): number | undefined {
  let before = 0;
  for (const [first, last] of GLYPHS.ranges) {
    if (code >= first && code <= last) return before + code - first;
    before += last - first + 1;
  }
  return undefined;
}

/**
 * A picture that is drawn on: edges are smoothed. Coordinates, lengths and its own size count from the upper left corner
 * and are multiplied by `scale` (whole) for its pixels.
 */
export class Canvas {
  readonly pixels: Uint8Array;
  /** Pixels in a line, and lines. */
  readonly columns: number;
  readonly rows: number;
  private readonly letters = new Letters();
  /** Opacity, up to 255, of each pixel of the stroke that is being drawn, so that no place is painted twice. */
  private readonly stroke: Uint8Array;

  constructor(
    readonly width: number,
    readonly height: number,
    background: Colour,
    private readonly scale = 1,
  ) {
    this.columns = width * scale;
    this.rows = height * scale;
    this.pixels = new Uint8Array(this.columns * this.rows * 3);
    this.pixels.set(background);
    // Fills the buffer by copying its beginning behind itself.
    for (let done = 3; done < this.pixels.length; done *= 2) this.pixels.copyWithin(done, 0, done);
    this.stroke = new Uint8Array(this.columns * this.rows);
  }

  static get lineHeight(): number {
    return GLYPHS.height;
  }

  /** One pixel, by its own place. */
  private blend(x: number, y: number, colour: Colour, opacity: number): void {
    if (x < 0 || y < 0 || x >= this.columns || y >= this.rows || !(opacity > 0)) return;
    const at = (y * this.columns + x) * 3;
    const share = Math.min(1, opacity);
    for (let part = 0; part < 3; part++) {
      const before = this.pixels[at + part] as number;
      this.pixels[at + part] = Math.round(before + ((colour[part] as number) - before) * share);
    }
  }

  rectangle(x: number, y: number, width: number, height: number, colour: Colour, opacity = 1): void {
    const { scale } = this;
    for (let row = Math.round(y * scale); row < (y + height) * scale; row++)
      for (let column = Math.round(x * scale); column < (x + width) * scale; column++)
        this.blend(column, row, colour, opacity);
  }

  /** A column one pixel wide between two heights, which need not be whole. */
  column(x: number, top: number, bottom: number, colour: Colour, opacity: number): void {
    const { scale } = this;
    const [first, last] = [top * scale, bottom * scale];
    for (let y = Math.floor(first); y < last; y++) {
      const covered = opacity * Math.max(0, Math.min(last, y + 1) - Math.max(first, y));
      for (let part = 0; part < scale; part++) this.blend(x * scale + part, y, colour, covered);
    }
  }

  /** Draws lines from point to point, with round ends; each list is a line of its own. */
  lines(lists: readonly (readonly (readonly [number, number])[])[], thickness: number, colour: Colour): void {
    const touched = { top: this.rows, bottom: 0 };
    const { scale } = this;
    const placed = ([x, y]: readonly [number, number]) => [x * scale, y * scale] as const;
    for (const points of lists) {
      for (let at = 0; at < points.length; at++) {
        const from = points[at] as [number, number];
        this.segment(placed(from), placed(points[at + 1] ?? from), (thickness * scale) / 2, touched);
      }
    }
    for (let y = touched.top; y < touched.bottom; y++) {
      for (let x = 0; x < this.columns; x++) {
        const at = y * this.columns + x;
        const opacity = this.stroke[at] as number;
        if (opacity === 0) continue;
        this.blend(x, y, colour, opacity / 255);
        this.stroke[at] = 0;
      }
    }
  }

  /** Its upper left corner is given; letters beyond the edge are left out. */
  text(text: string, x: number, y: number, colour: Colour): void {
    let left = Math.round(x);
    for (const letter of text) {
      const { width, opacity } = this.letters.of(letter);
      this.letter(left, Math.round(y), width, opacity, colour);
      left += width;
      if (left > this.width) return;
    }
  }

  /** Between the prepared pixels of a letter, the larger one is smoothed. */
  private letter(
    left: number,
    top: number,
    width: number,
    opacity: (x: number, y: number) => number,
    colour: Colour,
  ): void {
    const { scale } = this;
    const { height } = GLYPHS;
    const at = (x: number, y: number): number =>
      x < 0 || y < 0 || x >= width || y >= height ? 0 : opacity(x, y);
    for (let row = 0; row < height * scale; row++) {
      for (let column = 0; column < width * scale; column++) {
        const [x, y] = [(column + 0.5) / scale - 0.5, (row + 0.5) / scale - 0.5];
        const [x1, y1] = [Math.floor(x), Math.floor(y)];
        const [right, below] = [x - x1, y - y1];
        const upper = at(x1, y1) * (1 - right) + (right > 0 ? at(x1 + 1, y1) * right : 0);
        const lower = below > 0 ? at(x1, y1 + 1) * (1 - right) + at(x1 + 1, y1 + 1) * right : 0;
        this.blend(left * scale + column, top * scale + row, colour, upper * (1 - below) + lower * below);
      }
    }
  }

  widthOf(text: string): number {
    let width = 0;
    for (const letter of text) width += this.letters.of(letter).width;
    return width;
  }

  /** The text, or its beginning and a dot dot dot. */
  fitting(text: string, width: number): string {
    if (this.widthOf(text) <= width) return text;
    const letters = [...text];
    let room = width - this.widthOf('…');
    let kept = 0;
    for (; kept < letters.length; kept++) {
      room -= this.letters.of(letters[kept] as string).width;
      if (room < 0) break;
    }
    return `${letters.slice(0, kept).join('')}…`;
  }

  private segment(
    [x1, y1]: readonly [number, number],
    [x2, y2]: readonly [number, number],
    half: number,
    touched: { top: number; bottom: number },
  ): void {
    const [dx, dy] = [x2 - x1, y2 - y1];
    const square = dx * dx + dy * dy;
    const top = Math.max(0, Math.floor(Math.min(y1, y2) - half - 1));
    const bottom = Math.min(this.rows, Math.ceil(Math.max(y1, y2) + half + 1));
    touched.top = Math.min(touched.top, top);
    touched.bottom = Math.max(touched.bottom, bottom);
    const left = Math.max(0, Math.floor(Math.min(x1, x2) - half - 1));
    const right = Math.min(this.columns, Math.ceil(Math.max(x1, x2) + half + 1));
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        const [px, py] = [x + 0.5 - x1, y + 0.5 - y1];
        const along = square > 0 ? Math.min(1, Math.max(0, (px * dx + py * dy) / square)) : 0;
        const [ax, ay] = [px - along * dx, py - along * dy];
        const opacity = (half + 0.5 - Math.sqrt(ax * ax + ay * ay)) * 255;
        const at = y * this.columns + x;
        if (opacity > (this.stroke[at] as number)) this.stroke[at] = Math.min(255, opacity);
      }
    }
  }
}
