/** Attributes of values: Python's methods that change nothing. What would change a value does not exist here. */

import { text } from '../../base/catalogue';
import { TemplateError } from './errors';
import { braceFormat } from './format';
import { parameter } from './numbers';
import { equal, itemsOf } from './operators';
import { characters, isoText, keyValue, lengthOf, str } from './show';
import { capitalized, replaced, stripped } from './text-tools';
import { strftime } from './time-format';
import {
  type Args,
  type Callable,
  DateTime,
  type Dict,
  Float,
  fn,
  given,
  keyOf,
  Loop,
  Namespace,
  TimeDelta,
  Tuple,
  Undefined,
  type Value,
  wrongType,
} from './values';

const DAY = 86_400_000_000;

/** Makes the method of one value. */
type MethodOf<T> = (self: T) => Value;
type Methods<T> = ReadonlyMap<string, MethodOf<T>>;

function methods<T>(entries: Record<string, MethodOf<T>>): Methods<T> {
  return new Map(Object.entries(entries));
}

/** `method('chars=', body)`: a method of a text. */
function ofText(params: string, body: (self: string, args: Args) => Value): MethodOf<string> {
  return (self) =>
    fn(params, (args) => {
      args.run.work.read(self.length);
      return body(self, args);
    });
}

function textArgument(args: Args, index: number): string {
  const value = args.at(index);
  if (typeof value !== 'string') throw wrongType('str', value);
  return value;
}

/** A text that is looked for in `self`. */
function needleOf(self: string, args: Args): string {
  const needle = textArgument(args, 0);
  args.run.work.find(needle, self);
  return needle;
}

function charsOf(args: Args): string | undefined {
  const chars = args.maybe(0);
  return chars === undefined || chars === null ? undefined : textArgument(args, 0);
}

function split(self: string, args: Args, fromEnd: boolean): Value {
  const separator = args.or(0, null);
  const most = parameter(args.maybe(1), -1);
  args.run.work.grow(self.length);
  const between = separator === null ? undefined : textArgument(args, 0);
  if (between !== undefined) args.run.work.find(between, self);
  if (between === '') throw new TemplateError('value', text('template.emptySeparator'));
  const parts =
    between === undefined ? self.split(/\s+/u).filter((part) => part !== '') : self.split(between);
  args.run.work.spend(parts.length);
  if (most < 0 || parts.length <= most + 1) return parts;
  if (between === undefined) return blankSplit(self, most, fromEnd);
  return fromEnd
    ? [parts.slice(0, parts.length - most).join(between), ...parts.slice(parts.length - most)]
    : [...parts.slice(0, most), parts.slice(most).join(between)];
}

function blankSplit(self: string, most: number, fromEnd: boolean): Value {
  const words = [...self.matchAll(/\S+/gu)];
  const cut = fromEnd ? words[words.length - most - 1] : words[most];
  if (!cut) return words.map(([word]) => word);
  if (fromEnd) {
    const rest = self.slice(0, cut.index + cut[0].length).trimStart();
    return [rest, ...words.slice(words.length - most).map(([word]) => word)];
  }
  return [...words.slice(0, most).map(([word]) => word), self.slice(cut.index).trimEnd()];
}

function partition(self: string, args: Args, fromEnd: boolean): Value {
  const separator = needleOf(self, args);
  const at = fromEnd ? self.lastIndexOf(separator) : self.indexOf(separator);
  if (at < 0) return new Tuple(fromEnd ? ['', '', self] : [self, '', '']);
  return new Tuple([self.slice(0, at), separator, self.slice(at + separator.length)]);
}

function justified(self: string, args: Args, side: 'left' | 'right' | 'both'): Value {
  const width = parameter(args.at(0), 0);
  const fill = args.maybe(1) === undefined ? ' ' : textArgument(args, 1);
  args.run.work.grow(Math.max(0, width));
  const space = Math.max(0, width - lengthOf(self));
  const left =
    side === 'left'
      ? 0
      : side === 'right'
        ? space
        : Math.floor(space / 2) + (space % 2 === 1 && width % 2 === 1 ? 1 : 0);
  return fill.repeat(left) + self + fill.repeat(space - left);
}

/** `startswith` and `endswith` also take several. */
function affix(test: (self: string, one: string) => boolean): MethodOf<string> {
  return ofText('prefix', (self, args) => {
    const wanted = args.at(0);
    const all = wanted instanceof Tuple ? wanted.items : [wanted];
    return all.some((one) => {
      if (typeof one !== 'string') throw wrongType('str', one);
      return test(self, one);
    });
  });
}

function kind(pattern: RegExp): MethodOf<string> {
  return ofText('', (self) => pattern.test(self));
}

