/// <reference path="../../../editor/red.d.ts" />
import { withUnit } from '../../../editor/format';
import { topicBefore } from '../../../editor/topics/upstream';
import { isForDevices, isOnText, type Look } from './fields';
import { limitOf } from './limit-values';

const SIGNS: Readonly<Record<string, string>> = {
  above: '>',
  below: '<',
  equals: '=',
  notEquals: '≠',
  contains: '~',
};
const MAX_LENGTH = 30;
const MAX_TOPIC_LENGTH = 40;

/** Label of a node without a name, with the topic if one is wired to it: `home/+/temperature > 25 °C`. */
export function nodeLabel(node: EditorNode, look: Look, translate: (key: string) => string): string {
  const what = conditionLabel(look, translate);
  const topic = what === '' ? '' : topicBefore(node);
  const shownTopic = topic.length > MAX_TOPIC_LENGTH ? `…${topic.slice(1 - MAX_TOPIC_LENGTH)}` : topic;
  return `${shownTopic} ${what}`.trim();
}

/** The condition in a few signs: `> 25 °C`, `< 18 … > 24`; empty if nothing is set. */
export function conditionLabel(look: Look, translate: (key: string) => string): string {
  if (isForDevices(look)) return translate('label.devices');
  const condition = look('condition');
  const unit = look('unit').trim();
  const of = (property: 'limit' | 'limit2'): string => {
    const value = isOnText(condition) ? undefined : limitOf(look, property);
    if (value !== undefined) return withUnit(value, condition === 'rate' ? `${unit}/min` : unit);
    const typed = look(property).trim().slice(0, MAX_LENGTH);
    const type = look(`${property}Type`);
    return typed === '' || ['num', 'str', ''].includes(type) ? typed : `${type}.${typed}`;
  };
  const limit = of('limit');
  if (condition === 'nodata') {
    const noDataAfter = look('noDataAfter').trim();
    return noDataAfter === '' ? '' : `${translate('label.noDataAfter')} ${noDataAfter}`;
  }
  if (limit === '') return '';
  if (condition === 'outside') return `< ${limit} … > ${of('limit2')}`;
  if (condition === 'inside') return `${limit} … ${of('limit2')}`;
  if (condition === 'rate') return `${(limitOf(look, 'limit') ?? 0) < 0 ? '↓' : '↑'} ${limit}`;
  return `${SIGNS[condition] ?? '>'} ${limit}`;
}
