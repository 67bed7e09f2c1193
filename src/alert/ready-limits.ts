import { text } from '../base/catalogue';
import { CodedError } from '../base/coded-error';
import { judgeLimits, type Limits, LimitsFault } from './limits';
import type { Condition, Hysteresis, LimitSource } from './rules';

/** Limits that cannot work; its text names the field. */
export class LimitsError extends CodedError {
  override readonly name = 'LimitsError';
  constructor({ code, field, text: why }: LimitsFault) {
    super(code, text('config.problem', { field, text: why }));
  }
}

/**
 * Prepares limits, as {@link judgeLimits}.
 * @throws LimitsError
 */
export function readyLimits(condition: Condition, source: LimitSource, hysteresis: Hysteresis): Limits {
  const limits = judgeLimits(condition, source, hysteresis);
  if (limits instanceof LimitsFault) throw new LimitsError(limits);
  return limits;
}
