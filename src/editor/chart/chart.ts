import './chart.css';
import { el, svg } from '../dom';
import { axisRangeOf, type Curve, nearest } from './curve';
import { type Limit, LimitHandle } from './limit-handle';
import * as marks from './marks';
import { pictureOf } from './picture';
import { type AxisRange, roundStep, roundTo } from './scale';

/** Contents of a chart; times in milliseconds since the epoch. */
export interface Drawing {
  from: number;
  to: number;
  /** Curves over the same times. The second one has its own axis, at the right. */
  curves: readonly Curve[];
  /** Values that are no numbers, if there is no curve. */
  states?: readonly { at: number; state: string }[] | undefined;
  /** `[from, to, criticalFrom or 0, noData 0 or 1]`. */
  spans?: readonly (readonly number[])[];
  /** The hysteresis, from a limit to the value that ends the alert. */
  bands?: readonly (readonly [number, number])[];
  limits: readonly Limit[];
  unit: string;
  /** The whole picture in words. */
  about: string;
}

export interface ChartOptions {
  /** Height in pixels; called at each drawing. */
  height(): number;
  /** Minimum room at the right, in pixels. */
  room: number;
  /** Called when a limit is moved; `settled`: it stays there. */
  moved(field: string, value: number, settled: boolean): void;
  /** Called with the time below the pointer and the curves' values there; undefined: it is elsewhere. */
  pointed(at: number | undefined, values: readonly (number | null)[]): void;
  /** Called when a value is clicked with Alt. */
  picked?(value: number): void;
  /** Called with a time span to zoom to; both 0: the whole time. Without it there is no zoom. */
  zoomed?(from: number, to: number): void;
}

const TOP = 6;
const BOTTOM = 20;
const LEFT = 46;
/** Room for the labels of limits, and for the axis of a second curve. */
const LABELS = 62;
const SECOND_AXIS = 46;
/** Minimum distance between labels of limits, in pixels. */
const APART = 19;
/** Shortest selection that zooms, in pixels and in milliseconds. A shorter one is an accident. */
const SHORT = 6;
const SHORT_MS = 2_000;

/**
 * Chart of values over time, with limits that can be moved. Dragging over it zooms in, a double click goes back, a
 * click with Alt puts the limit there.
 */
export class Chart {
  readonly element: HTMLElement;
  private readonly plot = el('div', 'dinox-chart-plot');
  private readonly marked = el('div', 'dinox-chart-marked');
  private readonly cursor = svg('g', { class: 'dinox-chart-cursor' });
  private readonly handles = new Map<string, LimitHandle>();
  private readonly observer = new ResizeObserver(() => {
    if (this.element.clientWidth !== this.width) this.paint();
  });
  private drawing: Drawing | undefined;
  private picture: SVGSVGElement | undefined;
  private ranges: AxisRange[] = [];
  private dragging = false;
  private width = 0;
  /** The pointer's place, in pixels from the left. */
  private pointer: number | undefined;

  constructor(private readonly options: ChartOptions) {
    this.element = el('div', 'dinox-chart', {}, this.plot, this.marked);
    this.marked.hidden = true;
    this.observer.observe(this.element);
    this.plot.addEventListener('pointermove', (event) => this.point(this.xOf(event)));
    this.plot.addEventListener('pointerleave', () => this.point(undefined));
    this.plot.addEventListener('pointerdown', (event) => this.mark(event));
    this.plot.addEventListener('dblclick', () => options.zoomed?.(0, 0));
  }

  draw(drawing: Drawing): void {
    this.drawing = drawing;
    this.paint();
  }

  destroy(): void {
    this.observer.disconnect();
  }

  /** The picture, for a file. */
  toBlob(): Promise<Blob | null> {
    if (!this.picture) return Promise.resolve(null);
    const style = getComputedStyle(this.element);
    return pictureOf(this.picture, style.getPropertyValue('--red-ui-primary-background').trim() || '#fff');
  }

