/*! uPlot 1.6.32, MIT License, Copyright (c) 2022 Leon Sorokin.
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions: The above copyright notice and
this permission notice shall be included in all copies or substantial portions of the Software. THE SOFTWARE IS PROVIDED
"AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS
BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE. */
import uPlot from 'uplot';
import { el } from '../../../../editor/dom';
import { number } from '../../../../editor/format';
import { LimitLine } from './limit-line';

export interface ChartLine {
  label: string;
  min: (number | null)[];
  max: (number | null)[];
  last: (number | null)[];
  /** Longer pauses are gaps, in milliseconds. */
  bridge: number;
}

export interface ChartData {
  /** Milliseconds since the epoch. */
  from: number;
  to: number;
  lines: ChartLine[];
}

/** A style property of Node-RED's theme, as the browser has it now: canvas takes no variables. */
function themed(element: Element, name: string, fallback: string): string {
  return getComputedStyle(element).getPropertyValue(name).trim() || fallback;
}

/** A colour of any form with most of it taken away; canvas writes colours as `#rrggbb`. */
function faint(colour: string): string {
  const context = el('canvas').getContext('2d');
  if (!context) return 'transparent';
  context.fillStyle = colour;
  const { fillStyle } = context;
  return typeof fillStyle === 'string' && /^#[0-9a-f]{6}$/i.test(fillStyle)
    ? `${fillStyle}2e`
    : 'transparent';
}

/** Times of the middles of the buckets, in seconds. */
function timesOf({ from, to, lines }: ChartData): number[] {
  const points = lines[0]?.last.length ?? 0;
  return Array.from({ length: points }, (_, i) => (from + ((i + 0.5) / points) * (to - from)) / 1_000);
}

/**
 * A chart of one or two topics: the line of the last values in a band from the least to the most. Dragging zooms in,
 * a double click goes back. A limit stands in it where {@link setLimit} gives one, and can be dragged.
 */
export class Chart {
  readonly element = el('div', 'dxs-chart');
  private plot: uPlot | undefined;
  private data: ChartData | undefined;
  private limit: number | undefined;
  private readonly line: LimitLine;
  private readonly observer = new ResizeObserver(() => this.resize());
  private lastKey = '';

  constructor(
    private readonly height: () => number,
    private readonly zoomed: (from: number, to: number) => void,
    private readonly pointed: (at: number | undefined, values: (number | null | undefined)[]) => void,
    picked: (value: number) => void,
    limitLabel: string,
  ) {
    this.line = new LimitLine(
      limitLabel,
      {
        range: () => {
          const { min, max } = this.plot?.scales.y ?? {};
          return { min: min ?? 0, max: max ?? 1 };
        },
        toPixel: (value) => this.plot?.valToPos(value, 'y') ?? 0,
        fromPixel: (pixel) => this.plot?.posToVal(pixel, 'y') ?? 0,
      },
      picked,
      () => this.rescale(),
    );
    this.observer.observe(this.element);
  }

  set(data: ChartData): void {
    this.data = data;
    const key = JSON.stringify(data.lines.map(({ label, bridge }) => [label, bridge]));
    if (this.plot && key === this.lastKey) {
      this.plot.setData(this.columns(data), false);
      this.plot.setScale('x', { min: data.from / 1_000, max: data.to / 1_000 });
      return;
    }
    this.lastKey = key;
    this.make(data);
  }

  setLimit(limit: number | undefined): void {
    if (this.limit === limit) return;
    this.limit = limit;
    this.line.set(limit);
    if (this.line.dragging) this.plot?.redraw(false, false);
    else this.rescale();
  }

  /** Makes room for the limit. */
  private rescale(): void {
    const { min, max } = this.plot?.scales.x ?? {};
    // uPlot looks at the other scales anew whenever this one is set.
    if (min !== undefined && max !== undefined) this.plot?.setScale('x', { min: min ?? 0, max: max ?? 1 });
  }

  /** From the least to the most value, and the limit; a line that does not change must not fill it with its noise. */
  private readonly range: uPlot.Scale = {
    range: (plot, min, max, key) => {
      const { limit } = this;
      const held = plot.scales[key];
      if (this.line.dragging && held?.min != null && held.max != null) return [held.min, held.max];
      if (key !== 'y' || limit === undefined) return roomFor(min, max);
      return min === null || max === null
        ? roomFor(limit, limit)
        : roomFor(Math.min(min, limit), Math.max(max, limit));
    },
  };

  /** The picture with a background, for a file. */
  toBlob(): Promise<Blob | null> {
    const source = this.plot?.ctx.canvas;
    if (!source) return Promise.resolve(null);
    const canvas = el('canvas', '', { width: source.width, height: source.height });
    const context = canvas.getContext('2d');
    if (!context) return Promise.resolve(null);
    context.fillStyle = themed(this.element, '--red-ui-primary-background', '#fff');
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(source, 0, 0);
    return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
  }

  destroy(): void {
    this.observer.disconnect();
    this.plot?.destroy();
    this.plot = undefined;
  }

  private columns({ lines, ...rest }: ChartData): uPlot.AlignedData {
    return [timesOf({ lines, ...rest }), ...lines.flatMap(({ last, min, max }) => [last, max, min])];
  }

