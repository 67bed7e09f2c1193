/** `is` tests. */

import { toFloat } from '../numbers';
import { equal, isIn, less } from '../operators';
import {
  Callable,
  DateTime,
  Float,
  fn,
  isInteger,
  isNumber,
  numberOf,
  Tuple,
  table,
  Undefined,
  type Value,
  wrongType,
} from '../values';
import { TEXT_TESTS } from './textual';

function is(test: (value: Value) => boolean): Callable {
  return fn('value', (args) => test(args.at(0)));
}

function compare(
  test: (a: Value, b: Value, args: { work: Parameters<typeof equal>[2] }) => boolean,
): Callable {
  return fn('value,other', (args) => test(args.at(0), args.at(1), args.run));
}

function whole(value: Value): number {
  if (!isNumber(value)) throw wrongType('%', value);
  return numberOf(value);
}

function isSequence(value: Value): boolean {
  return typeof value === 'string' || Array.isArray(value) || value instanceof Map || value instanceof Tuple;
}

const eq = compare((a, b, { work }) => equal(a, b, work));
const ne = compare((a, b, { work }) => !equal(a, b, work));
const lt = compare((a, b, { work }) => less(a, b, work));
const gt = compare((a, b, { work }) => less(b, a, work));
const le = compare((a, b, { work }) => less(a, b, work) || equal(a, b, work));
const ge = compare((a, b, { work }) => less(b, a, work) || equal(a, b, work));

export const TESTS: ReadonlyMap<string, Callable> = new Map([
  ...TEXT_TESTS,
  ...table({
    defined: is((value) => !(value instanceof Undefined)),
    undefined: is((value) => value instanceof Undefined),
    none: is((value) => value === null),
    string: is((value) => typeof value === 'string'),
    string_like: is((value) => typeof value === 'string'),
    number: is(isNumber),
    integer: is((value) => isInteger(value) && typeof value !== 'boolean'),
    float: is((value) => value instanceof Float),
    boolean: is((value) => typeof value === 'boolean'),
    true: is((value) => value === true),
    false: is((value) => value === false),
    mapping: is((value) => value instanceof Map),
    iterable: is((value) => isSequence(value) || value instanceof Undefined),
    sequence: is((value) => isSequence(value) || value instanceof Undefined),
    list: is(Array.isArray),
    tuple: is((value) => value instanceof Tuple),
    set: is(() => false),
    datetime: is((value) => value instanceof DateTime),
    callable: is((value) => value instanceof Callable),
    even: is((value) => whole(value) % 2 === 0),
    odd: is((value) => Math.abs(whole(value) % 2) === 1),
    divisibleby: compare((a, b) => whole(a) % whole(b) === 0),
    sameas: compare((a, b) => a === b),
    in: compare((a, b, { work }) => isIn(a, b, work)),
    contains: compare((a, b, { work }) => isIn(b, a, work)),
    is_number: is((value) => {
      const number = toFloat(value);
      return number !== undefined && Number.isFinite(number);
    }),
    eq,
    equalto: eq,
    '==': eq,
    ne,
    '!=': ne,
    lt,
    lessthan: lt,
    '<': lt,
    le,
    '<=': le,
    gt,
    greaterthan: gt,
    '>': gt,
    ge,
    '>=': ge,
  }),
]);
