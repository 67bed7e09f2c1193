/** Which topics are one device, and which of its values stand on its card. Decided when topics come or go. */
import { isPlainField } from '../../../../base/plain-field';
import type { NamedDevice } from '../../../../topics/topic-name';
import { isGone, type Row, type TopicName } from '../rows';
import { rankOf, UNKNOWN_RANK } from '../topics/readings';
import { devicesByTopic, type Guess } from './devices-by-topic';

/** A value that may stand on a card. */
export interface CardReading {
  readonly topic: string;
  /** Absent: the payload is the value. */
  readonly field?: string;
  readonly label: string;
  readonly unit: string;
  readonly icon: string;
}

export interface DeviceCard {
  /** No topic begins like it. */
  readonly key: string;
  readonly name: string;
  /** The room that it suggests; empty where there is none. */
  readonly area: string;
  /** Levels that its topics have in common; empty where they have none. */
  readonly path: string;
  /** All of its topics that have a message, in the order of their names. */
  readonly topics: readonly string[];
  /** The main one first. Some may have no value at the moment, so that there are more than a card shows. */
  readonly readings: readonly CardReading[];
  /** By which it says whether it is there, once for each of its entities that says so in its own way. */
  readonly presence: readonly NamedDevice[];
}

export interface DeviceCards {
  readonly cards: readonly DeviceCard[];
  /** The card of a topic. */
  readonly byTopic: ReadonlyMap<string, DeviceCard>;
}

/** Topics of one card; those beyond it stay tiles, so that nobody hides a whole house behind one name. */
const MAX_TOPICS = 1_000;
const MAX_READINGS = 8;
/** Different ways of one device to say that it is there. */
const MAX_PRESENCE = 8;
/** Added to the rank of what is about the device itself. */
const MINOR = 100;
/** A longer text is a message and no state. */
const MAX_STATE = 16;

/** Topics of a device, before it is known whether they make a card. */
interface Group {
  readonly id: string;
  name: string;
  area: string;
  readonly topics: string[];
  readonly presence: NamedDevice[];
  /** Absent: what its topics mean was announced. */
  readonly values?: ReadonlyMap<string, readonly Guess[]>;
}

/** The devices of several topics among these. A device of one topic has a tile already. */
export function deviceCards(
  rows: ReadonlyMap<string, Row>,
  names: ReadonlyMap<string, TopicName>,
): DeviceCards {
  const announced = announcedDevices(rows, names);
  const taken = new Set(announced.flatMap(({ topics }) => topics));
  const cards: DeviceCard[] = [];
  const byTopic = new Map<string, DeviceCard>();
  const found = devicesByTopic(rows, names, taken).map(({ path, name, presence, topics, values }) => {
    // No id of an announced device has a control character.
    const id = `\0${path}`;
    const named = { id, name, presence: [presence] };
    return { id, name, area: '', topics: topics.slice(0, MAX_TOPICS), values, presence: [named] };
  });
  for (const group of [...announced, ...found]) {
    const card = cardOf(group, rows, names);
    if (!card) continue;
    cards.push(card);
    for (const topic of card.topics) byTopic.set(topic, card);
  }
  return { cards, byTopic };
}

/** What Home Assistant would take for one device, by the topics that only this device has. */
function announcedDevices(rows: ReadonlyMap<string, Row>, names: ReadonlyMap<string, TopicName>): Group[] {
  const groups = new Map<string, Group>();
  const seen = new Map<string, Set<string>>();
  const owners = new Map<string, string | null>();
  for (const [topic, { device, area = '' }] of names) {
    if (!device) continue;
    const { id, name, presence = [] } = device;
    for (const one of presence) {
      const owner = owners.get(one.topic);
      owners.set(one.topic, owner === undefined || owner === id ? id : null);
    }
    const row = rows.get(topic);
    if (!row || isGone(row)) continue;
    let group = groups.get(id);
    if (!group) {
      group = { id, name: '', area: '', topics: [], presence: [] };
      groups.set(id, group);
      seen.set(id, new Set());
    }
    // Only some of its announcements may name it, or its room.
    group.name ||= name;
    group.area ||= area;
    if (group.topics.length >= MAX_TOPICS) continue;
    group.topics.push(topic);
    const ways = seen.get(id);
    if (presence.length === 0 || !ways || ways.size >= MAX_PRESENCE) continue;
    const way = JSON.stringify([presence, device.presenceMode]);
    if (!ways.has(way)) group.presence.push(device);
    ways.add(way);
  }
  // A topic on which only one device says that it is there belongs to it.
  for (const [topic, id] of owners) {
    const group = id === null ? undefined : groups.get(id);
    const row = rows.get(topic);
    if (group && row && !isGone(row) && !names.get(topic)?.name && group.topics.length < MAX_TOPICS)
      group.topics.push(topic);
  }
  return [...groups.values()];
}

