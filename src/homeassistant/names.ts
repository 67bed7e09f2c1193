import { type Meaning, saidBy, type TopicName } from '../topics/topic-name';
import { DEFAULT_PREFIX, isDiscovery } from './announcement';
import { type NamedTopic, readDiscovery } from './discovery';

/** Announcements that are remembered. */
const MAX_CONFIGS = 5_000;
/** Maximum number of named topics, and of entities per topic, from all devices together. */
const MAX_TOPICS = 10_000;
const MAX_ENTITIES = 64;
/** Maximum size of all remembered announcements, in characters, and the cost of an entity beside its texts. */
const MAX_CHARACTERS = 8 * 1_048_576;
const ENTITY_CHARACTERS = 200;

interface Entry {
  /** By the topic of the announcement. */
  readonly entities: Map<string, readonly NamedTopic[]>;
  shown: TopicName;
  seq: number;
}

/** Names that devices announce for Home Assistant, by topic. Bounded: topics beyond the bound have no name. */
export class HomeNames {
  private readonly configs = new Map<string, { topics: ReadonlySet<string>; characters: number }>();
  private readonly entries = new Map<string, Entry>();
  /** Size of all `configs`. */
  private characters = 0;
  private counter: number;
  private nameless = 0;

  /**
   * @param first the number of the first change: larger than those of an earlier object, such as the time.
   * @param prefix under which devices announce themselves
   * @param words for a device class, after which entities are named that have no other name
   */
  constructor(
    first: number,
    readonly prefix = DEFAULT_PREFIX,
    private readonly words?: (deviceClass: string) => string,
  ) {
    this.counter = first;
  }

  /** Number of the last change. */
  get seq(): number {
    return this.counter;
  }

  /** Takes a message; false if it is no announcement. */
  take(config: string, payload: Buffer): boolean {
    if (!isDiscovery(config, this.prefix)) return false;
    const known = this.configs.get(config);
    if (!known && this.configs.size >= MAX_CONFIGS) return true;
    const byTopic = new Map<string, NamedTopic[]>();
    const found = readDiscovery(config, payload, this.prefix);
    const characters = charactersOf(config, found);
    this.characters -= known?.characters ?? 0;
    // Many of the longest that are read would fill the memory all the same.
    const fits = this.characters + characters <= MAX_CHARACTERS;
    for (const one of fits ? found : []) {
      const others = byTopic.get(one.topic);
      if (others) others.push(one);
      else byTopic.set(one.topic, [one]);
    }
    for (const topic of known?.topics ?? []) if (!byTopic.has(topic)) this.put(topic, config, undefined);
    for (const [topic, entities] of byTopic) this.put(topic, config, entities);
    if (byTopic.size > 0) {
      this.configs.set(config, { topics: new Set(byTopic.keys()), characters });
      this.characters += characters;
    } else this.configs.delete(config);
    return true;
  }

  of(topic: string): TopicName | undefined {
    const shown = this.entries.get(topic)?.shown;
    return shown?.name ? shown : undefined;
  }

  /** What changed after `since`, oldest change first. */
  changes(since: number, limit: number): { seq: number; names: TopicName[] } {
    if (since >= this.counter) return { seq: this.counter, names: [] };
    const changed = [...this.entries.values()].filter(({ seq }) => seq > since);
    changed.sort((a, b) => a.seq - b.seq);
    const page = changed.slice(0, limit);
    const seq = page.length < changed.length ? (page.at(-1)?.seq ?? this.counter) : this.counter;
    return { seq, names: page.map(({ shown }) => shown) };
  }

  /** Topics of this role whose topic or name is wanted. */
  find(role: NamedTopic['role'], wanted: (topic: string) => boolean, limit: number): TopicName[] {
    const found: TopicName[] = [];
    for (const { entities, shown } of this.entries.values()) {
      if (found.length >= limit) break;
      if (shown.name === '' || !wanted(shown.topic)) continue;
      if ([...entities.values()].some((list) => list.some((one) => one.role === role))) found.push(shown);
    }
    return found;
  }

