/** What people type into the fields of a rule, read for the node and for its dialog. */
import {
  type Condition,
  type Hysteresis,
  type LimitField,
  type LimitSource,
  limitFields,
  TEXT_CONDITIONS,
} from '../../alert/rules';
import { readDecimal } from '../../base/decimal';
import { parseDuration } from '../../base/duration';

/** A limit that is looked up anew for each sample. */
export interface LimitLookup {
  field: LimitField;
  type: 'msg' | 'flow' | 'global' | 'env';
  value: string;
}

const ELSEWHERE: readonly string[] = ['msg', 'flow', 'global', 'env'];

/**
 * The limits of a condition: those that are typed, and where the others come from. A text where a number is needed stays
 * as it is, and `readyLimits` refuses it.
 * @param typedIn the trimmed text of a field: `limit`, `limitType`, …
 */
export function readLimits(
  condition: Condition,
  typedIn: (field: string) => string,
): { source: LimitSource; lookups: LimitLookup[] } {
  const source: LimitSource = {};
  const lookups: LimitLookup[] = [];
  for (const field of limitFields(condition)) {
    const [type, value] = [typedIn(`${field}Type`), typedIn(field)];
    if (value === '') continue;
    if (ELSEWHERE.includes(type)) lookups.push({ field, type: type as LimitLookup['type'], value });
    else if (TEXT_CONDITIONS.includes(condition)) source.limit = value;
    else source[field] = (readDecimal(value) ?? value) as number;
  }
  return { source, lookups };
}

/** `2` or `5%`; undefined for any other text. */
export function readHysteresis(typed: string): Hysteresis | undefined {
  const [, number = '', sign] = /^([\d.,]+)\s*(%?)$/.exec(typed.trim()) ?? [];
  const size = readDecimal(number);
  return size === undefined ? undefined : { size, percent: sign === '%' };
}

const MAX_LENGTH = 366 * 86_400_000;

/** A duration of a year at most, in milliseconds; undefined for any other text. */
export function readLength(typed: string): number | undefined {
  const ms = parseDuration(typed);
  return ms !== undefined && ms <= MAX_LENGTH ? ms : undefined;
}
