import { text } from '../../base/catalogue';
import { textOf } from '../../base/coded-error';
import { plain } from '../../base/printable';
import type { Text } from '../../base/text';
import { checkFilter } from '../../topics/check';
import { parseShared } from '../../topics/filter';

/** Topic filters of the page for phones, `dinox: {home: {topics: []}}` in `settings.js`. */
export interface HomeTopics {
  filters: string[];
  /** What cannot be used, for the log. */
  problems: Text[];
}

/** Each is subscribed on every connection. */
const MAX_FILTERS = 100;

/** @returns undefined without `home`: there is no such page */
export function homeTopics(settings: { readonly dinox?: unknown }): HomeTopics | undefined {
  const home = asRecord(settings.dinox)?.home;
  if (home === undefined || home === null || home === false) return undefined;
  const topics = asRecord(home)?.topics;
  if (!Array.isArray(topics)) return { filters: [], problems: [text('config.homeList')] };
  const problems: Text[] = [];
  const filters = new Set<string>();
  for (const topic of topics.slice(0, MAX_FILTERS)) {
    const fault = faultOf(topic);
    if (fault) problems.push(text('config.homeTopic', { given: shown(topic), text: fault }));
    else filters.add(topic as string);
  }
  if (topics.length > MAX_FILTERS) problems.push(text('config.homeMany', { max: MAX_FILTERS }));
  return { filters: [...filters], problems };
}

function faultOf(topic: unknown): Text | undefined {
  try {
    checkFilter(topic);
  } catch (error) {
    return textOf(error);
  }
  return parseShared(topic) ? text('config.homeShared') : undefined;
}

const shown = (given: unknown): string => (typeof given === 'string' ? plain(given) : typeof given);

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
