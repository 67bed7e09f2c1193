import { text } from './catalogue';
import { Fault } from './fault';
import { plain } from './printable';

/** The least and the greatest that a number may be. */
export interface Range {
  min: number;
  max: number;
}

/** A whole number in a range. */
export function readWhole(typed: string, { min, max }: Range): number | Fault {
  const number = typed.trim() === '' ? Number.NaN : Number(typed);
  if (Number.isInteger(number) && number >= min && number <= max) return number;
  return new Fault('whole', text('config.whole', { min, max, given: plain(typed, 40) }));
}
