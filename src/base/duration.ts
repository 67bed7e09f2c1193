import { text } from './catalogue';
import { Fault } from './fault';
import { plain } from './printable';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30s`, `5m`, `1h30m`, `2d`, a plain number of seconds; in milliseconds. Undefined where it is none. */
export function parseDuration(value: string): number | undefined {
  // A comma between digits is the point that it is meant to be.
  const raw = value
    .trim()
    .toLowerCase()
    .replace(/(\d),(?=\d)/g, '$1.');
  if (/^\d+(\.\d+)?$/.test(raw)) return Number(raw) * 1_000;
  if (!/^(\d+(\.\d+)?\s*(ms|s|m|h|d)\s*)+$/.test(raw)) return undefined;
  let total = 0;
  for (const [, number, unit] of raw.matchAll(/(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)/g)) {
    total += Number(number) * (UNITS[unit ?? ''] ?? 0);
  }
  return total;
}

/** As {@link parseDuration}, with the reason where it is none. */
export function readDuration(typed: string): number | Fault {
  return parseDuration(typed) ?? new Fault('duration', text('config.duration', { given: plain(typed, 40) }));
}

/** Limits of the wait between two looks at the nodes of a PubSub service, in milliseconds. */
const MIN_POLL = 10_000;
const MAX_POLL = 3_600_000;

/** The wait between two looks at the nodes of a PubSub service, in milliseconds. */
export function readPoll(typed: string): number | Fault {
  const ms = parseDuration(typed);
  if (ms !== undefined && ms >= MIN_POLL && ms <= MAX_POLL) return ms;
  return new Fault('duration', text('config.poll', { given: plain(typed, 40) }));
}
