import type { Value } from './states';

/** The value in a message, or why there is none (a key of the texts). */
export type Reading =
  | { value: Value; unit: string; why?: undefined }
  | { value?: undefined; unit: string; why: Missing };

/** `nothing`: null, undefined, empty; `notNumber`: text, NaN, ±Infinity; `unavailable`: the sensor says so itself. */
export type Missing = 'nothing' | 'notNumber' | 'object' | 'unavailable';

export interface ReadOptions {
  /** The condition needs a number. */
  numeric: boolean;
  /** Any value counts: only its arrival is of interest. */
  any?: boolean;
  /** `21,5` is a number. @default false */
  decimalComma?: boolean;
  /** Allowed behind a number in a text. */
  unit?: string;
  /** A text that the condition asks for counts, even if it is `unavailable`. */
  wanted?: string;
}

/** Words of Home Assistant and others for a sensor that does not answer. */
const UNAVAILABLE = new Set(['unavailable', 'unknown', 'none', 'null', 'nan', '']);
const PLAIN = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** Maximum length of a text that is a number. */
const MAX_NUMBER_LENGTH = 1_000;
/** Maximum length of a text that is parsed. A longer one would hold up the flow. */
const MAX_JSON_LENGTH = 100_000;

/**
 * Reads a sample. An object counts as its `value`, else its `state`, and its `unit` is kept; text that is a JSON
 * object likewise.
 */
export function readValue(raw: unknown, options: ReadOptions): Reading {
  if (typeof raw === 'number' && Number.isFinite(raw)) return { value: raw, unit: options.unit ?? '' };
  let inner = raw;
  let unit = options.unit ?? '';
  if (typeof raw === 'string' && raw.length <= MAX_JSON_LENGTH && /^\s*\{/.test(raw))
    inner = parsed(raw) ?? raw;
  if (typeof inner === 'object' && inner !== null) {
    const object = inner as Record<string, unknown>;
    if (typeof object.unit === 'string' && object.unit.length <= 20) unit = object.unit;
    inner = Object.hasOwn(object, 'value')
      ? object.value
      : Object.hasOwn(object, 'state')
        ? object.state
        : object;
    if (typeof inner === 'object' && inner !== null) {
      if (options.any) return { value: true, unit };
      // It can still be searched as a text.
      if (options.numeric || typeof raw !== 'string') return { unit, why: 'object' };
      inner = raw;
    }
  }
  return options.numeric ? numberOf(inner, unit, options) : textOf(inner, unit, options);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function numberOf(raw: unknown, unit: string, { decimalComma }: ReadOptions): Reading {
  if (typeof raw === 'number')
    return Number.isFinite(raw) ? { value: raw, unit } : { unit, why: 'notNumber' };
  if (raw === null || raw === undefined) return { unit, why: 'nothing' };
  if (typeof raw !== 'string' || raw.length > MAX_NUMBER_LENGTH) return { unit, why: 'notNumber' };
  let text = raw.trim();
  if (UNAVAILABLE.has(text.toLowerCase())) return { unit, why: text === '' ? 'nothing' : 'unavailable' };
  if (unit !== '' && text.endsWith(unit)) text = text.slice(0, -unit.length).trimEnd();
  if (decimalComma && !text.includes('.')) text = text.replace(',', '.');
  // The minus sign of typographers.
  text = text.replace(/^\u2212/, '-');
  const value = PLAIN.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? { value, unit } : { unit, why: 'notNumber' };
}

function textOf(raw: unknown, unit: string, { wanted }: ReadOptions): Reading {
  if (raw === null || raw === undefined) return { unit, why: 'nothing' };
  if (typeof raw === 'boolean') return { value: raw, unit };
  if (typeof raw === 'number')
    return Number.isFinite(raw) ? { value: raw, unit } : { unit, why: 'notNumber' };
  if (typeof raw === 'bigint') return { value: String(raw), unit };
  if (typeof raw !== 'string') return { unit, why: 'object' };
  const text = raw.trim();
  if (
    text.length <= MAX_NUMBER_LENGTH &&
    UNAVAILABLE.has(text.toLowerCase()) &&
    text.toLowerCase() !== wanted
  ) {
    return { unit, why: text === '' ? 'nothing' : 'unavailable' };
  }
  return { value: text, unit };
}

/** Characters that are kept of a longer text. It is judged as a whole. */
const MAX_KEPT = 1_000;

/** A value as it is kept and shown. */
export function brief(value: Value): Value {
  if (typeof value !== 'string' || value.length <= MAX_KEPT) return value;
  // By way of bytes: a slice would keep the whole text in memory.
  return `${Buffer.from(value.slice(0, MAX_KEPT)).toString()}…`;
}
