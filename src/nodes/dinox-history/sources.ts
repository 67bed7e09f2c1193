import type { AlertRow } from '../../alert/past-alerts';
import type { ValueZone } from '../../alert/value-zones';
import { plain } from '../../base/printable';
import type { History } from '../../history/history';
import { HistoryError } from '../../history/question';
import type { RecordedKey } from '../../history/recorded';
import type { HomeNames } from '../../homeassistant/names';
import { historyKey, partsOf } from '../../recorder/history-key';
import type { Recorder } from '../../recorder/recorder';
import type { AlertRecordings } from '../../runtime/alert-recordings';
import type { EntityFinder } from '../../runtime/homeassistant/entity-finder';
import { checkFilter } from '../../topics/check';
import { hasWildcard, matches } from '../../topics/filter';
import type { TopicRow } from '../../topics/topic-row';

/** What stands behind a name: its topic, and the field in its JSON; empty: none. */
export interface NamedSource {
  name: string;
  topic: string;
  field: string;
  /** It is recorded from now on, if it was not. */
  isRecorded: boolean;
}

/** Recorded values of a connection or of an alert. */
export interface HistorySource {
  /** Set until what an earlier process recorded has been read. */
  readonly loading: Promise<void> | undefined;
  /** @throws HistoryError if it keeps none */
  readonly history: History;
  /** True if there may be several topics behind one question. */
  isMany(topic: string, found: readonly RecordedKey[]): boolean;
  /** The keys of a topic or filter, sorted by name. @throws HistoryError, InputError */
  find(topic: string, field: string): RecordedKey[];
  /** What Home Assistant calls so, for a topic that is none. @throws HistoryError if several are called so */
  named(name: string): Promise<NamedSource | undefined>;
  /** The key of a topic that was heard, and perhaps never recorded. */
  heard(topic: string, field: string): RecordedKey | undefined;
  /** The last value of a key; undefined if it is no number, or not known. */
  current(about: RecordedKey): number | undefined;
  /** What alerts think of each value of a key; empty without one. */
  zones(about: RecordedKey): ValueZone[] | Promise<ValueZone[]>;
  /** @throws HistoryError if it has none */
  alerts(from: number, to: number): AlertRow[];
}

/** What a connection has recorded. */
export class ConnectionSource implements HistorySource {
  constructor(
    private readonly recorder: Recorder,
    private readonly names: HomeNames,
    private readonly finder: Pick<EntityFinder, 'find'>,
    private readonly zonesAbout: (topic: string, field: string | undefined) => Promise<ValueZone[]>,
    /** Records a topic from now on; undefined where the name comes with messages, of which there may be any number. */
    private readonly record?: (topic: string) => void,
  ) {}

  get loading(): Promise<void> | undefined {
    return this.recorder.loading;
  }

  get history(): History {
    return this.recorder.history;
  }

  isMany(topic: string, found: readonly RecordedKey[]): boolean {
    return hasWildcard(topic) || found.length > 1;
  }

  find(topic: string, field: string): RecordedKey[] {
    if (topic === '') throw new HistoryError('topic', { given: '""' });
    const found = this.keysOf(this.plain(topic)).map((key) => this.about(key));
    const wanted = field === '' ? found : found.filter((one) => one.field === field);
    if (wanted.length > 0) return wanted;
    if (found.length === 0) throw new HistoryError('unknown-topic', { given: plain(topic) });
    const known = [...new Set(found.flatMap((one) => one.field ?? []))].slice(0, 20);
    const params = {
      topic: plain(topic),
      given: plain(field),
      known: known.map((one) => plain(one)).join(', ') || '–',
    };
    throw new HistoryError('unknown-field', params);
  }

  async named(name: string): Promise<NamedSource | undefined> {
    const found = await this.finder.find(name);
    const [first] = found;
    if (!first) return undefined;
    if (found.length > 1)
      throw new HistoryError('several-entities', {
        given: plain(name),
        ids: found.map(({ entity }) => entity.entityId).join(', '),
      });
    const { entity, topic, field } = first;
    this.record?.(topic);
    return { name: entity.name, topic, field, isRecorded: this.record !== undefined };
  }

