import { parseDuration } from '../base/duration';
import { plain } from '../base/printable';
import { sparkPng } from './charts/spark-png';
import { type Mark, type SparkSvgOptions, sparkSvg } from './charts/spark-svg';
import { type FigureWords, sparkline } from './charts/sparkline';
import { stateLine } from './charts/state-line';
import { statePng } from './charts/state-png';
import { lanesOf, PLAIN_WORDS, type StateWords, showLane, type Timeline } from './charts/state-spans';
import { stateSvg } from './charts/state-svg';
import type { History } from './history';
import type { Series, StateChange } from './types';

/** The formats, and how many points each has by default. */
const POINTS = { array: 288, csv: 288, chart: 288, line: 24, svg: 240, png: 580 } as const;
const MAX_POINTS = 10_000;
/** States that a description names. */
const MAX_DESCRIBED = 6;

export type HistoryFormat = keyof typeof POINTS;
export const HISTORY_FORMATS = Object.keys(POINTS) as readonly HistoryFormat[];

/** `msg.alert` of the command `history`, unchecked. */
export interface HistoryQuery {
  key?: unknown;
  /** Milliseconds since the epoch, ISO 8601, a Date, or a duration ago. @default the whole span */
  from?: unknown;
  /** @default now */
  to?: unknown;
  /** At most 10,000. @default by format: 24 for a line, 240 for SVG, 580 for PNG, else 288 */
  points?: unknown;
  /** @default array */
  format?: unknown;
}

/** Options of pictures. */
export interface HistoryLooks extends Omit<SparkSvgOptions, 'title' | 'description'> {
  title?: string;
  description?: string;
  unit?: string | undefined;
  words?: (FigureWords & StateWords) | undefined;
  timeZone?: string | undefined;
  /** The value is a number; its states only say when there was an alert, which was then this one. @default none */
  alertState?: string | undefined;
}

/** One part of the span. All but `t` and `count` are null if it is empty. */
export interface HistoryPoint {
  /** Beginning of the part, in milliseconds since the epoch. */
  t: number;
  min: number | null;
  max: number | null;
  mean: number | null;
  last: number | null;
  count: number;
}

/** Data for ui-chart of Dashboard 2.0; null breaks the line. */
export interface ChartPoint {
  /** Milliseconds since the epoch. */
  x: number;
  y: number | string | null;
  series: string;
}

export type HistoryAnswer = HistoryPoint[] | StateChange[] | ChartPoint[] | string | Buffer;

/** The fault of a query, for a text in the user's language. */
export class HistoryQueryError extends Error {
  constructor(
    readonly code: 'key' | 'unknown-key' | 'time' | 'order' | 'points' | 'format',
    /** The given value, shortened. */
    readonly given: string,
  ) {
    super(`history: ${code} (${given})`);
    this.name = 'HistoryQueryError';
  }
}

/**
 * Answers the command `history`. Of a key that has states and no numbers `array`, `csv` and `chart` give the changes;
 * pictures are timelines.
 * @param now milliseconds since the epoch
 * @throws HistoryQueryError
 */
export function queryHistory(
  history: History,
  query: HistoryQuery,
  now: number,
  looks: HistoryLooks = {},
): HistoryAnswer {
  const { key } = query;
  if (typeof key !== 'string' || key === '') throw new HistoryQueryError('key', show(key));
  if (!history.has(key)) throw new HistoryQueryError('unknown-key', show(key));
  const format = formatOf(query.format);
  const to = timeOf(query.to, now) ?? now;
  const from = timeOf(query.from, now) ?? to - history.span;
  if (!(from < to)) throw new HistoryQueryError('order', `${show(query.from)}, ${show(query.to)}`);
  const points = pointsOf(query.points) ?? POINTS[format];
  const series = history.series(key, from, to, points);
  const states = history.states(key, from, to);
  const { alertState } = looks;
  if (alertState === undefined && !series.count.some((count) => count > 0)) {
    if (states.length > 0) {
      const timeline = { from, to, states, known: now };
      return statesAs(format, key, timeline, {
        ...looks,
        width: format === 'line' ? points : looks.width,
      });
    }
  }
  const title = looks.title ?? key;
  const drawn = alertState === undefined ? looks : { ...looks, marks: marksIn(states, alertState) };
  switch (format) {
    case 'array':
      return pointsIn(series);
    case 'csv':
      return csvOf(series);
    case 'chart':
      return chartOf(series, key);
    case 'line':
      return sparkline(series, { ...looks, width: points });
    case 'svg':
      return sparkSvg(series, { ...drawn, title, description: looks.description ?? describe(series, looks) });
    case 'png':
      return sparkPng(series, { ...drawn, title });
  }
}

