import { stretchesOf } from '../charts/shape';
import { type Recorded, seriesName } from '../recorded';

/** Data for ui-chart of Dashboard 2.0; null breaks the line. */
export interface ChartPoint {
  /** Milliseconds since the epoch. */
  x: number;
  y: number | string | null;
  /** The levels of the topic that are not those of all topics, and the field: a legend has little room. */
  series: string;
}

/** The points of all. One axis holds numbers or states: where there are numbers, states are left out. */
export function chartPointsOf(all: readonly Recorded[]): { points: ChartPoint[]; leftOut: number } {
  const hasNumbers = all.some(({ isText }) => !isText);
  const drawn = all.filter(({ isText }) => !(hasNumbers && isText));
  const shorten = shortener(drawn.map(({ topic }) => topic));
  const points = drawn.flatMap((one) => {
    const series = seriesName({ ...one, topic: shorten(one.topic) });
    return one.isText ? statePoints(one, series) : numberPoints(one, series);
  });
  return { points, leftOut: all.length - drawn.length };
}

/** Leaves out the first and the last levels that all of several topics have. */
function shortener(topics: readonly string[]): (topic: string) => string {
  const all = [...new Set(topics)].map((topic) => topic.split('/'));
  const [first = []] = all;
  if (all.length < 2) return (topic) => topic;
  const most = Math.min(...all.map(({ length }) => length)) - 1;
  let before = 0;
  while (before < most && all.every((levels) => levels[before] === first[before])) before += 1;
  let after = 0;
  while (before + after < most && all.every((levels) => levels.at(-1 - after) === first.at(-1 - after)))
    after += 1;
  return (topic) =>
    topic
      .split('/')
      .slice(before, after === 0 ? undefined : -after)
      .join('/');
}

function statePoints({ states }: Recorded, series: string): ChartPoint[] {
  return states.map(({ at, state }) => ({ x: at, y: state, series }));
}

/**
 * Each part in its middle; least and largest in the order in which they tell the most, so that no peak is lost. The line breaks
 * where pictures of the same break: not at every empty part, of which a slow sensor has most.
 */
function numberPoints({ series: all }: Recorded, series: string): ChartPoint[] {
  const { t, from, to, min, max, last } = all;
  const quarter = (to - from) / t.length / 4;
  const made: ChartPoint[] = [];
  for (const stretch of stretchesOf(all)) {
    const before = made.at(-1);
    if (before) made.push({ x: before.x + quarter, y: null, series });
    for (const part of stretch) {
      const [x, low, high] = [t[part], min[part], max[part]] as [number, number, number];
      if (low === high) made.push({ x: x + 2 * quarter, y: low, series });
      else {
        const rises = Math.abs(high - (last[part] as number)) <= Math.abs((last[part] as number) - low);
        made.push(
          { x: x + quarter, y: rises ? low : high, series },
          { x: x + 3 * quarter, y: rises ? high : low, series },
        );
      }
    }
  }
  return made;
}
