/** Filters about lists and dicts. */

import { text } from '../../../base/catalogue';
import { TemplateError } from '../errors';
import { attributeOf } from '../methods';
import { arithmetic, equal, isIn, isTrue, itemsOf, less, lookUp } from '../operators';
import { characters, keyValue, str, written } from '../show';
import {
  type Args,
  type Callable,
  call,
  type Dict,
  defined,
  fn,
  given,
  keyOf,
  Tuple,
  table,
  Undefined,
  type Value,
  wrongType,
} from '../values';
import type { Work } from '../work';
import { flagAt, intAt, itemsAt, textAt } from './args';

/** `a.0.b` of a value, as `map(attribute=…)` and `selectattr` name it. */
function pathOf(value: Value, path: Value, work: Work): Value {
  if (typeof path === 'string') work.read(path.length);
  const parts: Value[] =
    typeof path === 'string' ? path.split('.').map((one) => (/^\d+$/.test(one) ? Number(one) : one)) : [path];
  return parts.reduce<Value>((of, part) => {
    if (typeof of === 'string') work.read(of.length);
    const found = lookUp(defined(of), part);
    if (found !== undefined) return found;
    return given(
      typeof part === 'string' ? attributeOf(of, part) : undefined,
      new Undefined(written(part, work)),
    );
  }, value);
}

