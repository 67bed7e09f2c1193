import { type Condition, type Limits, rises } from './rules';
import type { Value } from './states';

/** `bad`: the condition holds; `band`: it does not, but the value has not come back far enough; `good`: it has. */
export type Verdict = 'bad' | 'band' | 'good';

type Numeric = (value: number, limits: Limits) => Verdict;
type Textual = (value: string, limits: Limits) => boolean;

const above: Numeric = (value, { low, lowBand }) =>
  value > low ? 'bad' : value <= low - lowBand ? 'good' : 'band';

const below: Numeric = (value, { low, lowBand }) =>
  value < low ? 'bad' : value >= low + lowBand ? 'good' : 'band';

/** To add a condition: its name in `rules.ts`, its line here, its texts in both locales, its option in the dialog. */
const NUMERIC: Partial<Record<Condition, Numeric>> = {
  above,
  below,
  outside: (value, { low, lowBand, high, highBand }) => {
    if (value < low || value > high) return 'bad';
    return value >= low + lowBand && value <= high - highBand ? 'good' : 'band';
  },
  inside: (value, { low, lowBand, high, highBand }) => {
    if (value >= low && value <= high) return 'bad';
    return value <= low - lowBand || value >= high + highBand ? 'good' : 'band';
  },
  rate: (value, limits) => (rises('rate', limits.low) ? above(value, limits) : below(value, limits)),
  nodata: () => 'good',
};

const TEXTUAL: Partial<Record<Condition, Textual>> = {
  equals: (value, { text }) => isSame(value, text),
  notEquals: (value, { text }) => !isSame(value, text),
  contains: (value, { text }) => value.includes(text),
};

/** Text in small letters; numbers that are written in different ways are the same. */
function isSame(value: string, wanted: string): boolean {
  return value === wanted || (value !== '' && wanted !== '' && Number(value) === Number(wanted));
}

/** Judges values by a condition: a function for numbers, or for texts and booleans. */
export function judgeFor(condition: Condition): (value: Value, limits: Limits) => Verdict {
  const numeric = NUMERIC[condition];
  if (numeric) return (value, limits) => numeric(value as number, limits);
  const textual = TEXTUAL[condition];
  return (value, limits) => (textual?.(String(value).trim().toLowerCase(), limits) ? 'bad' : 'good');
}

/** Whether a value lies beyond a critical limit. */
export function isCritical(value: Value, { criticalLow, criticalHigh }: Limits): boolean {
  return typeof value === 'number' && (value > criticalHigh || value < criticalLow);
}
