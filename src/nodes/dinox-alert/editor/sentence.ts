/// <reference path="../../../editor/red.d.ts" />
import { type Condition, type LimitField, limitFields, rises } from '../../../alert/rules';
import { el } from '../../../editor/dom';
import { type Translate, visible, withUnit } from '../../../editor/format';
import { spelled } from '../../../editor/spelled';
import { conditionOf, isForDevices, isOnText, type Look } from './fields';
import { bandOf, isPair, limitOf } from './limit-values';

/** Marks text that was typed or came from the home; no other text holds it. */
const MARK = '\u0001';
const strong = (text: string): string => `${MARK}${text}${MARK}`;

/** The node's rule as a sentence, from its fields and the unit that was seen. */
export function sentence(
  look: Look,
  about: { what: string; unit: string },
  translate: Translate,
): (string | HTMLElement)[] {
  if (isForDevices(look)) return emphasised(translate('sentence.devices', { what: strong(about.what) }));
  const condition = conditionOf(look);
  const unit = condition === 'rate' && about.unit !== '' ? `${about.unit}/min` : about.unit;
  const limitText = (property: LimitField, side: 1 | -1 = 1): string => {
    const value = limitOf(look, property);
    if (value !== undefined && !isOnText(condition)) return strong(withUnit(side * value, unit));
    const typed = look(property).trim();
    if (typed === '') return strong('…');
    const type = look(`${property}Type`);
    return strong(visible(['num', 'str', ''].includes(type) ? typed : `${type}.${typed}`, 60));
  };
  const falls = condition === 'rate' && (limitOf(look, 'limit') ?? 0) < 0;
  const key = falls ? 'falls' : condition;
  const isAbove = (property: 'critical' | 'critical2'): boolean =>
    property === 'critical2' || condition === 'above' || (condition === 'rate' && !falls);
  const parts = [
    translate(`sentence.${key}`, {
      what: strong(about.what),
      limit: limitText('limit', falls ? -1 : 1),
      limit2: limitText('limit2'),
      hold: duration('hold', condition === 'nodata' ? '' : look('holdFor'), translate),
      noDataAfter: strong(spelled(look('noDataAfter'), translate) || '…'),
    }),
    ended(look, unit, translate),
    ...severe(condition, look).map((property) =>
      translate(`sentence.${isAbove(property) ? 'criticalAbove' : 'criticalBelow'}`, {
        critical: limitText(property),
      }),
    ),
    condition !== 'nodata' && isSet(look('noDataAfter')) && look('noDataAs') === 'alert'
      ? translate('sentence.also', { noDataAfter: strong(spelled(look('noDataAfter'), translate)) })
      : '',
  ];
  return emphasised(parts.filter(Boolean).join(' '));
}

/** The critical limits that count and are set. */
function severe(condition: Condition, look: Look): ('critical' | 'critical2')[] {
  const possible = ['critical', 'critical2'] as const;
  return possible.filter(
    (property) => limitFields(condition).includes(property) && look(property).trim() !== '',
  );
}

/** The value that ends an alert, if it is not the limit itself. */
function ended(look: Look, unit: string, translate: Translate): string {
  const condition = conditionOf(look);
  const limit = limitOf(look, 'limit');
  if (condition === 'nodata') return '';
  const keep = duration('hold', look('keepFor'), translate);
  if (limit !== undefined && !isOnText(condition) && !isPair(condition)) {
    const band = bandOf(look, limit);
    if (band > 0) {
      const up = rises(condition, limit);
      const value = strong(withUnit(up ? limit - band : limit + band, unit));
      return translate(up ? 'sentence.overLow' : 'sentence.overHigh', { value, hold: keep });
    }
  }
  return keep === '' ? '' : translate('sentence.overKeep', { hold: keep });
}

const isSet = (text: string): boolean => /[1-9]/.test(text);

function duration(key: string, text: string, translate: Translate): string {
  return isSet(text) ? translate(`sentence.${key}`, { time: strong(spelled(text, translate)) }) : '';
}

function emphasised(text: string): (string | HTMLElement)[] {
  const tidy = text.replace(/ +/g, ' ').replace(/ ([,.])/g, '$1');
  return tidy.split(MARK).map((part, place) => (place % 2 === 0 ? part : el('strong', '', {}, part)));
}
