import { History } from '../alert/history/history';
import type { Clock } from '../time/clock';
import type { Delivery } from '../transport/messages';
import { describe, pictureType, quickNumber, type RecordedValue } from './recorded-value';

/** Topics that are remembered; beyond it the one that has been silent for longest goes. */
export const MOST_TOPICS = 10_000;
/** A longer topic is counted and not kept: a server may send many of 65,535 bytes. */
const LONGEST_TOPIC = 1_024;
/** Of a payload so much is kept, in bytes. */
export const MOST_KEPT = 8_192;
/** A picture is kept whole up to this, in bytes; so many of them. */
const LARGEST_PICTURE = 524_288;
const MOST_PICTURES = 24;
/** Of all payloads together so much is kept, in bytes; when it is used up, newcomers keep a short beginning. */
const BUDGET = 48 * 1_048_576;
const KEPT_BEYOND_BUDGET = 256;
/** Newest values of a key that are kept as they came, for charts of the last minutes. */
const RAW_POINTS = 128;
/** Keys with a history: topics, and numbers in JSON. */
const MOST_KEYS = 5_000;
/** Topics that went away are named to who asks for differences, so many. */
const MOST_GONE = 1_000;
/** What came within this is looked at together, in milliseconds: at most two values a topic are read in it. */
const SWEEP_MS = 1_000;
const MINUTE = 60_000;

/** A topic as it is shown. */
export interface TopicRow extends RecordedValue {
  topic: string;
  /** The server keeps a message of this topic for whoever subscribes. */
  retained: boolean;
  qos: number;
  /** When the last message came, in milliseconds since the epoch. */
  at: number;
  /** Messages since the recorder began. */
  count: number;
  /** Messages in the last minute. */
  rate: number;
  /** Usual time between two messages, in milliseconds; 0: not known yet. */
  every: number;
  /** Length of the last payload. */
  bytes: number;
}

export interface Changes {
  /** Pass it as `since` the next time. */
  seq: number;
  rows: TopicRow[];
  /** Topics that are not remembered any more. */
  gone: string[];
  /** There is more than `limit` rows: ask again at once. */
  more: boolean;
  /** All that was told before counts no longer. */
  reset: boolean;
}

interface Entry {
  readonly topic: string;
  seq: number;
  at: number;
  count: number;
  every: number;
  minute: number;
  /** Messages in this minute and in the one before. */
  now: number;
  before: number;
  store: Buffer;
  kept: number;
  bytes: number;
  qos: number;
  retained: boolean;
  /** Waits for the next sweep. */
  dirty: boolean;
  /** The history does not know the last value. */
  unread: boolean;
  value: RecordedValue | undefined;
  /** Names of the JSON fields that have a history. */
  fields: Set<string> | undefined;
}

/**
 * Remembers what came over one connection: of each topic the last value, how often it comes, and a day of history.
 * Everything is bounded, and a message costs a look-up and a copy of its payload: values are read once a second.
 */
export class Recorder {
  /** Who asks with another one has to begin anew. */
  readonly epoch: string;
  /** Messages since the recorder began. */
  received = 0;
  private readonly entries = new Map<string, Entry>();
  private dirty: Entry[] = [];
  private gone: { topic: string; seq: number }[] = [];
  /** Differences before this are not known any more. */
  private firstKnown = 0;
  private seq = 0;
  private used = 0;
  private pictures = 0;
  private stopSweep: (() => void) | undefined;
  private waiting = new Set<() => void>();

  readonly history: History;
  /** Since when something is known, in milliseconds since the epoch. */
  since: number;

  constructor(
    private readonly clock: Clock,
    random: () => number = Math.random,
  ) {
    this.epoch = random().toString(36).slice(2, 10);
    this.history = new History({ maxKeys: MOST_KEYS, points: RAW_POINTS, clock });
    this.since = clock.now();
  }

  get size(): number {
    return this.entries.size;
  }

  /**
   * Takes a message, each once. `replay`: the server sent what it had kept, because somebody subscribed: news only
   * where the value is another one.
   */
  take({ topic, payload, qos, retain }: Delivery, replay: boolean): void {
    let entry = this.entries.get(topic);
    if (entry === undefined) {
      if (topic.length > LONGEST_TOPIC) {
        this.received += 1;
        return;
      }
      entry = this.add(topic);
    } else if (replay && this.isSame(entry, payload)) {
      if (!entry.retained) {
        entry.retained = true;
        this.touch(entry);
      }
      return;
    }
    const now = this.clock.now();
    if (!replay) this.count(entry, now);
    entry.at = now;
    entry.qos = qos;
    if (payload.length === 0) entry.retained = false;
    else if (retain) entry.retained = true;
    this.keep(entry, payload);
    this.touch(entry);
    if (entry.dirty) return;
    entry.dirty = true;
    this.dirty.push(entry);
    // At once: of a button's `single` and the empty text right behind it, both are to stand in the history. What has to
    // be parsed waits: that costs more than all the rest.
    if (payload[0] !== BRACE) this.read(entry);
    this.stopSweep ??= this.clock.after(SWEEP_MS, () => this.sweep());
  }

