import { plain } from '../../base/printable';
import type { Series } from '../types';
import { formatValue, type ValueRange, valueRangeOf } from './shape';
import { drawnOf, escapeXml, FINE, heightIn, type Mark, marksOn, type Sheet } from './spark-svg';
import type { FigureWords } from './sparkline';
import { PLAIN_WORDS, type StateWords, showState, type Timeline } from './state-spans';
import { lanesOn } from './state-svg';
import { timeTicks, valueTicks } from './ticks';

/** One chart of a picture: numbers, or states if there is a timeline. */
export interface SvgPanel {
  title: string;
  series: Series;
  timeline?: Timeline | undefined;
  unit?: string | undefined;
  limit?: number | undefined;
  limit2?: number | undefined;
  marks?: readonly Mark[] | undefined;
}

export interface ChartSvgOptions {
  /** Read out by a screen reader. */
  title: string;
  description: string;
  words?: (FigureWords & StateWords) | undefined;
  /** IANA time zone of the time axis. @default the process's */
  timeZone?: string | undefined;
}

const WIDTH = 640;
/** Height of the only chart, and of each of several. */
const HEIGHT = 240;
const LOWER = 160;
const TOP = 30;
const BOTTOM = 26;
const EDGE = 12;
/** Width of a character and of a label at most, in pixels; a browser's font may be a little wider or narrower. */
const CHARACTER = 7;
const MAX_LABEL = 150;
const MAX_TITLE = 200;
const FAINT = 'fill-opacity=".7"';
/** Colours that can be told apart on white and on black, and by people who see no red and green. */
const LINE = '#2f7de1';
const LIMIT = '#e0434f';
/** A picture that stands alone follows the browser's light or dark; within a page it has that page's colour. */
const ALONE =
  '<style>svg:root{color:#212529}@media(prefers-color-scheme:dark){svg:root{color:#dee2e6}}</style>';

/**
 * Charts with axes for a page, one below the other, as standalone SVG 1.1: line, band between least and largest value,
 * limits, the times of alerts, round values and times on the axes; of a text a row for each state. Letters and axes are
 * in `currentColor`. Gaps stay gaps. All text is escaped.
 */
export function chartSvg(panels: readonly SvgPanel[], options: ChartSvgOptions): string {
  const height = panels.length > 1 ? LOWER : HEIGHT;
  const total = Math.max(1, panels.length) * height;
  const text = `<title>${escapeXml(options.title)}</title><desc>${escapeXml(options.description)}</desc>`;
  const drawn = panels.map((panel, place) => {
    return `<g transform="translate(0 ${place * height})">${panelOf(panel, height, options)}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${total}" width="${WIDTH}" height="${total}" role="img" fill="none" stroke="currentColor" font-family="system-ui,sans-serif" font-size="12">${text}${ALONE}${drawn.join('')}</svg>`;
}

/** A mark on the axis of the values. */
interface Label {
  /** In pixels below the upper edge of the drawing. */
  y: number;
  text: string;
}

function panelOf(panel: SvgPanel, height: number, { words, timeZone }: ChartSvgOptions): string {
  const { series, timeline } = panel;
  const { from, to } = timeline ?? series;
  const high = height - TOP - BOTTOM;
  const stateWords = words ?? PLAIN_WORDS;
  const draw = (width: number) => {
    const sheet = sheetOf(from, to, width, high);
    const lanes = timeline ? lanesOn(sheet, timeline, stateWords) : [];
    return { sheet, lanes, ...drawnOf(series, panel, sheet) };
  };
  // The labels decide how much room there is for the drawing, and do not depend on its width.
  const { lanes, range } = draw(1);
  const labels: Label[] = timeline
    ? lanes.map(({ state, middle }) => ({ y: middle / FINE, text: showState(state, stateWords, 18) }))
    : valueLabels(range, high);
  const widest = Math.max(0, ...labels.map(({ text }) => text.length * CHARACTER));
  const left = EDGE + Math.min(MAX_LABEL, widest) + 8;
  const drawn = draw(WIDTH - EDGE - left);
  const marks = marksOn(drawn.sheet, from, to, panel.marks ?? []);
  const curve = timeline ? drawn.lanes.map(({ path }) => path) : drawn.curve;
  const place = `transform="translate(${left} ${TOP}) scale(${1 / FINE})"`;
  return [
    heading(panel, figuresOf(panel, words)),
    ...labels.map(({ y, text }) => axisLabel(text, left, TOP + y, timeline === undefined)),
    ...timeAxis(from, to, left, height - BOTTOM, timeZone),
    marks.length + drawn.limits.length > 0
      ? `<g ${place} color="${LIMIT}">${[...marks, ...(timeline ? [] : drawn.limits)].join('')}</g>`
      : '',
    `<g ${place} color="${LINE}">${curve.join('')}</g>`,
  ].join('');
}

function valueLabels(range: ValueRange | undefined, high: number): Label[] {
  if (!range) return [];
  return valueTicks(range, Math.max(2, Math.floor(high / 40))).map((value) => ({
    y: heightIn(range, high * FINE, value) / FINE,
    text: formatValue(value),
  }));
}

function figuresOf({ unit, timeline, series }: SvgPanel, words: FigureWords | undefined): string {
  if (timeline) return '';
  const range = valueRangeOf(series);
  if (!range) return '–';
  const { min, max } = words ?? { min: 'min', max: 'max' };
  return `${min} ${formatValue(range.low, unit)} · ${max} ${formatValue(range.high, unit)}`;
}

function heading({ title }: SvgPanel, figures: string): string {
  const room = Math.floor((WIDTH - 3 * EDGE) / CHARACTER) - figures.length;
  const shown = plain(title, Math.max(10, Math.min(MAX_TITLE, room)));
  return [
    letters(shown, EDGE, TOP - 12, 'start', 'font-weight="600"'),
    letters(figures, WIDTH - EDGE, TOP - 12, 'end', FAINT),
  ].join('');
}

/** A label left of the drawing, with a line across it if it is a value. */
function axisLabel(text: string, left: number, y: number, isValue: boolean): string {
  const line = isValue ? `<path d="M${left} ${y}H${WIDTH - EDGE}" stroke-opacity=".15"/>` : '';
  return line + letters(text, left - 8, y + 4, 'end', FAINT);
}

function timeAxis(from: number, to: number, left: number, y: number, timeZone: string | undefined): string[] {
  const right = WIDTH - EDGE;
  const most = Math.max(1, Math.floor((right - left) / 70));
  const parts = [`<path d="M${left} ${y}H${right}" stroke-opacity=".5"/>`];
  for (const { at, label } of timeTicks(from, to, most, timeZone)) {
    const x = Math.round(left + ((at - from) / (to - from)) * (right - left));
    const anchor = x > right - 18 ? 'end' : 'middle';
    parts.push(`<path d="M${x} ${y}v4" stroke-opacity=".5"/>`, letters(label, x, y + 18, anchor, FAINT));
  }
  return parts;
}

function letters(text: string, x: number, y: number, anchor: string, more: string): string {
  if (text === '') return '';
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="currentColor" stroke="none" ${more}>${escapeXml(text)}</text>`;
}

function sheetOf(from: number, to: number, width: number, height: number): Sheet {
  return {
    width: width * FINE,
    height: height * FINE,
    x: (at) => Math.round(((at - from) / (to - from)) * width * FINE),
  };
}
