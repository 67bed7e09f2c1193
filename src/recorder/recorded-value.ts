import { isUtf8 } from 'node:buffer';
import { type Openness, opennessOf } from '../base/opening';
import { plain } from '../base/printable';
import type { RecordedValue } from '../topics/topic-row';

export const MAX_PREVIEW = 160;
/** Fields of a JSON object that get a history of their own. */
export const MAX_FIELDS = 8;
/** A longer name of a field would fill the history's keys. */
const MAX_FIELD_LENGTH = 64;
/** A longer text is not parsed: it is no measured value, and parsing it would hold up the flow. */
export const MAX_PARSED_LENGTH = 8_192;
const MAX_UNIT_LENGTH = 12;
const MAX_STATE_LENGTH = 24;

const ON = /^(on|true|yes|open|online|home|detected)$/i;
const OFF = /^(off|false|no|closed|offline|not_home|clear)$/i;
/** A number followed by its unit, as some sensors write it: `21.5 °C`, `-3%`. 400 digits would be Infinity. */
const WITH_UNIT = /^([-+]?\d{1,32}(?:\.\d{1,32})?)\s?([^\d\s.,;:[\]{}<>"'/-][^\d\s<>"']{0,11})$/u;

/** Describes a payload, of which `kept` is the beginning and `bytes` the whole length. Never throws. */
export function describePayload(kept: Buffer, bytes: number): RecordedValue {
  if (bytes === 0) return { kind: 'empty', text: '' };
  const mime = pictureType(kept);
  if (mime) return { kind: 'picture', text: `${mime}, ${bytes} B`, mime };
  const cut = kept.length < bytes;
  const whole = cut ? wholeCharacters(kept) : kept;
  if (!isUtf8(whole)) return { kind: 'binary', text: kept.subarray(0, 24).toString('hex') };
  const text = whole.toString('utf8');
  if (cut || text.length > MAX_PARSED_LENGTH)
    return { kind: looksLikeJson(text) ? 'json' : 'text', text: preview(text) };
  return describeText(text);
}

const OWN_FORM = Buffer.from('{"value":');
const COMMA = 0x2c;
const BRACE = 0x7d;
/** No measured value is written longer. */
const MAX_NUMBER_LENGTH = 32;

/**
 * The number in a payload that is just a number, or begins as our own topics do (`{"value":21.5,…`). Undefined: {@link
 * describe} has to look. It runs for every message, and takes a tenth of that time.
 */
export function quickNumber(kept: Buffer): number | undefined {
  const first = kept[0] ?? 0;
  // A digit or a minus.
  if ((first >= 0x30 && first <= 0x39) || first === 0x2d) {
    return kept.length > MAX_NUMBER_LENGTH ? undefined : finite(kept.toString('latin1'));
  }
  if (first !== 0x7b || kept.length <= OWN_FORM.length) return undefined;
  for (let i = 1; i < OWN_FORM.length; i++) if (kept[i] !== OWN_FORM[i]) return undefined;
  const most = Math.min(kept.length, OWN_FORM.length + MAX_NUMBER_LENGTH);
  let end = OWN_FORM.length;
  while (end < most && kept[end] !== COMMA && kept[end] !== BRACE) end += 1;
  return end === most ? undefined : finite(kept.toString('latin1', OWN_FORM.length, end));
}

/** JSON's way of writing numbers; `0x10` and an empty text are numbers to JavaScript alone. */
function finite(text: string): number | undefined {
  if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(text)) return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

function describeText(text: string): RecordedValue {
  const trimmed = text.trim();
  if (/^[-\d{["tfn]/.test(trimmed)) {
    try {
      return describeJson(JSON.parse(trimmed), text);
    } catch {
      // Just text.
    }
  }
  const measured = WITH_UNIT.exec(trimmed);
  if (measured) {
    const [, number, unit = ''] = measured;
    return {
      kind: 'number',
      text: String(number),
      number: Number(number),
      unit: plain(unit, MAX_UNIT_LENGTH),
    };
  }
  return stateOf(text);
}

function describeJson(value: unknown, text: string): RecordedValue {
  if (typeof value === 'number') return numberOf(value);
  if (typeof value === 'boolean') return { kind: 'boolean', text: String(value), number: Number(value) };
  if (typeof value === 'string') return stateOf(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { kind: 'json', text: preview(text) };
  const object = value as Record<string, unknown>;
  // The form of our own topics (`{"value", "unit"}`, `{"state"}`) counts as the value itself.
  const inner = object.value ?? object.state;
  if (typeof inner === 'number') {
    const unit = object.unit ?? object.unit_of_measurement;
    return {
      ...numberOf(inner),
      ...(typeof unit === 'string' && unit ? { unit: plain(unit, MAX_UNIT_LENGTH) } : {}),
    };
  }
  if (typeof inner === 'boolean') return { kind: 'boolean', text: String(inner), number: Number(inner) };
  const fields = numbersIn(object);
  if (typeof inner === 'string' && Object.keys(fields).length === 0) return stateOf(inner);
  const hasNumbers = Object.keys(fields).length > 0;
  const state = hasNumbers ? stateIn(object) : undefined;
  const opening = state === undefined ? openingIn(object) : undefined;
  return {
    ...{ kind: 'json', text: preview(text) },
    ...(hasNumbers && { fields }),
    ...(state === undefined ? {} : { state }),
    ...(opening === undefined ? {} : { opening }),
  };
}

/** A word that stands for the whole object; a longer text describes something. */
function stateIn({ state, status }: Record<string, unknown>): string | undefined {
  const word = typeof state === 'string' ? state : status;
  if (typeof word !== 'string' || word.length > MAX_STATE_LENGTH) return undefined;
  return plain(word, MAX_STATE_LENGTH) || undefined;
}

/** A door's sensor tells its battery and its temperature as well, but is asked whether the door is open. */
function openingIn(object: Record<string, unknown>): Openness | undefined {
  for (const [name, value] of Object.entries(object).slice(0, 100)) {
    const opening = opennessOf(name, value);
    if (opening) return opening;
  }
  return undefined;
}

function numberOf(value: number): RecordedValue {
  return Number.isFinite(value)
    ? { kind: 'number', text: String(value), number: value }
    : { kind: 'text', text: String(value) };
}

function stateOf(text: string): RecordedValue {
  const trimmed = text.trim();
  const number = ON.test(trimmed) ? 1 : OFF.test(trimmed) ? 0 : undefined;
  return number === undefined
    ? { kind: 'text', text: preview(text) }
    : { kind: 'boolean', text: preview(trimmed), number };
}

/** The first numbers in an object and in the objects right below it. */
const numbersIn = (object: Record<string, unknown>): Record<string, number> =>
  leavesIn(object, (value) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined));

/**
 * What is on or off, open or closed in a JSON object: its last text by its path, as {@link RecordedValue.fields} has
 * the numbers.
 */
export function statesIn(payload: Buffer): Record<string, string> {
  if (payload.length > MAX_PARSED_LENGTH) return {};
  try {
    const object: unknown = JSON.parse(payload.toString('utf8'));
    if (typeof object !== 'object' || object === null || Array.isArray(object)) return {};
    return leavesIn(object as Record<string, unknown>, (value) => {
      if (typeof value === 'boolean') return String(value);
      const isState = typeof value === 'string' && (ON.test(value) || OFF.test(value));
      return isState ? value : undefined;
    });
  } catch {
    return {};
  }
}

/** The first values that `wanted` takes, in an object and in the objects right below it, by their path. */
function leavesIn<T>(
  object: Record<string, unknown>,
  wanted: (value: unknown) => T | undefined,
): Record<string, T> {
  const found: Record<string, T> = {};
  let count = 0;
  const add = (name: string, value: unknown): void => {
    if (count >= MAX_FIELDS || name.length > MAX_FIELD_LENGTH || name.includes('\0')) return;
    const taken = wanted(value);
    if (taken === undefined || name === '__proto__') return;
    found[name] = taken;
    count += 1;
  };
  const entries = Object.entries(object).slice(0, 100);
  for (const [name, value] of entries) add(name, value);
  for (const [name, value] of entries) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
    for (const [inner, leaf] of Object.entries(value).slice(0, 100)) add(`${name}.${inner}`, leaf);
  }
  return found;
}

/** Media type by the first bytes. SVG counts as text: it may hold scripts, so it is shown as source. */
export function pictureType(payload: Buffer): string | undefined {
  if (payload.length < 12) return undefined;
  if (payload.readUInt32BE(0) === 0x89504e47) return 'image/png';
  if (payload.readUInt16BE(0) === 0xffd8 && payload[2] === 0xff) return 'image/jpeg';
  if (payload.readUInt32BE(0) === 0x47494638) return 'image/gif';
  if (payload.readUInt32BE(0) === 0x52494646 && payload.readUInt32BE(8) === 0x57454250) return 'image/webp';
  return undefined;
}

function looksLikeJson(text: string): boolean {
  return /^\s*[{[]/.test(text);
}

function preview(text: string): string {
  return plain(
    text
      .slice(0, 4 * MAX_PREVIEW)
      .replace(/\s+/g, ' ')
      .trim(),
    MAX_PREVIEW,
  );
}

/** Without the character that was cut in two at the end. */
function wholeCharacters(bytes: Buffer): Buffer {
  for (let back = 1; back <= 4 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes;
    if (byte >= 0xc0) return bytes.subarray(0, bytes.length - back);
  }
  return bytes;
}
