/** Stanzas that were handed over and are not acknowledged yet: waiting, or under way on the present stream. */
import { BoundedQueue, type QueueLimits } from '../../base/bounded-queue';
import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { BlockedError, XmppError } from '../errors';
import type { Sent } from '../stanzas';
import { countLoss, isSuspect, type StreamLoss, type Suspect } from './poison-stanzas';

/** A message that the server does not have, on its way to another session of the same account. */
export interface PendingStanza {
  readonly text: string;
  /** When it was handed over, by the steady clock of this process. */
  readonly since: number;
  /** Bare JID of the room, for a stanza to a room. We have to join it first. */
  readonly room: string | undefined;
  /** Id of the message, which the server names when it sends the message back. */
  readonly id?: string | undefined;
  readonly done: Sent;
}

/** One stanza. */
export interface QueuedStanza extends PendingStanza, Suspect {
  /** True for a stanza that is sent again after a stream that could not be resumed. */
  readonly lasting: boolean;
  /** True once its `done` was called. It only keeps its place in the count. */
  over: boolean;
}

/** Unacknowledged bytes on the line at most (or one stanza): what the slowest shaper, 3 kB a second, takes in 22 s. */
const WINDOW_BYTES = 65_536;
/** Unacknowledged bytes above which dispensable stanzas are left out. */
const CONGESTED_BYTES = 262_144;
/**
 * First in, first out, bounded. `done` is called exactly once for every stanza. Counting is by position: the server
 * acknowledges a number of stanzas, and these are the oldest ones under way.
 */
export class StanzaQueue {
  private ahead: QueuedStanza[] | undefined;
  private readonly unsent = new BoundedQueue<QueuedStanza>();
  /** On the line, in the order in which the server counts them. */
  private readonly unacked = new BoundedQueue<QueuedStanza>();
  private lastProgress = Number.NEGATIVE_INFINITY;
  /** The number of waiting stanzas that `changed` last saw. */
  private reported = 0;
  private stopTimer: (() => void) | undefined;
  private pumping = false;
  private write: ((entry: QueuedStanza) => void) | undefined;

  constructor(
    /** `ttl` counts from the last time that the server took anything over. */
    private readonly limits: QueueLimits,
    private readonly clock: Clock,
    /** Called when the number of waiting stanzas changed. */
    private readonly changed: () => void,
    /** A stanza of so many bytes was given up, because the line broke behind it each time. */
    private readonly blocked: (bytes: number) => void = () => {},
  ) {}

  /** Stanzas that wait for the stream. */
  get waiting(): number {
    return this.unsent.size;
  }

  /** Stanzas on the line that the server has not acknowledged. */
  get underway(): number {
    return this.unacked.size;
  }

  /** When the server last acknowledged anything, by the steady clock; negative: never. */
  get progress(): number {
    return this.lastProgress;
  }

  /** True if the server lags far behind. */
  get congested(): boolean {
    return this.unacked.bytes > CONGESTED_BYTES;
  }

  /**
   * Queues a stanza.
   * @param about id of the message, and its room if it goes to one.
   */
  push(text: string, done: Sent, { room, id }: Partial<Pick<PendingStanza, 'room' | 'id'>> = {}): void {
    const entry = entryOf({ text, since: this.clock.steady(), room, id, done }, true);
    if (this.ahead) {
      this.ahead.push(entry);
      return;
    }
    this.unsent.push(entry);
    this.pump();
  }

  /** Writes at once, before all waiting stanzas, and never again. For `iq` and the session's own presence. */
  now(xml: string, done: Sent = () => {}): void {
    if (!this.write) {
      done(new XmppError('network', text('xmpp.noConnection')));
      return;
    }
    this.hand(entryOf({ text: xml, since: this.clock.steady(), room: undefined, done }, false));
    this.watchAge();
  }

  /** A stream is there: writes the waiting stanzas. Those that `first` pushes go before them. */
  attach(write: (entry: QueuedStanza) => void, first: () => void): void {
    this.write = write;
    this.ahead = [];
    try {
      first();
    } finally {
      const ahead = this.ahead;
      this.ahead = undefined;
      this.putBack(ahead);
    }
    this.pump();
  }

  /**
   * The stream is gone. Stanzas under way may have arrived or not.
   * @param lost set if a stanza of ours may be the reason. Suspects then go one by one, so that the guilty one is found
   * and given up, and does not end every later stream.
   */
  detach(lost?: StreamLoss): void {
    this.write = undefined;
    if (lost) for (const entry of this.unacked.all) this.accuse(entry, lost);
    this.pump();
  }

  /** The server has accepted so many more stanzas. False if fewer are under way. */
  acknowledged(count: number): boolean {
    if (count > this.underway) return false;
    if (count === 0) return true;
    this.lastProgress = this.clock.steady();
    for (let left = count; left > 0; left--) {
      const entry = this.unacked.shift();
      // Closed by a `done`.
      if (!entry) return true;
      settle(entry);
    }
    this.pump();
    return true;
  }

  /** The stream was resumed: stanzas that the server lacks are written again, in order, before anything else. */
  resumed(write: (entry: QueuedStanza) => void): void {
    this.returnAll(this.takeUnderway());
    this.write = write;
    this.pump();
  }

  /** The stream could not be resumed: messages under way wait again, first. All other stanzas are over. */
  forgotten(reason: XmppError): void {
    const back = this.takeUnderway();
    const over = [...back, ...this.unsent.takeOut(({ lasting }) => !lasting)].filter(
      ({ lasting }) => !lasting,
    );
    this.returnAll(back.filter(({ lasting }) => lasting));
    for (const entry of over) settle(entry, reason);
  }