  private get frame(): marks.ChartFrame {
    const { from = 0, to = 1, curves = [], limits = [] } = this.drawing ?? {};
    const right = curves.length > 1 ? SECOND_AXIS : limits.length > 0 ? LABELS : 0;
    const bottom = this.options.height() - BOTTOM;
    return {
      ...{ left: LEFT, top: TOP, bottom, from, to },
      right: this.width - Math.max(right, this.options.room),
    };
  }

  private paint(): void {
    const { drawing } = this;
    this.width = this.element.clientWidth;
    const { frame } = this;
    if (!drawing || frame.right < LEFT + 20) return;
    const { curves, limits, unit, about } = drawing;
    // While somebody drags, the scale must not move below the pointer.
    if (!this.dragging) {
      const values = limits.map(({ value, ghost }) => value ?? ghost).filter((value) => value !== undefined);
      this.ranges = curves.map((curve, place) => axisRangeOf(curve, place === 0 ? values : []));
    }
    const height = frame.bottom + BOTTOM;
    this.element.style.height = `${height}px`;
    const [first] = this.ranges;
    this.picture = svg(
      'svg',
      { width: this.width, height, role: 'img', 'aria-label': about },
      ...marks.times(frame, first !== undefined),
      ...this.ranges.flatMap((range, place) => marks.values(frame, range, place > 0)),
      ...(first ? [] : marks.states(frame, drawing.states ?? [])),
      ...marks.spans(frame, drawing.spans ?? []),
      ...(first ? marks.bands(frame, first, drawing.bands ?? []) : []),
      ...curves.flatMap((curve, place) => {
        const range = this.ranges[place];
        return range ? marks.curve(frame, range, curve, place > 0) : [];
      }),
      ...(first ? limits.flatMap((limit) => this.limitLine(frame, first, limit)) : []),
      ...(first && unit !== '' ? [marks.textMark(4, TOP + 6, unit.slice(0, 6), 'start')] : []),
      this.cursor,
    );
    this.plot.replaceChildren(this.picture);
    this.placeHandles(frame, first);
    this.point(this.pointer);
  }

  private limitLine(frame: marks.ChartFrame, range: AxisRange, { value, ghost, severe }: Limit): Element[] {
    const at = value ?? ghost;
    if (at === undefined) return [];
    const kind = `${severe ? ' dinox-chart-severe' : ''}${value === undefined ? ' dinox-limit-ghost' : ''}`;
    // The line ends at its handle, which lies upon it.
    const d = `M${LEFT} ${marks.yOf(frame, range, at)}H${this.width - this.handleRoom - 4}`;
    return [svg('path', { class: `dinox-chart-limit${kind}`, d })];
  }

  /** Pixels beside the chart for the labels of limits, and beside them for a second axis. */
  private get handleRoom(): number {
    return this.ranges.length > 1 ? SECOND_AXIS : 0;
  }

  private placeHandles(frame: marks.ChartFrame, range: AxisRange | undefined): void {
    const { limits = [], unit = '' } = this.drawing ?? {};
    for (const [field, handle] of this.handles) {
      if (range && limits.some((limit) => limit.field === field)) continue;
      handle.element.remove();
      this.handles.delete(field);
    }
    if (!range) return;
    // Labels that would overlap move apart.
    let last = Number.NEGATIVE_INFINITY;
    const order = limits.map((limit) => ({
      limit,
      y: marks.yOf(frame, range, limit.value ?? limit.ghost ?? range.high),
    }));
    for (const { limit, y } of order.sort((a, b) => a.y - b.y)) {
      const at = Math.max(y, last + APART);
      last = at;
      const place = { y, shift: at - y, right: this.handleRoom, range, unit, step: this.step };
      this.handleOf(limit.field).show(limit, place);
    }
  }

  private handleOf(field: string): LimitHandle {
    const known = this.handles.get(field);
    if (known) return known;
    const handle = new LimitHandle(
      field,
      (clientY) => this.valueAt(clientY - this.element.getBoundingClientRect().top),
      (value, settled) => {
        this.dragging = !settled;
        this.options.moved(field, value, settled);
      },
    );
    this.handles.set(field, handle);
    this.element.append(handle.element);
    return handle;
  }