function cardOf(
  { id, name, area, topics, values, presence }: Group,
  rows: ReadonlyMap<string, Row>,
  names: ReadonlyMap<string, TopicName>,
): DeviceCard | undefined {
  if (topics.length < 2) return undefined;
  topics.sort();
  const found = topics.flatMap((topic) => {
    const row = rows.get(topic);
    if (!row) return [];
    if (!values) return namedValues(row, names.get(topic));
    return (values.get(topic) ?? []).flatMap(({ field, words, unit }) => ranked(row, field, words, unit));
  });
  if (found.length === 0) return undefined;
  const readings = chosen(found);
  return { key: `\0${id}`, name: name || id, area, path: commonPath(topics), topics, readings, presence };
}

/** The topic of a device that has no other but those by which it says that it is there. */
export function onlyTopicOf({ topics, presence }: DeviceCard): string | undefined {
  const signs = new Set(presence.flatMap(({ presence: own = [] }) => own.map(({ topic }) => topic)));
  const [first, ...others] = topics.filter((topic) => !signs.has(topic));
  return others.length === 0 ? first : undefined;
}

/** What a name says beside that of its device; empty: nothing. */
export const nameInside = (name: string, device: string): string =>
  name === device ? '' : name.startsWith(`${device} `) ? name.slice(device.length + 1) : name;

interface Ranked extends CardReading {
  readonly rank: number;
}

function ranked(row: Row, field: string | undefined, words: string, unit: string, isMinor = false): Ranked[] {
  const isNumber = field === undefined ? row.kind === 'number' : typeof row.fields?.[field] === 'number';
  const isState = field === undefined && isShortText(row);
  if (!isNumber && !isState) return [];
  const { rank, icon } = rankOf(words);
  const { topic } = row;
  // The battery of a device is about the device, and comes last anyway.
  const place = isMinor && rank <= UNKNOWN_RANK ? rank + MINOR : rank;
  const isSwitch = !isNumber && icon === 'circle-o';
  return [
    {
      ...{ topic, ...(field !== undefined && { field }), unit, rank: place },
      ...{ label: words, icon: isSwitch ? 'toggle-on' : icon },
    },
  ];
}

const isShortText = ({ kind, text }: Row): boolean =>
  (kind === 'text' || kind === 'boolean') && text.length <= MAX_STATE;

/** By what was announced of a topic. */
function namedValues(row: Row, name: TopicName | undefined): Ranked[] {
  const of = (field: string | undefined, { meaning, unit = '' }: Pick<TopicName, 'meaning' | 'unit'>) => {
    if (!meaning) return [];
    const { class: kind, label = '', isMinor } = meaning;
    const said = [kind, label, field].flatMap((one) => one || []);
    const words = said.find((one) => rankOf(one).rank !== UNKNOWN_RANK) ?? (label || said[0] || '');
    return ranked(row, field, words, unit || row.unit || '', isMinor).map((one) => ({
      ...one,
      label: label || one.label,
    }));
  };
  // `{"value": 21, "unit": "°C"}` counts as the value itself: it has no fields.
  const isWhole = row.kind === 'number' || isShortText(row);
  const fields = Object.entries(name?.fields ?? {}).flatMap(([field, one]) =>
    of(isWhole && isPlainField(field) ? undefined : field, one),
  );
  return [...(name ? of(undefined, name) : []), ...fields];
}

/** One of each kind before a second one of any, in their order. */
function chosen(found: readonly Ranked[]): CardReading[] {
  const sorted = [...found].sort((a, b) => a.rank - b.rank);
  const kinds = new Set<number>();
  const firsts = sorted.filter(({ rank }) => {
    if (rank % MINOR === UNKNOWN_RANK) return true;
    if (kinds.has(rank)) return false;
    kinds.add(rank);
    return true;
  });
  const others = sorted.filter((one) => !firsts.includes(one));
  const best = [...firsts.slice(0, MAX_READINGS), ...others].slice(0, MAX_READINGS);
  return best.sort((a, b) => a.rank - b.rank).map(({ rank: _, ...reading }) => reading);
}

function commonPath(topics: readonly string[]): string {
  const [first = '', ...others] = topics;
  const levels = first.split('/').slice(0, -1);
  for (const topic of others) {
    const mine = topic.split('/');
    const at = levels.findIndex((level, i) => level !== mine[i]);
    if (at >= 0) levels.length = at;
  }
  return levels.join('/');
}
