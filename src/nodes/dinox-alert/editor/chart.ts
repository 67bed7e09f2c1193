import { number } from '../../../editor/format';
import type { LimitField, Line } from './fields';
import { Handle } from './handle';
import { shown } from './limit-values';
import { clock, type Range, rangeFor, roundStep, timeTicks, valueTicks } from './scale';

/** The day of one key as the runtime tells it; times in milliseconds since the epoch. */
export interface DayData {
  from: number;
  to: number;
  series?: { min: (number | null)[]; max: (number | null)[]; last: (number | null)[] };
  states?: { at: number; state: string }[];
  /** Usual time between two values; 0: not known. */
  every: number;
}

export interface Drawing {
  day: DayData;
  /** `[from, to, criticalFrom or 0, silent]`. */
  spans: readonly (readonly number[])[];
  lines: readonly Line[];
  /** The hysteresis, from a limit to where a value must come back to. */
  bands: readonly (readonly [number, number])[];
  unit: string;
  /** The whole picture in words. */
  about: string;
}

const HEIGHT = 170;
const STRIP = 62;
const TOP = 6;
const BOTTOM = 20;
const LEFT = 46;
/** Room for the limits' handles. */
const RIGHT = 76;

/** A day with limits that can be dragged, and the times at which it would have fired. */
export class DayChart {
  readonly element: HTMLElement;
  private readonly plot: HTMLElement;
  private readonly readout: HTMLElement;
  private readonly handles = new Map<LimitField, Handle>();
  private drawing: Drawing | undefined;
  private range: Range = { low: 0, high: 1 };
  private dragging = false;
  private width = 0;

  /** @param moved a limit was moved; `settled`: it stays there */
  constructor(private readonly moved: (field: LimitField, value: number, settled: boolean) => void) {
    this.element = part('div', 'dal-chart');
    this.plot = part('div', 'dal-plot');
    this.readout = part('div', 'dal-readout');
    this.element.append(this.plot, this.readout);
    new ResizeObserver(() => {
      if (this.element.clientWidth !== this.width) this.paint();
    }).observe(this.element);
    this.plot.addEventListener('pointermove', (event) => this.point(event.offsetX));
    this.plot.addEventListener('pointerleave', () => this.point(undefined));
  }

  draw(drawing: Drawing): void {
    this.drawing = drawing;
    this.paint();
  }

  private get height(): number {
    return this.drawing?.day.series ? HEIGHT : STRIP;
  }

  private paint(): void {
    const { drawing } = this;
    this.width = this.element.clientWidth;
    if (!drawing || this.width < LEFT + RIGHT + 20) return;
    const { day, lines, about } = drawing;
    // While somebody drags, what lies below the pointer stays where it is.
    if (!this.dragging) this.range = rangeOf(day, lines);
    this.element.style.height = `${this.height}px`;
    const picture = svg('svg', { width: this.width, height: this.height, role: 'img', 'aria-label': about });
    picture.append(
      ...(day.series ? this.curve(day.series, drawing) : this.strip(drawing)),
      ...this.times(day),
    );
    this.plot.replaceChildren(picture);
    this.place(drawing);
  }

  private curve(
    series: NonNullable<DayData['series']>,
    { day, bands, spans, lines, unit }: Drawing,
  ): Element[] {
    const right = this.width - RIGHT;
    const ticks = valueTicks(this.range, 4).filter((tick) => this.y(tick) > TOP + 4);
    const { line, area } = pathsOf(
      series,
      (part) => this.x(part),
      (value) => this.y(value),
      bridgeOf(day, series),
    );
    return [
      ...ticks.map((tick) => svg('path', { class: 'dal-grid', d: `M${LEFT} ${this.y(tick)}H${right}` })),
      ...ticks.map((tick) => text(LEFT - 6, this.y(tick) + 4, number(tick), 'end')),
      ...this.shades(spans, day),
      ...bands.map(([one, other]) => {
        const [top, bottom] = [this.y(Math.max(one, other)), this.y(Math.min(one, other))];
        return box('dal-band', LEFT, top, right - LEFT, bottom - top);
      }),
      svg('path', { class: 'dal-area', d: area }),
      svg('path', { class: 'dal-line', d: line }),
      ...lines.flatMap(({ field, value, ghost }) => {
        const at = value ?? ghost;
        if (at === undefined) return [];
        const kind = `dal-limit dal-${field}${value === undefined ? ' dal-ghost' : ''}`;
        // As far as its handle, which lies upon it.
        return [svg('path', { class: kind, d: `M${LEFT} ${this.y(at)}H${this.width - 4}` })];
      }),
      ...(unit === '' ? [] : [text(4, TOP + 6, unit.slice(0, 6), 'start')]),
    ];
  }

