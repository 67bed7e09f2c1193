import type { Clock } from '../../base/clock';
import { quote } from '../../base/printable';
import type { LinkError } from '../errors';
import type { Publication } from '../messages';
import { isAnswer, isProof, type LinkLoss, LossCounter } from './loss-counter';
import { Quarantine } from './quarantine';

/** Last messages at QoS 0 whose topics are remembered: the server may still have been reading them when it closed. */
const RECENT = 16;
/** Losses behind a message at QoS 0 that was sent on its own, after which it is given up. */
const GUILTY_AT_QOS_0 = 2;

/** Losses in a row behind the oldest message after which it is hopeless. */
const HOPELESS = 5;

interface Suspect {
  readonly publication: Publication;
  readonly bytes: number;
}

/** Consequences of a loss. */
export interface LossOutcome<E> {
  /** Topic behind which the line was lost once more, for people. */
  behind: string | undefined;
  /** The message to give up, with the error for its flow. */
  guilty: { entry: E; error: LinkError } | undefined;
}

/**
 * Decides which messages are sent on their own, because the line was lost right behind them, and which are given up.
 * Above QoS 0 the message itself is suspected; at QoS 0, where the server says nothing, its topic.
 */
export class PoisonDetector<E extends Suspect> {
  private readonly losses = new LossCounter<E | string>();
  private readonly topics = new LossCounter<string>();
  private readonly quarantine = new Quarantine();
  private readonly recent: string[] = [];
  private written = 0;
  /** The message on trial: nothing else is under way. */
  private alone: E | undefined;
  /** Start of the trial, in steady milliseconds. */
  private aloneSince = 0;
  /** True if there may be suspects. In good times this is all that a message costs. */
  active = false;
  /** True if a message was given up, and its like is not sent. */
  sparing = false;

  /** True if a new connection has to begin with care: suspects come behind an answer of the server. */
  get probation(): boolean {
    return this.active && (this.losses.suspects || this.topics.suspects);
  }

  /** Notes a message at QoS 0 that is handed over. */
  wrote(topic: string): void {
    this.recent[this.written++ % RECENT] = topic;
  }

  /** True if it may be handed over while so many are under way. */
  mayGo(entry: E, underway: number): boolean {
    return underway === 0 || (this.alone === undefined && !this.isSuspect(entry));
  }

  /** Notes a message that is handed over; true if it is on trial, so that the server has to answer behind it. */
  begins(entry: E, clock: Pick<Clock, 'steady'>): boolean {
    if (!this.isSuspect(entry)) return false;
    this.alone = entry;
    this.aloneSince = clock.steady();
    return true;
  }

  /** Notes a message that the server has or has refused, or that is dropped. */
  ended(entry: E): void {
    if (this.alone === entry) {
      this.alone = undefined;
      this.topics.clear(entry.publication.topic);
      this.losses.clear(keyOf(entry));
    } else if (entry.publication.qos > 0) this.losses.clear(entry);
    this.look();
  }

  /**
   * True if the oldest message is hopeless. In a kept session the client resends it by itself, before anything else; to
   * take all back costs QoS 2 its promise.
   */
  isStuck(oldest: E): boolean {
    return this.losses.count(oldest) >= HOPELESS;
  }

  /** Ends the trial without a verdict: there is no connection any more. */
  adjourn(): void {
    this.alone = undefined;
  }

  /** Judges a loss; `unconfirmed` were under way above QoS 0. `now`: steady milliseconds. */
  lost(loss: LinkLoss, unconfirmed: readonly E[], now: number): LossOutcome<E> {
    const { alone } = this;
    this.alone = undefined;
    const verdict = alone ? this.lostAlone(loss, alone, now) : this.lostBehind(loss, unconfirmed, now);
    this.look();
    return verdict;
  }

  /** The reason why it is not sent at all; undefined if it is. */
  refuses(publication: Publication, bytes: number, now: number): LinkError | undefined {
    const error = this.quarantine.refuses(publication, bytes, now);
    this.sparing = !this.quarantine.isEmpty;
    return error;
  }

  /** Forgets everything: the server or its settings have changed. */
  forget(): void {
    this.losses.forget();
    this.topics.forget();
    this.quarantine.forget();
    this.alone = undefined;
    this.active = false;
    this.sparing = false;
  }

  private lostAlone(loss: LinkLoss, entry: E, now: number): LossOutcome<E> {
    const { publication, bytes } = entry;
    if (!isAnswer({ ...loss, uptime: 0 }) || !isProof(loss, now - this.aloneSince, bytes))
      return { behind: undefined, guilty: undefined };
    const most = publication.qos > 0 ? undefined : GUILTY_AT_QOS_0;
    const isGuilty = this.losses.lostAlone(keyOf(entry), now, most);
    let guilty: LossOutcome<E>['guilty'];
    if (isGuilty) {
      this.topics.clear(publication.topic);
      guilty = { entry, error: this.quarantine.add(publication, bytes, loss.reason, now) };
      this.sparing = true;
    }
    return { behind: quote(publication.topic), guilty };
  }

  private lostBehind(loss: LinkLoss, unconfirmed: readonly E[], now: number): LossOutcome<E> {
    const { recent } = this;
    const bytes = unconfirmed.reduce((sum, entry) => sum + entry.bytes, 0);
    const isRightBehind = isAnswer(loss, bytes);
    // A long life does not clear messages at its end.
    const mayBe = isAnswer({ ...loss, uptime: 0 });
    const behind = unconfirmed.filter((entry) => isRightBehind || (mayBe && this.losses.count(entry) === 0));
    this.losses.lost(behind, now);
    if (mayBe && loss.reason.code !== 'keepalive') this.topics.lost(new Set(recent), now);
    recent.length = 0;
    this.written = 0;
    const first = behind.find((entry) => this.losses.isSuspect(entry));
    return { behind: first && quote(first.publication.topic), guilty: undefined };
  }

  private isSuspect(entry: E): boolean {
    const { qos, topic } = entry.publication;
    return qos > 0 ? this.losses.isSuspect(entry) : this.topics.isSuspect(topic);
  }

  private look(): void {
    this.active = !this.losses.isIdle || !this.topics.isIdle;
  }
}

function keyOf<E extends Suspect>(entry: E): E | string {
  return entry.publication.qos > 0 ? entry : entry.publication.topic;
}
