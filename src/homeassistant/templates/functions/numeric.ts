/** Filters and functions about numbers. */

import { text } from '../../../base/catalogue';
import { TemplateError } from '../errors';
import { otherwise, parameter, round, toFloat, toInt } from '../numbers';
import { arithmetic, isTrue, less } from '../operators';
import { lengthOf, written as shown } from '../show';
import {
  type Args,
  type Callable,
  Float,
  fn,
  isInteger,
  isNumber,
  numberOf,
  Tuple,
  table,
  truncated,
  Undefined,
  type Value,
  wrongType,
} from '../values';
import { intAt, itemsAt, onNumber, textAt } from './args';

const toFloatFilter = fn('value,default=', (args) => onNumber(args, 'float', 1, (value) => new Float(value)));

const toIntFilter = fn('value,default=,base=', (args) => {
  const value = args.at(0);
  return toInt(value, intAt(args, 2, 10)) ?? otherwise('int', value, args.maybe(1));
});

const roundFilter = fn('value,precision=,method=,default=', (args) =>
  onNumber(args, 'round', 3, (value) => {
    const digits = intAt(args, 1, 0);
    const method = textAt(args, 2, 'common');
    const unit = 10 ** digits;
    let rounded: number;
    if (method === 'ceil') rounded = Math.ceil(value * unit) / unit;
    else if (method === 'floor') rounded = Math.floor(value * unit) / unit;
    else if (method === 'half') rounded = round(value * 2, 0) / 2;
    else rounded = round(value, digits);
    return digits === 0 ? truncated(rounded) : new Float(rounded);
  }),
);

const TRUE_WORDS = ['1', 'true', 'yes', 'on', 'enable'];
const FALSE_WORDS = ['0', 'false', 'no', 'off', 'disable'];

const toBool = fn('value,default=', (args) => {
  const value = args.at(0);
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') {
    const word = value.toLowerCase().trim();
    if (TRUE_WORDS.includes(word)) return true;
    if (FALSE_WORDS.includes(word)) return false;
  } else if (isNumber(value)) return numberOf(value) !== 0;
  return otherwise('bool', value, args.maybe(1));
});

const isNumberFilter = fn('value', (args) => {
  const number = toFloat(args.at(0));
  return number !== undefined && Number.isFinite(number);
});

