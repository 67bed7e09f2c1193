import { depthOf } from '../payload/content';
import { SendError } from '../send-error';

/** How a flow's message becomes text, as DinoX's own bridge writes it; `file` sends it as one. */
export const FORMATS = ['payload', 'full', 'short', 'file'] as const;
export type Format = (typeof FORMATS)[number];

/** The longest text of the format `short`, in bytes of UTF-8. */
const SHORT_BYTES = 200;
/** JSON that is nested deeper is not indented: nobody reads it, and every level would make every line longer. */
const DEEPEST = 30;

/**
 * The text of a message: `payload` as it is, `full` as `MQTT [topic]` and the payload below, `short` as
 * `[topic] payload` of at most 200 bytes. Without a topic all of them are the payload.
 * @throws SendError for a payload that cannot become text.
 */
export function formatText(payload: unknown, topic: unknown, format: Format, unit?: unknown): string {
  // In a line of 200 bytes there is no room for blanks.
  const text = readable(payload, unit, format !== 'short');
  const about = typeof topic === 'string' ? topic.replace(/\s+/gu, ' ').trim() : '';
  if (format === 'full') return about === '' ? text : `MQTT [${about}]\n${text}`;
  if (format === 'short') return cutUtf8(about === '' ? text : `[${about}] ${text}`, SHORT_BYTES);
  return text;
}

/**
 * A payload as people read it: an object with `text` is that text, a value with a unit is written together, any
 * other object is JSON, indented where there is room.
 */
export function readable(payload: unknown, unit?: unknown, isRoomy = true): string {
  switch (typeof payload) {
    case 'string':
      return payload;
    case 'number':
    case 'bigint':
      return withUnit(String(payload), unit);
    case 'boolean':
      return String(payload);
    case 'undefined':
      throw new SendError('payload-missing');
    case 'object':
      if (payload === null) throw new SendError('payload-missing');
      if (payload instanceof Date && !Number.isNaN(payload.getTime())) return payload.toISOString();
      if (payload instanceof Error) return payload.message;
      return ofObject(payload as Readonly<Record<string, unknown>>, isRoomy);
    default:
      throw new SendError('payload-type', { type: typeof payload });
  }
}

function ofObject(object: Readonly<Record<string, unknown>>, isRoomy: boolean): string {
  if (typeof object.text === 'string') return object.text;
  const keys = Object.keys(object);
  const isReading = keys.length > 0 && keys.every((key) => key === 'value' || key === 'unit');
  if (isReading && ['string', 'number', 'boolean'].includes(typeof object.value)) {
    return withUnit(String(object.value), object.unit);
  }
  let json: string | undefined;
  try {
    json = JSON.stringify(object) as string | undefined;
    // Four thousand brackets of a device would become 32 MB of blanks.
    if (isRoomy && json !== undefined && depthOf(json) <= DEEPEST)
      json = JSON.stringify(object, undefined, 2);
  } catch (cause) {
    const why = (cause as Error).message.split('\n')[0] ?? '';
    throw new SendError('payload-json', { why }, { cause });
  }
  if (json === undefined) throw new SendError('payload-json', { why: 'toJSON' });
  return json;
}

/** `22.1 °C`, `40 %`; a unit that is none is left out. */
function withUnit(value: string, unit: unknown): string {
  return typeof unit === 'string' && unit.trim() !== '' ? `${value} ${unit.trim()}` : value;
}

/** The beginning of a text that has at most `bytes` bytes as UTF-8, with `…` where something was cut off. */
export function cutUtf8(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  const encoded = Buffer.from(text);
  let end = Math.max(0, bytes - Buffer.byteLength('…'));
  // Never inside of a character: its later bytes are 10xxxxxx.
  while (end > 0 && ((encoded[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${encoded.subarray(0, end).toString()}…`;
}
