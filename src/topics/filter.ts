import { quote } from '../base/printable';
import { InputError } from './errors';

/** Longest topic name or filter in UTF-8 bytes (MQTT 5 §1.5.4). */
const MAX_TOPIC_BYTES = 65_535;

/** Characters that Node-RED's own nodes refuse in a topic to publish to, and NUL (MQTT 5 §1.5.4). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const UNWANTED = /[\u0000\b\f\n\r\t\v]/;

/** @param where the places where a person can set it */
function checkText(text: unknown, what: string, where: string): asserts text is string {
  if (typeof text !== 'string') {
    throw new InputError(
      'topic-type',
      `The ${what} must be text, but it is ${describe(text)}. Set it in ${where}.`,
    );
  }
  if (text.length === 0) {
    throw new InputError('topic-empty', `The ${what} is empty. Set it in ${where}.`);
  }
  if (!text.isWellFormed()) {
    throw new InputError(
      'topic-surrogate',
      `The ${what} ${quote(text)} holds half a character (a lone surrogate); remove it.`,
    );
  }
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_TOPIC_BYTES) {
    throw new InputError(
      'topic-long',
      `The ${what} has ${bytes} bytes; MQTT allows ${MAX_TOPIC_BYTES}. Shorten it.`,
    );
  }
}

/** Throws an {@link InputError} unless `topic` can be published to (MQTT 5 §4.7.1, §4.7.3). */
export function checkTopic(topic: unknown): asserts topic is string {
  checkText(topic, 'topic', 'the node or in msg.topic');
  if (UNWANTED.test(topic)) {
    throw new InputError('topic-control', `The topic ${quote(topic)} holds a control character; remove it.`);
  }
  if (topic.includes('+') || topic.includes('#')) {
    throw new InputError(
      'topic-wildcard',
      `The topic ${quote(topic)} holds a wildcard (+ or #); one can only publish to a whole topic.`,
    );
  }
}

/**
 * Throws an {@link InputError} unless `filter` can be subscribed to (MQTT 5 §4.7.1, §4.8.2).
 * @param where it comes from, and can be mended
 */
export function checkFilter(
  filter: unknown,
  where: 'the node' | 'msg.topic' = 'the node',
): asserts filter is string {
  checkText(filter, 'topic filter', where);
  if (filter.includes('\0')) {
    throw new InputError('topic-control', `The topic filter ${quote(filter)} holds U+0000; remove it.`);
  }
  const levels = filter.split('/');
  levels.forEach((level, index) => {
    if (level.includes('#') && (level !== '#' || index !== levels.length - 1)) {
      throw new InputError(
        'filter-hash',
        `In the topic filter ${quote(filter)} # must stand alone as the last level, as in home/#.`,
      );
    }
    if (level.includes('+') && level !== '+') {
      throw new InputError(
        'filter-plus',
        `In the topic filter ${quote(filter)} + must stand alone in its level, as in home/+/temperature.`,
      );
    }
  });
  if (levels[0] === '$share') {
    const group = levels[1];
    if (!group || group === '+' || levels.length < 3 || (levels.length === 3 && levels[2] === '')) {
      throw new InputError(
        'filter-share',
        `The shared subscription ${quote(filter)} must be $share/<group>/<filter>.`,
      );
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

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return value === undefined ? 'missing' : `of type ${typeof value}`;
}