/** From each state that is this one to the next. */
function marksIn(states: readonly StateChange[], alertState: string): Mark[] {
  return states.flatMap(({ at, state }, index) =>
    state === alertState ? [{ at, end: states[index + 1]?.at }] : [],
  );
}

function formatOf(format: unknown): HistoryFormat {
  const name = format ?? 'array';
  if (typeof name !== 'string' || !Object.hasOwn(POINTS, name))
    throw new HistoryQueryError('format', show(format));
  return name as HistoryFormat;
}

/** The last moment that a Date can hold. */
const LAST_TIME = 8.64e15;

function timeOf(value: unknown, now: number): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const time = readTime(value, now);
  if (time === undefined || !(time >= 0 && time <= LAST_TIME))
    throw new HistoryQueryError('time', show(value));
  return time;
}

function readTime(value: unknown, now: number): number | undefined {
  if (typeof value === 'number') return value;
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'string' && value.length <= 64) {
    // A plain number of seconds is a duration elsewhere; a stamp is one of milliseconds.
    if (/^\d{11,}$/.test(value)) return Number(value);
    const duration = parseDuration(value);
    if (duration !== undefined) return now - duration;
    return Date.parse(value);
  }
  return undefined;
}

function pointsOf(value: unknown): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const points = typeof value === 'string' ? Number(value) : value;
  if (typeof points !== 'number' || !Number.isInteger(points) || points < 1 || points > MAX_POINTS)
    throw new HistoryQueryError('points', show(value));
  return points;
}

function pointsIn({ t, min, max, mean, last, count }: Series): HistoryPoint[] {
  return t.map((at, part) => ({
    t: at,
    min: min[part] ?? null,
    max: max[part] ?? null,
    mean: mean[part] ?? null,
    last: last[part] ?? null,
    count: count[part] ?? 0,
  }));
}

/** RFC 4180; a part without samples has empty fields. */
function csvOf(series: Series): string {
  const rows = pointsIn(series).map(({ t, min, max, mean, last, count }) =>
    [new Date(t).toISOString(), min ?? '', max ?? '', mean ?? '', last ?? '', count].join(','),
  );
  return `${['time,min,max,mean,last,count', ...rows].join('\r\n')}\r\n`;
}

/** Least and largest of each part in the order in which they tell the most, so that no peak is lost. */
function chartOf({ t, from, to, min, max, last }: Series, series: string): ChartPoint[] {
  const half = (to - from) / t.length / 2;
  const made: ChartPoint[] = [];
  for (const [part, x] of t.entries()) {
    const [low, high] = [min[part], max[part]];
    if (typeof low !== 'number' || typeof high !== 'number') {
      if (made.length > 0 && made.at(-1)?.y !== null) made.push({ x, y: null, series });
    } else if (low === high) made.push({ x, y: low, series });
    else {
      const rises = Math.abs(high - (last[part] as number)) <= Math.abs((last[part] as number) - low);
      made.push({ x, y: rises ? low : high, series }, { x: x + half, y: rises ? high : low, series });
    }
  }
  return made;
}

function statesAs(
  format: HistoryFormat,
  key: string,
  timeline: Timeline,
  looks: HistoryLooks,
): HistoryAnswer {
  const { states } = timeline;
  const title = looks.title ?? key;
  switch (format) {
    case 'array':
      return [...states];
    case 'csv': {
      const rows = states.map(({ at, state }) => `${new Date(at).toISOString()},${field(state)}`);
      return `${['time,state', ...rows].join('\r\n')}\r\n`;
    }
    case 'chart':
      return states.map(({ at, state }) => ({ x: at, y: state, series: key }));
    case 'line':
      return stateLine(timeline, looks);
    case 'svg':
      return stateSvg(timeline, {
        ...looks,
        title,
        description: looks.description ?? describeStates(timeline, looks),
      });
    case 'png':
      return statePng(timeline, { ...looks, title });
  }
}

/** RFC 4180; and a spreadsheet must not take it for a formula. */
function field(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function describe(series: Series, looks: HistoryLooks): string {
  const [from, to] = [new Date(series.from).toISOString(), new Date(series.to).toISOString()];
  return `${from} – ${to}: ${sparkline(series, { ...looks, width: 1 })
    .slice(1)
    .trim()}`;
}

function describeStates(timeline: Timeline, looks: HistoryLooks): string {
  const [from, to] = [new Date(timeline.from).toISOString(), new Date(timeline.to).toISOString()];
  const lanes = lanesOf(timeline, MAX_DESCRIBED).map((lane) => showLane(lane, looks.words ?? PLAIN_WORDS));
  return `${from} – ${to}: ${lanes.join(' · ')}`;
}

/** For an error: short, on one line, whatever it is. */
function show(value: unknown): string {
  const text = typeof value === 'string' ? value : typeof value;
  return plain(text);
}
