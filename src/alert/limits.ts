/** Limits, judged for the node and for its dialog. `ready-limits.ts` makes errors of the faults. */
import { type NameIn, text } from '../base/catalogue';
import { Fault } from '../base/fault';
import type { TextParam } from '../base/text';
import {
  type Condition,
  CRITICAL_CONDITIONS,
  type Hysteresis,
  type LimitField,
  type LimitSource,
  PAIR_CONDITIONS,
  rises,
  TEXT_CONDITIONS,
} from './rules';

/** Limits ready to be compared with. */
export interface Limits {
  source: LimitSource;
  low: number;
  high: number;
  /** Distance that a value must come back from `low` and from `high`. */
  lowBand: number;
  highBand: number;
  /** Values below the one or above the other are critical. NaN without a limit, because nothing compares with that. */
  criticalLow: number;
  criticalHigh: number;
  /** Limit of the text conditions, in lower case. */
  text: string;
}

/** Limits that cannot work, by the field that is to be changed. */
export class LimitsFault extends Fault {
  constructor(
    code: NameIn<'rule'>,
    readonly field: LimitField | 'hysteresis',
    params?: Readonly<Record<string, TextParam>>,
  ) {
    super(code, text(`rule.${code}`, params));
  }
}

/**
 * Prepares limits. A fault says that they cannot work: not numbers, in the wrong order, or a band wider than the gap
 * between them.
 */
export function judgeLimits(
  condition: Condition,
  source: LimitSource,
  { size, percent }: Hysteresis,
): Limits | LimitsFault {
  const ready: Limits = {
    source,
    low: Number.NaN,
    high: Number.NaN,
    lowBand: 0,
    highBand: 0,
    criticalLow: Number.NaN,
    criticalHigh: Number.NaN,
    text: '',
  };
  if (condition === 'nodata') return ready;
  if (TEXT_CONDITIONS.includes(condition)) {
    if (source.limit === undefined || source.limit === '') return new LimitsFault('limitMissing', 'limit');
    return { ...ready, text: String(source.limit).trim().toLowerCase() };
  }
  if (!Number.isFinite(size) || size < 0) {
    return new LimitsFault('hysteresis', 'hysteresis', { value: String(size) });
  }
  const band = (limit: number): number => (percent ? (Math.abs(limit) * size) / 100 : size);
  const low = finite(source.limit, 'limit');
  if (low instanceof LimitsFault) return low;
  Object.assign(ready, { low, lowBand: band(low) });
  if (PAIR_CONDITIONS.includes(condition)) {
    const high = finite(source.limit2, 'limit2');
    if (high instanceof LimitsFault) return high;
    Object.assign(ready, { high, highBand: band(high) });
    if (low >= high) return new LimitsFault('limitOrder', 'limit2', { low: String(low), high: String(high) });
    // Between the limits there must be a value that is well.
    if (condition === 'outside' && low + ready.lowBand > high - ready.highBand) {
      return new LimitsFault('bandWide', 'hysteresis', { value: percent ? `${size}%` : String(size) });
    }
  }
  return CRITICAL_CONDITIONS.includes(condition) ? withCritical(ready, condition) : ready;
}

function withCritical(ready: Limits, condition: Condition): Limits | LimitsFault {
  const { source, low, high } = ready;
  const isAbove = rises(condition, low);
  const critical = criticalOf(source, 'critical', low, isAbove);
  const critical2 = condition === 'outside' ? criticalOf(source, 'critical2', high, true) : Number.NaN;
  if (critical instanceof LimitsFault) return critical;
  if (critical2 instanceof LimitsFault) return critical2;
  return isAbove
    ? { ...ready, criticalHigh: critical }
    : { ...ready, criticalLow: critical, criticalHigh: critical2 };
}

/** A critical limit, which must be worse than its limit; NaN if there is none. */
function criticalOf(
  source: LimitSource,
  field: 'critical' | 'critical2',
  limit: number,
  isAbove: boolean,
): number | LimitsFault {
  if (source[field] === undefined) return Number.NaN;
  const critical = finite(source[field], field);
  if (critical instanceof LimitsFault || (isAbove ? critical > limit : critical < limit)) return critical;
  return new LimitsFault(isAbove ? 'criticalAbove' : 'criticalBelow', field, {
    critical: String(critical),
    limit: String(limit),
  });
}

function finite(value: LimitSource['limit'], field: LimitField): number | LimitsFault {
  if (value === undefined || value === '') return new LimitsFault('limitMissing', field);
  const number = typeof value === 'number' ? value : typeof value === 'string' ? Number(value) : Number.NaN;
  if (Number.isFinite(number)) return number;
  return new LimitsFault('limitNumber', field, { value: String(value).slice(0, 40) });
}
