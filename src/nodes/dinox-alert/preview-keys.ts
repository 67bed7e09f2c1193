import type { OnOffField } from '../../alert/preview-answer';
import { TEXT_CONDITIONS } from '../../alert/rules';
import type { History } from '../../history/history';
import { historyKey } from '../../recorder/history-key';
import type { Recorder } from '../../recorder/recorder';
import { readStates } from '../../recorder/state-fields';
import { byConnection, matcher, type UpstreamNode } from '../../recorder/upstream-topics';
import type { TopicRow } from '../../topics/topic-row';
import type { AlertEngine } from './alert-engine';
import { ONE_KEY } from './alert-history';
import type { AlertConfig } from './config';

/** Sources of a key's day. */
export interface DaySource {
  history: History;
  historyKey: string;
  /** Turns the history's 0 and 1 back into the texts that came. */
  text?: (value: number) => string;
}

export interface PreviewKey {
  key: string;
  /** Time of its last value, in milliseconds since the epoch; 0: none since the start. */
  at: number;
  unit: string;
  found: DaySource[];
}

/** Maximum topics of one connection that are searched. */
const MAX_TOPICS = 2_000;
const MAX_FIELDS = 20;

/** The keys that the deployed node has seen itself. */
export function keysOfNode({ recordings: { history }, machine }: AlertEngine): PreviewKey[] {
  if (!history) return [];
  return [...history.keys()].map((name) => {
    const key = name === ONE_KEY ? '' : name;
    const entry = machine.keys.map.get(key);
    return {
      key,
      at: entry?.lastSeen ?? 0,
      unit: entry?.unit ?? '',
      found: [{ history, historyKey: name }],
    };
  });
}

export interface FoundKeys {
  keys: PreviewKey[];
  /** True if messages came, but none has the value. */
  unreadable: boolean;
  /** True if no connection that the wires lead to is deployed. */
  missing: boolean;
  /** Time at which the connections began to record. */
  since: number | undefined;
  /** A topic that has the value, though no day of it is known. */
  example: string | undefined;
  /** Values in the messages that could be watched instead, and those that are on or off. */
  fields: string[];
  onOff: OnOffField[];
}

/**
 * The topics' values that the connections have recorded. They know only the payload, and of JSON only its numbers, so
 * a value or a key from elsewhere (JSONata, another property) is not found here.
 */
export function recordedKeys(
  config: AlertConfig,
  sources: readonly UpstreamNode[],
  recorder: (broker: string) => Recorder | undefined,
): FoundKeys {
  const keys = new Map<string, PreviewKey>();
  const fields = new Set<string>();
  const onOff = new Map<string, OnOffField>();
  const found: FoundKeys = {
    ...{ keys: [], unreadable: false, missing: false, since: undefined, example: undefined },
    ...{ fields: [], onOff: [] },
  };
  const field = fieldOf(config);
  const connections = byConnection(sources, recorder);
  for (const [recorded, filters] of connections) {
    found.since = Math.min(found.since ?? recorded.since, recorded.since);
    recorded.sweep();
    const rows = recorded.find(matcher(filters), MAX_TOPICS);
    for (const row of rows) {
      const day = field === undefined ? undefined : dayOf(recorded.history, row, field, config);
      // A retained value has no time. The chart begins with the first new value.
      if (day === 'kept') {
        found.example ??= row.topic;
        continue;
      }
      if (day) {
        keys.set(row.topic, { key: row.topic, at: row.at, unit: day.unit, found: [day] });
        continue;
      }
      found.unreadable = true;
      for (const name of Object.keys(row.fields ?? {})) fields.add(name);
    }
    if (keys.size === 0) findOnOff(onOff, recorded, rows);
    if (field) found.example ??= onOff.get(field)?.topic;
  }
  found.missing = sources.length > 0 && connections.size === 0;
  found.onOff = [...onOff.values()];
  // What sends seldom, such as a door, is not to be cut off by the numbers.
  found.fields = [...onOff.keys(), ...fields].slice(0, MAX_FIELDS);
  found.keys = [...keys.values()];
  if (config.keyBy.from === 'none' && found.keys.length === 1) {
    // With a single topic, the key needs no name.
    found.keys = found.keys.map((one) => ({ ...one, key: '' }));
  }
  return found;
}

/** Adds what is on or off in the JSON of these topics, by its path. */
function findOnOff(found: Map<string, OnOffField>, recorder: Recorder, rows: readonly TopicRow[]): void {
  for (const [topic, states] of readStates(recorder, rows))
    for (const [path, text] of Object.entries(states)) {
      if (found.has(path) || found.size >= MAX_FIELDS) continue;
      const words = statesLike(text, '');
      const isOn = words(1).toLowerCase() === text.toLowerCase();
      found.set(path, { field: path, topic, words: [text, words(isOn ? 0 : 1)] });
    }
}

/** The path within the payload, empty for all of it; undefined: not from the payload, or not by topic. */
function fieldOf({ property, keyBy }: AlertConfig): string | undefined {
  const byTopic = keyBy.from !== 'jsonata' && (keyBy.from !== 'path' || keyBy.path.join('.') === 'topic');
  if (!byTopic || property.from !== 'path' || property.path[0] !== 'payload') return undefined;
  return property.path.slice(1).join('.');
}

function dayOf(
  history: History,
  row: TopicRow,
  field: string,
  { rules, limits }: AlertConfig,
): (DaySource & { unit: string }) | 'kept' | undefined {
  const { topic, kind, text } = row;
  const isText = TEXT_CONDITIONS.includes(rules.condition);
  for (const name of field === '' ? [] : [field, `${field}.value`, `${field}.state`]) {
    const key = historyKey(topic, name);
    if (history.has(key)) return { history, historyKey: key, unit: '' };
    if (row.count === 0 && row.fields?.[name] !== undefined) return 'kept';
  }
  // `{"value": 21, "unit": "°C"}` counts as the value.
  if (!['', 'value', 'state'].includes(field)) return undefined;
  const unit = row.unit ?? '';
  const wanted = kind === 'number' || isText || rules.condition === 'nodata';
  if (!wanted || !['number', 'boolean', 'text'].includes(kind)) return undefined;
  if (!history.has(topic)) return row.count === 0 ? 'kept' : undefined;
  const found = { history, historyKey: topic, unit };
  return kind === 'number' ? found : { ...found, text: statesLike(text, limits?.text ?? '') };
}

const OPPOSITES: readonly (readonly [string, string])[] = [
  ['on', 'off'],
  ['true', 'false'],
  ['yes', 'no'],
  ['open', 'closed'],
  ['online', 'offline'],
  ['home', 'not_home'],
  ['detected', 'clear'],
];

/** Texts for the recorder's 1 and 0 (`ON`, `OFF`), in the style of the last one, or as wanted. */
function statesLike(text: string, wanted: string): (value: number) => string {
  const pairOf = (word: string) => OPPOSITES.find((words) => words.includes(word.toLowerCase()));
  const known = pairOf(text);
  const [on, off] = known ?? pairOf(wanted) ?? ['1', '0'];
  const inManner = (word: string): string => {
    if (!known) return word;
    if (text === text.toUpperCase()) return word.toUpperCase();
    return text[0] === text[0]?.toUpperCase() ? `${word[0]?.toUpperCase()}${word.slice(1)}` : word;
  };
  return (value) => inManner(value === 1 ? on : off);
}
