import { RateWindow } from './change-rate';
import { isCritical, type Judgement, judgeFor } from './condition';
import type { KeyEntry } from './keys';
import type { Limits } from './limits';
import { type Rules, rises } from './rules';
import type { Value } from './states';

/** Judges samples by the rules of a node. */
export class RuleEvaluator {
  private readonly judge: (value: Value, limits: Limits) => Judgement;
  private readonly isRate: boolean;

  constructor(private readonly rules: Rules) {
    this.judge = judgeFor(rules.condition);
    this.isRate = rules.condition === 'rate';
  }

  /**
   * The value of a sample that is judged; undefined if nothing can be judged yet, because no rate is known.
   * @param measured time, if that was not just now
   */
  valueOf(entry: KeyEntry, value: Value, now: number, measured: number | undefined): Value | undefined {
    if (!this.isRate) return value;
    const { rateWindow } = this.rules;
    entry.rate ??= new RateWindow(rateWindow, rises('rate', entry.limits?.low ?? 0));
    // A kept or late value is no point of the line.
    const isPoint = measured === undefined || measured > entry.rate.newest;
    return isPoint ? entry.rate.add(measured ?? now, value as number) : undefined;
  }

  judgementOf(
    { episode }: KeyEntry,
    value: Value | undefined,
    limits: Limits,
  ): { judgement: Judgement; critical: boolean } {
    // Without a rate yet, an alert goes on, and a gap is over.
    if (value === undefined) return { judgement: episode?.fired ? 'band' : 'good', critical: false };
    return { judgement: this.judge(value, limits), critical: isCritical(value, limits) };
  }
}