  /** Ends it: every stanza that is not acknowledged gets `reason`. */
  close(reason: XmppError): void {
    for (const entry of this.takeAll()) settle(entry, reason);
  }

  /** Ends the queue. Messages that are not acknowledged are returned in order; other stanzas get `reason`. */
  giveAway(reason: XmppError): PendingStanza[] {
    const given: PendingStanza[] = [];
    for (const entry of this.takeAll()) {
      if (!isMessage(entry)) settle(entry, reason);
      else {
        entry.over = true;
        given.push(entry);
      }
    }
    return given;
  }

  /** Takes over stanzas that another queue gave away, before all waiting ones and beside the limits. */
  take(unsent: readonly PendingStanza[]): void {
    this.returnAll(unsent.map((one) => entryOf(one, true)));
    this.pump();
  }

  private accuse(entry: QueuedStanza, lost: StreamLoss): void {
    const guilt = countLoss(entry, lost);
    if (!guilt || entry.over) return;
    if (guilt instanceof BlockedError) this.blocked(entry.bytes);
    settle(entry, guilt);
  }

  private takeAll(): QueuedStanza[] {
    this.write = undefined;
    const rest = [...this.takeUnderway(), ...this.unsent.takeOut()];
    this.pump();
    this.forgetAge();
    return rest;
  }

  private takeUnderway(): QueuedStanza[] {
    return this.unacked.takeOut().filter(({ over }) => !over);
  }

  /** Stanzas that were under way wait beside the limits, because they are as good as sent and must push nothing out. */
  private returnAll(entries: QueuedStanza[]): void {
    this.putBack(entries);
    this.unsent.doNotCount(entries);
    this.tell();
  }

  private putBack(entries: QueuedStanza[]): void {
    if (entries.length === 0) return;
    this.unsent.putBack(entries);
    this.forgetAge();
  }

  private hand(entry: QueuedStanza): void {
    this.unacked.push(entry);
    this.write?.(entry);
  }

  private pump(): void {
    // A `done` may push: one loop at a time.
    if (this.pumping) return;
    this.pumping = true;
    try {
      do {
        while (this.write) {
          const entry = this.unsent.first;
          if (!entry) break;
          if (this.underway > 0 && !this.fits(entry)) break;
          this.unsent.shift();
          this.hand(entry);
        }
      } while (this.enforceLimits());
    } finally {
      this.pumping = false;
    }
    this.watchAge();
    this.tell();
  }

  /**
   * Reports the number of waiting stanzas at the end of a change. A listener that looks earlier sees it in the middle.
   */
  private tell(): void {
    if (this.waiting === this.reported) return;
    this.reported = this.waiting;
    this.changed();
  }

  private fits(entry: QueuedStanza): boolean {
    const before = this.unacked.last;
    const alone = isSuspect(entry) || (before !== undefined && isSuspect(before));
    return !alone && this.unacked.bytes + entry.bytes <= WINDOW_BYTES;
  }

  /** Drops stanzas beyond the limits; false if there were none. */
  private enforceLimits(): boolean {
    const { messages, bytes } = this.limits;
    const tooMuch = this.unsent.overflow(this.limits);
    if (!tooMuch) return false;
    const why = tooMuch.isLarger
      ? text('xmpp.cannotWait', { bytes })
      : text('xmpp.queueFull', { messages, bytes });
    settle(tooMuch.entry, new XmppError('network', why));
    return true;
  }

  /** One timer, for the oldest stanza. Those under way count as well, because nobody says that they arrived. */
  private watchAge(): void {
    if (this.stopTimer) return;
    const oldest = this.oldestUnderway() ?? this.unsent.first;
    if (!oldest) return;
    const wait = Math.max(0, this.due(oldest) - this.clock.steady());
    this.stopTimer = this.clock.after(wait, () => {
      this.stopTimer = undefined;
      this.expire();
      this.pump();
    });
  }

  private oldestUnderway(): QueuedStanza | undefined {
    return this.unacked.find(({ over }) => !over);
  }

  private due({ since }: QueuedStanza): number {
    return Math.max(since, this.lastProgress) + this.limits.ttl;
  }

  private expire(): void {
    const now = this.clock.steady();
    const late = (entry: QueuedStanza | undefined): entry is QueuedStanza =>
      entry !== undefined && this.due(entry) <= now;
    const over: QueuedStanza[] = [];
    for (let entry = this.oldestUnderway(); late(entry); entry = this.oldestUnderway()) {
      entry.over = true;
      over.push(entry);
    }
    while (late(this.unsent.first)) over.push(this.unsent.shift() as QueuedStanza);
    const seconds = Math.round(this.limits.ttl / 1_000);
    for (const { done } of over) {
      done(new XmppError('timeout', text('xmpp.notAcknowledged', { seconds })));
    }
  }

  private forgetAge(): void {
    this.stopTimer?.();
    this.stopTimer = undefined;
  }
}

function entryOf({ text, since, room, id, done }: PendingStanza, lasting: boolean): QueuedStanza {
  const bytes = Buffer.byteLength(text);
  return { text, since, room, id, done, bytes, lasting, over: false, strikes: 0, losses: 0 };
}

function isMessage({ text, lasting }: QueuedStanza): boolean {
  return lasting && text.startsWith('<message');
}

function settle(entry: QueuedStanza, error?: XmppError): void {
  if (entry.over) return;
  entry.over = true;
  entry.done(error);
}