/** The numbers in one list, or all that is given. */
function numbersOf(args: Args): number[] {
  const given = args.rest(0);
  const [first] = given;
  // One argument is a list; a text is none here.
  if (given.length === 1 && typeof first === 'string') throw wrongType('float', first);
  const all = given.length === 1 ? itemsAt(args, 0) : given;
  return all.map((one) => {
    const number = toFloat(one);
    if (number === undefined) throw wrongType('float', one);
    return number;
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function statistic(name: string, of: (values: number[]) => number): Callable {
  return fn('*,default=', (args) => {
    const values = numbersOf(args);
    if (values.length > 0) return new Float(of(values));
    return otherwise(name, '', args.keywords.get('default'));
  });
}

function median(values: number[]): number {
  values.sort((a, b) => a - b);
  const middle = Math.floor(values.length / 2);
  return values.length % 2 === 1 ? (values[middle] ?? 0) : mean(values.slice(middle - 1, middle + 1));
}

/** The first of the smallest; undefined for an empty list. */
function extreme(args: Args, items: readonly Value[], largest: boolean): Value {
  args.run.work.spend(items.length);
  let best: Value | undefined;
  for (const one of items) {
    if (one instanceof Undefined) throw wrongType('<', one);
    if (best === undefined || (largest ? less(best, one, args.run.work) : less(one, best, args.run.work)))
      best = one;
  }
  return best ?? new Undefined(largest ? 'max' : 'min');
}

function extremeFilter(largest: boolean): Callable {
  return fn('value,case_sensitive=,attribute=', (args) => extreme(args, itemsAt(args, 0), largest));
}

function extremeFunction(largest: boolean): Callable {
  return fn('*', (args) => {
    const given = args.rest(0);
    if (given.length > 1) return extreme(args, given, largest);
    const items = itemsAt(args, 0);
    if (items.length === 0) throw new TemplateError('value', text('template.missingArgument'));
    return extreme(args, items, largest);
  });
}

/** One number in, one out: `sin`, `sqrt`. */
function mathematical(name: string, of: (value: number) => number): Callable {
  return fn('value,default=', (args) =>
    onNumber(args, name, 1, (value) => {
      const result = of(value);
      return Number.isNaN(result) && !Number.isNaN(value)
        ? otherwise(name, args.at(0), args.maybe(1))
        : new Float(result);
    }),
  );
}

const log = fn('value,base=,default=', (args) =>
  onNumber(args, 'log', 2, (value) => {
    const base = args.maybe(1);
    const number = base === undefined ? Math.E : toFloat(base);
    if (number === undefined || number <= 0 || value <= 0) return otherwise('log', args.at(0), args.maybe(2));
    if (number === 10) return new Float(Math.log10(value));
    return new Float(number === Math.E ? Math.log(value) : Math.log(value) / Math.log(number));
  }),
);

function bits(of: (a: bigint, b: bigint) => bigint): Callable {
  return fn('first_value,second_value', (args) => {
    const [a, b] = [args.at(0), args.at(1)];
    if (!isInteger(a) || !isInteger(b)) throw wrongType('&', a, b);
    const result = of(BigInt(a), BigInt(b));
    return Number.isSafeInteger(Number(result)) ? Number(result) : result;
  });
}

const ordinal = fn('value', (args) => {
  const written = shown(args.at(0), args.run.work);
  const [, tens = '', ones = ''] = /(\d)?(\d)$/.exec(written) ?? [];
  if (ones === '') throw wrongType('ordinal', args.at(0));
  return written + (tens === '1' ? 'th' : (['th', 'st', 'nd', 'rd'][Number(ones)] ?? 'th'));
});

const absolute = fn('value', (args) => {
  const value = args.at(0);
  if (!isNumber(value)) throw wrongType('abs', value);
  if (value instanceof Float) return new Float(Math.abs(value.value));
  if (typeof value === 'bigint') return value < 0n ? -value : value;
  return Math.abs(Number(value));
});

/** `multiply` and `add`: a float and what Python makes of it with the other. */
function withAmount(name: string, operator: '*' | '+'): Callable {
  return fn('value,amount,default=', (args) =>
    onNumber(args, name, 2, (value) => {
      const amount = args.at(1);
      if (!isNumber(amount)) return otherwise(name, args.at(0), args.maybe(2));
      return arithmetic(operator, new Float(value), amount, args.run.work);
    }),
  );
}

/** A number within limits; the type of what wins stays. */
const clamp = fn('value,min_value,max_value', (args) => {
  const [value, low, high] = [0, 1, 2].map((index) => toFloat(args.at(index)));
  if (value === undefined || low === undefined || high === undefined) throw wrongType('clamp', args.at(0));
  return new Float(Math.max(low, Math.min(high, value)));
});

const wrap = fn('value,min_value,max_value', (args) => {
  const [value, low, high] = [args.at(0), args.at(1), args.at(2)];
  const { work } = args.run;
  const range = arithmetic('-', high, low, work);
  if (!isTrue(range)) return low;
  const into = arithmetic('%', arithmetic('-', new Float(numberArgument(value)), low, work), range, work);
  return arithmetic('+', into, low, work);
});

function numberArgument(value: Value): number {
  const number = toFloat(value);
  if (number === undefined) throw wrongType('float', value);
  return number;
}

const remap = fn('value,in_min,in_max,out_min,out_max,steps=,edges=', (args) => {
  const at = (index: number): number => numberArgument(args.at(index));
  const [value, inLow, inHigh, outLow, outHigh] = [at(0), at(1), at(2), at(3), at(4)];
  if (inLow === inHigh) throw new TemplateError('value', text('template.divisionByZero'));
  const steps = intAt(args, 5, 0);
  const edges = textAt(args, 6, 'none');
  let part = (value - inLow) / (inHigh - inLow);
  if (edges === 'clamp') part = Math.max(0, Math.min(1, part));
  if (steps > 0) part = round(part * steps, 0) / steps;
  return new Float(outLow + part * (outHigh - outLow));
});

const range = fn('start,stop=,step=', (args) => {
  const stop = args.maybe(1);
  const from = stop === undefined ? 0 : parameter(args.at(0), 0);
  const to = parameter(stop ?? args.at(0), 0);
  const step = intAt(args, 2, 1);
  if (step === 0) throw new TemplateError('value', text('template.divisionByZero'));
  const count = Math.max(0, Math.ceil((to - from) / step));
  args.run.work.spend(count);
  return Array.from({ length: count }, (_, index) => from + index * step);
});

const length = fn('value', (args) => {
  const value = args.at(0);
  if (typeof value === 'string') return lengthOf(value);
  if (Array.isArray(value)) return value.length;
  if (value instanceof Map) return value.size;
  if (value instanceof Tuple) return value.items.length;
  if (value instanceof Undefined) return 0;
  throw wrongType('length', value);
});

const shared = {
  float: toFloatFilter,
  int: toIntFilter,
  bool: toBool,
  is_number: isNumberFilter,
  average: statistic('average', mean),
  median: statistic('median', median),
  sin: mathematical('sin', Math.sin),
  cos: mathematical('cos', Math.cos),
  tan: mathematical('tan', Math.tan),
  asin: mathematical('asin', Math.asin),
  acos: mathematical('acos', Math.acos),
  atan: mathematical('atan', Math.atan),
  sqrt: mathematical('sqrt', Math.sqrt),
  log,
  bitwise_and: bits((a, b) => a & b),
  bitwise_or: bits((a, b) => a | b),
  bitwise_xor: bits((a, b) => a ^ b),
  ordinal,
  clamp,
  wrap,
  remap,
};

export const NUMERIC_FILTERS = table({
  ...shared,
  round: roundFilter,
  abs: absolute,
  multiply: withAmount('multiply', '*'),
  add: withAmount('add', '+'),
  min: extremeFilter(false),
  max: extremeFilter(true),
  length,
  count: length,
});

export const NUMERIC_FUNCTIONS = table({
  ...shared,
  min: extremeFunction(false),
  max: extremeFunction(true),
  range,
});
