/// <reference path="../red.d.ts" />
import { hasWildcard, parseShared } from '../../topics/filter';
import { brokerPath, get } from '../admin-api';

/** A topic that the server has sent something on, as the dialogs show it. */
export interface SeenTopic {
  topic: string;
  /** Its text in a topic field: the topic, or on Prosody a PubSub node with its payload type. */
  filter: string;
  /** Name in Home Assistant; empty if it has none. */
  name: string;
  /** The last value in a line of text. */
  value: string;
  unit: string;
  /** Time of the value, in milliseconds since the epoch; 0: none came, only the name is known. */
  at: number;
  retained: boolean;
  /** Numbers in its JSON, by path. */
  fields: ReadonlyMap<string, number>;
}

const MAX_VALUE_LENGTH = 80;

/**
 * Topics that a deployed connection has received lately: `GET dinox/brokers/:id/topics`, newest first.
 * @param wanted a filter with wildcards, or a part of the topic or of its name.
 * @param role adds topics known only by name: those to receive (`state`) or to publish to (`command`).
 * @returns undefined if no topics are remembered, or the user may not look.
 */
export async function seenTopics(
  brokerId: string,
  wanted: string,
  limit: number,
  role?: 'state' | 'command',
): Promise<SeenTopic[] | undefined> {
  try {
    const answer = await get<Record<string, unknown>>(brokerPath(brokerId, 'topics'), {
      q: wanted,
      limit,
      role,
    });
    const rows = answer.topics ?? answer.rows;
    return Array.isArray(rows) ? rows.map(seenTopic).filter(({ topic }) => topic !== '') : undefined;
  } catch {
    return undefined;
  }
}

/** A row of the runtime's answer. */
export function seenTopic(row: Record<string, unknown>): SeenTopic {
  const measured = row.kind === 'boolean' ? row.text : (row.number ?? row.text);
  const value = row.value ?? measured ?? '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return {
    topic: String(row.topic ?? ''),
    filter: String(row.filter ?? row.topic ?? ''),
    name: typeof row.name === 'string' ? row.name.slice(0, MAX_VALUE_LENGTH) : '',
    value: text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH)}…` : text,
    unit: typeof row.unit === 'string' ? row.unit.slice(0, 20) : '',
    at: Number(row.at) || 0,
    retained: row.retained === true,
    fields: new Map(Object.entries(Object(row.fields) as Record<string, number>)),
  };
}

/** Topics that other nodes of this connection use already; with wildcards only if `wildcards` is set. */
export function topicsOfFlows(brokerId: string, wildcards: boolean): string[] {
  const known = new Set<string>();
  RED.nodes.eachNode((node) => {
    if (
      !/mqtt/.test(node.type) ||
      node.broker !== brokerId ||
      typeof node.topic !== 'string' ||
      node.topic === ''
    )
      return;
    if (wildcards || !hasWildcard(node.topic)) known.add(node.topic);
  });
  return [...known].sort();
}

/** Meaning of a filter's wildcards: keys below `topic` in the locales, and their parameters. */
export function explainFilter(filter: string): { key: string; params?: Record<string, string> }[] {
  const shared = parseShared(filter);
  const levels = (shared?.filter ?? filter).split('/');
  const words: { key: string; params?: Record<string, string> }[] = [];
  if (shared) words.push({ key: 'share', params: { group: shared.group } });
  if (levels.includes('+')) words.push({ key: 'plus' });
  if (levels[levels.length - 1] === '#') {
    const above = levels.slice(0, -1).join('/');
    words.push(above === '' ? { key: 'hashAll' } : { key: 'hash', params: { above } });
  }
  return words;
}

/** Age of a value: a key below `topic.age` and its parameter. */
export function ageKey(at: number, now: number): { key: string; count: number } {
  const seconds = Math.max(0, Math.round((now - at) / 1_000));
  if (seconds < 2) return { key: 'now', count: 0 };
  if (seconds < 60) return { key: 'seconds', count: seconds };
  if (seconds < 3_600) return { key: 'minutes', count: Math.round(seconds / 60) };
  if (seconds < 86_400) return { key: 'hours', count: Math.round(seconds / 3_600) };
  return { key: 'days', count: Math.round(seconds / 86_400) };
}