  heard(topic: string, field: string): RecordedKey | undefined {
    const known = this.rowOf(topic);
    return known && this.about(historyKey(topic, field || Object.keys(known.fields ?? {})[0]));
  }

  current({ key, topic, field }: RecordedKey): number | undefined {
    const known = this.rowOf(topic);
    // The newest message may be none of a number, or one that is not recorded.
    const value = known
      ? field === undefined
        ? known.number
        : known.fields?.[field]
      : this.history.latest(key)?.value;
    return typeof value === 'number' ? value : undefined;
  }

  zones({ topic, field }: RecordedKey): Promise<ValueZone[]> {
    return this.zonesAbout(topic, field);
  }

  alerts(): AlertRow[] {
    throw new HistoryError('alerts-source');
  }

  private rowOf(topic: string): TopicRow | undefined {
    this.recorder.settle(topic);
    return this.recorder.rowsOf([topic], -1).rows[0];
  }

  /** A PubSub node that is named in full (Prosody's bridge) is recorded under its own name. */
  private plain(topic: string): string {
    const [, service, type, node = ''] = /^([^/]+)\/([^/]+)\/(.+)$/s.exec(topic) ?? [];
    const address = this.recorder.pubsubOf(node);
    return address && address.service === service && address.type === type ? node : topic;
  }

  /** Keys of a topic or of all that a filter matches: the values themselves, and the numbers in their JSON. */
  private keysOf(wanted: string): string[] {
    checkFilter(wanted, 'msg.topic');
    const isWanted = topicFilter(wanted);
    const { recorder, history } = this;
    // The newest value may not have been read yet, and its topic not be known.
    recorder.settle(wanted);
    const keys = [...history.keys()].filter((key) => isWanted(partsOf(key).topic));
    for (const key of keys) recorder.settle(partsOf(key).topic);
    return keys.sort();
  }

  private about(key: string): RecordedKey {
    const { topic, field } = partsOf(key);
    const name = this.names.of(topic);
    const named = field === undefined ? name?.unit : name?.fields?.[field]?.unit;
    const unit = named ?? (field === undefined ? this.recorder.unitOf(topic) : undefined);
    return { key, topic, field, looks: unit ? { unit } : {} };
  }
}

/** What an alert has recorded. A topic is a key of it; without one all are meant. */
export class AlertSource implements HistorySource {
  /** @param find returns undefined if there is no such alert */
  constructor(private readonly findRecordings: () => AlertRecordings | undefined) {}

  get loading(): Promise<void> | undefined {
    return this.recordings.loading;
  }

  get history(): History {
    const { history } = this.recordings;
    if (!history) throw new HistoryError('alert-off');
    return history;
  }

  isMany(topic: string, found: readonly RecordedKey[]): boolean {
    return found.length > 1 || (hasWildcard(topic) && found[0]?.topic !== topic);
  }

  find(topic: string): RecordedKey[] {
    const { recordings } = this;
    const all = [...recordings.keys()];
    const isWanted = keyFilter(topic, all);
    const keys = all.filter(isWanted).sort();
    if (keys.length === 0) throw new HistoryError('unknown-key', { given: plain(topic || '""') });
    return keys.map((key) => recordings.about(key));
  }

  async named(): Promise<undefined> {
    return undefined;
  }

  heard(): undefined {
    return undefined;
  }

  current({ key }: RecordedKey): number | undefined {
    return this.recordings.current(key);
  }

  zones({ key }: RecordedKey): ValueZone[] {
    return this.recordings.zones(key);
  }

  alerts(from: number, to: number): AlertRow[] {
    return this.recordings.alerts(from, to);
  }

  private get recordings(): AlertRecordings {
    const found = this.findRecordings();
    if (!found) throw new HistoryError('alert-missing');
    return found;
  }
}

/** Which topics a filter matches. */
function topicFilter(filter: string): (topic: string) => boolean {
  if (!hasWildcard(filter)) return (topic) => topic === filter;
  const levels = filter.split('/');
  return (topic) => matches(levels, topic.split('/'));
}

/** Which keys of an alert are meant: all without a text, the one of that name, else those that a filter matches. */
export function keyFilter(wanted: string, keys: readonly string[]): (key: string) => boolean {
  if (wanted === '') return () => true;
  return keys.includes(wanted) ? (key) => key === wanted : topicFilter(wanted);
}
