/** Truth, equality, order and arithmetic, as Python does them. */

import { text } from '../../base/catalogue';
import { TemplateError } from './errors';
import { percentFormat } from './format';
import { characters, keyValue, str } from './show';
import {
  DateTime,
  type Dict,
  defined,
  Float,
  intOf,
  isInteger,
  isNumber,
  keyOf,
  numberOf,
  TimeDelta,
  Tuple,
  Undefined,
  type Value,
  wrongType,
} from './values';
import { MAX_DEPTH, type Work } from './work';

/** An int has at most so many bits. */
const MAX_BITS = 2_048;

export function isTrue(value: Value): boolean {
  if (typeof value === 'boolean') return value;
  if (value === null || value instanceof Undefined) return false;
  if (typeof value === 'string' || Array.isArray(value)) return value.length > 0;
  if (isNumber(value)) return numberOf(value) !== 0;
  if (value instanceof Map) return value.size > 0;
  if (value instanceof Tuple) return value.items.length > 0;
  if (value instanceof TimeDelta) return value.micros !== 0;
  return true;
}

export function equal(a: Value, b: Value, work: Work, depth = 0): boolean {
  if (typeof a === 'string' && typeof b === 'string') {
    if (a.length !== b.length) return false;
    work.read(a.length);
  }
  if (a === b) return true;
  if (isNumber(a) && isNumber(b)) {
    if (typeof a === 'bigint' || typeof b === 'bigint') {
      const exact = (one: typeof a): number | bigint =>
        one instanceof Float ? one.value : typeof one === 'bigint' ? one : Number(one);
      // biome-ignore lint/suspicious/noDoubleEquals: a number and a bigint are compared by their value.
      return exact(a) == exact(b);
    }
    return numberOf(a) === numberOf(b);
  }
  if (depth > MAX_DEPTH) throw new TemplateError('work', text('template.tooDeep'));
  if (a instanceof Tuple && b instanceof Tuple) return equal(a.items, b.items, work, depth + 1);
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a.length !== b.length) return false;
    work.spend(a.length);
    return a.every((one, index) => equal(one, b[index] ?? null, work, depth + 1));
  }
  if (a instanceof Map && b instanceof Map) {
    if (a.size !== b.size) return false;
    work.spend(a.size);
    for (const [key, one] of a) {
      const other = b.get(key);
      if (other === undefined || !equal(one, other, work, depth + 1)) return false;
    }
    return true;
  }
  if (a instanceof DateTime && b instanceof DateTime)
    return a.micros === b.micros && (a.offset === undefined) === (b.offset === undefined);
  if (a instanceof TimeDelta && b instanceof TimeDelta) return a.micros === b.micros;
  return a instanceof Undefined && b instanceof Undefined;
}

/** True if a comes before b. Throws where Python does not compare them. */
export function less(a: Value, b: Value, work: Work, depth = 0): boolean {
  if (isNumber(a) && isNumber(b)) {
    if (typeof a === 'bigint' && typeof b === 'bigint') return a < b;
    return numberOf(a) < numberOf(b);
  }
  if (typeof a === 'string' && typeof b === 'string') {
    work.read(a.length + b.length);
    return lessText(a, b);
  }
  if (a instanceof DateTime && b instanceof DateTime && (a.offset === undefined) === (b.offset === undefined))
    return a.micros < b.micros;
  if (a instanceof TimeDelta && b instanceof TimeDelta) return a.micros < b.micros;
  if (a instanceof Tuple && b instanceof Tuple) return less(a.items, b.items, work, depth + 1);
  if (Array.isArray(a) && Array.isArray(b) && depth <= MAX_DEPTH) {
    const common = Math.min(a.length, b.length);
    for (let index = 0; index < common; index++) {
      work.spend();
      const [one, other] = [a[index] ?? null, b[index] ?? null];
      if (!equal(one, other, work)) return less(one, other, work, depth + 1);
    }
    return a.length < b.length;
  }
  throw wrongType('<', a, b);
}

/** Python orders by characters, JavaScript by halves of them. */
function lessText(a: string, b: string): boolean {
  if (!/[\ud800-\udfff]/.test(a) && !/[\ud800-\udfff]/.test(b)) return a < b;
  const [one, other] = [characters(a), characters(b)];
  for (let index = 0; index < Math.min(one.length, other.length); index++) {
    const [x = 0, y = 0] = [one[index]?.codePointAt(0), other[index]?.codePointAt(0)];
    if (x !== y) return x < y;
  }
  return one.length < other.length;
}

