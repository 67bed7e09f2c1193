/** Values as text, as Python's `str` and `repr` write them. */

import { text } from '../../base/catalogue';
import { TemplateError } from './errors';
import {
  DateTime,
  type Dict,
  Float,
  type Key,
  TimeDelta,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from './values';
import { MAX_DEPTH, type Work } from './work';

const DAY = 86_400_000_000;

/** `str(value)`: what a template writes. */
export function str(value: Value): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (value instanceof Undefined) return '';
  return repr(value);
}

/** The same, paid for: the text of a list can be long though the list is short. A text itself costs nothing. */
export function written(value: Value, work: Work): string {
  const made = str(value);
  if (typeof value !== 'string') work.read(made.length);
  return made;
}

/** Characters of one value as text. */
const MAX_SHOWN = 1_000_000;

/** `repr(value)`: what stands inside lists and dicts. Throws for what is too long or nested too deep. */
export function repr(value: Value): string {
  if (isContainer(value)) {
    const writer = new Writer();
    writer.write(value, 0);
    return writer.written;
  }
  return scalar(value);
}

type Container = Value[] | Tuple | Dict;

function isContainer(value: Value): value is Container {
  return Array.isArray(value) || value instanceof Map || value instanceof Tuple;
}

/** A list may hold another one many times, so that its text can be endless though the list is short. */
class Writer {
  written = '';

  write(value: Value, depth: number): void {
    if (depth > MAX_DEPTH) throw new TemplateError('work', text('template.tooDeep'));
    if (this.written.length > MAX_SHOWN) throw new TemplateError('work', text('template.tooLong'));
    if (!isContainer(value)) {
      this.written += scalar(value);
      return;
    }
    if (value instanceof Map) {
      let before = '{';
      for (const [key, one] of value) {
        this.written += `${before}${scalar(keyValue(key))}: `;
        this.write(one, depth + 1);
        before = ', ';
      }
      this.written += value.size === 0 ? '{}' : '}';
    } else if (value instanceof Tuple)
      this.items('(', value.items, value.items.length === 1 ? ',)' : ')', depth);
    else this.items('[', value, ']', depth);
  }

  private items(open: string, items: readonly Value[], close: string, depth: number): void {
    this.written += open;
    for (const [index, one] of items.entries()) {
      if (index > 0) this.written += ', ';
      this.write(one, depth + 1);
    }
    this.written += close;
  }
}

function scalar(value: Exclude<Value, Container>): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (value instanceof Float) return floatText(value.value);
  if (value instanceof Undefined) return 'Undefined';
  if (value instanceof DateTime) return isoText(value, ' ');
  if (value instanceof TimeDelta) return deltaText(value.micros);
  return `<${typeName(value)}>`;
}

/** A key as a value: a number with a fraction was a float. */
export function keyValue(key: Key): Key | Float {
  return typeof key === 'number' && !Number.isInteger(key) ? new Float(key) : key;
}

/** Shortest digits that give the same float again; exponents from 1e16 and below 1e-4, unlike in JavaScript. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) {
    const [digits = '', exponent = ''] = value.toExponential().split('e');
    return `${digits}e${exponent.startsWith('-') ? '-' : '+'}${exponent.slice(1).padStart(2, '0')}`;
  }
  if (Object.is(value, -0)) return '-0.0';
  const plain = String(value);
  return Number.isInteger(value) ? `${plain}.0` : plain;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
/** What Python does not print as it is. */
const UNPRINTABLE = /[\\\n\r\t]|(?! )[\p{C}\p{Z}]/gu;

function quoted(value: string): string {
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
  const escaped = value.replace(UNPRINTABLE, (found) => {
    const short = ESCAPES[found];
    if (short) return short;
    const code = found.codePointAt(0) ?? 0;
    const hex = code.toString(16);
    if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
    return code < 0x1_0000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
  });
  return `${quote}${quote === "'" ? escaped.replaceAll("'", "\\'") : escaped}${quote}`;
}

/** `2026-11-29 20:05:40.630000+00:00`; `separator`: what stands between day and time. */
export function isoText({ micros, offset }: DateTime, separator: string): string {
  const local = micros + (offset ?? 0) * 60_000_000;
  const date = new Date(Math.floor(local / 1_000));
  if (Number.isNaN(date.getTime())) throw new TemplateError('value', text('template.noTime'));
  const fraction = ((local % 1_000_000) + 1_000_000) % 1_000_000;
  const [day = '', time = ''] = date.toISOString().split('T');
  return `${day}${separator}${time.slice(0, 8)}${fraction === 0 ? '' : `.${String(fraction).padStart(6, '0')}`}${
    offset === undefined ? '' : zoneText(offset, ':')
  }`;
}

/** `+02:00` */
export function zoneText(offset: number, separator: string): string {
  const size = Math.abs(offset);
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${separator}${two(size % 60)}`;
}

/** `-1 day, 23:00:00` */
function deltaText(micros: number): string {
  const days = Math.floor(micros / DAY);
  const rest = micros - days * DAY;
  const seconds = Math.floor(rest / 1_000_000);
  const fraction = rest % 1_000_000;
  const time = `${Math.floor(seconds / 3_600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  const head = days === 0 ? '' : `${days} day${Math.abs(days) === 1 ? '' : 's'}, `;
  return `${head}${time}${fraction === 0 ? '' : `.${String(fraction).padStart(6, '0')}`}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** A text as Python sees it: by characters, not by the halves in which JavaScript keeps some of them. */
export function characters(value: string): string[] {
  return /[\ud800-\udfff]/.test(value) ? [...value] : value.split('');
}

export function lengthOf(value: string): number {
  return /[\ud800-\udfff]/.test(value) ? [...value].length : value.length;
}
