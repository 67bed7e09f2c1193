import { text } from '../../base/catalogue';
import { TemplateError } from './errors';
import { parseJson } from './json-reader';
import { Float, type Value } from './values';
import { MAX_DEPTH } from './work';

/** A longer payload is no state; only its text is given on. */
const MAX_JSON = 1_048_576;
/** What came on a topic. Its JSON is read when a template first asks, and once for all templates. */
export class Payload {
  private quick: { readonly value: unknown } | undefined;
  private isExact: boolean | undefined;
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
    this.quick ??= { value: this.text.length > MAX_JSON ? undefined : parsed(this.text) };
    let value = this.quick.value;
    for (const key of path) {
      if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, key))
        return undefined;
      value = (value as Readonly<Record<string, unknown>>)[key];
    }
    if (typeof value === 'string') return value.trim();
    if (typeof value === 'number') return this.plainNumber(value);
    if (typeof value === 'boolean') return value ? 'True' : 'False';
    return undefined;
  }

  /**
   * Undefined where Python could write it in another way: with an exponent, or with `.0` behind a whole number, which
   * JavaScript does not tell from an int.
   */
  private plainNumber(value: number): string | undefined {
    const size = Math.abs(value);
    if (Number.isInteger(value)) {
      this.isExact ??= isExact(this.text);
      return this.isExact && size < 1e15 ? String(value) : undefined;
    }
    return size >= 1e-4 && size < 1e15 ? String(value) : undefined;
  }
}

const ZERO = 0x30;
const NINE = 0x39;
const DOT = 0x2e;
const MINUS = 0x2d;
/** JavaScript keeps so many digits of an int. */
const EXACT_DIGITS = 15;

/**
 * False where a whole number of it may have been written as a float: with zeros behind the dot, an exponent, as -0 or
 * with many digits. In doubt false; texts in it are not told from numbers.
 */
function isExact(source: string): boolean {
  let digits = 0;
  let isFraction = false;
  for (let at = 0; at <= source.length; at++) {
    const code = source.charCodeAt(at);
    if (code >= ZERO && code <= NINE) {
      if (++digits > EXACT_DIGITS) return false;
      continue;
    }
    if (digits > 0) {
      if (code === 0x65 || code === 0x45) return false;
      if (isFraction && source.charCodeAt(at - 1) === ZERO) return false;
    } else if (code === MINUS && source.charCodeAt(at + 1) === ZERO && source.charCodeAt(at + 2) !== DOT)
      return false;
    isFraction = code === DOT && digits > 0;
    digits = 0;
  }
  return true;
}

function parsed(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}

/** Members of a value that a flow gives, all levels together. */
const MAX_MEMBERS = 20_000;

/**
 * A value of JavaScript as a template sees it: what a command gives. Throws where it is nested too deep or has too many
 * members, as one that holds itself.
 */
export function toValue(value: unknown): Value {
  return new Converter().convert(value, 0);
}

class Converter {
  private left = MAX_MEMBERS;

  convert(value: unknown, depth: number): Value {
    if (depth > MAX_DEPTH) throw new TemplateError('work', text('template.tooDeep'));
    if (--this.left < 0) throw new TemplateError('work', text('template.tooLong'));
    if (typeof value === 'number') return Number.isSafeInteger(value) ? value : new Float(value);
    if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') return value;
    if (Array.isArray(value)) return value.map((one) => this.convert(one, depth + 1));
    if (value instanceof Float) return value;
    if (typeof value === 'object' && value !== null)
      return new Map(Object.entries(value).map(([key, one]) => [key, this.convert(one, depth + 1)]));
    return null;
  }
}
