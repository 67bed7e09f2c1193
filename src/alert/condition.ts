import type { Limits } from './limits';
import { type Condition, rises } from './rules';
import type { Value } from './states';

/** `bad`: the condition holds; `band`: it does not, but the value has not come back far enough; `good`: it has. */
export type Judgement = 'bad' | 'band' | 'good';

type Numeric = (value: number, limits: Limits) => Judgement;
/** `text`: the value in small letters, without blanks around it. */
type Textual = (text: string, limits: Limits, value: Value) => boolean;

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
  equals: (text, limits, value) => isSame(text, limits.text, value),
  notEquals: (text, limits, value) => !isSame(text, limits.text, value),
  contains: (text, limits) => text.includes(limits.text),
};

/** Numbers that are written in different ways are the same, digit by digit: `21.0` is `21`. */
function isSame(text: string, wanted: string, value: Value): boolean {
  if (text === wanted) return true;
  // A value that came as a number has been rounded already if it is too long.
  if (typeof value === 'number') return wanted !== '' && Number(wanted) === value;
  const digits = digitsOf(text);
  return digits !== undefined && digits === digitsOf(wanted);
}

/** A number as its sign, its digits and its power of ten, exactly; undefined for any other text. */
function digitsOf(text: string): string | undefined {
  if (text.length > MAX_NUMBER_LENGTH) return undefined;
  const match = /^([+-]?)(\d+\.?\d*|\.\d+)(?:e([+-]?\d{1,6}))?$/.exec(text);
  if (!match) return undefined;
  const [, sign, written = '', power = '0'] = match;
  const [whole = '', part = ''] = written.split('.');
  const digits = `${whole}${part}`.replace(/^0+/, '');
  const short = digits.replace(/0+$/, '');
  if (short === '') return '0';
  return `${sign === '-' ? '-' : ''}${short}e${Number(power) - part.length + digits.length - short.length}`;
}

const MAX_NUMBER_LENGTH = 400;

/** Judges values by a condition: a function for numbers, or for texts and booleans. */
export function judgeFor(condition: Condition): (value: Value, limits: Limits) => Judgement {
  const numeric = NUMERIC[condition];
  if (numeric) return (value, limits) => numeric(value as number, limits);
  const textual = TEXTUAL[condition];
  return (value, limits) => (textual?.(String(value).trim().toLowerCase(), limits, value) ? 'bad' : 'good');
}

/** True if a value lies beyond a critical limit. */
export function isCritical(value: Value, { criticalLow, criticalHigh }: Limits): boolean {
  return typeof value === 'number' && (value > criticalHigh || value < criticalLow);
}