  /** What changed since `since` (a `seq` of the answer before, of the same epoch; 0: everything), oldest change first. */
  changes(since: number, limit: number): Changes {
    const reset = since < this.firstKnown || since > this.seq;
    const from = reset ? 0 : since;
    const changed: Entry[] = [];
    for (const entry of this.entries.values()) if (entry.seq > from) changed.push(entry);
    const more = changed.length > limit;
    changed.sort((a, b) => a.seq - b.seq);
    if (more) changed.length = limit;
    const seq = more ? (changed.at(-1)?.seq ?? this.seq) : this.seq;
    const gone =
      from === 0
        ? []
        : this.gone.filter((one) => one.seq > from && !this.entries.has(one.topic)).map(({ topic }) => topic);
    return { seq, rows: changed.map((entry) => this.row(entry)), gone, more, reset };
  }

  /** Resolves when something changes after `since`, or after `ms`. `cancel` ends the waiting. */
  changed(since: number, ms: number): { done: Promise<void>; cancel(): void } {
    if (this.seq > since || since < this.firstKnown) return { done: Promise.resolve(), cancel: () => {} };
    let cancel = (): void => {};
    const done = new Promise<void>((resolve) => {
      const end = (): void => {
        stop();
        this.waiting.delete(end);
        resolve();
      };
      const stop = this.clock.after(ms, end);
      this.waiting.add(end);
      cancel = end;
    });
    return { done, cancel: () => cancel() };
  }

  /** Topics in the order of their last message, newest first, as many as `limit`, for which `wanted` holds. */
  find(wanted: (topic: string) => boolean, limit: number): TopicRow[] {
    const found: Entry[] = [];
    for (const entry of this.entries.values()) if (wanted(entry.topic)) found.push(entry);
    found.sort((a, b) => b.at - a.at);
    return found.slice(0, limit).map((entry) => this.row(entry));
  }

  private row(entry: Entry): TopicRow {
    entry.value ??= describe(this.payloadOf(entry), entry.bytes);
    return {
      topic: entry.topic,
      ...entry.value,
      retained: entry.retained,
      qos: entry.qos,
      at: entry.at,
      count: entry.count,
      rate: this.rate(entry),
      every: Math.round(entry.every),
      bytes: entry.bytes,
    };
  }

  /** The last payload of a topic; `complete` is false where only its beginning was kept. */
  last(
    topic: string,
  ): { payload: Buffer; bytes: number; complete: boolean; retained: boolean; at: number } | undefined {
    const entry = this.entries.get(topic);
    if (!entry) return undefined;
    const { bytes, kept, retained, at } = entry;
    return { payload: Buffer.from(this.payloadOf(entry)), bytes, complete: kept === bytes, retained, at };
  }

  /** The server keeps nothing of this topic any more. */
  cleared(topic: string): void {
    const entry = this.entries.get(topic);
    if (!entry) return;
    entry.retained = false;
    this.keep(entry, EMPTY);
    entry.unread = false;
    this.touch(entry);
  }

  /** Reads what has come since the last sweep, so that the history is as new as the values. */
  sweep(): void {
    this.stopSweep?.();
    this.stopSweep = undefined;
    const { dirty } = this;
    this.dirty = [];
    for (const entry of dirty) {
      entry.dirty = false;
      if (entry.unread) this.read(entry);
    }
  }

  /** Ends the clock and whoever waits. */
  close(): void {
    this.sweep();
    for (const end of [...this.waiting]) end();
  }

  /** What a later process is to know: see {@link restore}. */
  *remember(): Iterable<Remembered> {
    for (const entry of this.entries.values()) {
      if (entry.kept !== entry.bytes || entry.bytes > MOST_REMEMBERED) continue;
      const { topic, at, qos, retained } = entry;
      yield { topic, at, qos, retained, payload: this.payloadOf(entry).toString('base64') };
    }
  }

  /** Takes the last values of an earlier process, for topics of which nothing has come yet. */
  restore(remembered: Iterable<Remembered>): void {
    for (const { topic, at, qos, retained, payload } of remembered) {
      if (this.entries.has(topic) || topic.length > LONGEST_TOPIC || this.entries.size >= MOST_TOPICS)
        continue;
      const entry = this.add(topic);
      Object.assign(entry, { at, qos, retained });
      this.keep(entry, Buffer.from(payload, 'base64'));
      entry.unread = false;
      this.touch(entry);
      if (at > 0 && at < this.since) this.since = at;
    }
  }

  private touch(entry: Entry): void {
    this.seq += 1;
    entry.seq = this.seq;
    if (this.waiting.size > 0) for (const end of [...this.waiting]) end();
  }

  private count(entry: Entry, now: number): void {
    this.received += 1;
    const minute = Math.floor(now / MINUTE);
    if (minute !== entry.minute) {
      entry.before = minute === entry.minute + 1 ? entry.now : 0;
      entry.now = 0;
      entry.minute = minute;
    }
    entry.now += 1;
    entry.count += 1;
    if (entry.count === 2) entry.every = now - entry.at;
    else if (entry.count > 2) entry.every += (now - entry.at - entry.every) / 5;
  }

