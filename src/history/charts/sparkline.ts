import type { Series } from '../types';
import { formatValue, placeIn, stretchesOf, valueRangeOf } from './shape';

const BARS = '▁▂▃▄▅▆▇█';
const USUAL_CHARACTERS = 24;
const MAX_CHARACTERS = 512;

/** Names of the figures behind the bars, in any language. */
export interface FigureWords {
  min: string;
  max: string;
  limit: string;
}

export interface SparklineOptions {
  /** Said behind the line. */
  limit?: number | undefined;
  /** Characters of the line, without the figures. @default 24 */
  width?: number;
  /** Behind each figure. */
  unit?: string | undefined;
  /** True: least and largest value and limit follow the line. @default true */
  figures?: boolean;
  /** @default {min: 'min', max: 'max', limit: 'limit'} */
  words?: FigureWords | undefined;
}

/**
 * A line of bars for a chat: `▁▂▃▅▇█ min 18.2 · max 24.9 · limit 25`. The largest and the least value always show, and
 * gaps are spaces. If a value never changed, the bars are in the middle. Empty if there is no value.
 * @param values numbers, evenly spread over time, or a series
 */
export function sparkline(
  values: readonly (number | null)[] | Series,
  options: SparklineOptions = {},
): string {
  const width = Math.min(
    MAX_CHARACTERS,
    Math.max(1, Math.floor(options.width ?? USUAL_CHARACTERS) || USUAL_CHARACTERS),
  );
  const cells = cellsOf('last' in values ? (values as Series) : plain(values), width);
  const range = valueRangeOf(cells);
  if (!range) return '';
  const bars = Array.from({ length: cells.show.length }, () => ' ');
  for (const stretch of stretchesOf({ last: cells.show, count: cells.count })) {
    let bar = ' ';
    let from = stretch[0] as number;
    for (const cell of stretch) {
      // Values that belong together are drawn together.
      for (; from < cell; from++) bars[from] = bar;
      bar = barOf(range.low === range.high ? 0.45 : placeIn(range, cells.show[cell] as number));
      bars[cell] = bar;
    }
  }
  const line = bars.join('');
  if (options.figures === false) return line;
  const { min, max, limit } = options.words ?? { min: 'min', max: 'max', limit: 'limit' };
  const figures = [
    `${min} ${formatValue(range.low, options.unit)}`,
    `${max} ${formatValue(range.high, options.unit)}`,
  ];
  if (options.limit !== undefined && Number.isFinite(options.limit))
    figures.push(`${limit} ${formatValue(options.limit, options.unit)}`);
  return `${line}  ${figures.join(' · ')}`;
}

function barOf(place: number): string {
  return BARS[Math.min(BARS.length - 1, Math.floor(place * BARS.length))] as string;
}

interface Cells {
  min: (number | null)[];
  max: (number | null)[];
  /** The value of a cell. */
  show: (number | null)[];
  count: number[];
}

function plain(values: readonly (number | null)[]): Pick<Series, 'min' | 'max' | 'mean' | 'count'> {
  const numbers = values.map((value) => (value !== null && Number.isFinite(value) ? value : null));
  // With many samples in each part, null is a gap.
  return { min: numbers, max: numbers, mean: numbers, count: numbers.map(() => 1_000) };
}

/** Reduces a series to at most this many cells. Each shows its mean, and the cell of the peak shows the peak. */
function cellsOf(
  { min, max, mean, count }: Pick<Series, 'min' | 'max' | 'mean' | 'count'>,
  width: number,
): Cells {
  const length = Math.min(width, mean.length);
  const cells: Cells = {
    min: new Array(length).fill(null),
    max: new Array(length).fill(null),
    show: new Array(length).fill(null),
    count: new Array(length).fill(0),
  };
  for (let part = 0; part < mean.length; part++) {
    const [least, most, middle] = [min[part], max[part], mean[part]];
    if (typeof least !== 'number' || typeof most !== 'number' || typeof middle !== 'number') continue;
    const cell = Math.floor((part * length) / mean.length);
    const known = cells.count[cell] as number;
    const more = count[part] || 1;
    const before = cells.show[cell] ?? middle;
    cells.min[cell] = Math.min(cells.min[cell] ?? least, least);
    cells.max[cell] = Math.max(cells.max[cell] ?? most, most);
    cells.show[cell] = before + (middle - before) * (more / (known + more));
    cells.count[cell] = known + more;
  }
  const range = valueRangeOf(cells);
  if (range) {
    cells.show[cells.min.indexOf(range.low)] = range.low;
    cells.show[cells.max.indexOf(range.high)] = range.high;
  }
  return cells;
}
