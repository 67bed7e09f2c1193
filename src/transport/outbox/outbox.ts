import { BoundedQueue, type QueueLimits } from '../../base/bounded-queue';
import { sentences, text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import type { Text } from '../../base/text';
import { LinkError } from '../errors';
import type { Publication } from '../messages';
import type { LinkLoss } from '../poison/loss-counter';
import { type LossOutcome, PoisonDetector } from '../poison/poison-detector';
import type { StoredMessage } from './journal';
import { expired, inMemory, onDisk, restOf, topicText, withExpiry } from './message-expiry';
import type { Done, OutboxSink, OutboxStore, PendingPublication } from './outbox-types';

export type { Done, OutboxSink, OutboxStore, PendingPublication } from './outbox-types';

interface Entry {
  /** Rank among all that were pushed. */
  readonly number: number;
  readonly publication: Publication;
  readonly bytes: number;
  readonly due: number;
  readonly done: Done;
  /** Which hand-over counts; a callback of an older one is ignored. */
  turn: number;
}

/**
 * True if it is to survive the process. Nobody waits for the answer to a request any more, and the rest is not to
 * wait.
 */
export function isLasting({ obsolete, dropOffline }: Publication): boolean {
  return !obsolete && !dropOffline;
}

function bytesOf({ topic, payload }: Publication): number {
  return Buffer.byteLength(topic) + Buffer.byteLength(payload);
}

/** Bytes that may be unconfirmed at least: fewer would make a fast line slow. */
const LEAST_UNCONFIRMED = 1_048_576;
/** To look for what is too old costs as much as there is, in milliseconds. */
const BETWEEN_LOOKS = 100;
/**
 * Messages that flows handed over and the server does not have yet. First in, first out, bounded. `done` is called
 * exactly once for every message: when the server has it, or with the reason why it never will.
 */
export class Outbox {
  private readonly waiting = new BoundedQueue<Entry>();
  private pushed = 0;
  /** The number of waiting messages, and of dropped ones, that `changed` last saw. */
  private reported = 0;
  private reportedDropped = 0;
  /** Messages that were dropped without an error, as their nodes want it (`dropOffline`). */
  dropped = 0;
  private readonly underway = new Set<Entry>();
  private aboveZero = 0;
  private qos2 = 0;
  /** Bytes of those under way above QoS 0: the client keeps them until the server has confirmed them. */
  private unconfirmed = 0;
  private sender: OutboxSink | undefined;
  private stopTimer: (() => void) | undefined;
  /** When the timer runs out. */
  private nextLook = Number.POSITIVE_INFINITY;
  private pumping = false;
  private closed: Error | undefined;
  private drained: (() => void) | undefined;
  private readonly poison = new PoisonDetector<Entry>();

  constructor(
    private readonly limits: QueueLimits,
    private readonly clock: Clock,
    /** Called when the number of waiting or of dropped messages changed. */
    private readonly changed: () => void,
    private readonly store?: OutboxStore | undefined,
  ) {}

  /** Messages that wait for the connection. */
  get size(): number {
    return this.waiting.size;
  }

  /** A message is suspected of having ended the connection: it comes behind an answer of the server, on its own. */
  get probation(): boolean {
    return this.poison.probation;
  }

  push(publication: Publication, done: Done): void {
    const refused = this.closed ?? (this.poison.sparing ? this.whyNot(publication) : undefined);
    if (refused) {
      done(refused);
      return;
    }
    if (publication.dropOffline && !this.sender) {
      this.forgo(done);
      this.tell();
      return;
    }
    const now = this.clock.steady();
    const dated = withExpiry(publication, now);
    const due = Math.min(now + this.limits.ttl, dated.expires ?? Number.POSITIVE_INFINITY);
    this.take([{ publication: dated, due, done }]);
  }

  /** Not to wait was what its node wanted: no error. It is counted. */
  private forgo(done: Done): void {
    this.dropped += 1;
    done();
  }

  /** Number of messages dropped that way; counting starts again. */
  takeDropped(): number {
    const { dropped } = this;
    this.dropped = 0;
    this.reportedDropped = 0;
    return dropped;
  }

  /** Takes over what an earlier outbox could not send; it goes out before everything that is pushed from now on. */
  take(pending: readonly PendingPublication[]): void {
    for (const one of pending) {
      const { publication, due } = one;
      this.enqueue(++this.pushed, one);
      if (isLasting(publication))
        this.store?.put(onDisk({ number: this.pushed, publication, due }, this.clock));
    }
    this.pump();
  }

  /** Takes back the stored messages, under their own numbers. Only before anything is pushed. `done` is for each. */
  restore(messages: readonly StoredMessage[], done: Done): void {
    for (const message of messages) {
      const { number, publication, due } = inMemory(message, this.clock);
      this.pushed = Math.max(this.pushed, number);
      this.enqueue(number, { publication, due, done });
    }
    this.pump();
  }

  /**
   * Hands nothing over until the next `attach`, and calls `then` once nothing is under way. A message that the server
   * has, but has not confirmed yet, would be sent a second time.
   */
  drain(then: () => void): void {
    this.sender = undefined;
    this.drained = then;
    this.tellDrained();
  }

  private tellDrained(): void {
    if (this.underway.size > 0) return;
    const { drained } = this;
    this.drained = undefined;
    drained?.();
  }

  /**
   * Ends the queue and returns the messages that have not reached the server, oldest first, without calling a `done`.
   */
  giveAway(reason: Error): PendingPublication[] {
    const rest = this.end(reason);
    return rest.map(({ publication, due, done }) => ({ publication, due, done }));
  }

  /** All that has not reached the server, oldest first; for the store's rewriting. */
  *pending(): Iterable<StoredMessage> {
    for (const entries of [this.underway, this.waiting.all])
      for (const { number, publication, due } of entries)
        if (isLasting(publication)) yield onDisk({ number, publication, due }, this.clock);
  }

  private whyNot(publication: Publication): Error | undefined {
    return this.poison.refuses(publication, bytesOf(publication), this.clock.steady());
  }

  private enqueue(number: number, { publication, due, done }: PendingPublication): void {
    this.waiting.push({ number, publication, bytes: bytesOf(publication), due, done, turn: 0 });
    if (due < this.nextLook) this.forgetAge();
  }

  /** A connection is there: sends what waits. */
  attach(sender: OutboxSink): void {
    this.sender = sender;
    this.pump();
  }

  /**
   * The connection is lost, before `detach`. The message to blame, if it was sent on its own at last, is given up.
   * @returns that message, for people; and whether the client must not send again what is under way
   */
  lost(loss: LinkLoss): { behind: string | undefined; takeBack: boolean } {
    const unconfirmed = [...this.underway].filter(({ publication }) => publication.qos > 0);
    const { behind, guilty } = this.poison.lost(loss, unconfirmed, this.clock.steady());
    if (guilty) this.giveUp(guilty);
    const [first] = unconfirmed;
    return { behind, takeBack: guilty !== undefined || (first !== undefined && this.poison.isStuck(first)) };
  }

  private giveUp({ entry, error }: NonNullable<LossOutcome<Entry>['guilty']>): void {
    entry.turn += 1;
    if (this.underway.delete(entry) && entry.publication.qos > 0) this.count(entry, -1);
    const like = this.waiting.takeOut(({ publication }) => this.whyNot(publication) !== undefined);
    this.settle(entry, error);
    for (const one of like) this.settle(one, this.whyNot(one.publication));
  }

  /** Another server: suspicions about the last one do not count. */
  serverChanged(): void {
    this.poison.forget();
  }

  /**
   * The connection is gone. Messages written at QoS 0 without a callback go back to the front. Those above QoS 0 stay
   * with the client, which sends them again, unless `abandon` says that this client is over.
   */
  detach(abandon: boolean): void {
    this.sender = undefined;
    this.poison.adjourn();
    this.waiting.allCount();
    this.takeBack(abandon);
    for (const { done } of this.waiting.takeOut(({ publication }) => publication.dropOffline === true))
      this.forgo(done);
    this.pump();
  }

  /**
   * The server has forgotten the messages under way: they wait again, and go out first with the `attach` that follows.
   * Until then they have room beside the bounds, so that they push nothing out.
   */
  forgotten(): void {
    this.waiting.doNotCount(this.takeBack(true));
  }

  private takeBack(abandon: boolean): Entry[] {
    const back: Entry[] = [];
    for (const entry of this.underway) {
      if (!abandon && entry.publication.qos > 0) continue;
      entry.turn += 1;
      this.underway.delete(entry);
      if (entry.publication.qos > 0) this.count(entry, -1);
      back.push(entry);
    }
    if (back.length > 0) {
      // Messages of an earlier time may be waiting already.
      this.waiting.putBack(back, (a, b) => a.number - b.number);
      // They are older than the timer assumes.
      this.forgetAge();
    }
    return back;
  }

  /** The socket has room again. */
  resume(): void {
    this.pump();
  }

  /** Ends it: every message that is not out gets `reason`, and so does every later one. */
  close(reason: Error): void {
    for (const entry of this.end(reason)) this.settle(entry, reason);
  }

  private end(reason: Error): Entry[] {
    this.closed = reason;
    this.sender = undefined;
    this.forgetAge();
    const rest = [...this.underway, ...this.waiting.takeOut()];
    this.underway.clear();
    for (const entry of rest) entry.turn += 1;
    return rest.sort((a, b) => a.number - b.number);
  }

  private settle(entry: Entry, error?: Error): void {
    if (isLasting(entry.publication)) this.store?.remove(entry.number);
    if (this.poison.active) this.poison.ended(entry);
    entry.done(error);
  }

  /**
   * After every change: sends what can go, drops what is too much, sets the timer, and reports the number of waiting
   * messages.
   */
  private pump(): void {
    // A sender may call back at once, and a callback may push: one loop at a time.
    if (this.pumping) return;
    this.pumping = true;
    try {
      do {
        while (this.sender?.writable) {
          const entry = this.waiting.first;
          if (!entry) break;
          if (entry.publication.qos > 0 && !this.hasRoom(entry, this.sender)) break;
          if (this.poison.active && !this.poison.mayGo(entry, this.underway.size)) break;
          this.waiting.shift();
          this.hand(entry, this.sender);
        }
        // One that was dropped may have stood before one that can go.
      } while (this.enforceLimits());
    } finally {
      this.pumping = false;
    }
    if (this.size === 0) this.forgetAge();
    else this.watchAge();
    this.tell();
  }

  private tell(): void {
    if (this.size === this.reported && this.dropped === this.reportedDropped) return;
    this.reported = this.size;
    this.reportedDropped = this.dropped;
    this.changed();
  }

  private hand(entry: Entry, sender: OutboxSink): void {
    entry.turn += 1;
    const { turn } = entry;
    this.underway.add(entry);
    if (entry.publication.qos > 0) this.count(entry, 1);
    else this.poison.wrote(entry.publication.topic);
    const alone = this.poison.active && this.poison.begins(entry, this.clock);
    const sent = (error?: Error): void => {
      if (entry.turn !== turn) return;
      entry.turn += 1;
      this.underway.delete(entry);
      if (entry.publication.qos > 0) this.count(entry, -1);
      this.settle(entry, error);
      if (this.size > 0) this.pump();
      if (this.drained) this.tellDrained();
    };
    try {
      const publication = restOf(entry.publication, this.clock);
      if (alone && sender.sendAlone) sender.sendAlone(publication, sent);
      else sender.send(publication, sent);
    } catch (error) {
      sent(error as Error);
    }
  }

  private count(entry: Entry, sign: 1 | -1): void {
    this.aboveZero += sign;
    if (entry.publication.qos === 2) this.qos2 += sign;
    this.unconfirmed += sign * entry.bytes;
  }

  /** A line that takes everything and confirms nothing must not become a second, unbounded queue. */
  private hasRoom(entry: Entry, sender: OutboxSink): boolean {
    if (this.aboveZero === 0) return true;
    if (entry.publication.qos === 2 && this.qos2 >= (sender.qos2Window ?? sender.window)) return false;
    const most = Math.max(this.limits.bytes, LEAST_UNCONFIRMED);
    return this.aboveZero < sender.window && this.unconfirmed + entry.bytes <= most;
  }

  /** Drops what is too much; false if nothing was. */
  private enforceLimits(): boolean {
    const { messages, bytes } = this.limits;
    const over = this.waiting.overflow(this.limits);
    if (!over) return false;
    const why = over.isLarger
      ? text('mqtt.cannotWait', { bytes })
      : text('mqtt.queueFull', { messages, bytes });
    this.drop(over.entry, why);
    return true;
  }

  private drop(entry: Entry, why: Text, code: 'network' | 'timeout' = 'network'): void {
    if (entry.publication.dropOffline) this.forgo(entry.done);
    else this.settle(entry, new LinkError(code, sentences(why, topicText(entry.publication.topic))));
  }

  /**
   * One timer, for the message that is too old first: not always the oldest, as one of a predecessor has the time that
   * counted there. After a look the next one is at least `pause` milliseconds away.
   */
  private watchAge(pause = 0): void {
    if (this.stopTimer) return;
    const now = this.clock.steady();
    const wait = Math.max(pause, this.waiting.least(({ due }) => due) - now);
    this.nextLook = now + wait;
    this.stopTimer = this.clock.after(wait, () => {
      this.forgetAge();
      const late = this.clock.steady();
      const why = text('mqtt.queueTtl', { seconds: Math.round(this.limits.ttl / 1000) });
      for (const entry of this.waiting.takeOut(({ due }) => due <= late))
        this.drop(entry, expired(entry.publication, late) ?? why, 'timeout');
      if (this.size > 0) this.watchAge(BETWEEN_LOOKS);
      this.pump();
    });
  }

  private forgetAge(): void {
    this.stopTimer?.();
    this.stopTimer = undefined;
    this.nextLook = Number.POSITIVE_INFINITY;
  }
}
