import { openingName, opennessOf } from '../base/opening';
import { MINUTE } from '../base/time-units';
import type { PubsubAddress } from '../servers/profiles';
import type { RecordedValue, TopicRow } from '../topics/topic-row';
import type { MessageLog } from './message-log';
import { KeptPayload, type PayloadBudget } from './recorded-payload';
import { describePayload } from './recorded-value';

/** Pauses as short as this are not told apart, because a sweep sees only the last message of a second. */
const SWEEP_MS = 1_000;

/** What says nothing of a door by itself; a word such as `closed` stays as it came. */
function unclear(text: string): boolean | string | undefined {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^(?:on|off)$/i.test(text) ? text : undefined;
}

/** One topic: its last payload and how often it comes. */
export class RecordedTopic {
  /** Its newest change, as a rank among those of all topics. */
  seq = 0;
  at = 0;
  /** Length of the last payload. */
  bytes = 0;
  qos = 0;
  retained = false;
  /** The PubSub node that it came from, in the type in which there was something in it. */
  pubsub: PubsubAddress | undefined;
  /** Waits for the next sweep. */
  dirty = false;
  /** The history does not know the last value. */
  unread = false;
  value: RecordedValue | undefined;
  /** Names of the JSON fields that have a history. */
  fields: Set<string> | undefined;
  private count = 0;
  /** When the message before came. A kept one does not count: often nobody knows when it was measured. */
  private ticked = 0;
  private every = 0;
  /** Messages of which the pauses count. */
  private paced = 0;
  /** How far pauses differ from the usual one, in milliseconds, and the message before, both as sweeps see them. */
  private spread = 0;
  private swept = 0;
  private minute = 0;
  /** Messages in this minute and in the one before. */
  private now = 0;
  private before = 0;
  /** The last payload as it came, until it is copied: a part of the bytes that the socket read. */
  private fresh: Buffer | undefined;
  private readonly kept = new KeptPayload();

  constructor(readonly topic: string) {}

  /** Messages that came, without those that the server had kept. */
  get received(): number {
    return this.count;
  }

  /** A message came that the server had not kept. */
  tick(now: number): void {
    const minute = Math.floor(now / MINUTE);
    if (minute !== this.minute) {
      this.before = minute === this.minute + 1 ? this.now : 0;
      this.now = 0;
      this.minute = minute;
    }
    this.now += 1;
    this.count += 1;
    this.paced += 1;
    // The clock may have been set back.
    const pause = Math.max(0, now - this.ticked);
    this.ticked = now;
    if (this.paced === 2) this.every = pause;
    else if (this.paced > 2) this.every += (pause - this.every) / 5;
  }

  /** Nobody receives it any more: the pause until it is received again says nothing. False if none was known. */
  losePace(): boolean {
    const wasKnown = this.every > 0;
    this.paced = 0;
    this.every = 0;
    this.spread = 0;
    this.swept = 0;
    return wasKnown;
  }

  /** Learns how regularly messages come. It runs once a second at most, because that costs nothing of a message. */
  learnPace(): void {
    const pause = this.swept > 0 && this.at > this.swept ? this.at - this.swept : 0;
    this.swept = this.at;
    if (pause > 0) this.spread += (Math.abs(pause - this.every) - this.spread) / 5;
  }

  /** Takes a payload without copying it yet. Most payloads of a busy topic are gone before anybody looks. */
  take(payload: Buffer): void {
    this.fresh = payload;
    this.bytes = payload.length;
    this.value = undefined;
  }

  /**
   * Logs each message from now on; undefined: no longer. While it is logged, this topic has a `take` of its own, so
   * that the messages of all others cost no look.
   */
  logInto(log: MessageLog | undefined): void {
    const take = RecordedTopic.prototype.take;
    this.take = log
      ? (payload) => {
          take.call(this, payload);
          log.add(this.at, this.qos, payload);
        }
      : take;
  }

  /** Copies the last payload, as far as it is kept. */
  copy(budget: PayloadBudget): void {
    const { fresh } = this;
    if (fresh === undefined) return;
    this.fresh = undefined;
    this.kept.put(fresh, budget);
  }

  /** The last payload as far as it is kept; good until the next one. */
  payload(budget: PayloadBudget): Buffer {
    this.copy(budget);
    return this.kept.payload;
  }

  isSame(payload: Buffer, budget: PayloadBudget): boolean {
    if (this.bytes !== payload.length) return false;
    const kept = this.payload(budget);
    return kept.equals(payload.subarray(0, kept.length));
  }

  /** Gives the memory back. */
  drop(budget: PayloadBudget): void {
    this.fresh = undefined;
    this.kept.drop(budget);
  }

  row(now: number, budget: PayloadBudget): TopicRow {
    this.value ??= describePayload(this.payload(budget), this.bytes);
    const { topic, value, retained, qos, at, count, bytes } = this;
    const opening =
      value.kind === 'boolean' ? opennessOf(openingName(topic), unclear(value.text)) : undefined;
    return {
      topic,
      ...value,
      ...(opening && { opening }),
      retained,
      qos,
      at,
      count,
      rate: this.rate(now),
      every: Math.round(this.every),
      steady: this.every < 2 * SWEEP_MS || this.spread < this.every / 2,
      bytes,
    };
  }

  /** Messages in the last 60 s. The minute before counts in proportion. */
  private rate(now: number): number {
    const minute = Math.floor(now / MINUTE);
    const passed = (now % MINUTE) / MINUTE;
    if (minute === this.minute) return Math.round(this.now + this.before * (1 - passed));
    return minute === this.minute + 1 ? Math.round(this.now * (1 - passed)) : 0;
  }
}
