/** Text of OpenMetrics 1.0. */

/** A family of samples. Those of one metric, which have the same labels, stand together, in the order of time. */
export interface MetricFamily {
  name: string;
  type: 'gauge' | 'counter';
  help: string;
  samples: readonly MetricSample[];
}

export interface MetricSample {
  /** A label without a value is left out. */
  labels: Readonly<Record<string, string | undefined>>;
  value: number;
  /** Milliseconds since the epoch. @default when it is read */
  at?: number;
}

export const OPENMETRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** Families without samples are left out. */
export function openMetricsText(families: readonly MetricFamily[]): string {
  const lines = families
    .filter(({ samples }) => samples.length > 0)
    .flatMap(({ name, type, help, samples }) => [
      `# TYPE ${name} ${type}`,
      `# HELP ${name} ${help}`,
      ...samples.map((sample) => lineOf(type === 'counter' ? `${name}_total` : name, sample)),
    ]);
  return [...lines, '# EOF', ''].join('\n');
}

function lineOf(name: string, { labels, value, at }: MetricSample): string {
  const written = Object.entries(labels)
    .filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '')
    .map(([label, text]) => `${label}="${escaped(text)}"`)
    .join(',');
  const time = at === undefined ? '' : ` ${Math.round(at) / 1_000}`;
  return `${name}${written === '' ? '' : `{${written}}`} ${value}${time}`;
}

/** A label value: backslash, quotation mark and line feed are escaped; half a character is none in UTF-8. */
function escaped(text: string): string {
  return text.toWellFormed().replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n');
}
