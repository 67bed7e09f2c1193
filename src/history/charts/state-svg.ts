import { escapeXml, FINE, type Sheet, type SparkSvgOptions, sheetSvg } from './spark-svg';
import {
  lanesOf,
  PLAIN_WORDS,
  type StateLane,
  type StateWords,
  showLane,
  type Timeline,
} from './state-spans';

export interface StateSvgOptions extends Omit<SparkSvgOptions, 'limit' | 'limit2'> {
  words?: StateWords | undefined;
}

/** Maximum number of rows that can be told apart in so little height. */
const MAX_LANES = 6;
/** Room between rows and at the edge, in units of the drawing. */
const GAP = 6;

/**
 * The states of a key for a page, as the trace of a logic analyser: a row for each state, what lasted longest at the
 * bottom, the others above it, filled while it was so. Alerts as a shade. All in `currentColor`; what a row is, how
 * often and how long, says its title. Standalone SVG 1.1, all text escaped, a few kB.
 */
export function stateSvg(timeline: Timeline, options: StateSvgOptions): string {
  return sheetSvg(timeline, options, (sheet) =>
    lanesOn(sheet, timeline, options.words ?? PLAIN_WORDS).map(({ path }) => path),
  );
}

/** The rows, and the middle of each in units from above. */
export function lanesOn(
  { width, height, x }: Sheet,
  timeline: Timeline,
  words: StateWords,
): { path: string; middle: number; state: string | undefined }[] {
  const lanes = lanesOf(timeline, MAX_LANES);
  const high = (height - GAP * (lanes.length + 1)) / Math.max(1, lanes.length);
  return lanes.map((lane, index) => {
    const top = Math.round(height - (index + 1) * (high + GAP));
    const bars = pathOf(lane, x, top, Math.max(1, Math.round(high)), width);
    // Usual states stay in the background, and rare ones stand out.
    const opacity = index === 0 && lanes.length > 1 ? '.35' : '.9';
    const title = escapeXml(showLane(lane, words));
    const path = `<path d="${bars}" fill="currentColor" fill-opacity="${opacity}" stroke="none"><title>${title}</title></path>`;
    return { path, middle: top + high / 2, state: lane.state };
  });
}

/** At least a pixel wide. Spans too close to tell apart become one. */
function pathOf(
  { spans }: StateLane,
  x: (at: number) => number,
  top: number,
  high: number,
  width: number,
): string {
  const bars: [left: number, right: number][] = [];
  for (const { from, to } of spans) {
    const left = Math.min(x(from), width - FINE);
    const right = Math.max(left + FINE, x(to));
    const before = bars.at(-1);
    if (before && left <= before[1]) before[1] = Math.max(before[1], right);
    else bars.push([left, right]);
  }
  return bars.map(([left, right]) => `M${left} ${top}h${right - left}v${high}h-${right - left}z`).join('');
}
