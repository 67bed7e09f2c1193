import { text } from '../base/catalogue';
import { plain } from '../base/printable';
import type { TextParam } from '../base/text';
import { InputError } from './errors';

/** Longest topic name or filter in UTF-8 bytes (MQTT 5 §1.5.4). */
const MAX_TOPIC_BYTES = 65_535;

/** Characters that Node-RED's own nodes refuse in a topic to publish to, and NUL (MQTT 5 §1.5.4). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const UNWANTED = /[\u0000\b\f\n\r\t\v]/;

/** What is checked, and where a person can set it. */
const TOPIC = {
  type: 'input.topicType',
  empty: 'input.topicEmpty',
  surrogate: 'input.topicSurrogate',
  long: 'input.topicLong',
} as const;
const FILTER = {
  type: 'input.filterType',
  empty: 'input.filterEmpty',
  surrogate: 'input.filterSurrogate',
  long: 'input.filterLong',
} as const;

function checkText(
  typed: unknown,
  keys: typeof TOPIC | typeof FILTER,
  where: TextParam,
): asserts typed is string {
  if (typeof typed !== 'string') {
    throw new InputError('topic-type', text(keys.type, { type: describe(typed), where }));
  }
  if (typed.length === 0) throw new InputError('topic-empty', text(keys.empty, { where }));
  if (!typed.isWellFormed())
    throw new InputError('topic-surrogate', text(keys.surrogate, { topic: plain(typed) }));
  const bytes = Buffer.byteLength(typed);
  if (bytes > MAX_TOPIC_BYTES) {
    throw new InputError('topic-long', text(keys.long, { bytes, most: MAX_TOPIC_BYTES }));
  }
}

/** Throws an {@link InputError} unless `topic` can be published to (MQTT 5 §4.7.1, §4.7.3). */
export function checkTopic(topic: unknown): asserts topic is string {
  checkText(topic, TOPIC, text('input.nodeOrMessage'));
  if (UNWANTED.test(topic)) {
    throw new InputError('topic-control', text('input.topicControl', { topic: plain(topic) }));
  }
  if (topic.includes('+') || topic.includes('#')) {
    throw new InputError('topic-wildcard', text('input.topicWildcard', { topic: plain(topic) }));
  }
}

/** True where a message can be published to it. */
export function isTopic(text: string): boolean {
  return passes(() => checkTopic(text));
}

/** True where it can be subscribed to. */
export function isFilter(text: string): boolean {
  return passes(() => checkFilter(text));
}

function passes(check: () => void): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}

/**
 * Throws an {@link InputError} unless `filter` can be subscribed to (MQTT 5 §4.7.1, §4.8.2).
 * @param where it comes from, and can be mended
 */
export function checkFilter(filter: unknown, where: 'node' | 'msg.topic' = 'node'): asserts filter is string {
  checkText(filter, FILTER, where === 'msg.topic' ? where : text('input.node'));
  if (filter.includes('\0')) {
    throw new InputError('topic-control', text('input.filterNul', { filter: plain(filter) }));
  }
  const levels = filter.split('/');
  levels.forEach((level, index) => {
    if (level.includes('#') && (level !== '#' || index !== levels.length - 1)) {
      throw new InputError('filter-hash', text('input.filterHash', { filter: plain(filter) }));
    }
    if (level.includes('+') && level !== '+') {
      throw new InputError('filter-plus', text('input.filterPlus', { filter: plain(filter) }));
    }
  });
  if (levels[0] === '$share') {
    const group = levels[1];
    if (!group || group === '+' || levels.length < 3 || (levels.length === 3 && levels[2] === '')) {
      throw new InputError('filter-share', text('input.filterShare', { filter: plain(filter) }));
    }
  }
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

function describe(value: unknown): TextParam {
  if (value === null) return 'null';
  if (Array.isArray(value)) return text('input.anArray');
  return value === undefined ? text('input.missing') : text('input.ofType', { type: typeof value });
}