  /** What is no number: its states one after the other. */
  private strip({ day, spans }: Drawing): Element[] {
    const { states = [] } = day;
    const kinds = [...new Set(states.map(({ state }) => state))];
    const bottom = this.height - BOTTOM;
    return [
      ...states.flatMap(({ at, state }, place) => {
        const from = this.time(Math.max(at, day.from), day);
        const wide = Math.max(1, this.time(states[place + 1]?.at ?? day.to, day) - from);
        const kind = box(
          `dal-state dal-state-${kinds.indexOf(state) % 6}`,
          from,
          TOP + 4,
          wide,
          bottom - TOP - 4,
        );
        const title = svg('title');
        title.textContent = `${clock(at)} ${state}`;
        kind.append(title);
        const label =
          state.length * 7 < wide - 6
            ? [text(from + 5, (TOP + bottom) / 2 + 6, state, 'start', 'dal-name')]
            : [];
        return [kind, ...label];
      }),
      ...this.shades(spans, day),
    ];
  }

  private shades(spans: Drawing['spans'], day: DayData): Element[] {
    const bottom = this.height - BOTTOM;
    return spans.flatMap(([from = 0, to = 0, critical = 0, silent = 0]) => {
      if (to < day.from) return [];
      const left = this.time(Math.max(from, day.from), day);
      const shade = (begin: number, kind: string): Element[] => {
        const wide = Math.max(2, this.time(to, day) - begin);
        return [box(kind, begin, TOP, wide, bottom - TOP), box(`${kind} dal-edge`, begin, TOP, wide, 3)];
      };
      return [
        ...shade(left, silent ? 'dal-span dal-silent' : 'dal-span'),
        ...(critical > 0 ? shade(this.time(Math.max(critical, day.from), day), 'dal-span dal-severe') : []),
      ];
    });
  }

  private times(day: DayData): Element[] {
    const bottom = this.height - BOTTOM;
    const most = Math.max(2, Math.floor((this.width - LEFT - RIGHT) / 60));
    return [
      svg('path', { class: 'dal-axis', d: `M${LEFT} ${bottom}H${this.width - RIGHT}` }),
      ...timeTicks(day.from, day.to, most).map(({ at, label }) => {
        return text(this.time(at, day), this.height - 5, label, 'middle');
      }),
    ];
  }

  private place({ lines, unit, day }: Drawing): void {
    for (const [field, handle] of this.handles) {
      if (day.series && lines.some((line) => line.field === field)) continue;
      handle.element.remove();
      this.handles.delete(field);
    }
    if (!day.series) return;
    // Labels that would lie on each other move apart.
    let last = Number.NEGATIVE_INFINITY;
    const order = lines.map((line) => ({ line, y: this.y(line.value ?? line.ghost ?? this.range.high) }));
    for (const { line, y } of order.sort((a, b) => a.y - b.y)) {
      const at = Math.max(y, last + 19);
      last = at;
      this.handleOf(line).show(line, { y, shift: at - y, range: this.range, unit, step: this.step });
    }
  }

  private handleOf({ field }: Line): Handle {
    const known = this.handles.get(field);
    if (known) return known;
    const handle = new Handle(field, {
      valueAt: (clientY) => this.value(clientY - this.element.getBoundingClientRect().top),
      moved: (value, settled) => {
        this.dragging = !settled;
        this.moved(field, value, settled);
      },
    });
    this.handles.set(field, handle);
    this.element.append(handle.element);
    return handle;
  }

