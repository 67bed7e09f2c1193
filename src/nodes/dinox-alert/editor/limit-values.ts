import { type Condition, type LimitField, PAIR_CONDITIONS } from '../../../alert/rules';
import { readDecimal } from '../../../base/decimal';
import { readHysteresis } from '../field-readings';
import { isOnText, type Look } from './fields';

/** The number in a limit's field; undefined if it is none or comes from elsewhere. */
export function limitOf(look: Look, property: LimitField): number | undefined {
  return ['num', 'str', ''].includes(look(`${property}Type`)) ? readDecimal(look(property)) : undefined;
}

/** Distance that a value has to come back from a limit (the hysteresis). */
export function bandOf(look: Look, limit: number): number {
  const { size, percent } = readHysteresis(look('hysteresis')) ?? { size: 0, percent: false };
  return percent ? (Math.abs(limit) * size) / 100 : size;
}

export const isNumeric = (condition: string): boolean => !isOnText(condition) && condition !== 'nodata';

export const isPair = (condition: Condition): boolean => PAIR_CONDITIONS.includes(condition);
