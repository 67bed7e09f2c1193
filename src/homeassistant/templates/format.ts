/** `'%.1f' % value` and `'{:.1f}'.format(value)`. */

import { text } from '../../base/catalogue';
import { TemplateError } from './errors';
import { fixed } from './numbers';
import { floatText, repr, written as shown, str } from './show';
import { Float, isNumber, numberOf, truncated, type Value, wrongType } from './values';
import type { Work } from './work';

const PERCENT = /%(?:\((\w+)\))?([-+0 #]*)(\d+|\*)?(?:\.(\d+))?[hlL]?(.)/gs;
const BRACES = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g;
const FIELD = /^(\w*)((?:\.\w+|\[[^\]]+\])*)(?:!([rs]))?(?::(.*))?$/s;
const SPEC = /^(?:(.)?([<>=^]))?([-+ ]?)(#?)(0?)(\d*)([,_]?)(?:\.(\d+))?([bcdeEfFgGnosxX%]?)$/su;
/** A wider field is no table any more. */
const MAX_WIDTH = 1_000;
const MAX_DIGITS = 60;

interface Style {
  readonly sign: string;
  readonly digits: number | undefined;
  readonly alternate: boolean;
}

/** Python's `%`. Throws where values and placeholders do not fit. */
export function percentFormat(pattern: string, values: readonly Value[], work: Work): string {
  let next = 0;
  const take = (): Value => {
    const value = values[next++];
    if (value === undefined) throw bad(pattern);
    return value;
  };
  const [first] = values;
  const filled = pattern.replace(
    PERCENT,
    (_, name?: string, flags = '', wide?: string, digits?: string, kind = '') => {
      if (kind === '%') return '%';
      let value: Value | undefined;
      const width = wide === '*' ? Number(numeral(take())) : Number(wide ?? 0);
      if (name === undefined) value = take();
      else if (first instanceof Map) {
        value = first.get(name);
        next = values.length;
      }
      if (value === undefined) throw bad(pattern);
      const style = {
        sign: flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '',
        digits: digits === undefined ? undefined : within(Number(digits), MAX_DIGITS),
        alternate: flags.includes('#'),
      };
      const written = percentField(kind, value, style, pattern, work);
      work.grow(within(width, MAX_WIDTH) + written.length);
      if (flags.includes('-')) return written.padEnd(width);
      return flags.includes('0') && !'srac'.includes(kind) ? zeros(written, width) : written.padStart(width);
    },
  );
  if (next < values.length) throw bad(pattern);
  return filled;
}

function percentField(kind: string, value: Value, style: Style, pattern: string, work: Work): string {
  switch (kind) {
    case 's':
      return shown(value, work).slice(0, style.digits);
    case 'r':
    case 'a':
      return quoted(value, work).slice(0, style.digits);
    case 'c':
      return typeof value === 'string'
        ? value
        : String.fromCodePoint(within(Number(numeral(value)), 0x10_ffff));
    case 'd':
    case 'i':
    case 'u':
      return signed(String(truncated(numeral(value))), style.sign).replace(/\d+/, (digits) =>
        digits.padStart(style.digits ?? 0, '0'),
      );
    case 'x':
    case 'X':
    case 'o':
      return signed(inBase(kind, whole(value), style.alternate), style.sign);
    case 'f':
    case 'F':
    case 'e':
    case 'E':
    case 'g':
    case 'G':
      return signed(floating(kind, numeral(value), style.digits ?? 6), style.sign);
    default:
      throw bad(pattern);
  }
}

/** `str.format`. `named`: the keywords. Throws where values and placeholders do not fit. */
export function braceFormat(
  pattern: string,
  positional: readonly Value[],
  named: ReadonlyMap<string, Value>,
  work: Work,
): string {
  let next = 0;
  return pattern.replace(BRACES, (found, field?: string) => {
    if (found === '{{' || found === '}}') return found.charAt(0);
    const [, name, path = '', conversion, spec = ''] = FIELD.exec(field ?? '{') ?? [];
    if (name === undefined) throw bad(pattern);
    const index = name === '' ? next++ : Number(name);
    let value = Number.isNaN(index) ? named.get(name) : positional[index];
    for (const [, dotted, key = ''] of path.matchAll(/\.(\w+)|\[([^\]]+)\]/g)) {
      if (dotted !== undefined) throw bad(pattern);
      if (value instanceof Map) value = value.get(key);
      else if (Array.isArray(value)) value = value[Number(key)];
      else throw bad(pattern);
    }
    if (value === undefined) throw bad(pattern);
    const written = specField(
      conversion === 'r' ? quoted(value, work) : conversion === 's' ? shown(value, work) : value,
      spec,
      pattern,
      work,
    );
    work.grow(written.length);
    return written;
  });
}

function specField(value: Value, spec: string, pattern: string, work: Work): string {
  if (spec === '') return shown(value, work);
  const [, fill, align, sign = '', sharp, zero, width = '', grouping = '', digits, kind = ''] =
    SPEC.exec(spec) ?? [];
  if (kind === undefined || sharp === undefined) throw bad(pattern);
  const places = digits === undefined ? undefined : within(Number(digits), MAX_DIGITS);
  const isText = !isNumber(value) || (typeof value === 'boolean' && kind === '');
  let written: string;
  if (isText) {
    if (kind !== '' && kind !== 's') throw wrongType('format', value);
    written = shown(value, work).slice(0, places);
  } else written = signed(numberField(kind, value, places, sharp !== ''), sign);
  if (grouping !== '')
    written = written.replace(/\d+/, (whole) => whole.replace(/\B(?=(\d{3})+(?!\d))/g, grouping));
  const wide = within(Number(width), MAX_WIDTH);
  if (zero !== '' && align === undefined) return isText ? written.padEnd(wide, '0') : zeros(written, wide);
  const pad = fill ?? (zero === '' ? ' ' : '0');
  const where = align ?? (isText ? '<' : '>');
  if (where === '<') return written.padEnd(wide, pad);
  if (where === '^')
    return written
      .padStart(written.length + Math.floor(Math.max(0, wide - written.length) / 2), pad)
      .padEnd(wide, pad);
  if (where === '=')
    return /^[+-]/.test(written)
      ? written.charAt(0) + written.slice(1).padStart(wide - 1, pad)
      : written.padStart(wide, pad);
  return written.padStart(wide, pad);
}

function numberField(kind: string, value: Value, digits: number | undefined, alternate: boolean): string {
  switch (kind) {
    case '':
      if (!(value instanceof Float)) return str(value);
      return digits === undefined ? floatText(value.value) : floating('g', value.value, digits);
    case 'n':
      return str(value);
    case 'd':
      return String(whole(value));
    case 'c':
      return String.fromCodePoint(within(Number(whole(value)), 0x10_ffff));
    case 'b':
    case 'o':
    case 'x':
    case 'X':
      return inBase(kind, whole(value), alternate);
    case '%':
      return `${fixed(numeral(value) * 100, digits ?? 6)}%`;
    default:
      return floating(kind, numeral(value), digits ?? 6);
  }
}

function floating(kind: string, value: number, digits: number): string {
  if (!Number.isFinite(value)) return floatText(value);
  const exponent = (written: string): string => written.replace(/e([+-])(\d)$/, 'e$10$2');
  const lower = kind.toLowerCase();
  let written: string;
  if (lower === 'f') written = fixed(value, digits);
  else if (lower === 'e') written = exponent(value.toExponential(digits));
  else {
    const precision = Math.max(1, digits);
    const size = value === 0 ? 0 : Number(value.toExponential(precision - 1).split('e')[1]);
    const bare = (one: string): string => (one.includes('.') ? one.replace(/\.?0+(?=e|$)/, '') : one);
    written =
      size < -4 || size >= precision
        ? exponent(bare(value.toExponential(precision - 1)))
        : bare(fixed(value, Math.min(MAX_DIGITS, precision - 1 - size)));
  }
  return kind === lower ? written : written.toUpperCase();
}

function quoted(value: Value, work: Work): string {
  const made = repr(value);
  work.read(made.length);
  return made;
}

function inBase(kind: string, value: bigint, alternate: boolean): string {
  const base = { x: 16, X: 16, o: 8, b: 2 }[kind] ?? 10;
  const size = (value < 0n ? -value : value).toString(base);
  const written = `${value < 0n ? '-' : ''}${alternate ? `0${kind}` : ''}${size}`;
  return kind === 'X' ? written.toUpperCase() : written;
}

/** A number, and nothing that only looks like one: Python's `%d` refuses texts. */
function numeral(value: Value): number {
  if (isNumber(value)) return numberOf(value);
  throw wrongType('%', value);
}

function whole(value: Value): bigint {
  if (value instanceof Float || !isNumber(value)) throw wrongType('%', value);
  return BigInt(value);
}

function signed(written: string, sign: string): string {
  return sign !== '' && sign !== '-' && !written.startsWith('-') ? sign + written : written;
}

function zeros(written: string, width: number): string {
  const [sign = ''] = /^[+-]/.exec(written) ?? [];
  return sign + written.slice(sign.length).padStart(width - sign.length, '0');
}

function within(value: number, most: number): number {
  if (value >= 0 && value <= most) return value;
  throw new TemplateError('work', text('template.tooLong'));
}

function bad(pattern: string): TemplateError {
  return new TemplateError('value', text('template.badFormat', { pattern }));
}
