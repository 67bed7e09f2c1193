import { type NameIn, text } from '../base/catalogue';
import { CodedError } from '../base/coded-error';
import { FIELD_RANGES } from '../base/field-ranges';
import { isMoment, parseMoment } from '../base/moment';
import { plain } from '../base/printable';
import type { TextParam } from '../base/text';

/** The formats, and how many points each has by default. */
const POINTS = {
  array: 288,
  table: 24,
  csv: 288,
  chart: 288,
  line: 24,
  svg: 288,
  sparkline: 240,
  png: 580,
  influx: 1_440,
  openmetrics: 1_440,
} as const;
const MAX_POINTS = FIELD_RANGES.points.max;

export type HistoryFormat = keyof typeof POINTS;
export const HISTORY_FORMATS = Object.keys(POINTS) as readonly HistoryFormat[];

/** Times, points and format of a question, unchecked. */
export interface RawQuestion {
  /** Milliseconds since the epoch, ISO 8601, a Date, or a duration ago. @default the whole span */
  from?: unknown;
  /** @default now */
  to?: unknown;
  /** At most 10,000. @default by format: 24 for a line or a table, 240 for a sparkline, 580 for PNG, 288, 1,440 */
  points?: unknown;
  /** @default array */
  format?: unknown;
}

/** Times in milliseconds since the epoch. */
export interface Question {
  from: number;
  to: number;
  /** Undefined: as many as the format usually has. */
  points: number | undefined;
  format: HistoryFormat;
}

/** Why a question about recorded values cannot be answered: a name in the room `history` of the catalogue. */
export class HistoryError extends CodedError<NameIn<'history'>> {
  override readonly name = 'HistoryError';
  constructor(code: NameIn<'history'>, params?: Readonly<Record<string, TextParam>>) {
    super(code, text(`history.${code}`, params));
  }
}

/**
 * @param span how far back the history reaches, in milliseconds
 * @throws HistoryError
 */
export function readQuestion(raw: RawQuestion, span: number, now: number): Question {
  const format = formatOf(raw.format);
  const to = timeOf(raw.to, now) ?? now;
  const from = timeOf(raw.from, now) ?? to - span;
  if (!(from < to))
    throw new HistoryError('order', { given: `${showGiven(raw.from)}, ${showGiven(raw.to)}` });
  return { from, to, points: pointsOf(raw.points), format };
}

export const usualPoints = (format: HistoryFormat): number => POINTS[format];

function formatOf(format: unknown): HistoryFormat {
  const name = isMissing(format) ? 'array' : format;
  if (typeof name !== 'string' || !Object.hasOwn(POINTS, name))
    throw new HistoryError('format', { given: showGiven(format), formats: HISTORY_FORMATS.join(', ') });
  return name as HistoryFormat;
}

function timeOf(value: unknown, now: number): number | undefined {
  if (isMissing(value)) return undefined;
  const at = momentOf(value, now);
  if (at === undefined || !isMoment(at)) throw new HistoryError('time', { given: showGiven(value) });
  return at;
}

function momentOf(value: unknown, now: number): number | undefined {
  if (typeof value === 'number') return value;
  if (value instanceof Date) return value.getTime();
  return typeof value === 'string' ? parseMoment(value, now) : undefined;
}

function pointsOf(value: unknown): number | undefined {
  if (isMissing(value)) return undefined;
  const points = typeof value === 'string' ? Number(value) : value;
  if (typeof points !== 'number' || !Number.isInteger(points) || points < 1 || points > MAX_POINTS)
    throw new HistoryError('points', { given: showGiven(value) });
  return points;
}

export function isMissing(value: unknown): value is undefined | null | '' {
  return value === undefined || value === null || value === '';
}

/** For an error: short, on one line, whatever it is. */
export function showGiven(value: unknown): string {
  return plain(typeof value === 'string' ? value : typeof value === 'number' ? String(value) : typeof value);
}
