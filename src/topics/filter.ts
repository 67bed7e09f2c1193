/** The grammar of topic names and filters (MQTT 5 §4.7, §4.8.2), for the runtime and for the dialogs. `check.ts` makes errors of its faults. */
import { text } from '../base/catalogue';
import { Fault } from '../base/fault';
import { plain } from '../base/printable';
import { byteLength, exceeds, isWellFormed } from '../base/utf8';

/** Longest topic name or filter in UTF-8 bytes (MQTT 5 §1.5.4). */
const MAX_TOPIC_BYTES = 65_535;

/** Characters that Node-RED's own nodes refuse in a topic to publish to, and NUL (MQTT 5 §1.5.4). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const UNWANTED = /[\u0000\b\f\n\r\t\v]/;

const TOPIC = {
  empty: 'input.topicEmpty',
  surrogate: 'input.topicSurrogate',
  long: 'input.topicLong',
} as const;
const FILTER = {
  empty: 'input.filterEmpty',
  surrogate: 'input.filterSurrogate',
  long: 'input.filterLong',
} as const;

function textFault(typed: string, keys: typeof TOPIC | typeof FILTER): Fault | undefined {
  if (typed.length === 0) return new Fault('topic-empty', text(keys.empty));
  if (!isWellFormed(typed)) {
    return new Fault('topic-surrogate', text(keys.surrogate, { topic: plain(typed) }));
  }
  if (!exceeds(typed, MAX_TOPIC_BYTES)) return undefined;
  return new Fault('topic-long', text(keys.long, { bytes: byteLength(typed), most: MAX_TOPIC_BYTES }));
}

/** What keeps a text from being a topic to publish to (MQTT 5 §4.7.1, §4.7.3). */
export function topicFault(topic: string): Fault | undefined {
  const fault = textFault(topic, TOPIC);
  if (fault) return fault;
  if (UNWANTED.test(topic)) {
    return new Fault('topic-control', text('input.topicControl', { topic: plain(topic) }));
  }
  if (hasWildcard(topic)) {
    return new Fault('topic-wildcard', text('input.topicWildcard', { topic: plain(topic) }));
  }
  return undefined;
}

/** What keeps a text from being a filter to subscribe to (MQTT 5 §4.7.1, §4.8.2). */
export function filterFault(filter: string): Fault | undefined {
  const fault = textFault(filter, FILTER);
  if (fault) return fault;
  if (filter.includes('\0')) {
    return new Fault('topic-control', text('input.filterNul', { filter: plain(filter) }));
  }
  const levels = filter.split('/');
  if (levels.some((level, at) => level.includes('#') && (level !== '#' || at !== levels.length - 1))) {
    return new Fault('filter-hash', text('input.filterHash', { filter: plain(filter) }));
  }
  if (levels.some((level) => level.includes('+') && level !== '+')) {
    return new Fault('filter-plus', text('input.filterPlus', { filter: plain(filter) }));
  }
  if (levels[0] === '$share') {
    const group = levels[1];
    if (!group || group === '+' || levels.length < 3 || (levels.length === 3 && levels[2] === '')) {
      return new Fault('filter-share', text('input.filterShare', { filter: plain(filter) }));
    }
  }
  return undefined;
}

/** True where a message can be published to it. */
export function isTopic(text: string): boolean {
  return topicFault(text) === undefined;
}

/** True where it can be subscribed to. */
export function isFilter(text: string): boolean {
  return filterFault(text) === undefined;
}

/** `$share/<group>/<filter>` taken apart; undefined for an ordinary filter (MQTT 5 §4.8.2). */
export function parseShared(filter: string): { group: string; filter: string } | undefined {
  if (!filter.startsWith('$share/')) return undefined;
  const end = filter.indexOf('/', 7);
  if (end < 0) return undefined;
  return { group: filter.slice(7, end), filter: filter.slice(end + 1) };
}

/** The filter that topics are matched with: for a shared subscription the part behind the group. */
export function matchingPart(filter: string): string {
  return parseShared(filter)?.filter ?? filter;
}

export function hasWildcard(filter: string): boolean {
  return filter.includes('+') || filter.includes('#');
}

/** True if a topic's levels match a filter's levels. Also the reference for single checks outside the trie. */
export function matches(filter: readonly string[], topic: readonly string[]): boolean {
  if (topic[0]?.startsWith('$') && (filter[0] === '+' || filter[0] === '#')) return false;
  for (let i = 0; i < filter.length; i++) {
    const level = filter[i];
    if (level === '#') return true;
    if (i >= topic.length) return false;
    if (level !== '+' && level !== topic[i]) return false;
  }
  return filter.length === topic.length;
}
