import type { Limits } from '../../alert/limits';
import { type Condition, rises } from '../../alert/rules';
import type { Value } from '../../alert/states';

/** A value for which the condition would hold, for a test: a tenth beyond the limit, one at least. */
export function testValue(condition: Condition, limits: Limits | undefined): Value | undefined {
  if (!limits) return undefined;
  const { low, high, text } = limits;
  const beyond = (limit: number, side: 1 | -1): number =>
    Number((limit + side * Math.max(1, Math.abs(limit) / 10)).toPrecision(6));
  switch (condition) {
    case 'above':
    case 'below':
    case 'rate':
      return beyond(low, rises(condition, low) ? 1 : -1);
    case 'outside':
      return beyond(high, 1);
    case 'inside':
      return Number(((low + high) / 2).toPrecision(6));
    case 'equals':
    case 'contains':
      return text;
    case 'notEquals':
      return '…';
    default:
      return undefined;
  }
}