/** `needle in haystack` */
export function isIn(needle: Value, haystack: Value, work: Work): boolean {
  if (typeof haystack === 'string') {
    if (typeof needle !== 'string') throw wrongType('in', needle);
    work.find(needle, haystack);
    return haystack.includes(needle);
  }
  if (haystack instanceof Map) return haystack.has(keyOf(needle));
  const items = itemsOf(haystack);
  work.spend(items.length);
  return items.some((one) => equal(one, needle, work));
}

/** What a loop goes over; of a dict its keys. Throws where Python cannot. */
export function itemsOf(value: Value): readonly Value[] {
  if (Array.isArray(value)) return value;
  if (value instanceof Tuple) return value.items;
  if (value instanceof Map) return [...value.keys()].map(keyValue);
  if (typeof value === 'string') return characters(value);
  if (value instanceof Undefined) return [];
  throw wrongType('for', value);
}

/** Anything as the text that `~` and most text filters see. */
export function join(a: Value, b: Value, work: Work): string {
  const [one, other] = [str(a), str(b)];
  work.grow(one.length + other.length);
  return one + other;
}

export type Operator = '+' | '-' | '*' | '/' | '//' | '%' | '**';

export function arithmetic(operator: Operator, a: Value, b: Value, work: Work): Value {
  if (isNumber(a) && isNumber(b)) return numeric(operator, a, b);
  const [left, right] = [defined(a), defined(b)];
  if (operator === '%' && typeof left === 'string')
    return percentFormat(left, right instanceof Tuple ? right.items : [right], work);
  if (operator === '+') {
    if (typeof left === 'string' && typeof right === 'string') return join(left, right, work);
    if (Array.isArray(left) && Array.isArray(right)) {
      work.spend(left.length + right.length);
      return [...left, ...right];
    }
    if (left instanceof Tuple && right instanceof Tuple) {
      work.spend(left.items.length + right.items.length);
      return new Tuple([...left.items, ...right.items]);
    }
  }
  if (operator === '*') {
    if (isInteger(right)) return repeated(left, Number(right), work);
    if (isInteger(left)) return repeated(right, Number(left), work);
  }
  return withTime(operator, left, right);
}

function repeated(value: Value, times: number, work: Work): Value {
  const count = Math.max(0, times);
  if (typeof value === 'string') {
    work.grow(value.length * count);
    return value.repeat(count);
  }
  const many = (items: Value[]): Value[] => {
    work.spend(items.length * count);
    return Array.from({ length: items.length * count }, (_, index) => items[index % items.length] ?? null);
  };
  if (Array.isArray(value)) return many(value);
  if (value instanceof Tuple) return new Tuple(many(value.items));
  if (value instanceof TimeDelta) return new TimeDelta(value.micros * times);
  throw wrongType('*', value);
}

function withTime(operator: Operator, a: Value, b: Value): Value {
  const sign = operator === '+' ? 1 : -1;
  if (operator === '+' || operator === '-') {
    if (a instanceof DateTime && b instanceof TimeDelta)
      return new DateTime(a.micros + sign * b.micros, a.offset);
    if (a instanceof TimeDelta && b instanceof TimeDelta) return new TimeDelta(a.micros + sign * b.micros);
    if (a instanceof TimeDelta && b instanceof DateTime && sign === 1)
      return new DateTime(a.micros + b.micros, b.offset);
    if (a instanceof DateTime && b instanceof DateTime && sign === -1) {
      if ((a.offset === undefined) !== (b.offset === undefined)) throw wrongType(operator, a, b);
      return new TimeDelta(a.micros - b.micros);
    }
  }
  if (operator === '/' && a instanceof TimeDelta && b instanceof TimeDelta && b.micros !== 0)
    return new Float(a.micros / b.micros);
  throw wrongType(operator, a, b);
}

type Numeric = number | bigint | boolean | Float;

function numeric(operator: Operator, a: Numeric, b: Numeric): Value {
  if (a instanceof Float || b instanceof Float || operator === '/')
    return new Float(onFloats(operator, numberOf(a), numberOf(b)));
  if (typeof a !== 'bigint' && typeof b !== 'bigint') {
    const small = onInts(operator, Number(a), Number(b));
    if (small !== undefined) return small;
  }
  return onLargeInts(operator, BigInt(a), BigInt(b));
}

