/** Finds the topics that a question is about, by their levels, their names, and the fields of their JSON. */
import { isWithin } from '../base/edit-distance';
import { isDiscovery } from '../homeassistant/announcement';
import { matches } from '../topics/filter';
import type { TopicName } from '../topics/topic-name';
import { allMeanings, partsOf } from './dictionary';
import { Tokens } from './words';

/** What the index knows topics from. */
export interface KnownTopics {
  /** Topics, whatever their number, in the order in which they first appeared. */
  topics(): Iterable<string>;
  /** Names of the values in the JSON of a topic; empty for any other payload. */
  fieldsOf(topic: string): readonly string[];
  nameOf(topic: string): TopicName | undefined;
  /** Changes whenever a name does. */
  readonly namesVersion: number | string;
  /** Under which devices announce themselves; absent: Home Assistant's default. */
  readonly discoveryPrefix?: string | undefined;
}

/** What a question is about: a topic, or one value in its JSON. */
export interface Subject {
  topic: string;
  field: string | undefined;
}

/** Topics that can be asked for; of more, those that appeared last. */
const MAX_TOPICS = 5_000;
/** Values in the JSON of all topics together that can be found by their names: whoever publishes chooses how many. */
const MAX_FIELDS = 20_000;
/** Milliseconds after which new topics, and new fields of known ones, are looked for. */
const FRESH_MS = 5_000;
const FIELDS_MS = 60_000;
/** Known topics that are read again at once. */
const MAX_AGAIN = 250;
/** Subjects of one answer; more are only counted. */
const MAX_FOUND = 200;
/** A shorter word has to be right, and a longer one may have one or two wrong letters. */
const ONE_WRONG = 4;
const TWO_WRONG = 8;
/** A shorter word is not taken for the beginning of another. */
const SHORTEST_BEGINNING = 3;

/** What people were told in their chats, and what is between us and ourselves: `#` alone is no leave to read it. */
const PRIVATE = /^(?:dinox\/(?:notifications|bridge)|dinox-nr)\//;

interface Entry {
  topic: string;
  tokens: ReadonlySet<string>;
  fields: readonly { readonly field: string; readonly tokens: ReadonlySet<string> }[];
  fieldsAt: number;
  /** What it was called when it was read. */
  name: TopicName | undefined;
}

/** How far a word of the question may be from one of a topic: the same, its beginning, nearly the same. */
const FITS = [
  (wanted: string, token: string) => wanted === token,
  (wanted: string, token: string) =>
    wanted.length >= SHORTEST_BEGINNING && !/^\d/.test(wanted) && token.startsWith(wanted),
  (wanted: string, token: string) => {
    const most = wanted.length >= TWO_WRONG ? 2 : wanted.length >= ONE_WRONG ? 1 : 0;
    if (most === 0 || /\d/.test(wanted) || Math.abs(wanted.length - token.length) > most) return false;
    return token.length <= 40 && isWithin(wanted, token, most);
  },
] as const;

export class TopicIndex {
  private entries = new Map<string, Entry>();
  private vocabulary = new Set<string>();
  private lookedAt = Number.NEGATIVE_INFINITY;
  private version: number | string = '';
  private readonly filters: readonly (readonly string[])[];
  private readonly tokens = new Tokens();

  /** @param filters topics that may be read; nothing else is found */
  constructor(
    filters: readonly string[],
    private readonly known: KnownTopics,
  ) {
    this.filters = filters.map((filter) => filter.split('/'));
  }

  /** True for a topic that may be asked for. Orders to devices, and announcements, are no values. */
  isOpen(topic: string): boolean {
    if (isDiscovery(topic, this.known.discoveryPrefix) || /\/(?:set|get)$/.test(topic)) return false;
    const levels = topic.split('/');
    const isPrivate = PRIVATE.test(topic);
    return this.filters.some(
      (filter) => matches(filter, levels) && !(isPrivate && (filter[0] === '#' || filter[0] === '+')),
    );
  }

  /** True if there is something of this topic, and it may be asked for. */
  has(topic: string, now: number): boolean {
    this.refresh(now);
    return this.entries.has(topic);
  }

  /** Topics that can be asked for now, by name. */
  all(now: number): Subject[] {
    this.refresh(now);
    return [...this.entries.keys()].sort().map((topic) => ({ topic, field: undefined }));
  }

