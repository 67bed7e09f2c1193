import { type MetricFamily, type MetricSample, openMetricsText } from '../../base/openmetrics';
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

/**
 * OpenMetrics 1.0 text with the time of each sample in seconds, as `promtool tsdb create-blocks-from openmetrics` reads
 * it: gauges with the labels `topic`, `field` and `unit`. A state is 1 from the time when it began, and 0 from its end.
 */
export function openMetricsOf(all: readonly Recorded[]): string {
  const numbers = all
    .filter(({ isText }) => !isText)
    .map((one) => ({ labels: labelsOf(one), points: filledIn(one.series) }));
  const families = GAUGES.map(([figure, name, help]): MetricFamily => {
    const samples = numbers.flatMap(({ labels, points }) =>
      points.map((point): MetricSample => ({ labels, value: point[figure], at: point.t })),
    );
    return { name, type: 'gauge', help, samples };
  });
  const states: MetricFamily = {
    name: 'dinox_history_state',
    type: 'gauge',
    help: 'Whether the value is this one.',
    samples: all.filter(({ isText }) => isText).flatMap(stateSamples),
  };
  return openMetricsText([...families, states]);
}

function stateSamples(one: Recorded): MetricSample[] {
  const { states } = one;
  const labels = labelsOf(one);
  return [...new Set(states.map(({ state }) => state))].flatMap((state) =>
    states
      .filter((change, place) => change.state === state || states[place - 1]?.state === state)
      .map((change) => ({
        labels: { ...labels, state },
        value: change.state === state ? 1 : 0,
        at: change.at,
      })),
  );
}

const labelsOf = ({ topic, field, looks }: Recorded) => ({ topic, field, unit: looks.unit });
