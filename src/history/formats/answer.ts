import type { HistoryFormat } from '../question';
import type { Recorded } from '../recorded';
import { type ChartPoint, chartPointsOf } from './chart-points';
import { csvOf } from './csv';
import { influxOf } from './influx';
import { openMetricsOf } from './openmetrics';
import { chartsSvg, lineOf, pngOf, sparklinesOf } from './pictures';
import { type ArrayRow, arrayOf, type TableRow, tableOf } from './rows';

export type HistoryAnswer = ArrayRow[] | TableRow[] | ChartPoint[] | string | Buffer;

/** Charts in one picture: more would be too small, or too much work at once. */
const MAX_PICTURES = 8;
const PICTURES: readonly HistoryFormat[] = ['svg', 'sparkline', 'png'];

/** How many keys an answer of this format takes, of at most `most`. */
export function mostKeys(format: HistoryFormat, most: number): number {
  return PICTURES.includes(format) ? Math.min(most, MAX_PICTURES) : most;
}

/**
 * What was recorded, in a format.
 * @param isNamed each row and line says its topic: there may be several
 * @returns `leftOut`: keys that this format could not show beside the others
 */
export function answerOf(
  all: readonly Recorded[],
  format: HistoryFormat,
  isNamed: boolean,
): { payload: HistoryAnswer; leftOut: number } {
  if (format === 'chart') {
    const { points, leftOut } = chartPointsOf(all);
    return { payload: points, leftOut };
  }
  return { payload: formatted(all, format, isNamed), leftOut: 0 };
}

function formatted(
  all: readonly Recorded[],
  format: Exclude<HistoryFormat, 'chart'>,
  isNamed: boolean,
): HistoryAnswer {
  switch (format) {
    case 'array':
      return arrayOf(all, isNamed);
    case 'table':
      return tableOf(all, isNamed);
    case 'csv':
      return csvOf(all, isNamed);
    case 'line':
      return lineOf(all, isNamed);
    case 'svg':
      return chartsSvg(all);
    case 'sparkline':
      return sparklinesOf(all);
    case 'png':
      return pngOf(all);
    case 'influx':
      return influxOf(all);
    case 'openmetrics':
      return openMetricsOf(all);
  }
}
