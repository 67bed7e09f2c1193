/// <reference path="../../../editor/red.d.ts" />
import type { Fault, Rule } from '../../../editor/validation';

const NUMBER = /^[+-]?(\d+([.,]\d+)?|[.,]\d+)(e[+-]?\d+)?$/i;

export const PAIRS = ['outside', 'inside'];
export const TEXTS = ['equals', 'notEquals', 'contains'];
export const WITH_CRITICAL = ['above', 'below', 'outside', 'rate'];

/** Reads another field: from the open dialog, else as stored. */
export type Look = (property: string) => string;

const isLookedUp = (type: string): boolean => ['msg', 'flow', 'global', 'env'].includes(type);

const numberIn = (text: string): number => Number(text.trim().replace(',', '.'));

/** A limit's fault. A limit is a number, a text (for conditions on text), or the name of its source. */
export function limitFault(
  text: string,
  property: 'limit' | 'limit2' | 'critical' | 'critical2',
  look: Look,
): Fault | undefined {
  const condition = look('condition');
  if (condition === 'nodata') return undefined;
  if (property === 'limit2' && !PAIRS.includes(condition)) return undefined;
  const isCritical = property === 'critical' || property === 'critical2';
  if (isCritical && !WITH_CRITICAL.includes(condition)) return undefined;
  if (property === 'critical2' && condition !== 'outside') return undefined;
  const trimmed = text.trim();
  if (trimmed === '') return isCritical ? undefined : { key: 'limitMissing' };
  if (isLookedUp(look(`${property}Type`))) return undefined;
  if (TEXTS.includes(condition)) return undefined;
  if (!NUMBER.test(trimmed)) return { key: 'number' };
  const limit = isLookedUp(look('limitType')) ? Number.NaN : numberIn(look('limit'));
  const value = numberIn(trimmed);
  if (property === 'limit2' && value <= limit) return { key: 'limitOrder' };
  if (property === 'critical') {
    const rises = condition === 'above' || (condition === 'rate' && limit >= 0);
    if (rises ? value <= limit : value >= limit) return { key: 'criticalSide' };
  }
  const upper = isLookedUp(look('limit2Type')) ? Number.NaN : numberIn(look('limit2'));
  if (property === 'critical2' && value <= upper) return { key: 'criticalSide' };
  return undefined;
}

/** `2` or `5%`; empty: none. */
export const hysteresis: Rule = (text) =>
  /^(|(\d+([.,]\d+)?|[.,]\d+)\s*%?)$/.test(text.trim()) ? undefined : { key: 'hysteresis' };

/** `22:00-07:00`, or several separated by commas; empty: none. */
export const quietHours: Rule = (text) => {
  if (text.trim() === '') return undefined;
  const isSpan = (part: string): boolean => {
    const match = /^\s*(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})\s*$/.exec(part);
    if (!match) return false;
    const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = match.slice(1).map(Number);
    const to = toHour * 60 + toMinute;
    return (
      fromHour < 24 && fromMinute < 60 && toMinute < 60 && to <= 1_440 && fromHour * 60 + fromMinute !== to
    );
  };
  return text.split(',').every(isSpan) ? undefined : { key: 'quietHours' };
};

/** A name of the IANA database; empty: Node-RED's time zone. */
export const timeZone: Rule = (text) => {
  if (text.trim() === '') return undefined;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text.trim() });
    return undefined;
  } catch {
    return { key: 'timeZone' };
  }
};

/** A duration above 0; with `may` the field may be empty. */
export const span =
  (needed: (look: Look) => boolean) =>
  (text: string, look: Look): Fault | undefined => {
    const trimmed = text.trim().toLowerCase();
    if (trimmed === '') return needed(look) ? { key: 'durationNeeded' } : undefined;
    if (!/^((\d+([.,]\d+)?\s*(ms|s|m|h|d)\s*)+|\d+([.,]\d+)?)$/.test(trimmed)) return { key: 'duration' };
    return needed(look) && /^[0.,\s]*[a-z]*$/.test(trimmed) ? { key: 'durationNeeded' } : undefined;
  };
export type LimitField = 'limit' | 'limit2' | 'critical' | 'critical2';