const STRING = methods<string>({
  split: ofText('sep=,maxsplit=', (self, args) => split(self, args, false)),
  rsplit: ofText('sep=,maxsplit=', (self, args) => split(self, args, true)),
  splitlines: ofText('', (self) => {
    const lines = self.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/);
    if (lines.at(-1) === '') lines.pop();
    return lines;
  }),
  partition: ofText('sep', (self, args) => partition(self, args, false)),
  rpartition: ofText('sep', (self, args) => partition(self, args, true)),
  replace: ofText('old,new,count=', (self, args) =>
    replaced(args, self, textArgument(args, 0), textArgument(args, 1), parameter(args.maybe(2), -1)),
  ),
  lower: ofText('', (self) => self.toLowerCase()),
  casefold: ofText('', (self) => self.toLowerCase()),
  upper: ofText('', (self) => self.toUpperCase()),
  title: ofText('', (self) => self.replace(/\p{L}+/gu, capitalized)),
  capitalize: ofText('', (self) => capitalized(self)),
  swapcase: ofText('', (self) =>
    characters(self)
      .map((one) => (one === one.toUpperCase() ? one.toLowerCase() : one.toUpperCase()))
      .join(''),
  ),
  strip: ofText('chars=', (self, args) => stripped(self, charsOf(args))),
  lstrip: ofText('chars=', (self, args) => stripped(self, charsOf(args), true, false)),
  rstrip: ofText('chars=', (self, args) => stripped(self, charsOf(args), false, true)),
  removeprefix: ofText('prefix', (self, args) => {
    const prefix = textArgument(args, 0);
    return self.startsWith(prefix) ? self.slice(prefix.length) : self;
  }),
  removesuffix: ofText('suffix', (self, args) => {
    const suffix = textArgument(args, 0);
    return suffix !== '' && self.endsWith(suffix) ? self.slice(0, -suffix.length) : self;
  }),
  startswith: affix((self, one) => self.startsWith(one)),
  endswith: affix((self, one) => self.endsWith(one)),
  find: ofText('sub', (self, args) => self.indexOf(needleOf(self, args))),
  rfind: ofText('sub', (self, args) => self.lastIndexOf(needleOf(self, args))),
  index: ofText('sub', (self, args) => {
    const at = self.indexOf(needleOf(self, args));
    if (at < 0) throw new TemplateError('value', text('template.noMember', { key: textArgument(args, 0) }));
    return at;
  }),
  count: ofText('sub', (self, args) => {
    const sub = needleOf(self, args);
    return sub === '' ? lengthOf(self) + 1 : self.split(sub).length - 1;
  }),
  join: ofText('values', (self, args) => {
    const parts = itemsOf(args.at(0)).map((one) => {
      if (typeof one !== 'string') throw wrongType('str', one);
      return one;
    });
    args.run.work.grow(parts.reduce((sum, part) => sum + part.length + self.length, 0));
    return parts.join(self);
  }),
  zfill: ofText('width', (self, args) => {
    const width = parameter(args.at(0), 0);
    args.run.work.grow(Math.max(0, width));
    const [sign = ''] = /^[+-]/.exec(self) ?? [];
    return sign + self.slice(sign.length).padStart(width - sign.length, '0');
  }),
  ljust: ofText('width,fill=', (self, args) => justified(self, args, 'left')),
  rjust: ofText('width,fill=', (self, args) => justified(self, args, 'right')),
  center: ofText('width,fill=', (self, args) => justified(self, args, 'both')),
  format: ofText('*', (self, args) => braceFormat(self, args.rest(0), args.keywords, args.run.work)),
  isdigit: kind(/^\p{Nd}+$/u),
  isnumeric: kind(/^\p{N}+$/u),
  isdecimal: kind(/^\p{Nd}+$/u),
  isalpha: kind(/^\p{L}+$/u),
  isalnum: kind(/^[\p{L}\p{N}]+$/u),
  isspace: kind(/^\s+$/u),
  islower: ofText('', (self) => self === self.toLowerCase() && self !== self.toUpperCase()),
  isupper: ofText('', (self) => self === self.toUpperCase() && self !== self.toLowerCase()),
});

/** A method that gives all of a dict. */
function whole(self: Dict, make: () => Value): Callable {
  return fn('', (args) => {
    args.run.work.spend(self.size);
    return make();
  });
}

const DICT = methods<Dict>({
  get: (self) =>
    fn('key,default=', (args) => {
      const found = self.get(keyOf(args.at(0)));
      return found === undefined ? args.or(1, null) : found;
    }),
  keys: (self) => whole(self, () => [...self.keys()].map(keyValue)),
  values: (self) => whole(self, () => [...self.values()]),
  items: (self) => whole(self, () => [...self].map(([key, value]) => new Tuple([keyValue(key), value]))),
  copy: (self) => whole(self, () => new Map(self)),
});

function listMethods(items: readonly Value[], name: string): Value | undefined {
  if (name === 'count')
    return fn('value', (args) => {
      args.run.work.spend(items.length);
      return items.filter((one) => equal(one, args.at(0), args.run.work)).length;
    });
  if (name === 'index')
    return fn('value', (args) => {
      args.run.work.spend(items.length);
      const at = items.findIndex((one) => equal(one, args.at(0), args.run.work));
      if (at < 0) throw new TemplateError('value', text('template.noMember', { key: str(args.at(0)) }));
      return at;
    });
  return name === 'copy' ? fn('', () => [...items]) : undefined;
}

