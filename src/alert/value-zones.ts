import { isCritical, judgeFor } from './condition';
import type { Limits } from './limits';
import { type Condition, TEXT_CONDITIONS } from './rules';
import type { Severity } from './states';

export type ZoneLevel = 'normal' | Severity;

/** Values from `from` up to the next zone. The first one begins at -Infinity. */
export interface ValueZone {
  from: number;
  level: ZoneLevel;
}

const RANK: Readonly<Record<ZoneLevel, number>> = { normal: 0, warning: 1, critical: 2 };

/** What an alert thinks of each value, in ascending order; empty where it does not go by the value itself. */
export function valueZones(condition: Condition, limits: Limits | undefined): ValueZone[] {
  const isOther = TEXT_CONDITIONS.includes(condition) || condition === 'rate' || condition === 'nodata';
  if (isOther || !limits) return [];
  const { low, high, criticalLow, criticalHigh } = limits;
  const judge = judgeFor(condition);
  const levelOf = (value: number): ZoneLevel => {
    if (judge(value, limits) !== 'bad') return 'normal';
    return isCritical(value, limits) ? 'critical' : 'warning';
  };
  return joined([low, high, criticalLow, criticalHigh], levelOf);
}

/** The worst that any of several alerts thinks of each value. */
export function worstZones(all: readonly (readonly ValueZone[])[]): ValueZone[] {
  const limits = all.flatMap((zones) => zones.map(({ from }) => from));
  if (limits.length === 0) return [];
  const levelOf = (value: number): ZoneLevel =>
    all
      .map((zones): ZoneLevel => zones.findLast(({ from }) => from <= value)?.level ?? 'normal')
      .reduce((worst, level) => (RANK[level] > RANK[worst] ? level : worst), 'normal');
  return joined(limits, levelOf);
}

/** @param limits in any order, more than once, and NaN for none */
function joined(limits: readonly number[], levelOf: (value: number) => ZoneLevel): ValueZone[] {
  const known = [...new Set(limits)].filter(Number.isFinite).sort((a, b) => a - b);
  const zones: ValueZone[] = [];
  for (const [place, from] of [Number.NEGATIVE_INFINITY, ...known].entries()) {
    const to = known[place] ?? Number.POSITIVE_INFINITY;
    const level = levelOf(between(from, to));
    if (zones.at(-1)?.level !== level) zones.push({ from, level });
  }
  return zones;
}

function between(from: number, to: number): number {
  if (Number.isFinite(from) && Number.isFinite(to)) return from / 2 + to / 2;
  if (Number.isFinite(from)) return Number.MAX_VALUE;
  return Number.isFinite(to) ? -Number.MAX_VALUE : 0;
}
