import type { Recorded } from '../recorded';
import { type FilledPoint, filledIn } from './rows';

type Figure = Exclude<keyof FilledPoint, 't'>;

/** `count` would be a part of a histogram (OpenMetrics §Suffixes), hence `samples`. */
const GAUGES: readonly (readonly [Figure, string, string])[] = [
  ['min', 'dinox_history_min', 'Least value since the time of the sample.'],
  ['max', 'dinox_history_max', 'Largest value since the time of the sample.'],
  ['mean', 'dinox_history_mean', 'Mean value since the time of the sample.'],
  ['last', 'dinox_history_last', 'Last value since the time of the sample.'],
  ['count', 'dinox_history_samples', 'Number of values since the time of the sample.'],
];
const STATE = 'dinox_history_state';

/**
 * OpenMetrics 1.0 text with the time of each sample in seconds, as `promtool tsdb create-blocks-from openmetrics` reads
 * it: gauges with the labels `topic`, `field` and `unit`. A state is 1 from the time when it began, and 0 from its end.
 */
export function openMetricsOf(all: readonly Recorded[]): string {
  const numbers = all
    .filter(({ isText }) => !isText)
    .map((one) => ({ labels: labelsOf(one), points: filledIn(one.series) }))
    .filter(({ points }) => points.length > 0);
  const lines: string[] = [];
  if (numbers.length > 0) {
    for (const [figure, name, help] of GAUGES) {
      lines.push(...headOf(name, help));
      for (const { labels, points } of numbers)
        for (const point of points) lines.push(`${name}{${labels}} ${point[figure]} ${seconds(point.t)}`);
    }
  }
  const texts = all.filter(({ isText, states }) => isText && states.length > 0);
  if (texts.length > 0)
    lines.push(...headOf(STATE, 'Whether the value is this one.'), ...texts.flatMap(stateLines));
  return [...lines, '# EOF', ''].join('\n');
}

/** The samples of one metric stand together, in the order of time. */
function stateLines(one: Recorded): string[] {
  const { states } = one;
  const labels = labelsOf(one);
  return [...new Set(states.map(({ state }) => state))].flatMap((state) =>
    states
      .filter((change, place) => change.state === state || states[place - 1]?.state === state)
      .map((change) => {
        const is = change.state === state ? 1 : 0;
        return `${STATE}{${labels},state="${escaped(state)}"} ${is} ${seconds(change.at)}`;
      }),
  );
}

const headOf = (name: string, help: string): string[] => [`# TYPE ${name} gauge`, `# HELP ${name} ${help}`];

function labelsOf({ topic, field, looks }: Recorded): string {
  return Object.entries({ topic, field, unit: looks.unit })
    .filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '')
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',');
}

/** A label value: backslash, quotation mark and line feed are escaped; half a character is none in UTF-8. */
function escaped(text: string): string {
  return text.toWellFormed().replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n');
}

const seconds = (at: number): number => Math.round(at) / 1_000;
