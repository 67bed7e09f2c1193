import type { Recorded } from '../recorded';
import { isoTime, pointsIn } from './rows';

type Field = string | number | null | undefined;

const NUMBERS = ['min', 'max', 'mean', 'last', 'count'] as const;

/** CSV (RFC 4180) with a header; an empty part of the span has empty fields. `isNamed`: each row says its topic. */
export function csvOf(all: readonly Recorded[], isNamed: boolean): string {
  const isField = isNamed && all.some(({ field }) => field !== undefined);
  const isNumber = all.length === 0 || all.some(({ isText }) => !isText);
  const isState = all.some(({ isText }) => isText);
  const columns = [
    ...(isNamed ? ['topic'] : []),
    ...(isField ? ['field'] : []),
    'time',
    ...(isNumber ? NUMBERS : []),
    ...(isState ? ['state'] : []),
  ];
  const rows = all.flatMap(({ topic, field, isText, series, states }) => {
    const values: Readonly<Record<string, Field>>[] = isText
      ? states.map(({ at, state }) => ({ time: isoTime(at), state }))
      : pointsIn(series).map(({ t, ...point }) => ({ time: isoTime(t), ...point }));
    return values.map((value) => ({ topic, field, ...value }) as Readonly<Record<string, Field>>);
  });
  return csvTable(columns, rows);
}

/** Rows with these columns; a column that a row lacks is an empty field. */
export function csvTable(
  columns: readonly string[],
  rows: readonly Readonly<Record<string, Field>>[],
): string {
  const lines = rows.map((row) => columns.map((column) => csvField(row[column])).join(','));
  return `${[columns.join(','), ...lines].join('\r\n')}\r\n`;
}

/** A field; and a spreadsheet must not take a text for a formula. */
function csvField(value: Field): string {
  if (typeof value === 'number') return String(value);
  const text = value ?? '';
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
