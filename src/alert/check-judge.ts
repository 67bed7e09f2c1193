import { type Judgement, judgeFor } from './condition';
import type { Check } from './device-check';
import { judgeLimits, type Limits, LimitsFault } from './limits';
import type { Value } from './states';
import type { UsualInterval } from './usual-interval';

/** The fields of a node that decide when a device is not well. */
export interface CheckRules {
  checks: readonly Check[];
  /** In percent. */
  batteryBelow: number;
  /** Link quality of Zigbee (0 to 255), else percent. */
  signalBelow: number;
  /** Distance that both must come back. */
  band: number;
  /** Multiple of the usual interval after which a device is silent, but not within so many milliseconds. */
  silentFactor: number;
  silentAtLeast: number;
}

/** What a check found, judged. */
export interface Finding {
  value: Value;
  unit: string;
  judgement: Judgement;
  limits: Limits | undefined;
}

/** Values of checks that are no numbers. */
export const OFFLINE = 'offline';
export const ONLINE = 'online';
export const LOW = 'low';
export const NOT_LOW = 'ok';
/** There is no update. */
export const CURRENT = 'none';

const below = judgeFor('below');
const BAD_WORDS: readonly Value[] = [OFFLINE, LOW];

/** Judges what is known of devices. Silence is judged by the time alone. */
export class CheckJudge {
  private readonly limits: Readonly<Partial<Record<Check, Limits | undefined>>>;

  constructor(readonly rules: CheckRules) {
    const { batteryBelow, signalBelow, band } = rules;
    this.limits = { battery: limitsOf(batteryBelow, band), signal: limitsOf(signalBelow, band) };
  }

  finds(check: Check): boolean {
    return this.rules.checks.includes(check);
  }

  /** @param value percent or link quality as a number; a word or a version else */
  judge(check: Check, value: Value, unit = ''): Finding {
    const limits = this.limits[check];
    const judgement: Judgement =
      typeof value === 'number' && limits
        ? below(value, limits)
        : (check === 'update' ? value !== CURRENT : BAD_WORDS.includes(value))
          ? 'bad'
          : 'good';
    return { value, unit, judgement, limits: typeof value === 'number' ? limits : undefined };
  }

  /** Milliseconds of silence after which a device counts as silent; undefined: its interval is not known yet. */
  patience(usual: UsualInterval, now: number): number | undefined {
    const { silentFactor, silentAtLeast } = this.rules;
    return usual.isKnown(now) ? Math.max(silentAtLeast, usual.longest(now) * silentFactor) : undefined;
  }
}

function limitsOf(limit: number, size: number): Limits | undefined {
  const limits = judgeLimits('below', { limit }, { size, percent: false });
  return limits instanceof LimitsFault ? undefined : limits;
}
