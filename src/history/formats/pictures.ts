import type { Canvas } from '../charts/canvas';
import { chartSvg } from '../charts/chart-svg';
import { encodeCanvases } from '../charts/png';
import { drawSeries } from '../charts/spark-png';
import { type Mark, sparkSvg } from '../charts/spark-svg';
import { sparkline } from '../charts/sparkline';
import { stateLine } from '../charts/state-line';
import { drawStates } from '../charts/state-png';
import { lanesOf, PLAIN_WORDS, showLane, type Timeline } from '../charts/state-spans';
import { stateSvg } from '../charts/state-svg';
import { type Recorded, seriesName } from '../recorded';
import { isoTime } from './rows';

/** States that a description names. */
const MAX_DESCRIBED = 6;
/** Height of each PNG of several, in its own measure. */
const LOWER = 180;
/** Most charts of a picture that has twice the pixels, as phones show them. */
const MAX_FINE = 4;

/** Bars, or shades for states; each below its name if there are several. */
export function lineOf(all: readonly Recorded[], isNamed: boolean): string {
  const lines = all.map((one) => {
    const { looks, points, isText, series } = one;
    const options = { ...looks, width: points };
    const line = isText ? stateLine(timelineOf(one), options) : sparkline(series, options);
    return isNamed ? `${seriesName(one)}\n${line}` : line;
  });
  return lines.join('\n');
}

/** Charts with axes in one picture. */
export function chartsSvg(all: readonly Recorded[]): string {
  const [first] = all;
  const panels = all.map((one) => ({
    ...one.looks,
    title: titleOf(one),
    series: one.series,
    timeline: one.isText ? timelineOf(one) : undefined,
    marks: marksOf(one),
  }));
  return chartSvg(panels, {
    title: all.map(titleOf).join(', '),
    description: all.map(describe).join(' '),
    words: first?.looks.words,
    timeZone: first?.looks.timeZone,
  });
}

/** Small drawings without axes, each an `<svg>` of its own. */
export function sparklinesOf(all: readonly Recorded[]): string {
  const drawn = all.map((one) => {
    const { looks, isText, series } = one;
    const options = { ...looks, title: titleOf(one), description: describe(one), marks: marksOf(one) };
    return isText ? stateSvg(timelineOf(one), options) : sparkSvg(series, options);
  });
  return drawn.join('\n');
}

/** Charts with axes, one below the other. */
export function pngOf(all: readonly Recorded[]): Buffer {
  const drawn = all.map((one): Canvas => {
    const { looks, isText, series } = one;
    const size = { ...(all.length > 1 && { height: LOWER }), scale: all.length > MAX_FINE ? 1 : 2 };
    const options = { ...looks, ...size, title: titleOf(one), marks: marksOf(one) };
    return isText ? drawStates(timelineOf(one), options) : drawSeries(series, options);
  });
  return encodeCanvases(drawn);
}

/** A file name for the chart of a topic or key: its last two levels. A text from outside is no path. */
export function pictureName(topic: string): string {
  const words = topic
    .slice(-200)
    .split('/')
    .filter((level) => level !== '')
    .slice(-2)
    .join(' ')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');
  return `${[...words].slice(0, 60).join('') || 'chart'}.png`;
}

const titleOf = (one: Recorded): string => one.looks.title ?? seriesName(one);

function timelineOf({ series: { from, to }, states, now }: Recorded): Timeline {
  return { from, to, states, known: now };
}

/** From each state that is that of an alert to the next. */
function marksOf({ states, looks: { alertState, marks } }: Recorded): readonly Mark[] | undefined {
  if (alertState === undefined) return marks;
  return states.flatMap(({ at, state }, index) =>
    state === alertState ? [{ at, end: states[index + 1]?.at }] : [],
  );
}

function describe(one: Recorded): string {
  const { looks, series, isText } = one;
  if (looks.description !== undefined) return looks.description;
  const said = isText
    ? lanesOf(timelineOf(one), MAX_DESCRIBED)
        .map((lane) => showLane(lane, looks.words ?? PLAIN_WORDS))
        .join(' · ')
    : sparkline(series, { ...looks, width: 1 })
        .slice(1)
        .trim();
  return `${isoTime(series.from)} – ${isoTime(series.to)}: ${said}`;
}