const unique = fn('value,case_sensitive=,attribute=', (args) => {
  const attribute = args.maybe(2);
  const exact = flagAt(args, 1);
  const seen = new Set<unknown>();
  return [...itemsAt(args, 0)].filter((one) => {
    const value = attribute === undefined || attribute === null ? one : pathOf(one, attribute, args.run.work);
    if (typeof value === 'string') args.run.work.grow(value.length);
    const key = typeof value === 'string' ? (exact ? `s${value}` : `s${value.toLowerCase()}`) : keyOf(value);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
});

/** A text in small letters, anything else as it is. */
function lowered(value: Value, work: Work): Value {
  if (typeof value !== 'string') return value;
  work.grow(value.length);
  return value.toLowerCase();
}

/** Sorted by what `of` gives; texts without regard to case unless `exact`. */
function sorted<T>(
  args: Args,
  items: readonly T[],
  of: (one: T) => Value,
  exact: boolean,
  reverse: boolean,
): T[] {
  const { work } = args.run;
  const keyed = items.map((one) => {
    const value = of(one);
    return { one, key: exact ? value : lowered(value, work) };
  });
  const order = (a: Value, b: Value): number => {
    work.spend();
    if (less(a, b, work)) return -1;
    return less(b, a, work) ? 1 : 0;
  };
  keyed.sort((a, b) => (reverse ? order(b.key, a.key) : order(a.key, b.key)));
  return keyed.map(({ one }) => one);
}

const sort = fn('value,reverse=,case_sensitive=,attribute=', (args) => {
  const attribute = args.maybe(3);
  const of = (one: Value): Value =>
    attribute === undefined || attribute === null ? one : pathOf(one, attribute, args.run.work);
  return sorted(args, itemsAt(args, 0), of, flagAt(args, 2), flagAt(args, 1));
});

function entriesOf(args: Args): Tuple[] {
  const value = args.at(0);
  if (value instanceof Undefined) return [];
  if (!(value instanceof Map)) throw wrongType('items', value);
  args.run.work.spend(value.size);
  return [...value].map(([key, one]) => new Tuple([keyValue(key), one]));
}

const dictSort = fn('value,case_sensitive=,by=,reverse=', (args) => {
  const index = textAt(args, 2, 'key') === 'value' ? 1 : 0;
  const of = ({ items }: Tuple): Value => items[index] ?? null;
  return sorted(args, entriesOf(args), of, flagAt(args, 1), flagAt(args, 3));
});

const joinFilter = fn('value,d=,attribute=', (args) => {
  const attribute = args.maybe(2);
  const parts = itemsAt(args, 0).map((one) =>
    written(
      attribute === undefined || attribute === null ? one : pathOf(one, attribute, args.run.work),
      args.run.work,
    ),
  );
  const between = textAt(args, 1, '');
  args.run.work.grow(parts.reduce((sum, part) => sum + part.length + between.length, 0));
  return parts.join(between);
});

const map = fn('value,*', (args) => {
  const items = itemsAt(args, 0);
  const attribute = args.keywords.get('attribute');
  if (attribute !== undefined) {
    const fallback = args.keywords.get('default');
    return items.map((one) => {
      const value = pathOf(one, attribute, args.run.work);
      return value instanceof Undefined && fallback !== undefined ? fallback : value;
    });
  }
  const [name, ...rest] = args.rest(1);
  const filter = typeof name === 'string' ? args.run.filter(name) : undefined;
  if (!filter) throw new TemplateError('syntax', text('template.noFilter', { name: str(name ?? '') }));
  const keywords = [...args.keywords];
  return items.map((one) => call(filter, args.run, [one, ...rest], keywords));
});

/** `select`, `reject`, `selectattr`, `rejectattr` */
function selection(keep: boolean, byAttribute: boolean): Callable {
  return fn('value,*', (args) => {
    const rest = args.rest(1);
    const attribute = byAttribute ? rest.shift() : undefined;
    if (byAttribute && attribute === undefined)
      throw new TemplateError('value', text('template.missingArgument'));
    const [name, ...others] = rest;
    const test = name === undefined ? undefined : args.run.test(str(name));
    if (name !== undefined && !test)
      throw new TemplateError('syntax', text('template.noTest', { name: str(name) }));
    return itemsAt(args, 0).filter((one) => {
      const value = attribute === undefined ? one : pathOf(one, attribute, args.run.work);
      return isTrue(test ? call(test, args.run, [value, ...others]) : value) === keep;
    });
  });
}

const groupBy = fn('value,attribute,default=,case_sensitive=', (args) => {
  const of = (one: Value): Value => {
    const value = pathOf(one, args.at(1), args.run.work);
    return value instanceof Undefined ? args.or(2, value) : value;
  };
  const exact = flagAt(args, 3);
  const groups: Tuple[] = [];
  let members: Value[] = [];
  for (const one of sorted(args, itemsAt(args, 0), of, exact, false)) {
    const [value, last] = [of(one), groups.at(-1)?.items[0]];
    const same = (a: Value): Value => (exact ? a : lowered(a, args.run.work));
    if (last === undefined || !equal(same(last), same(value), args.run.work)) {
      members = [];
      groups.push(new Tuple([value, members]));
    }
    members.push(one);
  }
  return groups;
});

const batch = fn('value,linecount,fill_with=', (args) => {
  const [items, size, fill] = [itemsAt(args, 0), intAt(args, 1, 1), args.maybe(2)];
  if (!(size > 0))
    throw new TemplateError('value', text('template.badInput', { filter: 'batch', value: size }));
  args.run.work.spend(size);
  const rows: Value[][] = [];
  for (let at = 0; at < items.length; at += size) rows.push(items.slice(at, at + size));
  const last = rows.at(-1);
  while (last && fill !== undefined && fill !== null && last.length < size) last.push(fill);
  return rows;
});

const sliced = fn('value,slices,fill_with=', (args) => {
  const [items, count, fill] = [itemsAt(args, 0), intAt(args, 1, 1), args.maybe(2)];
  if (!(count > 0))
    throw new TemplateError('value', text('template.badInput', { filter: 'slice', value: count }));
  args.run.work.spend(count);
  const [size, extra] = [Math.floor(items.length / count), items.length % count];
  return Array.from({ length: count }, (_, index) => {
    const from = index * size + Math.min(index, extra);
    const column = items.slice(from, from + size + (index < extra ? 1 : 0));
    if (fill !== undefined && fill !== null && extra > 0 && index >= extra) column.push(fill);
    return column;
  });
});

const sum = fn('value,attribute=,start=', (args) => {
  const attribute = args.maybe(1);
  const of = (one: Value): Value =>
    attribute === undefined || attribute === null ? one : pathOf(one, attribute, args.run.work);
  return itemsAt(args, 0).reduce<Value>(
    (total, one) => arithmetic('+', total, of(one), args.run.work),
    args.or(2, 0),
  );
});

function flattened(args: Args, items: readonly Value[], levels: number, depth = 0): Value[] {
  if (depth > 50) throw new TemplateError('work', text('template.tooDeep'));
  args.run.work.spend(items.length);
  return items.flatMap((one) => {
    const inner = Array.isArray(one) || one instanceof Tuple || one instanceof Map ? itemsOf(one) : undefined;
    return inner && levels > 0 ? flattened(args, inner, levels - 1, depth + 1) : [one];
  });
}

function listAt(args: Args, index: number): readonly Value[] {
  const value = args.at(index);
  if (typeof value === 'string') throw wrongType('list', value);
  return itemsAt(args, index);
}

/** Each once, in the order in which they come; Python's sets have none. */
function distinct(args: Args, items: readonly Value[]): Value[] {
  args.run.work.spend(items.length);
  return [...new Map(items.map((one) => [keyOf(one), one])).values()];
}

const shared = {
  flatten: fn('value,levels=', (args) => flattened(args, listAt(args, 0), intAt(args, 1, 50))),
  union: fn('value,other', (args) => distinct(args, [...listAt(args, 0), ...listAt(args, 1)])),
  intersect: fn('value,other', (args) => {
    const other = listAt(args, 1);
    return distinct(args, listAt(args, 0)).filter((one) => isIn(one, [...other], args.run.work));
  }),
  difference: fn('value,other', (args) => {
    const other = listAt(args, 1);
    return distinct(args, listAt(args, 0)).filter((one) => !isIn(one, [...other], args.run.work));
  }),
  symmetric_difference: fn('value,other', (args) => {
    const [a, b] = [listAt(args, 0), listAt(args, 1)].map((list) => [...list]);
    const without = (items: Value[] = [], others: Value[] = []): Value[] =>
      items.filter((one) => !isIn(one, others, args.run.work));
    return distinct(args, [...without(a, b), ...without(b, a)]);
  }),
  combine: fn('*,recursive=', (args) => {
    const given = args.rest(0);
    return given.reduce<Dict>(
      (all, one) => combined(args, all, one, isTrue(args.keywords.get('recursive') ?? false)),
      new Map(),
    );
  }),
};

function combined(args: Args, into: Dict, from: Value, recursive: boolean, depth = 0): Dict {
  if (!(from instanceof Map) || depth > 50) throw wrongType('combine', from);
  // Both are gone through: what is there is copied.
  args.run.work.spend(into.size + from.size);
  const result = new Map(into);
  for (const [key, value] of from) {
    const known = result.get(key);
    const isNested = recursive && known instanceof Map && value instanceof Map;
    result.set(key, isNested ? combined(args, known, value, true, depth + 1) : value);
  }
  return result;
}

const first = fn('value', (args) => {
  const value = args.at(0);
  const found = typeof value === 'string' ? [...value.slice(0, 2)][0] : itemsOf(value)[0];
  return given(found, new Undefined('first'));
});

export const LIST_FILTERS = table({
  ...shared,
  default: fn('value,default_value=,boolean=', (args) => {
    const value = args.at(0);
    const isMissing = value instanceof Undefined || (flagAt(args, 2) && !isTrue(value));
    return isMissing ? args.or(1, '') : value;
  }),
  first,
  last: fn('value', (args) => given(itemsAt(args, 0).at(-1), new Undefined('last'))),
  join: joinFilter,
  list: fn('value', (args) => [...itemsAt(args, 0)]),
  sort,
  unique,
  reverse: fn('value', (args) => {
    const value = args.at(0);
    return typeof value === 'string' ? characters(value).reverse().join('') : [...itemsAt(args, 0)].reverse();
  }),
  sum,
  map,
  select: selection(true, false),
  reject: selection(false, false),
  selectattr: selection(true, true),
  rejectattr: selection(false, true),
  groupby: groupBy,
  batch,
  slice: sliced,
  items: fn('value', entriesOf),
  dictsort: dictSort,
  attr: fn(
    'value,name',
    (args) => attributeOf(args.at(0), textAt(args, 1)) ?? new Undefined(textAt(args, 1)),
  ),
  contains: fn('value,other', (args) => isIn(args.at(1), args.at(0), args.run.work)),
});

const dict = fn('mapping=,*', (args) => {
  const given = args.maybe(0);
  const made: Dict = new Map();
  if (given instanceof Map) for (const [key, value] of given) made.set(key, value);
  else if (given !== undefined)
    for (const pair of itemsAt(args, 0)) {
      const [key, value] = itemsOf(pair);
      if (key === undefined || value === undefined) throw wrongType('dict', pair);
      made.set(keyOf(key), value);
    }
  for (const [key, value] of args.keywords) made.set(key, value);
  return made;
});

export const LIST_FUNCTIONS = table({
  ...shared,
  dict,
  list: fn('value=', (args) => (args.maybe(0) === undefined ? [] : [...itemsAt(args, 0)])),
  set: fn('value=', (args) => (args.maybe(0) === undefined ? [] : distinct(args, itemsAt(args, 0)))),
  tuple: fn('value=', (args) => new Tuple(args.maybe(0) === undefined ? [] : [...itemsAt(args, 0)])),
  zip: fn('*', (args) => {
    const lists = args.rest(0).map(itemsOf);
    const shortest = lists.length === 0 ? 0 : Math.min(...lists.map((one) => one.length));
    args.run.work.spend(shortest * lists.length);
    return Array.from({ length: shortest }, (_, index) => new Tuple(lists.map((one) => one[index] ?? null)));
  }),
});
