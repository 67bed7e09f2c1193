/** Numbers out of values, rounded and written as Python does it. */

import { text } from '../../base/catalogue';
import { TemplateError } from './errors';
import { str } from './show';
import { defined, Float, isNumber, numberOf, truncated, type Value, wrongType } from './values';

const FLOAT = /^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+)?$/i;
const SPECIAL = /^([+-]?)(inf(?:inity)?|nan)$/i;
/** A longer text is no number. */
const MAX_DIGITS = 400;

/** `float(value)`; undefined where Python has no number for it. Throws for what has no value. */
export function toFloat(value: Value): number | undefined {
  if (isNumber(value)) return numberOf(value);
  if (typeof value !== 'string') {
    defined(value);
    return undefined;
  }
  if (value.length > MAX_DIGITS) return undefined;
  const written = value.trim();
  if (FLOAT.test(written)) return Number(written.replaceAll('_', ''));
  const [, sign, word] = SPECIAL.exec(written) ?? [];
  if (word === undefined) return undefined;
  if (word.toLowerCase() === 'nan') return Number.NaN;
  return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** `int(value)`, with Jinja's quirk that `"42.9"` is 42; undefined where there is no number. */
export function toInt(value: Value, base = 10): number | bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'string') {
    const whole = wholeNumber(value, base);
    if (whole !== undefined) return whole;
  }
  const number = toFloat(value);
  if (number === undefined) return undefined;
  if (typeof value === 'string' && !Number.isFinite(number)) return undefined;
  return truncated(number);
}

const PREFIXES: Readonly<Record<string, number>> = { '0x': 16, '0o': 8, '0b': 2 };

function wholeNumber(written: string, base: number): number | bigint | undefined {
  const [, sign = '', digits = ''] = /^\s*([+-]?)(\w+)\s*$/.exec(written.slice(0, MAX_DIGITS + 1)) ?? [];
  if (digits === '' || written.length > MAX_DIGITS || !/^[0-9a-z]+(?:_[0-9a-z]+)*$/i.test(digits))
    return undefined;
  const prefixed = PREFIXES[digits.slice(0, 2).toLowerCase()];
  const real = base === 0 ? (prefixed ?? 10) : base;
  const plain = (prefixed === real ? digits.slice(2) : digits).replaceAll('_', '').toLowerCase();
  let sum = 0n;
  for (const digit of plain) {
    const one = Number.parseInt(digit, 36);
    if (!(one < real)) return undefined;
    sum = sum * BigInt(real) + BigInt(one);
  }
  if (plain === '') return undefined;
  const signed = sign === '-' ? -sum : sum;
  return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
}

/** An int as a parameter: a position, a length, a number of digits. */
export function parameter(value: Value | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  if (value instanceof Float && Number.isInteger(value.value)) return value.value;
  throw wrongType('int', value);
}

/** What a filter does without a number: its default, else an error. */
export function otherwise(filter: string, value: Value, fallback: Value | undefined): Value {
  if (fallback !== undefined) return fallback;
  throw new TemplateError('value', text('template.badInput', { filter, value: str(value) }));
}

/** `round(value, digits)`: exact, and a half goes to the even side. */
export function round(value: number, digits: number): number {
  if (!Number.isFinite(value)) return value;
  if (digits > 20) return value;
  if (digits < 0) {
    const unit = 10 ** Math.min(-digits, 300);
    return round(value / unit, 0) * unit;
  }
  return Number(fixed(value, digits));
}

/** `'%.2f' % value`: with so many digits, and a half goes to the even side, where `toFixed` goes up. */
export function fixed(value: number, digits: number): string {
  const plain = value.toFixed(digits);
  // Only an odd multiple of 2^-(digits + 1) lies exactly in the middle.
  const halves = value * 2 ** (digits + 1);
  if (!Number.isInteger(halves) || halves % 2 === 0 || Math.abs(halves) > Number.MAX_SAFE_INTEGER)
    return plain;
  const doubled = BigInt(Math.abs(halves)) * 5n ** BigInt(digits);
  const low = (doubled - 1n) / 2n;
  const even = low % 2n === 0n ? low : low + 1n;
  const text = even.toString().padStart(digits + 1, '0');
  const cut = text.length - digits;
  return `${value < 0 ? '-' : ''}${text.slice(0, cut)}${digits === 0 ? '' : `.${text.slice(cut)}`}`;
}
