/** What filters ask of their arguments again and again. */

import { otherwise, parameter, toFloat } from '../numbers';
import { isTrue, itemsOf } from '../operators';
import { str } from '../show';
import { type Args, type Value, wrongType } from '../values';

/** The text of an argument, as Jinja's text filters see it. */
export function textAt(args: Args, index: number, otherwiseText?: string): string {
  const value = otherwiseText === undefined ? args.at(index) : args.maybe(index);
  if (value === undefined) return otherwiseText ?? '';
  const written = str(value);
  args.run.work.grow(written.length);
  return written;
}

/** An argument that has to be a text. */
export function stringAt(args: Args, index: number): string {
  const value = args.at(index);
  if (typeof value !== 'string') throw wrongType('str', value);
  return value;
}

export function flagAt(args: Args, index: number, otherwiseFlag = false): boolean {
  const value = args.maybe(index);
  return value === undefined ? otherwiseFlag : isTrue(value);
}

export function intAt(args: Args, index: number, otherwiseInt: number): number {
  return parameter(args.maybe(index), otherwiseInt);
}

export function itemsAt(args: Args, index: number): readonly Value[] {
  const items = itemsOf(args.at(index));
  args.run.work.spend(items.length);
  return items;
}

/** Applies it to the number of the first argument; without one, the argument `fallback` counts, else it is an error. */
export function onNumber(args: Args, filter: string, fallback: number, use: (value: number) => Value): Value {
  const number = toFloat(args.at(0));
  return number === undefined ? otherwise(filter, args.at(0), args.maybe(fallback)) : use(number);
}
