/** What doors and windows say, and whether it means that they are open. Pure. */
import { isPlainField } from './plain-field';

export type Openness = 'open' | 'closed';

/** Words of doors, in small letters: open, and closed. */
const PAIRS = [
  ['open', 'closed'],
  ['on', 'off'],
  ['true', 'false'],
  ['offen', 'geschlossen'],
  ['auf', 'zu'],
] as const;
/** Fields, or last levels of a topic, that are about nothing else. A *lock* or a *door battery* is not one of them. */
const OPENINGS =
  /^(?:(?:door|window|tuer|tür|fenster)?[ _-]?(?:contact|kontakt)|door|window|tuer|tür|fenster)$/;
/** Other contacts, of which only `true` and `false` are clear: a dry contact is `ON` while it is closed. */
const CONTACT = /(?:contact|kontakt)[ _-]?\d*$/;
/** A longer text is no word of a door, in characters. */
const MAX_LENGTH = 40;

/**
 * Both words of the pair that a word in small letters belongs to: open, and closed. A contact is `true` while it is
 * closed, as zigbee2mqtt has it; a binary sensor of Home Assistant is `on` while it is open.
 */
export function openPair(word: string, isContact: boolean): readonly [string, string] | undefined {
  const pair = PAIRS.find(([open, closed]) => word === open || word === closed);
  return pair?.[0] === 'true' && isContact ? ['false', 'true'] : pair;
}

/** True for names of a quantity in small letters that speak of a contact. */
export const isContact = (names: string): boolean => /contact|kontakt/.test(names);

/** Where {@link opennessOf} looks: the last level of the field, or of the topic if the field says nothing. */
export function openingName(topic: string, field = ''): string {
  const last = field.split('.').pop() ?? '';
  return isPlainField(last) ? (topic.split('/').pop() ?? '') : last;
}

const CLASSES = ['door', 'window', 'opening', 'garage_door'];

/** What the state of a binary sensor of Home Assistant means by its device class: there `on` is always open. */
export function opennessOfClass(deviceClass: string, state: unknown): Openness | undefined {
  if (typeof state !== 'boolean' || !CLASSES.includes(deviceClass)) return undefined;
  return state ? 'open' : 'closed';
}

/** True for the name of a field or the last level of a topic that says whether something is open. */
const isOpening = (name: string): boolean => OPENINGS.test(name.toLowerCase());

/**
 * What a value of a door, a window or a contact means; undefined: it is of something else, or it is none of these words.
 * @param name of its field, or the last level of its topic.
 */
export function opennessOf(name: string, value: unknown): Openness | undefined {
  if (typeof value !== 'boolean' && typeof value !== 'string') return undefined;
  if (String(value).length > MAX_LENGTH || name.length > MAX_LENGTH) return undefined;
  if (!isOpening(name) && !(typeof value === 'boolean' && CONTACT.test(name.toLowerCase()))) return undefined;
  const word = String(value).trim().toLowerCase();
  const pair = openPair(word, isContact(name.toLowerCase()));
  return pair && (word === pair[0] ? 'open' : 'closed');
}