function onFloats(operator: Operator, a: number, b: number): number {
  if (b === 0 && (operator === '/' || operator === '//' || operator === '%')) throw divisionByZero();
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '//':
      return Math.floor(a / b);
    case '%': {
      const rest = a % b;
      return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
    }
    case '**':
      if (a === 0 && b < 0) throw divisionByZero();
      return a ** b;
  }
}

/** Undefined where the result is too large for a number of JavaScript. */
function onInts(operator: Operator, a: number, b: number): Value | undefined {
  if (operator === '**') {
    if (b < 0) return new Float(onFloats('**', a, b));
    const power = a ** b;
    return Number.isSafeInteger(power) ? power + 0 : undefined;
  }
  const result = onFloats(operator, a, b);
  return Number.isSafeInteger(result) ? result + 0 : undefined;
}

function onLargeInts(operator: Operator, a: bigint, b: bigint): Value {
  const bits = (value: bigint): number => value.toString(16).length * 4;
  const needed = operator === '**' ? bits(a) * Number(b) : bits(a) + bits(b);
  if (!(needed <= MAX_BITS)) throw new TemplateError('work', text('template.tooLong'));
  if (b === 0n && (operator === '//' || operator === '%')) throw divisionByZero();
  switch (operator) {
    case '+':
      return intOf(a + b);
    case '-':
      return intOf(a - b);
    case '*':
      return intOf(a * b);
    case '**':
      return b < 0n ? new Float(Number(a) ** Number(b)) : intOf(a ** b);
    case '//':
      return intOf((a - modulo(a, b)) / b);
    case '%':
      return intOf(modulo(a, b));
    case '/':
      return new Float(Number(a) / Number(b));
  }
}

function modulo(a: bigint, b: bigint): bigint {
  const rest = a % b;
  return rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest;
}

function divisionByZero(): TemplateError {
  return new TemplateError('value', text('template.divisionByZero'));
}

export function negative(value: Value): Value {
  if (value instanceof Float) return new Float(-value.value);
  if (typeof value === 'bigint') return intOf(-value);
  if (isNumber(value)) return 0 - Number(value);
  if (value instanceof TimeDelta) return new TimeDelta(-value.micros);
  throw wrongType('-', value);
}

/** Items of a list or dict by position or key; undefined where there is none. */
export function lookUp(container: Value, key: Value): Value | undefined {
  if (container instanceof Map) return fromDict(container, key);
  if (!isInteger(key)) return undefined;
  const at = <T>(list: ArrayLike<T>): T | undefined =>
    list[Number(key) < 0 ? list.length + Number(key) : Number(key)];
  if (Array.isArray(container)) return at(container);
  if (container instanceof Tuple) return at(container.items);
  return typeof container === 'string' ? at(characters(container)) : undefined;
}

function fromDict(dict: Dict, key: Value): Value | undefined {
  if (typeof key === 'string') return dict.get(key);
  if (key instanceof Undefined || Array.isArray(key) || key instanceof Map || key instanceof Tuple)
    return undefined;
  return isNumber(key) || key === null ? dict.get(keyOf(key)) : undefined;
}

/** `of[from:to:step]`. Throws for what has no order. */
export function sliced(
  of: Value,
  from: number | undefined,
  to: number | undefined,
  step: number,
  work: Work,
): Value {
  if (typeof of === 'string') work.read(of.length);
  const items = typeof of === 'string' ? characters(of) : of instanceof Tuple ? of.items : of;
  if (!Array.isArray(items) || step === 0) throw wrongType('[:]', of);
  work.spend(items.length);
  const [low, high] = step < 0 ? [-1, items.length - 1] : [0, items.length];
  const place = (at: number): number => Math.min(high, Math.max(low, at < 0 ? at + items.length : at));
  const [first, last] = step < 0 ? [high, low] : [low, high];
  const [start, end] = [from === undefined ? first : place(from), to === undefined ? last : place(to)];
  const taken: Value[] = [];
  for (let at = start; step > 0 ? at < end : at > end; at += step) taken.push(items[at] ?? null);
  if (typeof of === 'string') return taken.join('');
  return of instanceof Tuple ? new Tuple(taken) : taken;
}
