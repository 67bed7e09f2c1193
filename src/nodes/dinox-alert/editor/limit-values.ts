import type { LimitField, Look } from './fields';
import { PAIRS, TEXTS } from './fields';

/** A typed number, with a comma or a point; undefined for any other text. */
function numberOf(text: string): number | undefined {
  const trimmed = text
    .trim()
    .replace(/^\u2212/, '-')
    .replace(',', '.');
  const value = trimmed === '' ? Number.NaN : Number(trimmed);
  return Number.isFinite(value) ? value : undefined;
}

/** The number in a limit's field; undefined if it is none or comes from elsewhere. */
export function limitOf(look: Look, property: LimitField): number | undefined {
  return ['num', 'str', ''].includes(look(`${property}Type`)) ? numberOf(look(property)) : undefined;
}

/** Distance that a value has to come back from a limit (the hysteresis). */
export function bandOf(look: Look, limit: number): number {
  const text = look('hysteresis').trim();
  const size = numberOf(text.replace('%', '')) ?? 0;
  return text.endsWith('%') ? (Math.abs(limit) * size) / 100 : size;
}

export const isNumeric = (condition: string): boolean => !TEXTS.includes(condition) && condition !== 'nodata';

export const isPair = (condition: string): boolean => PAIRS.includes(condition);

/** True if larger is worse. */
export const rises = (condition: string, limit: number): boolean =>
  condition === 'above' || (condition === 'rate' && limit >= 0);
