import { type Recorded, seriesName } from '../recorded';

/** Data for ui-chart of Dashboard 2.0; null breaks the line. */
export interface ChartPoint {
  /** Milliseconds since the epoch. */
  x: number;
  y: number | string | null;
  series: string;
}

/** The points of all. One axis holds numbers or states: where there are numbers, states are left out. */
export function chartPointsOf(all: readonly Recorded[]): { points: ChartPoint[]; leftOut: number } {
  const hasNumbers = all.some(({ isText }) => !isText);
  const drawn = all.filter(({ isText }) => !(hasNumbers && isText));
  const points = drawn.flatMap((one) => (one.isText ? statePoints(one) : numberPoints(one)));
  return { points, leftOut: all.length - drawn.length };
}

function statePoints({ states, ...about }: Recorded): ChartPoint[] {
  const series = seriesName(about);
  return states.map(({ at, state }) => ({ x: at, y: state, series }));
}

/** Least and largest of each part in the order in which they tell the most, so that no peak is lost. */
function numberPoints({ series: { t, from, to, min, max, last }, ...about }: Recorded): ChartPoint[] {
  const series = seriesName(about);
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
