import type { Recorded } from '../recorded';
import type { Series, StateChange } from '../types';

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

/** One part of the span with something in it, for a table. */
export interface HistoryRow {
  /** Beginning of the part, ISO 8601. */
  time: string;
  min: number;
  mean: number;
  max: number;
  last: number;
  count: number;
}

/** A change of state, for a table. */
export interface StateRow {
  /** ISO 8601. */
  time: string;
  state: string;
}

/** Names the topic of a row where there are several. */
export interface Source {
  topic?: string;
  field?: string;
}

/** Digits of a mean: more than the codec keeps, fewer than a double has. */
const MEAN_DIGITS = 14;

export type ArrayRow = (HistoryPoint | StateChange) & Source;
export type TableRow = (HistoryRow | StateRow) & Source;

/** Parts of equal length, empty ones too, or the changes of state. `isNamed`: each row says its topic. */
export function arrayOf(all: readonly Recorded[], isNamed: boolean): ArrayRow[] {
  return all.flatMap(({ series, states, isText, ...about }) => {
    const source = isNamed ? sourceOf(about) : {};
    const rows = isText ? states : pointsIn(series);
    return rows.map((row) => ({ ...source, ...row }));
  });
}

/** The same without the empty parts, with times that people read. */
export function tableOf(all: readonly Recorded[], isNamed: boolean): TableRow[] {
  return all.flatMap(({ series, states, isText, ...about }): TableRow[] => {
    const source = isNamed ? sourceOf(about) : {};
    if (isText) return states.map(({ at, state }) => ({ ...source, time: isoTime(at), state }));
    return filledIn(series).map(({ t, min, mean, max, last, count }) => ({
      ...source,
      ...{ time: isoTime(t), min, mean, max, last, count },
    }));
  });
}

/** A point that is not empty. */
export type FilledPoint = { [Name in keyof HistoryPoint]: number };

export function filledIn(series: Series): FilledPoint[] {
  return pointsIn(series).filter((point): point is FilledPoint => point.count > 0);
}

export function pointsIn({ t, min, max, mean, last, count }: Series): HistoryPoint[] {
  return t.map((at, part) => {
    const [least, most] = [min[part] ?? null, max[part] ?? null];
    return {
      t: at,
      min: least,
      max: most,
      mean: shortened(mean[part] ?? null, least, most),
      last: last[part] ?? null,
      count: count[part] ?? 0,
    };
  });
}

/** A mean has digits that nobody measured: 19.439999999999998. */
function shortened(mean: number | null, min: number | null, max: number | null): number | null {
  if (mean === null || min === null || max === null) return mean;
  return Math.min(max, Math.max(min, Number(mean.toPrecision(MEAN_DIGITS))));
}

export const isoTime = (at: number): string => new Date(at).toISOString();

function sourceOf({ topic, field }: Pick<Recorded, 'topic' | 'field'>): Source {
  return { topic, ...(field !== undefined && { field }) };
}
