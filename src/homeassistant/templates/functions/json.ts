/** `tojson` (Jinja's: sorted, spaced, safe in HTML), `to_json` (Home Assistant's) and `from_json`. */

import { text } from '../../../base/catalogue';
import { TemplateError } from '../errors';
import { parseJson } from '../json-reader';
import { otherwise } from '../numbers';
import { floatText, isoText, str } from '../show';
import { DateTime, Float, fn, isInteger, type Key, Tuple, table, type Value, wrongType } from '../values';
import { MAX_DEPTH, type Work } from '../work';
import { flagAt, intAt, textAt } from './args';

interface Style {
  readonly sorted: boolean;
  readonly ascii: boolean;
  /** Spaces of a level; 0: all in one line. */
  readonly indent: number;
  readonly between: string;
  readonly behindKey: string;
  float(value: number): string;
}

const MAX_INDENT = 16;

function pythonFloat(value: number): string {
  if (Number.isFinite(value)) return floatText(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

/** orjson writes exponents without a plus and leading zeros, and null for what is no number. */
function orjsonFloat(value: number): string {
  if (!Number.isFinite(value)) return 'null';
  return floatText(value)
    .replace(/e\+/, 'e')
    .replace(/e(-?)0/, 'e$1');
}

/** JSON of a value. Throws for what has none. */
function write(value: Value, style: Style, work: Work, depth = 0): string {
  if (depth > MAX_DEPTH) throw new TemplateError('work', text('template.tooDeep'));
  work.spend();
  if (value === null || typeof value === 'boolean') return String(value);
  if (isInteger(value)) return String(value);
  if (value instanceof Float) return style.float(value.value);
  if (typeof value === 'string') return quoted(value, style, work);
  if (value instanceof DateTime && !style.sorted) return quoted(isoText(value, 'T'), style, work);
  const line = style.indent === 0 ? '' : `\n${' '.repeat(style.indent * (depth + 1))}`;
  const wrap = (open: string, members: readonly string[], close: string): string => {
    if (members.length === 0) return open + close;
    const whole = `${open}${line}${members.join(style.between + line)}${line.slice(0, line.length - style.indent)}${close}`;
    work.grow(whole.length);
    return whole;
  };
  if (value instanceof Map) {
    const entries = [...value].map(([key, one]) => [keyText(key), one] as const);
    if (style.sorted) entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    const members = entries.map(
      ([key, one]) => quoted(key, style, work) + style.behindKey + write(one, style, work, depth + 1),
    );
    return wrap('{', members, '}');
  }
  const items = Array.isArray(value) ? value : value instanceof Tuple ? value.items : undefined;
  if (!items) throw wrongType('JSON', value);
  return wrap(
    '[',
    items.map((one) => write(one, style, work, depth + 1)),
    ']',
  );
}

function keyText(key: Key): string {
  if (key === null) return 'null';
  return typeof key === 'string'
    ? key
    : typeof key === 'number' && !Number.isInteger(key)
      ? floatText(key)
      : String(key);
}

function quoted(value: string, { ascii }: Style, work: Work): string {
  const plain = JSON.stringify(value);
  const written = ascii
    ? plain.replace(/[\u007f-\uffff]/g, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : plain;
  work.grow(written.length);
  return written;
}

const HTML: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  "'": '\\u0027',
};

const toJsonOfJinja = fn('value,indent=', (args) => {
  const indent = args.maybe(1) === null ? 0 : intAt(args, 1, 0);
  if (indent > MAX_INDENT) throw new TemplateError('work', text('template.tooLong'));
  const between = indent === 0 ? ', ' : ',';
  const written = write(
    args.at(0),
    { sorted: true, ascii: true, indent, between, behindKey: ': ', float: pythonFloat },
    args.run.work,
  );
  return written.replace(/[<>&']/g, (found) => HTML[found] ?? found);
});

const toJson = fn('value,ensure_ascii=,pretty_print=,sort_keys=', (args) => {
  const [ascii, pretty, sorted] = [flagAt(args, 1), flagAt(args, 2), flagAt(args, 3)];
  const spaced = ascii || pretty;
  return write(
    args.at(0),
    {
      sorted,
      ascii,
      indent: pretty ? 2 : 0,
      between: ascii && !pretty ? ', ' : ',',
      behindKey: spaced ? ': ' : ':',
      float: ascii ? pythonFloat : orjsonFloat,
    },
    args.run.work,
  );
});

const fromJson = fn('value,default=', (args) => {
  const value = args.at(0);
  if (typeof value !== 'string') throw wrongType('from_json', value);
  args.run.work.grow(value.length);
  const parsed = parseJson(textAt(args, 0));
  return parsed === undefined ? otherwise('from_json', str(value), args.maybe(1)) : parsed;
});

export const JSON_FILTERS = table({ tojson: toJsonOfJinja, to_json: toJson, from_json: fromJson });
