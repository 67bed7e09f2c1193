import type { Clock } from '../base/clock';
import { History } from '../history/history';
import type { PubsubAddress } from '../servers/profiles';
import { isProbeTopic } from '../topics/own';
import type { TopicRow } from '../topics/topic-row';
import type { ReceivedPublication } from '../transport/messages';
import { historyKey, partsOf } from './history-key';
import { measuredIn } from './measured-in';
import { type LoggedMessage, MessageLogs } from './message-log';
import { PayloadBudget } from './recorded-payload';
import { RecordedTopic } from './recorded-topic';
import { describePayload, quickNumber } from './recorded-value';
import type { Changes, StoredValue } from './stored-value';
import { Waiters } from './waiters';

/** Topics that are remembered; beyond it the one that has been silent for longest goes. */
export const MAX_TOPICS = 10_000;
/** A longer topic is counted and not kept: a server may send many of 65,535 bytes. */
const MAX_TOPIC_LENGTH = 1_024;
/** Newest values of a key that are kept as they came; of one that somebody looks at, there are more. */
const RAW_POINTS = 64;
/** Keys with a history: topics, and numbers in JSON. */
const MAX_KEYS = 5_000;
/**
 * Milliseconds for which a topic keeps its history when there are more keys. If they took turns, none would have one.
 */
const CURRENT_MS = 3_600_000;
/** Milliseconds between two checks for topics that went silent. */
const LOOK_MS = 60_000;
/** Maximum number of removed topics that are named to clients which ask for differences. */
const MAX_GONE = 1_000;
/** Milliseconds in which messages are collected before they are read: at most two values per topic are read in it. */
const SWEEP_MS = 1_000;
/** Topics that are read at once; the next ones follow after a pause. Reading 10,000 would hold the flows up. */
const AT_ONCE = 250;
const PAUSE_MS = 50;
/** Bytes after which payloads are copied early, because each keeps everything alive that the socket read with it. */
const MAX_BORROWED = 4 * 1_048_576;

/**
 * Records one connection: the last value of each topic, how often it comes, and a day of history, or a week. Everything is
 * bounded, and a message costs one look-up: payloads are copied and values read once a second.
 */
export class Recorder {
  /** A client that knows another one has to start over. */
  readonly epoch: string;
  /** Messages since the recorder began. */
  received = 0;
  /** Rises when a topic joins or leaves. */
  roster = 0;
  private readonly entries = new Map<string, RecordedTopic>();
  private dirty: RecordedTopic[] = [];
  private gone: { topic: string; seq: number }[] = [];
  /** Differences before this are not known any more. */
  private firstKnown = 0;
  private seq = 0;
  private readonly budget = new PayloadBudget();
  /** Bytes that came since all payloads were copied. */
  private borrowed = 0;
  /** The history is full of topics that are heard of: until then no newcomer gets one. */
  private fullUntil = Number.NEGATIVE_INFINITY;
  private stopSweep: (() => void) | undefined;
  private readonly waiters: Waiters;
  private readonly logs: MessageLogs;
  readonly history: History;
  /** Set until what an earlier process recorded has been read. */
  loading: Promise<void> | undefined;
  /** Since when something is known, in milliseconds since the epoch. */
  since: number;

  constructor(
    private readonly clock: Clock,
    random: () => number = Math.random,
    week = false,
  ) {
    this.epoch = random().toString(36).slice(2, 10);
    this.history = new History({
      maxKeys: MAX_KEYS,
      points: RAW_POINTS,
      week,
      clock,
      keep: (key) => this.isCurrent(key),
    });
    this.since = clock.now();
    this.waiters = new Waiters(clock);
    this.logs = new MessageLogs(
      clock,
      (topic, log) => {
        const entry = this.entries.get(topic);
        if (!entry) return;
        const { at, qos, bytes } = entry;
        if (bytes > 0) log.add(at, qos, Buffer.from(entry.payload(this.budget)), bytes);
        entry.logInto(log);
      },
      (topic) => this.entries.get(topic)?.logInto(undefined),
    );
  }

  get size(): number {
    return this.entries.size;
  }

  /**
   * Takes each message once. `replay`: the server sent a kept message because of a subscription, so it is news only if
   * the value has changed. Unless it says when it was measured, nobody knows, and it is left out of the history.
   */
  take({ topic, payload, qos, retain, pubsub, properties }: ReceivedPublication, replay: boolean): void {
    let entry = this.entries.get(topic);
    if (entry === undefined) {
      if (topic.length > MAX_TOPIC_LENGTH || isProbeTopic(topic)) {
        this.received += 1;
        return;
      }
      entry = this.add(topic);
    } else if (replay && entry.isSame(payload, this.budget)) {
      if (!entry.retained) {
        entry.retained = true;
        this.touch(entry);
      }
      return;
    }
    // The bridge sends nothing in a type that is not the item's.
    if (pubsub !== undefined && payload.length > 0) entry.pubsub = pubsub;
    const now = this.clock.now();
    if (!replay) {
      this.received += 1;
      entry.tick(now);
    }
    const at = replay ? measuredIn(payload, properties, now) : now;
    entry.at = at ?? 0;
    entry.qos = qos;
    if (payload.length === 0) entry.retained = false;
    else if (retain) entry.retained = true;
    entry.take(payload);
    entry.unread = at !== undefined;
    this.touch(entry);
    this.borrowed += payload.length + topic.length;
    if (this.borrowed > MAX_BORROWED) this.copyAll();
    if (entry.dirty) return;
    entry.dirty = true;
    this.dirty.push(entry);
    // Reads at once: a button's `single` and the empty text right behind it both belong in the history. Payloads that
    // need parsing wait, because that costs more than all the rest.
    if (entry.unread && payload[0] !== BRACE) this.read(entry);
    this.stopSweep ??= this.clock.after(SWEEP_MS, () => this.sweepSome());
  }

