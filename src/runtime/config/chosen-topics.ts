import { text } from '../../base/catalogue';
import { textOf } from '../../base/coded-error';
import { plain } from '../../base/printable';
import type { Text } from '../../base/text';
import { checkFilter } from '../../topics/check';
import { parseShared } from '../../topics/filter';

/** Topic filters that `settings.js` names for one purpose, `dinox: {home: {topics: []}}`. */
export interface ChosenTopics {
  filters: string[];
  /** What cannot be used, for the log. */
  problems: Text[];
}

/** Each is subscribed on every connection. */
const MAX_FILTERS = 100;

/** `home`: the page for phones; `metrics`: values for Prometheus. */
export type TopicsFor = 'home' | 'metrics';

/** @returns undefined where `settings.js` does not name the purpose: there is no such page, or no metrics */
export function chosenTopics(
  settings: { readonly dinox?: unknown },
  purpose: TopicsFor,
): ChosenTopics | undefined {
  const chosen = asRecord(settings.dinox)?.[purpose];
  if (chosen === undefined || chosen === null || chosen === false) return undefined;
  // Metrics have something to say without topics.
  if (purpose === 'metrics' && chosen === true) return { filters: [], problems: [] };
  const topics = asRecord(chosen)?.topics;
  const setting = `dinox.${purpose}`;
  if (!Array.isArray(topics)) return { filters: [], problems: [text('config.chosenList', { setting })] };
  const problems: Text[] = [];
  const filters = new Set<string>();
  for (const topic of topics.slice(0, MAX_FILTERS)) {
    const fault = faultOf(topic);
    if (fault) problems.push(text('config.chosenTopic', { setting, given: shown(topic), text: fault }));
    else filters.add(topic as string);
  }
  if (topics.length > MAX_FILTERS) problems.push(text('config.chosenMany', { setting, max: MAX_FILTERS }));
  return { filters: [...filters], problems };
}

/** Filters of all purposes, each once: what is chosen is received, whether a flow asks for it or not. */
export function allChosenTopics(settings: { readonly dinox?: unknown }): string[] {
  const purposes: readonly TopicsFor[] = ['home', 'metrics'];
  return [...new Set(purposes.flatMap((purpose) => chosenTopics(settings, purpose)?.filters ?? []))];
}

function faultOf(topic: unknown): Text | undefined {
  try {
    checkFilter(topic);
  } catch (error) {
    return textOf(error);
  }
  return parseShared(topic) ? text('config.chosenShared') : undefined;
}

const shown = (given: unknown): string => (typeof given === 'string' ? plain(given) : typeof given);

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
