import { readDecimal } from '../../../../base/decimal';
import { visible, withUnit } from '../../../../editor/format';
import { spelled } from '../../../../editor/spelled';
import { doorWord } from '../alerts/words';
import type { StepHost } from './state';

/** The rule and who gets a message of it, as a sentence. */
export function planSentence(host: StepHost): string {
  const { jid, isRoom } = host.state.recipient;
  const then = host.translate(isRoom ? 'guide.place.room' : 'guide.place.person', { jid: visible(jid, 100) });
  return `${ruleSentence(host)} ${then}`;
}

/** The rule as the beginning of a sentence. */
export function ruleSentence(host: StepHost): string {
  const { translate, state } = host;
  const { topic, condition, limit, noDataAfter, holdFor, field } = state;
  const what = visible(field === undefined ? topic.topic : `${topic.topic} (${field})`, 200);
  if (condition === 'nodata')
    return translate('guide.sentence.nodata', { what, noDataAfter: spelled(noDataAfter, translate) });
  const isHeld = /[1-9]/.test(holdFor);
  const hold = isHeld ? translate('guide.sentence.hold', { time: spelled(holdFor, translate) }) : '';
  const said = translate(`guide.sentence.${condition}`, { what, value: limitText(limit, host), hold });
  return said.replace(/ +/g, ' ').replace(/ ([:,.])/g, '$1');
}

/** The value at which it ends, if that is not the limit itself; else empty. */
export function endSentence(host: StepHost): string {
  const { translate, state } = host;
  const { condition, limit, hysteresis } = state;
  const [at, band] = [readDecimal(limit), readDecimal(hysteresis)];
  if (at === undefined || !band || (condition !== 'above' && condition !== 'below')) return '';
  const value = Number((condition === 'above' ? at - band : at + band).toPrecision(9));
  return translate(`guide.sentence.end.${condition}`, { value: limitText(String(value), host) });
}

/** A limit with its unit; a state as it is, of a door in words. */
export function limitText(limit: string, { translate, state }: StepHost): string {
  const { condition, unit, topic, field } = state;
  const value = readDecimal(limit);
  const door = condition === 'equals' && doorWord({ topic: topic.topic, field }, limit, translate);
  if (door) return door;
  if (condition === 'equals' || value === undefined)
    return translate('guide.quoted', { text: visible(limit.trim(), 60) });
  return withUnit(value, visible(unit, 12));
}
