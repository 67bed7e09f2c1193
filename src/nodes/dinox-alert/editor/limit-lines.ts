import { type LimitField, rises } from '../../../alert/rules';
import type { Limit } from '../../../editor/chart/limit-handle';
import { conditionOf, type Look } from './fields';
import { bandOf, isNumeric, isPair, limitOf } from './limit-values';
import type { Suggestion } from './suggest';

const [LEAST, MAX] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];

/** The limits that the chart shows, each with its allowed range. Limits from elsewhere are not shown. */
export function limitsOf(
  look: Look,
  label: (property: string) => string,
  found: Suggestion | undefined,
): Limit[] {
  const condition = conditionOf(look);
  // A rate's limit is not on the scale of the drawn values.
  if (!isNumeric(condition) || condition === 'rate') return [];
  const limit = limitOf(look, 'limit');
  const limit2 = limitOf(look, 'limit2');
  const critical = limitOf(look, 'critical');
  const lines: Limit[] = [];
  const add = (field: LimitField, value: number | undefined, least = LEAST, most = MAX): void => {
    const ghost = found?.values.find((one) => one.property === field);
    if (!['num', 'str', ''].includes(look(`${field}Type`))) return;
    const severe = field === 'critical' || field === 'critical2';
    lines.push({
      field,
      label: label(field),
      value,
      ghost: ghost && Number(ghost.value),
      least,
      most,
      severe,
    });
  };
  if (isPair(condition)) {
    const outside = condition === 'outside';
    const low = outside ? critical : undefined;
    const high = outside ? limitOf(look, 'critical2') : undefined;
    add('limit', limit, low, limit2);
    add('limit2', limit2, limit, high);
    if (low !== undefined && limit !== undefined) add('critical', low, LEAST, limit);
    if (high !== undefined && limit2 !== undefined) add('critical2', high, limit2);
    return lines;
  }
  const up = rises(condition, limit ?? 0);
  add('limit', limit, up ? LEAST : critical, up ? critical : MAX);
  if (critical !== undefined && limit !== undefined)
    add('critical', critical, up ? limit : LEAST, up ? MAX : limit);
  return lines;
}

/** The hysteresis: from each limit to the value that ends the alert. */
export function bandsOf(look: Look): [number, number][] {
  const condition = conditionOf(look);
  const bands: [number, number][] = [];
  const add = (limit: number | undefined, side: 1 | -1): void => {
    const size = limit === undefined ? 0 : bandOf(look, limit);
    if (limit !== undefined && size > 0) bands.push([limit, limit + side * size]);
  };
  if (condition === 'rate' || !isNumeric(condition)) return bands;
  const low = limitOf(look, 'limit');
  if (isPair(condition)) {
    const inside = condition === 'inside';
    add(low, inside ? -1 : 1);
    add(limitOf(look, 'limit2'), inside ? 1 : -1);
  } else add(low, condition === 'above' ? -1 : 1);
  return bands;
}
