import type { DigestTime } from './digest';
import type { QuietHours } from './quiet-hours';

export const CONDITIONS = [
  'above',
  'below',
  'outside',
  'inside',
  'equals',
  'notEquals',
  'contains',
  'rate',
  'nodata',
] as const;

export type Condition = (typeof CONDITIONS)[number];

/** Conditions on text; all others need a number. */
export const TEXT_CONDITIONS: readonly Condition[] = ['equals', 'notEquals', 'contains'];

/** Conditions with a lower and an upper limit. */
export const PAIR_CONDITIONS: readonly Condition[] = ['outside', 'inside'];

/** Conditions that know a second, critical limit: `outside` one on each side. */
export const CRITICAL_CONDITIONS: readonly Condition[] = ['above', 'below', 'outside', 'rate'];

/** Fields of limits, as they are called in configuration, messages and commands. */
export type LimitField = 'limit' | 'limit2' | 'critical' | 'critical2';

/** Those that a condition knows, and must have but for the critical ones. */
export function limitFields(condition: Condition): readonly LimitField[] {
  if (condition === 'nodata') return [];
  const pair = PAIR_CONDITIONS.includes(condition);
  const critical = CRITICAL_CONDITIONS.includes(condition);
  return [
    'limit',
    ...(pair ? (['limit2'] as const) : []),
    ...(critical ? (['critical'] as const) : []),
    ...(pair && critical ? (['critical2'] as const) : []),
  ];
}

/** Limits as they are written down. Numbers for all but the text conditions. */
export interface LimitSource {
  limit?: number | string | boolean | undefined;
  /** The upper one of `outside` and `inside`. */
  limit2?: number | undefined;
  /** Beyond it an alert is critical (`above`, `below`, `rate`); of `outside` the lower one of two. */
  critical?: number | undefined;
  /** The upper one of `outside`. */
  critical2?: number | undefined;
}

/** Distance that a value must come back. */
export interface Hysteresis {
  size: number;
  /** `size` is in percent of the limit. */
  percent: boolean;
}

/** Everything that the machine goes by. Times in milliseconds; 0 switches a thing off. */
export interface Rules {
  condition: Condition;
  limits: LimitSource;
  hysteresis: Hysteresis;
  /** The condition must hold that long. @default 0 */
  holdFor: number;
  /** Normal must hold that long. @default 0 */
  keepFor: number;
  /** Without a valid sample for that long a key has no data. @default 0 */
  noDataAfter: number;
  noDataAs: 'alert' | 'keep' | 'normal';
  /** Over which time `rate` is measured. @default 60000 */
  rateWindow: number;
  repeatEvery: number;
  /** Milliseconds between the message about a key's alert and the message about its next one, at least. */
  cooldown: number;
  /** Not acknowledged for that long, an alert becomes critical. */
  escalateAfter: number;
  /** Others are told then, so that it counts for critical alerts, too. @default false */
  escalatesAll?: boolean;
  quietHours: QuietHours | undefined;
  /** Alerts that are sent even in quiet hours. @default critical */
  quietPass: 'critical' | 'all' | 'none';
  /** When warnings are told, all in one message a day; critical alerts are told at once. @default at once */
  digest?: DigestTime | undefined;
  /** Alerts that begin within that time come in one message. */
  groupWait: number;
  /** Number of beginnings and ends within `flapWindow` that count as flapping. */
  flapCount: number;
  flapWindow: number;
  /** @default 10000 */
  maxKeys: number;
  /** @default true */
  sendResolved: boolean;
}

export const DEFAULT_RULES: Rules = {
  condition: 'above',
  limits: {},
  hysteresis: { size: 0, percent: false },
  holdFor: 0,
  keepFor: 0,
  noDataAfter: 0,
  noDataAs: 'alert',
  rateWindow: 60_000,
  repeatEvery: 0,
  cooldown: 0,
  escalateAfter: 0,
  quietHours: undefined,
  quietPass: 'critical',
  groupWait: 0,
  flapCount: 0,
  flapWindow: 600_000,
  maxKeys: 10_000,
  sendResolved: true,
};

/** True if two sources are equal. */
export function isSameSource(a: LimitSource, b: LimitSource): boolean {
  return (
    a.limit === b.limit && a.limit2 === b.limit2 && a.critical === b.critical && a.critical2 === b.critical2
  );
}

/** A limit as people type it, `21,5 °C` too; undefined if a number is needed and it is none. */
export function readLimit(condition: Condition, raw: number | string): number | string | undefined {
  if (TEXT_CONDITIONS.includes(condition)) return String(raw).trim().slice(0, 200);
  if (typeof raw === 'number') return Number.isFinite(raw) ? raw : undefined;
  const match = /^([+\-−]?\d+(?:[.,]\d+)?)\s*[^\d\s]{0,5}$/.exec(String(raw).trim());
  const number = match?.[1]?.replace(',', '.').replace('−', '-');
  return number === undefined ? undefined : Number(number);
}

/** True if larger is worse. A `rate` below 0 is about falling. */
export function rises(condition: Condition, limit: number): boolean {
  return condition === 'above' || (condition === 'rate' && limit >= 0);
}