  private make(data: ChartData): void {
    this.plot?.destroy();
    const text = themed(this.element, '--red-ui-secondary-text-color', '#666');
    const grid = themed(this.element, '--red-ui-secondary-border-color', '#ddd');
    const colours = [
      themed(this.element, '--dxs-accent', '#1a7f5a'),
      themed(this.element, '--dxs-accent-2', '#a15c00'),
    ];
    const series: uPlot.Series[] = [{}];
    const bands: uPlot.Band[] = [];
    for (const [i, { bridge }] of data.lines.entries()) {
      const gaps: uPlot.Series.GapsRefiner = (plot, _index, _from, _to, found) => {
        const { min = 0, max = 1 } = plot.scales.x ?? {};
        const perSecond = plot.bbox.width / Math.max(1, (max ?? 1) - (min ?? 0));
        return found.filter(([begin, end]) => end - begin > (bridge / 1_000) * perSecond);
      };
      const stroke = colours[i % 2] ?? text;
      const scale = i === 0 ? 'y' : 'y2';
      const first = series.length;
      series.push(
        { scale, stroke, width: 1.5, gaps, points: { size: 4 } },
        { scale, stroke: 'transparent', width: 0, gaps, points: { show: false } },
        { scale, stroke: 'transparent', width: 0, gaps, points: { show: false } },
      );
      bands.push({ series: [first + 1, first + 2], fill: faint(stroke) });
    }
    const font = '11px Helvetica Neue, Arial, sans-serif';
    const axis = { stroke: text, font, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, size: 4 } };
    const values = (_: uPlot, ticks: number[]): string[] => ticks.map((tick) => number(tick));
    const axes: uPlot.Axis[] = [
      { ...axis, space: 56, size: 26, values: TIMES },
      { ...axis, scale: 'y', size: 48, values },
    ];
    if (data.lines.length > 1)
      axes.push({
        ...axis,
        scale: 'y2',
        side: 1,
        size: 48,
        values,
        stroke: colours[1] ?? text,
        grid: { show: false },
      });
    this.plot = new uPlot(
      {
        width: Math.max(120, this.element.clientWidth),
        height: this.height(),
        legend: { show: false },
        cursor: { y: false, points: { size: 6 }, drag: { x: true, y: false, setScale: false, dist: 6 } },
        scales: { x: { time: true }, y: this.range, y2: this.range },
        series,
        bands,
        axes,
        hooks: {
          setSelect: [(plot) => this.selected(plot)],
          setCursor: [(plot) => this.moved(plot)],
          draw: [
            (plot) => {
              this.drawLimit(plot);
              this.line.place();
            },
          ],
        },
      },
      this.columns(data),
      this.element,
    );
    this.plot.setScale('x', { min: data.from / 1_000, max: data.to / 1_000 });
    this.plot.over.append(this.line.element);
    this.plot.over.addEventListener('click', (event) => {
      if (event.altKey) this.line.put(event.offsetY);
    });
    this.plot.over.addEventListener('dblclick', () => this.zoomed(0, 0));
  }

  private selected(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width < 6) return;
    const from = plot.posToVal(left, 'x') * 1_000;
    const to = plot.posToVal(left + width, 'x') * 1_000;
    plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    if (to - from > 2_000) this.zoomed(from, to);
  }

  private moved(plot: uPlot): void {
    const { idx } = plot.cursor;
    if (idx === null || idx === undefined || (plot.cursor.left ?? -1) < 0) {
      this.pointed(undefined, []);
      return;
    }
    const lines = this.data?.lines ?? [];
    this.pointed(
      (plot.data[0]?.[idx] ?? 0) * 1_000,
      lines.map(({ last }) => last[idx]),
    );
  }

  private drawLimit(plot: uPlot): void {
    if (this.limit === undefined) return;
    const y = plot.valToPos(this.limit, 'y', true);
    const { left, width, top, height } = plot.bbox;
    if (y < top || y > top + height) return;
    const { ctx } = plot;
    ctx.save();
    ctx.strokeStyle = themed(this.element, '--red-ui-text-color-error', '#ad1625');
    ctx.lineWidth = Math.max(1, devicePixelRatio);
    ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(left, y);
    ctx.lineTo(left + width, y);
    ctx.stroke();
    ctx.restore();
  }

  private resize(): void {
    const width = this.element.clientWidth;
    if (this.plot && width > 0) this.plot.setSize({ width, height: this.height() });
  }
}

function roomFor(min: number | null, max: number | null): [number, number] {
  if (min === null || max === null) return [0, 1];
  const room = max === min ? Math.max(1, Math.abs(max) * 0.1) : (max - min) * 0.08;
  return [min - room, max + room];
}

const pad = (value: number): string => String(value).padStart(2, '0');

/** Hours and minutes; seconds where the ticks are that close, and the day where one begins. */
function TIMES(_: uPlot, ticks: number[]): string[] {
  const close = ticks.length > 1 && (ticks[1] ?? 0) - (ticks[0] ?? 0) < 60;
  return ticks.map((tick) => {
    const date = new Date(tick * 1_000);
    if (date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0)
      return `${pad(date.getDate())}.${pad(date.getMonth() + 1)}.`;
    const clock = `${pad(date.getHours())}:${pad(date.getMinutes())}`;
    return close ? `${clock}:${pad(date.getSeconds())}` : clock;
  });
}