  /** Messages of one topic, as in {@link received}. */
  countOf(topic: string): number {
    return this.entries.get(topic)?.received ?? 0;
  }

  /** What changed since `since` (a `seq` of the answer before, of the same epoch; 0: everything), oldest change first. */
  changes(since: number, limit: number): Changes {
    const reset = since < this.firstKnown || since > this.seq;
    const from = reset ? 0 : since;
    const changed: RecordedTopic[] = [];
    for (const entry of this.entries.values()) if (entry.seq > from) changed.push(entry);
    const more = changed.length > limit;
    changed.sort((a, b) => a.seq - b.seq);
    if (more) changed.length = limit;
    const seq = more ? (changed.at(-1)?.seq ?? this.seq) : this.seq;
    const gone =
      from === 0
        ? []
        : this.gone.filter((one) => one.seq > from && !this.entries.has(one.topic)).map(({ topic }) => topic);
    return { seq, rows: changed.map((entry) => entry.row(this.clock.now(), this.budget)), gone, more, reset };
  }

  /** Resolves when something changes after `since`, or after `ms`. `cancel` ends the waiting. */
  changed(since: number, ms: number): { done: Promise<void>; cancel(): void } {
    if (this.seq > since || since < this.firstKnown) return { done: Promise.resolve(), cancel: () => {} };
    return this.waiters.wait(ms);
  }

  /** Topics in the order of their last message, newest first, as many as `limit`, for which `wanted` holds. */
  find(wanted: (topic: string) => boolean, limit: number): TopicRow[] {
    const found: RecordedTopic[] = [];
    for (const entry of this.entries.values()) if (wanted(entry.topic)) found.push(entry);
    found.sort((a, b) => b.at - a.at);
    return found.slice(0, limit).map((entry) => entry.row(this.clock.now(), this.budget));
  }

  /** The names of all topics. */
  topics(): IterableIterator<string> {
    return this.entries.keys();
  }

  /** What changed of these topics after `since`, a `seq` of the answer before; -1: everything. */
  rowsOf(topics: Iterable<string>, since: number): { seq: number; rows: TopicRow[] } {
    const rows: TopicRow[] = [];
    for (const topic of topics) {
      const entry = this.entries.get(topic);
      if (entry && entry.seq > since) rows.push(entry.row(this.clock.now(), this.budget));
    }
    return { seq: this.seq, rows };
  }

  /** The last payload of a topic; `complete` is false where only its beginning was kept. */
  last(
    topic: string,
  ): { payload: Buffer; bytes: number; complete: boolean; retained: boolean; at: number } | undefined {
    const entry = this.entries.get(topic);
    if (!entry) return undefined;
    const payload = Buffer.from(entry.payload(this.budget));
    const { bytes, retained, at } = entry;
    return { payload, bytes, complete: payload.length === bytes, retained, at };
  }

  /**
   * Messages of a topic after this number, the oldest first: those that came since the first question, at most 100 and
   * 256 kB. The log ends half a minute after the last question. Undefined: the topic is not known.
   */
  messages(topic: string, after: number): LoggedMessage[] | undefined {
    return this.entries.has(topic) ? this.logs.of(topic).after(after) : undefined;
  }

  has(topic: string): boolean {
    return this.entries.has(topic);
  }

  /** The PubSub node that a topic came from, and its payload type; undefined if it is none, or not known. */
  pubsubOf(topic: string): PubsubAddress | undefined {
    return this.entries.get(topic)?.pubsub;
  }

  /** The unit in the last payload of a topic. */
  unitOf(topic: string): string | undefined {
    return this.entries.get(topic)?.row(this.clock.now(), this.budget).unit;
  }

  /** The server keeps nothing of this topic any more. */
  cleared(topic: string): void {
    const entry = this.entries.get(topic);
    if (!entry) return;
    entry.retained = false;
    entry.take(EMPTY);
    entry.unread = false;
    this.touch(entry);
  }

  /** What is not received any more is not silent. */
  losePace(isReceived: (topic: string) => boolean): void {
    for (const entry of this.entries.values())
      if (!isReceived(entry.topic) && entry.losePace()) this.touch(entry);
  }

  /** Reads messages since the last sweep, so that the history is as new as the values. */
  sweep(): void {
    this.readDirty(this.dirty.length);
  }