function dateOf({ micros, offset }: DateTime): Date {
  return new Date(Math.floor(micros / 1_000) + (offset ?? 0) * 60_000);
}

const DATETIME = methods<DateTime>({
  timestamp: (self) => fn('', () => new Float(self.micros / 1_000_000)),
  isoformat: (self) => fn('sep=', (args) => isoText(self, str(args.or(0, 'T')))),
  strftime: (self) => fn('format', (args) => strftime(self, textArgument(args, 0), args.run.work)),
  weekday: (self) => fn('', () => (dateOf(self).getUTCDay() + 6) % 7),
  isoweekday: (self) => fn('', () => dateOf(self).getUTCDay() || 7),
  date: (self) => fn('', () => strftimeDay(self)),
  year: (self) => dateOf(self).getUTCFullYear(),
  month: (self) => dateOf(self).getUTCMonth() + 1,
  day: (self) => dateOf(self).getUTCDate(),
  hour: (self) => dateOf(self).getUTCHours(),
  minute: (self) => dateOf(self).getUTCMinutes(),
  second: (self) => dateOf(self).getUTCSeconds(),
  microsecond: (self) => ((self.micros % 1_000_000) + 1_000_000) % 1_000_000,
});

function loopAttribute({ items, index, level }: Loop, name: string): Value | undefined {
  const last = items.length - 1;
  switch (name) {
    case 'index':
      return index + 1;
    case 'index0':
      return index;
    case 'revindex':
      return items.length - index;
    case 'revindex0':
      return last - index;
    case 'first':
      return index === 0;
    case 'last':
      return index === last;
    case 'length':
      return items.length;
    case 'depth':
      return level + 1;
    case 'depth0':
      return level;
    case 'previtem':
      return given(items[index - 1], new Undefined(name));
    case 'nextitem':
      return given(items[index + 1], new Undefined(name));
    case 'cycle':
      return fn('*', (args) => given(args.rest(0)[index % Math.max(1, args.rest(0).length)], null));
    default:
      return undefined;
  }
}

/** A day shows as its date; more is not done with one. */
function strftimeDay(self: DateTime): string {
  return isoText(self, 'T').slice(0, 10);
}

const TIMEDELTA = methods<TimeDelta>({
  total_seconds: ({ micros }) => fn('', () => new Float(micros / 1_000_000)),
  days: ({ micros }) => Math.floor(micros / DAY),
  seconds: ({ micros }) => Math.floor((micros - Math.floor(micros / DAY) * DAY) / 1_000_000),
  microseconds: ({ micros }) => ((micros % 1_000_000) + 1_000_000) % 1_000_000,
});

const FLOAT = methods<Float>({
  is_integer: (self) => fn('', () => Number.isInteger(self.value)),
  real: (self) => self,
});

/** Names that Python's dicts and lists have, and which no template may use: the key of that name is not seen behind a dot. */
const UNSAFE = new Set(['update', 'pop', 'clear', 'setdefault', 'popitem', 'fromkeys']);
const UNSAFE_LIST = new Set(['append', 'extend', 'insert', 'pop', 'remove', 'clear', 'sort', 'reverse']);
/** What every object of Python has. */
const HIDDEN =
  /^__(?:class|doc|dict|module|init|new|repr|str|hash|eq|ne|lt|le|gt|ge|len|iter|contains|getitem|setitem|delitem|getattribute|setattr|delattr|dir|sizeof|reduce|reduce_ex|subclasshook|init_subclass|format|class_getitem|ior|or|ror|reversed|add|mul|rmul|mod|rmod|getnewargs)__$/;

/** An attribute of a value; undefined where it has none of that name, so that its keys are looked at next. */
export function attributeOf(value: Value, name: string): Value | undefined {
  if (typeof value === 'string') return STRING.get(name)?.(value) ?? hidden(name);
  if (value instanceof Map)
    return DICT.get(name)?.(value) ?? (UNSAFE.has(name) ? new Undefined(name) : hidden(name));
  if (Array.isArray(value))
    return listMethods(value, name) ?? (UNSAFE_LIST.has(name) ? new Undefined(name) : hidden(name));
  if (value instanceof Tuple) return listMethods(value.items, name);
  if (value instanceof Loop) return loopAttribute(value, name);
  if (value instanceof Namespace) return value.attributes.get(name);
  if (value instanceof DateTime) return DATETIME.get(name)?.(value);
  if (value instanceof TimeDelta) return TIMEDELTA.get(name)?.(value);
  if (value instanceof Float) return FLOAT.get(name)?.(value);
  return undefined;
}

function hidden(name: string): Undefined | undefined {
  return HIDDEN.test(name) ? new Undefined(name) : undefined;
}
