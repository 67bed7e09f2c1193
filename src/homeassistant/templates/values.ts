/**
 * The values of templates: Python's, as far as templates meet them. Objects of JavaScript never get in here, so that no
 * name in a template can reach a prototype: a dict is a Map, everything else a class of this file.
 */

import { text } from '../../base/catalogue';
import { TemplateError } from './errors';
import type { RegularExpressions } from './regular-expressions';
import type { Work } from './work';

/** A `number` is an int of at most 53 bits, a `bigint` a larger one. */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Float
  | Value[]
  | Tuple
  | Dict
  | Undefined
  | Callable
  | Namespace
  | Loop
  | DateTime
  | TimeDelta;

export type Dict = Map<Key, Value>;
/** Python takes 1, 1.0 and True for the same key; {@link keyOf} makes it so. Tuples are no keys here. */
export type Key = string | number | bigint | null;

/** A Python float, which shows as `12.0` where an int shows as `12`. */
export class Float {
  constructor(readonly value: number) {}
}

export class Tuple {
  constructor(readonly items: Value[]) {}
}

/** What has no value: a name nobody set, a key that is missing. It shows as nothing, and nearly all else is an error. */
export class Undefined {
  /** @param what the name, as the error shows it */
  constructor(readonly what: string) {}
}

/** The only object with attributes that a template can set: `{% set ns.x = 1 %}`. */
export class Namespace {
  constructor(readonly attributes: Map<string, Value>) {}
}

/** `loop` in a loop. */
export class Loop {
  constructor(
    readonly items: readonly Value[],
    readonly index: number,
    /** 0 in the outermost of a recursive loop. */
    readonly level: number,
    /** Runs a recursive loop over other items; undefined in any other. */
    readonly again: Callable | undefined,
  ) {}
}

export class DateTime {
  constructor(
    /** Microseconds since 1970 in UTC; without an offset as if the wall clock were UTC. */
    readonly micros: number,
    /** Minutes east of UTC; undefined: a time without a zone. */
    readonly offset: number | undefined,
  ) {}
}

export class TimeDelta {
  constructor(readonly micros: number) {}
}

/** What a run takes along. */
export interface Run {
  readonly work: Work;
  readonly regularExpressions: RegularExpressions;
  /** `map('round', 1)` and `selectattr('x', 'equalto', 1)` name filters and tests; undefined: there is none. */
  filter(name: string): Callable | undefined;
  test(name: string): Callable | undefined;
}

/** A filter, a test, a function or a method. */
export class Callable {
  constructor(
    /** Names of the parameters, for keywords. */
    readonly params: readonly string[],
    /** Number of parameters that must be given. */
    readonly required: number,
    readonly body: (args: Args) => Value,
    /** True: more values than parameters, and keywords of any name. */
    readonly open = false,
  ) {}
}

/** What a {@link Callable} was given. */
export class Args {
  constructor(
    readonly run: Run,
    /** By parameter; undefined where nothing was given. */
    readonly all: readonly (Value | undefined)[],
    readonly keywords: ReadonlyMap<string, Value>,
  ) {}

  /** A parameter that must be given. */
  at(index: number): Value {
    const value = this.all[index];
    if (value === undefined) throw new TemplateError('value', text('template.missingArgument'));
    return value;
  }

  maybe(index: number): Value | undefined {
    return this.all[index];
  }

  /** A parameter, or what counts without it. */
  or(index: number, otherwise: Value): Value {
    return given(this.all[index], otherwise);
  }

  /** What was given from here on. */
  rest(index: number): Value[] {
    return this.all.slice(index).filter((value) => value !== undefined);
  }
}

/** A value where there is one, None (null) included; `??` would take None for nothing. */
export function given(value: Value | undefined, otherwise: Value): Value {
  return value === undefined ? otherwise : value;
}