  /** The same of one topic. */
  settle(topic: string): void {
    const entry = this.entries.get(topic);
    if (entry?.unread) this.read(entry);
  }

  private sweepSome(): void {
    this.readDirty(AT_ONCE);
    if (this.dirty.length > 0) this.stopSweep = this.clock.after(PAUSE_MS, () => this.sweepSome());
  }

  private readDirty(count: number): void {
    this.stopSweep?.();
    this.stopSweep = undefined;
    for (const entry of this.dirty.splice(0, count)) {
      entry.dirty = false;
      entry.learnPace();
      entry.copy(this.budget);
      if (entry.unread) this.read(entry);
    }
  }

  private copyAll(): void {
    this.borrowed = 0;
    for (const entry of this.dirty) entry.copy(this.budget);
  }

  /** Ends the clock and all waiting callers. */
  close(): void {
    this.logs.close();
    this.sweep();
    this.waiters.wake();
  }

  /** The state for a later process: see {@link restore}. */
  *remember(): Iterable<StoredValue> {
    for (const entry of this.entries.values()) {
      if (entry.bytes > MAX_REMEMBERED) continue;
      const kept = entry.payload(this.budget);
      if (kept.length !== entry.bytes) continue;
      const { topic, at, qos, retained, pubsub } = entry;
      yield { topic, at, qos, retained, payload: kept.toString('base64'), ...(pubsub && { pubsub }) };
    }
  }

  /** Takes the last values of an earlier process, for topics of which nothing has come yet. */
  restore(remembered: Iterable<StoredValue>): void {
    for (const { topic, at, qos, retained, payload, pubsub } of remembered) {
      if (
        isProbeTopic(topic) ||
        this.entries.has(topic) ||
        topic.length > MAX_TOPIC_LENGTH ||
        this.entries.size >= MAX_TOPICS
      )
        continue;
      const entry = this.add(topic);
      Object.assign(entry, { at, qos, retained, pubsub });
      entry.take(Buffer.from(payload, 'base64'));
      entry.copy(this.budget);
      this.touch(entry);
      if (at > 0 && at < this.since) this.since = at;
    }
  }

  private touch(entry: RecordedTopic): void {
    this.seq += 1;
    entry.seq = this.seq;
    this.waiters.wake();
  }

  /** Makes of the bytes a value, and a point in the history. */
  private read(entry: RecordedTopic): void {
    entry.unread = false;
    const { topic, at } = entry;
    const payload = entry.payload(this.budget);
    const quick = quickNumber(payload);
    if (quick !== undefined) {
      this.record(topic, at, quick);
      return;
    }
    const value = describePayload(payload, entry.bytes);
    entry.value = value;
    if (value.number !== undefined) {
      this.record(topic, at, value.number);
    } else if (value.kind === 'text') {
      this.record(topic, at, value.text.slice(0, 64));
    } else if (value.fields) {
      entry.fields ??= new Set(Object.keys(value.fields));
      for (const [name, number] of Object.entries(value.fields)) {
        if (entry.fields.has(name)) this.record(historyKey(topic, name), at, number);
      }
    }
  }

  private record(key: string, at: number, value: number | string): void {
    const { history } = this;
    const newcomer = history.size >= MAX_KEYS && !history.has(key);
    if (newcomer && this.clock.steady() < this.fullUntil) return;
    if (typeof value === 'number') history.record(key, at, value);
    else history.recordText(key, at, value);
    if (newcomer && !history.has(key)) this.fullUntil = this.clock.steady() + LOOK_MS;
  }

  private isCurrent(key: string): boolean {
    const entry = this.entries.get(partsOf(key).topic);
    return entry !== undefined && entry.at > this.clock.now() - CURRENT_MS;
  }

  private add(topic: string): RecordedTopic {
    if (this.entries.size >= MAX_TOPICS) this.removeOldest();
    const entry = new RecordedTopic(topic);
    this.entries.set(topic, entry);
    this.roster += 1;
    return entry;
  }

  /** Removes a tenth at once, because finding the oldest means a walk over all of them. */
  private removeOldest(): void {
    const oldest = [...this.entries.values()].sort((a, b) => a.at - b.at);
    for (const entry of oldest.slice(0, MAX_TOPICS / 10)) this.remove(entry);
  }

  private remove(entry: RecordedTopic): void {
    this.logs.close(entry.topic);
    this.entries.delete(entry.topic);
    this.roster += 1;
    entry.drop(this.budget);
    this.history.delete(entry.topic);
    for (const name of entry.fields ?? []) this.history.delete(historyKey(entry.topic, name));
    this.seq += 1;
    this.gone.push({ topic: entry.topic, seq: this.seq });
    if (this.gone.length > MAX_GONE) {
      const half = this.gone.splice(0, MAX_GONE / 2);
      this.firstKnown = half.at(-1)?.seq ?? this.firstKnown;
    }
    // The sweep must not read it into the history again.
    entry.unread = false;
  }
}

/** Longer payloads do not survive a restart, in bytes. */
const MAX_REMEMBERED = 1_024;
const EMPTY = Buffer.alloc(0);
/** `{`, with which JSON objects begin. */
const BRACE = 0x7b;