  /** What the pointer is over. */
  private point(x: number | undefined): void {
    const { day, unit } = this.drawing ?? {};
    this.readout.textContent = '';
    if (!day || x === undefined || x < LEFT || x > this.width - RIGHT) return;
    const share = (x - LEFT) / (this.width - LEFT - RIGHT);
    const at = day.from + share * (day.to - day.from);
    if (day.series) {
      const { last } = day.series;
      const near = nearest(last, Math.floor(share * last.length));
      const value = near === undefined ? undefined : last[near];
      if (near === undefined || typeof value !== 'number') return;
      const when = day.from + ((near + 0.5) / last.length) * (day.to - day.from);
      this.readout.textContent = `${clock(when)}  ${shown(value, unit ?? '')}`;
    } else {
      const state = day.states?.filter((one) => one.at <= at).pop();
      if (state) this.readout.textContent = `${clock(at)}  ${state.state}`;
    }
  }

  private get step(): number {
    return roundStep((this.range.high - this.range.low) / (this.height - TOP - BOTTOM));
  }

  private x(share: number): number {
    return round(LEFT + share * (this.width - LEFT - RIGHT));
  }

  private time(at: number, { from, to }: DayData): number {
    return this.x((at - from) / (to - from));
  }

  /** Beyond the axis: at its edge. */
  private y(value: number): number {
    const { low, high } = this.range;
    const share = Math.min(1, Math.max(0, (value - low) / (high - low)));
    return round(TOP + (1 - share) * (this.height - TOP - BOTTOM));
  }

  private value(y: number): number {
    const { low, high } = this.range;
    const share = Math.min(1, Math.max(0, (y - TOP) / (this.height - TOP - BOTTOM)));
    return high - share * (high - low);
  }
}

const round = (value: number): number => Math.round(value * 10) / 10;

function rangeOf({ series }: DayData, lines: readonly Line[]): Range {
  if (!series) return { low: 0, high: 1 };
  const low = Math.min(...series.min.filter((value): value is number => value !== null));
  const high = Math.max(...series.max.filter((value): value is number => value !== null));
  const limits = lines.map(({ value, ghost }) => value ?? ghost).filter((value) => value !== undefined);
  return rangeFor({ low, high }, limits);
}

/** Parts without a value that are no gap yet. */
function bridgeOf({ from, to, every }: DayData, { last }: { last: readonly unknown[] }): number {
  return Math.max(2, Math.ceil((3 * every) / ((to - from) / last.length)));
}

function pathsOf(
  { min, max, last }: NonNullable<DayData['series']>,
  x: (share: number) => number,
  y: (value: number) => number,
  bridge: number,
): { line: string; area: string } {
  let line = '';
  let area = '';
  let upper: string[] = [];
  let lower: string[] = [];
  let before = Number.NEGATIVE_INFINITY;
  const close = (): void => {
    if (upper.length > 1) area += `M${upper.join('L')}L${lower.reverse().join('L')}z`;
    upper = [];
    lower = [];
  };
  for (const [part, value] of last.entries()) {
    if (value === null) continue;
    const at = x((part + 0.5) / last.length);
    const isNew = part - before > bridge;
    if (isNew) close();
    // One that stands alone is a dot.
    line += isNew ? `M${at} ${y(value)}h.1` : `L${at} ${y(value)}`;
    upper.push(`${at} ${y(max[part] ?? value)}`);
    lower.push(`${at} ${y(min[part] ?? value)}`);
    before = part;
  }
  close();
  return { line, area };
}

/** The part with a value that is nearest, a few to each side. */
function nearest(values: readonly (number | null)[], part: number): number | undefined {
  for (let away = 0; away < 12; away++)
    for (const at of [part - away, part + away]) if (typeof values[at] === 'number') return at;
  return undefined;
}

function part(tag: string, className: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}

function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | number> = {},
): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

function box(kind: string, x: number, y: number, width: number, height: number): SVGElement {
  return svg('rect', { class: kind, x, y, width: round(width), height: Math.max(0, round(height)) });
}

function text(x: number, y: number, words: string, anchor: string, kind = 'dal-label'): SVGElement {
  const element = svg('text', { class: kind, x, y, 'text-anchor': anchor });
  element.textContent = words;
  return element;
}
