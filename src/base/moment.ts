import { text } from './catalogue';
import { parseDuration } from './duration';
import { Fault } from './fault';
import { plain } from './printable';

/** The last moment that a Date can hold, in milliseconds since 1970 (ECMAScript 21.4.1.1). */
const LAST_MOMENT = 8.64e15;
/** A longer text is no time. */
const MAX_LENGTH = 64;

/** A duration ago (`6h`), ISO 8601, or milliseconds since 1970; in milliseconds since 1970. Undefined where it is none. */
export function parseMoment(value: string, now: number): number | undefined {
  if (value.length > MAX_LENGTH) return undefined;
  const typed = value.trim();
  const duration = parseDuration(typed);
  // A plain number of seconds is a duration; a stamp is a longer one, of milliseconds.
  const isStamp = /^\d{11,}$/.test(typed);
  const at = isStamp ? Number(typed) : duration === undefined ? Date.parse(typed) : now - duration;
  return isMoment(at) ? at : undefined;
}

/** As {@link parseMoment}, with the reason where it is none. */
export function readMoment(typed: string, now: number): number | Fault {
  return parseMoment(typed, now) ?? new Fault('time', text('history.time', { given: plain(typed) }));
}

export function isMoment(at: number): boolean {
  return at >= 0 && at <= LAST_MOMENT;
}