  /**
   * The subjects that have all of these words, in the nearest spelling that finds any.
   * @param now milliseconds of a steady clock
   */
  find(words: readonly string[], now: number): { subjects: Subject[]; count: number } {
    this.refresh(now);
    const wanted = words.flatMap((word) => (this.vocabulary.has(word) ? [word] : (partsOf(word) ?? [word])));
    for (let most = 0; most < FITS.length; most++) {
      const accepted = wanted.map((word) => this.near(word, most));
      if (accepted.some(({ size }) => size === 0)) continue;
      const found = this.having(accepted);
      if (found.count > 0) return found;
    }
    return { subjects: [], count: 0 };
  }

  /** Words of topics in the nearest way, of those up to `most`, in which there are any. */
  private near(word: string, most: number): ReadonlySet<string> {
    const near = new Set<string>();
    for (const fits of FITS.slice(0, most + 1)) {
      for (const token of this.vocabulary) if (fits(word, token)) near.add(token);
      // `Wohnzimer` is nearly a word for the living room.
      for (const [known, meaning] of allMeanings())
        if (this.vocabulary.has(meaning) && fits(word, known)) near.add(meaning);
      if (near.size > 0) break;
    }
    return near;
  }

  private having(accepted: readonly ReadonlySet<string>[]): { subjects: Subject[]; count: number } {
    const subjects: Subject[] = [];
    let count = 0;
    const add = (topic: string, field: string | undefined): void => {
      count += 1;
      if (subjects.length < MAX_FOUND) subjects.push({ topic, field });
    };
    for (const { topic, tokens, fields } of this.entries.values()) {
      const left = accepted.filter((some) => !meets(some, tokens));
      if (left.length === 0) add(topic, undefined);
      else for (const one of fields) if (left.every((some) => meets(some, one.tokens))) add(topic, one.field);
    }
    subjects.sort((a, b) => (shownKey(a) < shownKey(b) ? -1 : 1));
    return { subjects, count };
  }

  private refresh(now: number): void {
    const { namesVersion } = this.known;
    if (now - this.lookedAt < FRESH_MS && namesVersion === this.version) return;
    const isRenamed = namesVersion !== this.version;
    let fields = 0;
    this.lookedAt = now;
    this.version = namesVersion;
    const open = [...this.known.topics()].filter((topic) => this.isOpen(topic)).slice(-MAX_TOPICS);
    const before = this.entries;
    this.entries = new Map();
    this.vocabulary = new Set();
    let again = 0;
    for (const topic of open) {
      const known = before.get(topic);
      // The others have their turn with the next questions.
      const isOld = known && now - known.fieldsAt >= FIELDS_MS && ++again <= MAX_AGAIN;
      // Naming one topic is no reason to read thousands of others again.
      const isKnown = known && !isOld && !(isRenamed && isOther(known.name, this.known.nameOf(topic)));
      const entry = isKnown ? known : this.entryOf(topic, now, MAX_FIELDS - fields);
      fields += entry.fields.length;
      this.entries.set(topic, entry);
      for (const token of entry.tokens) this.vocabulary.add(token);
      for (const { tokens } of entry.fields) for (const token of tokens) this.vocabulary.add(token);
    }
  }

  /** @param most fields that are read */
  private entryOf(topic: string, now: number, most: number): Entry {
    const name = this.known.nameOf(topic);
    const named = name?.fields ?? {};
    const found = most > 0 ? this.known.fieldsOf(topic).slice(0, most) : [];
    const fields = found.map((field) => {
      const own = Object.hasOwn(named, field) ? named[field] : undefined;
      return { field, tokens: this.tokens.of(`${field} ${askedBy(own)}`) };
    });
    return { topic, tokens: this.tokens.of(`${topic} ${askedBy(name)}`), fields, fieldsAt: now, name };
  }
}

/** Words by which a value is asked for: where its name is of Node-RED's language, those of the other one, too. */
const askedBy = (named: Pick<TopicName, 'name' | 'byClass'> | undefined): string =>
  `${named?.name ?? ''} ${named?.byClass?.class ?? ''}`;

/** True if a topic is called something else now. */
function isOther(before: TopicName | undefined, now: TopicName | undefined): boolean {
  return before?.name !== now?.name || before?.fields !== now?.fields;
}

const shownKey = ({ topic, field = '' }: Subject): string => `${topic} ${field}`;

function meets(some: ReadonlySet<string>, tokens: ReadonlySet<string>): boolean {
  for (const token of some) if (tokens.has(token)) return true;
  return false;
}
