import type { Limits } from '../../alert/limits';
import { type Condition, rises } from '../../alert/rules';
import type { AlertEvent, Value } from '../../alert/states';
import type { Translate } from '../../base/translate';

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

/** A low battery, for the test of a node that watches devices. */
export function testCheck(translate: Translate, newId: () => string, now: number): AlertEvent {
  const name = translate('text.sampleDevice');
  return {
    reason: 'raised',
    id: `test-${newId()}`,
    number: 0,
    key: `${name}/battery`,
    state: 'firing',
    previous: 'normal',
    severity: 'warning',
    value: 12,
    unit: '%',
    limit: undefined,
    since: now,
    at: now,
    acked: undefined,
    replaces: undefined,
    text: [],
    subject: { check: 'battery', device: { id: name, name, area: '', family: '' } },
  };
}
