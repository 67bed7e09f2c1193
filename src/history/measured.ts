/** A clock that was never set says less: 2001, milliseconds since the epoch. */
const FIRST = 978_307_200_000;
/** Numbers below are seconds since the epoch, those above milliseconds. */
const MAX_SECONDS = 100_000_000_000;
/** No time is written longer. */
const MAX_LENGTH = 40;
/** ISO 8601. Everything else that `Date` accepts is a guess. */
const ISO = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/i;
/** A longer text is not looked through for it. */
const MAX_JSON_LENGTH = 100_000;

/** When something was measured that was kept somewhere, and does not say when that was: it is no sign of life. */
export const UNKNOWN_TIME = Number.NEGATIVE_INFINITY;

/**
 * When something was measured, as it says itself: `msg.timestamp`, the user property `timestamp` of MQTT 5, or
 * `last_seen` in the payload, as Zigbee2MQTT writes it. Each is a date as text (ISO 8601), or seconds or milliseconds
 * since the epoch, as number or text.
 * @returns milliseconds since the epoch, `now` at most; undefined if it does not say
 */
export function measuredAt(msg: Readonly<Record<string, unknown>>, now: number): number | undefined {
  const { timestamp, userProperties, payload } = msg;
  const given = timestamp ?? (userProperties as { timestamp?: unknown } | null | undefined)?.timestamp;
  const at = given === undefined ? undefined : timeOf(given);
  const found = at ?? timeOf(lastSeenIn(payload));
  return found === undefined ? undefined : Math.min(found, now);
}

/** `last_seen` of an object, or of text that is one; not of an object within it, which was measured at another time. */
function lastSeenIn(payload: unknown): unknown {
  const given = typeof payload === 'string' ? parsed(payload) : payload;
  return typeof given === 'object' && given !== null
    ? (given as { last_seen?: unknown }).last_seen
    : undefined;
}

/** Only payloads that may contain it are parsed. */
function parsed(text: string): unknown {
  if (text.length > MAX_JSON_LENGTH || !text.includes('"last_seen"')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function timeOf(given: unknown): number | undefined {
  if (typeof given === 'string') {
    const text = given.trim();
    if (text.length > MAX_LENGTH) return undefined;
    if (/^\d+(\.\d+)?$/.test(text)) return timeOf(Number(text));
    return ISO.test(text) ? sensible(Date.parse(text)) : undefined;
  }
  if (given instanceof Date) return sensible(given.getTime());
  if (typeof given !== 'number') return undefined;
  return sensible(given < MAX_SECONDS ? given * 1_000 : given);
}

const sensible = (at: number): number | undefined =>
  at >= FIRST && Number.isFinite(at) ? Math.round(at) : undefined;

/**
 * The time of measurement, or what is known of it: undefined if it was measured just now, `KEPT` if a server had kept
 * it (a retained message) and it does not say. `replayed` false: the message was published just now, and carries the
 * flag only because of Retain As Published (MQTT 5 §3.8.3.1).
 */
export function measuredBy(msg: Readonly<Record<string, unknown>>, now: number): number | undefined {
  const at = measuredAt(msg, now);
  if (at !== undefined) return at;
  return msg.retain === true && msg.replayed !== false ? UNKNOWN_TIME : undefined;
}
