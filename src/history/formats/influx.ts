import { oneLine } from '../../base/printable';
import type { Recorded } from '../recorded';
import { filledIn } from './rows';

const MEASUREMENT = 'dinox_history';

/**
 * InfluxDB line protocol, times in nanoseconds: the measurement `dinox_history` with the tags `topic`, `field` and
 * `unit`, and the fields `min`, `max`, `mean`, `last` and `count`, or `state` for a text. Empty parts have no line.
 */
export function influxOf(all: readonly Recorded[]): string {
  return all.map(linesOf).join('');
}

function linesOf({ topic, field, looks, series, states, isText }: Recorded): string {
  // Sorted by name, which the database asks for.
  const tags = Object.entries({ field, topic, unit: looks.unit })
    .map(([name, value]) => [name, tagValue(value ?? '')] as const)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `,${name}=${value}`);
  const head = `${MEASUREMENT}${tags.join('')}`;
  const lines = isText
    ? states.map(({ at, state }) => `${head} state="${stringValue(state)}" ${nanoseconds(at)}\n`)
    : filledIn(series).map(
        ({ t, min, max, mean, last, count }) =>
          `${head} min=${min},max=${max},mean=${mean},last=${last},count=${count}i ${nanoseconds(t)}\n`,
      );
  return lines.join('');
}

/**
 * Commas, equals signs and spaces are escaped. A backslash at the end would escape what follows the value, and has no
 * form of its own: it becomes U+FFFD. A line break has none either, and is shown as `\n`.
 */
function tagValue(text: string): string {
  return oneLine(text)
    .replace(/\\+$/, (found) => '\uFFFD'.repeat(found.length))
    .replace(/[,= ]/g, '\\$&');
}

function stringValue(text: string): string {
  return oneLine(text).replace(/["\\]/g, '\\$&');
}

function nanoseconds(at: number): string {
  return String(BigInt(Math.round(at)) * 1_000_000n);
}
