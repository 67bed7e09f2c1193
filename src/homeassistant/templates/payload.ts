import { parseJson } from './json-reader';
import { Float, type Value } from './values';

/** A longer payload is no state; only its text is given on. */
const MAX_JSON = 1_048_576;
/** Where JSON.parse would lose something: floats that end in zeros, exponents, long ints, keys that look like numbers. */
const INEXACT = /\d\.0*(?![0-9])|\.\d*0(?![0-9])|\d[eE]|\d{16}|-0|"\d+"\s*:/;

/** What came on a topic. Its JSON is read when a template first asks, and once for all templates. */
export class Payload {
  private quick: { readonly value: unknown } | undefined;
  private exact: { readonly value: Value | undefined } | undefined;

  constructor(readonly text: string) {}

  /** Its JSON as a template sees it; undefined where it is none. */
  get json(): Value | undefined {
    this.exact ??= { value: this.text.length > MAX_JSON ? undefined : parseJson(this.text) };
    return this.exact.value;
  }

  /**
   * The text that `{{ value_json.a.b }}` gives, without an evaluator; undefined where it takes one: the value is no
   * plain text, number or boolean, a key is missing, or JavaScript would write a number in another way.
   */
  plainAt(path: readonly string[]): string | undefined {
    if (!this.quick)
      this.quick = {
        value: this.text.length > MAX_JSON || INEXACT.test(this.text) ? undefined : parsed(this.text),
      };
    let value = this.quick.value;
    for (const key of path) {
      if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, key))
        return undefined;
      value = (value as Readonly<Record<string, unknown>>)[key];
    }
    if (typeof value === 'string') return value.trim();
    if (typeof value === 'number') return plainNumber(value);
    if (typeof value === 'boolean') return value ? 'True' : 'False';
    return undefined;
  }
}

function parsed(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}

/** Undefined where Python writes an exponent, or does not where JavaScript does. */
function plainNumber(value: number): string | undefined {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) return undefined;
  return String(value);
}

/** A value of JavaScript as a template sees it: what a command gives. Throws where it is nested too deep. */
export function toValue(value: unknown, depth = 0): Value {
  if (depth > 80) throw new RangeError('nested too deep');
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : new Float(value);
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') return value;
  if (Array.isArray(value)) return value.map((one) => toValue(one, depth + 1));
  if (value instanceof Float) return value;
  if (typeof value === 'object' && value !== null)
    return new Map(Object.entries(value).map(([key, one]) => [key, toValue(one, depth + 1)]));
  return null;
}