  /** The approximate value of one pixel. */
  private get step(): number {
    const { low, high } = this.ranges[0] ?? { low: 0, high: 1 };
    return roundStep((high - low) / (this.frame.bottom - TOP));
  }

  private xOf(event: PointerEvent): number {
    return event.clientX - this.element.getBoundingClientRect().left;
  }

  private valueAt(y: number): number {
    const { low, high } = this.ranges[0] ?? { low: 0, high: 1 };
    const share = Math.min(1, Math.max(0, (y - TOP) / (this.frame.bottom - TOP)));
    return high - share * (high - low);
  }

  /** The time at a place, within the chart. */
  private timeAt(x: number): number {
    const { left, right, from, to } = this.frame;
    return from + Math.min(1, Math.max(0, (x - left) / (right - left))) * (to - from);
  }

  /** Shows the time and values below the pointer. */
  private point(x: number | undefined): void {
    this.pointer = x;
    const { frame, drawing } = this;
    this.cursor.replaceChildren();
    const [first] = drawing?.curves ?? [];
    if (!drawing || x === undefined || x < frame.left || x > frame.right) {
      this.options.pointed(undefined, []);
      return;
    }
    if (!first) {
      this.options.pointed(this.timeAt(x), []);
      return;
    }
    const { length } = first.last;
    const under = Math.min(length - 1, Math.floor(((x - frame.left) / (frame.right - frame.left)) * length));
    const part = nearest(first.last, under) ?? under;
    const at = frame.from + ((part + 0.5) / length) * (frame.to - frame.from);
    const values = drawing.curves.map(({ last }) => last[part] ?? null);
    this.options.pointed(at, values);
    const place = marks.xOf(frame, at);
    this.cursor.append(
      svg('path', { d: `M${place} ${frame.top}V${frame.bottom}` }),
      ...values.flatMap((value, which) => {
        const range = this.ranges[which];
        if (value === null || !range) return [];
        const kind = which > 0 ? 'dinox-chart-second' : '';
        return [svg('circle', { class: kind, cx: place, cy: marks.yOf(frame, range, value), r: 3 })];
      }),
    );
  }

  private mark(down: PointerEvent): void {
    if (down.button !== 0 || down.pointerType === 'touch') return;
    if (down.altKey) {
      const { top } = this.element.getBoundingClientRect();
      this.options.picked?.(roundTo(this.valueAt(down.clientY - top), this.step));
      return;
    }
    if (!this.options.zoomed) return;
    this.plot.setPointerCapture(down.pointerId);
    const { plot, marked } = this;
    const begin = this.xOf(down);
    const show = (event: PointerEvent): void => {
      const { left, right } = this.frame;
      const [one = 0, other = 0] = [begin, this.xOf(event)]
        .map((x) => Math.min(right, Math.max(left, x)))
        .sort((a, b) => a - b);
      marked.hidden = other - one < SHORT;
      Object.assign(marked.style, { left: `${one}px`, width: `${other - one}px`, top: `${TOP}px` });
      marked.style.height = `${this.frame.bottom - TOP}px`;
    };
    const end = (event: PointerEvent): void => {
      plot.removeEventListener('pointermove', show);
      plot.removeEventListener('pointerup', end);
      plot.removeEventListener('pointercancel', end);
      const isMeant = !marked.hidden && event.type === 'pointerup';
      marked.hidden = true;
      const [from = 0, to = 0] = [begin, this.xOf(event)].map((x) => this.timeAt(x)).sort((a, b) => a - b);
      if (isMeant && to - from > SHORT_MS) this.options.zoomed?.(from, to);
    };
    plot.addEventListener('pointermove', show);
    plot.addEventListener('pointerup', end);
    plot.addEventListener('pointercancel', end);
  }
}