  /** Topics that lost their name are kept, so that the next question learns of it. A new topic takes their place. */
  private hasRoom(): boolean {
    if (this.entries.size < MAX_TOPICS) return true;
    if (this.nameless === 0) return false;
    this.nameless = 0;
    for (const [topic, { shown }] of this.entries) if (shown.name === '') this.entries.delete(topic);
    return this.entries.size < MAX_TOPICS;
  }

  private put(topic: string, config: string, entities: readonly NamedTopic[] | undefined): void {
    let entry = this.entries.get(topic);
    if (!entry) {
      if (!entities || !this.hasRoom()) return;
      entry = { entities: new Map(), shown: { topic, name: '' }, seq: 0 };
      this.entries.set(topic, entry);
    }
    const mine = entities?.slice(0, MAX_ENTITIES - countBeside(entry, config)) ?? [];
    if (mine.length > 0) entry.entities.set(config, mine);
    else entry.entities.delete(config);
    const shown = nameOf(topic, [...entry.entities.values()].flat(), this.words);
    if (JSON.stringify(shown) === JSON.stringify(entry.shown)) return;
    if (entry.shown.name !== '' && shown.name === '') this.nameless += 1;
    entry.shown = shown;
    this.counter += 1;
    entry.seq = this.counter;
  }
}

/** Entities of a topic that others than this one announce. */
function countBeside({ entities }: Entry, config: string): number {
  let count = 0;
  for (const [other, list] of entities) if (other !== config) count += list.length;
  return count;
}

function charactersOf(config: string, entities: readonly NamedTopic[]): number {
  return entities.reduce(
    (sum, { topic, name, device, area, unit, field, of, meaning }) =>
      sum +
      ENTITY_CHARACTERS +
      [topic, name, device, area, unit, field, of?.id, meaning?.label].join('').length +
      (of?.presence ?? []).reduce((all, one) => all + one.topic.length + (one.field?.length ?? 0), 0),
    config.length,
  );
}

type HomeWords = ((deviceClass: string) => string) | undefined;

/** What an entity is called, and for readers of other languages how that is made. */
function said(
  one: Pick<NamedTopic, 'name' | 'byClass'> & { device?: string; meaning?: Meaning | undefined },
  words: HomeWords,
): Pick<TopicName, 'name' | 'byClass' | 'meaning'> {
  const { name, byClass, device = '', meaning } = one;
  const named = {
    name,
    ...(byClass && { byClass: { device, class: byClass } }),
    ...(meaning && { meaning }),
  };
  return words ? saidBy(named, words) : named;
}

/** One name for a topic: of its only entity, else of the device that they share, and of each number in its JSON. */
function nameOf(topic: string, entities: readonly NamedTopic[], words: HomeWords): TopicName {
  const [first] = entities;
  if (!first) return { topic, name: '' };
  const whole = entities.find(({ field }) => field === '');
  const [device, ...others] = new Set(entities.map((one) => one.device));
  const named =
    entities.length === 1 ? first : others.length === 0 && device ? { name: device } : (whole ?? first);
  const fields = entities
    .filter(({ field }) => field !== '' && field !== '__proto__')
    .map(
      ({ field, unit, meaning, ...one }) =>
        [field, { ...said({ ...one, meaning }, words), ...(unit && { unit }) }] as const,
    );
  const { area, of: owner } = first;
  const isOwned = owner !== undefined && entities.every(({ of }) => of?.id === owner.id);
  // Where presence differs between its entities, that of the first with any stands for the topic.
  const present = isOwned ? (entities.find(({ of }) => of?.presence)?.of ?? owner) : undefined;
  const { meaning } = whole ? said(whole, words) : {};
  return {
    topic,
    ...said({ ...named, meaning: undefined }, words),
    ...(area && { area }),
    ...(whole?.unit && { unit: whole.unit }),
    ...(present && { device: present }),
    ...(meaning && { meaning }),
    ...(fields.length > 0 && { fields: Object.fromEntries(fields) }),
  };
}