/** Calls it as Python does: values by position, then by name. Throws where they do not fit. */
export function call(
  callable: Callable,
  run: Run,
  positional: readonly Value[],
  keywords: readonly (readonly [string, Value])[] = [],
): Value {
  run.work.spend();
  for (const value of positional) if (typeof value === 'string') run.work.read(value.length);
  const { params, required, open } = callable;
  if (positional.length > params.length && !open)
    throw new TemplateError('value', text('template.tooManyArguments', { count: positional.length }));
  const all: (Value | undefined)[] = [...positional];
  const others = new Map<string, Value>();
  for (const [name, value] of keywords) {
    const index = params.indexOf(name);
    if (index >= 0 && all[index] === undefined) all[index] = value;
    else if (index < 0 && open) others.set(name, value);
    else throw new TemplateError('value', text('template.unknownArgument', { name }));
  }
  for (let index = 0; index < required; index++)
    if (all[index] === undefined) throw new TemplateError('value', text('template.missingArgument'));
  return callable.body(new Args(run, all, others));
}

/** A filter, test or function: `fn('value,precision=,method=', body)`; a parameter with `=` need not be given, `*` takes any. */
export function fn(params: string, body: (args: Args) => Value): Callable {
  const names = params === '' ? [] : params.split(',');
  const named = names.filter((name) => name !== '*');
  return new Callable(
    named.map((name) => name.replace('=', '')),
    named.filter((name) => !name.endsWith('=')).length,
    body,
    names.includes('*'),
  );
}

/** A table of callables without a prototype, so that `constructor` names nothing in it. */
export function table(entries: Record<string, Callable>): ReadonlyMap<string, Callable> {
  return new Map(Object.entries(entries));
}

/** True of Python's numbers; its booleans are numbers, too. */
export function isNumber(value: Value): value is number | bigint | boolean | Float {
  return (
    typeof value === 'number' ||
    value instanceof Float ||
    typeof value === 'boolean' ||
    typeof value === 'bigint'
  );
}

export function isInteger(value: Value): value is number | bigint | boolean {
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint';
}

/** A number of JavaScript; a large int loses its last digits. */
export function numberOf(value: number | bigint | boolean | Float): number {
  return value instanceof Float ? value.value : Number(value);
}

/** An int as short as it can be kept. */
export function intOf(value: bigint): number | bigint {
  return value >= -9_007_199_254_740_991n && value <= 9_007_199_254_740_991n ? Number(value) : value;
}

/** The whole part of a number as an int. Throws where there is none (infinity, NaN). */
export function truncated(value: number): number | bigint {
  if (!Number.isFinite(value)) throw new TemplateError('value', text('template.noInteger'));
  const whole = Math.trunc(value);
  // Python's ints know no -0.
  return Number.isSafeInteger(whole) ? whole + 0 : BigInt(whole);
}

/** Throws for an {@link Undefined}: most operations refuse it. */
export function defined<T extends Value>(value: T): Exclude<T, Undefined> {
  if (value instanceof Undefined)
    throw new TemplateError('value', text('template.undefined', { name: value.what }));
  return value as Exclude<T, Undefined>;
}

/** Python's name of the type, for errors and `typeof`. */
export function typeName(value: Value): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number' || typeof value === 'bigint') return 'int';
  if (typeof value === 'string') return 'str';
  if (value instanceof Float) return 'float';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Map) return 'dict';
  if (value instanceof Tuple) return 'tuple';
  if (value instanceof Undefined) return 'LoggingUndefined';
  if (value instanceof Namespace) return 'Namespace';
  if (value instanceof Loop) return 'LoopContext';
  if (value instanceof DateTime) return 'datetime';
  if (value instanceof TimeDelta) return 'timedelta';
  return 'function';
}

/** The error for a value of a type that does not fit. `where`: the operator or filter. */
export function wrongType(where: string, ...values: Value[]): TemplateError {
  for (const value of values) defined(value);
  return new TemplateError(
    'value',
    text('template.wrongType', { where, types: values.map(typeName).join(', ') }),
  );
}

/** The key under which a dict keeps something. Throws for what Python cannot hash, and for tuples. */
export function keyOf(value: Value): Key {
  if (typeof value === 'string' || typeof value === 'number' || value === null) return value;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'bigint') return value;
  if (value instanceof Float) {
    const whole = Number.isInteger(value.value) ? intOf(BigInt(value.value)) : value.value;
    return whole;
  }
  throw wrongType('dict', value);
}