  /** Messages in the last 60 s, of the minute before as much as lies in them. */
  private rate(entry: Entry): number {
    const now = this.clock.now();
    const minute = Math.floor(now / MINUTE);
    const passed = (now % MINUTE) / MINUTE;
    if (minute === entry.minute) return Math.round(entry.now + entry.before * (1 - passed));
    return minute === entry.minute + 1 ? Math.round(entry.now * (1 - passed)) : 0;
  }

  private keep(entry: Entry, payload: Buffer): void {
    const { length } = payload;
    let most = MOST_KEPT;
    if (length > MOST_KEPT && length <= LARGEST_PICTURE && pictureType(payload)) {
      const counted = entry.store.length > MOST_KEPT;
      if (counted || this.pictures < MOST_PICTURES) most = LARGEST_PICTURE;
    }
    if (this.used > BUDGET) most = Math.max(entry.store.length, KEPT_BEYOND_BUDGET);
    const kept = Math.min(length, most);
    if (kept > entry.store.length || entry.store.length > 4 * kept + 1_024) this.makeRoom(entry, kept);
    payload.copy(entry.store, 0, 0, kept);
    entry.kept = kept;
    entry.bytes = length;
    entry.value = undefined;
    entry.unread = true;
  }

  /** In steps of 64 bytes, so that a value which grows by a digit does not need new memory. */
  private makeRoom(entry: Entry, bytes: number): void {
    const size = Math.ceil(bytes / 64) * 64;
    this.used += size - entry.store.length;
    this.pictures += Number(size > MOST_KEPT) - Number(entry.store.length > MOST_KEPT);
    // Not from the shared pool: one small value would hold all of it.
    entry.store = Buffer.allocUnsafeSlow(size);
  }

  private payloadOf(entry: Entry): Buffer {
    return entry.store.subarray(0, entry.kept);
  }

  private isSame(entry: Entry, payload: Buffer): boolean {
    if (entry.bytes !== payload.length) return false;
    return this.payloadOf(entry).equals(payload.subarray(0, entry.kept));
  }

  /** Makes of the bytes a value, and a point in the history. */
  private read(entry: Entry): void {
    entry.unread = false;
    const { topic, at } = entry;
    const payload = this.payloadOf(entry);
    const quick = quickNumber(payload);
    if (quick !== undefined) {
      this.history.record(topic, at, quick);
      return;
    }
    const value = describe(payload, entry.bytes);
    entry.value = value;
    if (value.number !== undefined) {
      this.history.record(topic, at, value.number);
    } else if (value.kind === 'text') {
      this.history.recordText(topic, at, value.text.slice(0, 64));
    } else if (value.fields) {
      entry.fields ??= new Set(Object.keys(value.fields));
      for (const [name, number] of Object.entries(value.fields)) {
        if (entry.fields.has(name)) this.history.record(historyKey(topic, name), at, number);
      }
    }
  }

  private add(topic: string): Entry {
    if (this.entries.size >= MOST_TOPICS) this.removeOldest();
    const entry: Entry = {
      topic,
      seq: 0,
      at: 0,
      count: 0,
      every: 0,
      minute: 0,
      now: 0,
      before: 0,
      store: EMPTY,
      kept: 0,
      bytes: 0,
      qos: 0,
      retained: false,
      dirty: false,
      unread: false,
      value: undefined,
      fields: undefined,
    };
    this.entries.set(topic, entry);
    return entry;
  }

  /** A tenth at once: looking for the oldest takes a walk over all of them. */
  private removeOldest(): void {
    const oldest = [...this.entries.values()].sort((a, b) => a.at - b.at);
    for (const entry of oldest.slice(0, MOST_TOPICS / 10)) this.remove(entry);
  }

  private remove(entry: Entry): void {
    this.entries.delete(entry.topic);
    this.used -= entry.store.length;
    this.pictures -= Number(entry.store.length > MOST_KEPT);
    this.history.delete(entry.topic);
    for (const name of entry.fields ?? []) this.history.delete(historyKey(entry.topic, name));
    this.seq += 1;
    this.gone.push({ topic: entry.topic, seq: this.seq });
    if (this.gone.length > MOST_GONE) {
      const half = this.gone.splice(0, MOST_GONE / 2);
      this.firstKnown = half.at(-1)?.seq ?? this.firstKnown;
    }
    // The sweep must not read it into the history again.
    entry.unread = false;
  }
}

/** A last value as it lies on disk. */
export interface Remembered {
  topic: string;
  at: number;
  qos: number;
  retained: boolean;
  /** Base64. */
  payload: string;
}

/** Longer payloads do not survive a restart, in bytes. */
const MOST_REMEMBERED = 1_024;
const EMPTY = Buffer.alloc(0);
/** `{`, with which JSON objects begin. */
const BRACE = 0x7b;

/** Where the history of a topic, or of a number in its JSON, stands. No topic holds U+0000 (MQTT 5 §1.5.4). */
export function historyKey(topic: string, field?: string): string {
  return field === undefined || field === '' ? topic : `${topic}\0${field}`;
}
