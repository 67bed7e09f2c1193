import type { Clock } from '../../base/clock';
import { quote } from '../../base/printable';
import type { LinkError } from '../errors';
import type { Publication } from '../messages';
import { isAnswer, isProof, type LinkLoss, LossCounter } from './loss-counter';
import { Quarantine } from './quarantine';

/** Messages at QoS 0 whose topics are remembered: what the server was still reading when it closed. */
const RECENT = 16;
/** Losses behind a message at QoS 0 that was sent on its own before it is given up. */
const GUILTY_AT_QOS_0 = 2;

/** Losses in a row behind the oldest one after which nothing else is to be expected. */
const HOPELESS = 5;

interface Suspect {
  readonly publication: Publication;
  readonly bytes: number;
}

/** What follows a loss. */
export interface PoisonVerdict<E> {
  /** Behind what of ours the line was lost once more, for people. */
  behind: string | undefined;
  /** It is given up, and what its flow is told. */
  guilty: { entry: E; error: LinkError } | undefined;
}

/**
 * Which messages have to be sent on their own, because the line was lost right behind them, and which are given up.
 * Above QoS 0 a message itself is looked at; at QoS 0, where the server says nothing, its topic.
 */
export class PoisonDetector<E extends Suspect> {
  private readonly losses = new LossCounter<E | string>();
  private readonly topics = new LossCounter<string>();
  private readonly quarantine = new Quarantine();
  private readonly recent: string[] = [];
  private written = 0;
  /** The one that is on trial: nothing else is under way. */
  private alone: E | undefined;
  /** Since when, in steady milliseconds. */
  private aloneSince = 0;
  /** Somebody is looked at. In good times this is all that a message costs. */
  active = false;
  /** Something was given up, and its like is not sent. */
  sparing = false;

  /** A new connection has to begin with care: what is suspected comes behind an answer of the server. */
  get probation(): boolean {
    return this.active && (this.losses.suspects || this.topics.suspects);
  }

  /** One at QoS 0 is handed over. */
  wrote(topic: string): void {
    this.recent[this.written++ % RECENT] = topic;
  }

  /** True if it may be handed over while so many are under way. */
  mayGo(entry: E, underway: number): boolean {
    return underway === 0 || (this.alone === undefined && !this.isSuspect(entry));
  }

  /** It is handed over; true where it is on trial, so that the server has to answer behind it. */
  begins(entry: E, clock: Pick<Clock, 'steady'>): boolean {
    if (!this.isSuspect(entry)) return false;
    this.alone = entry;
    this.aloneSince = clock.steady();
    return true;
  }

  /** The server has it, or has refused it, or it is dropped. */
  ended(entry: E): void {
    if (this.alone === entry) {
      this.alone = undefined;
      this.topics.clear(entry.publication.topic);
      this.losses.clear(keyOf(entry));
    } else if (entry.publication.qos > 0) this.losses.clear(entry);
    this.look();
  }

  /**
   * In a session that is kept, the client sends the oldest one again by itself, before anything else. To take all back
   * costs QoS 2 its promise, so it has to be hopeless.
   */
  isStuck(oldest: E): boolean {
    return this.losses.count(oldest) >= HOPELESS;
  }

  /** There is no connection any more; nothing is on trial. */
  adjourn(): void {
    this.alone = undefined;
  }

  /** The connection is lost; `unconfirmed` were under way above QoS 0. `now`: steady milliseconds. */
  lost(loss: LinkLoss, unconfirmed: readonly E[], now: number): PoisonVerdict<E> {
    const { alone } = this;
    this.alone = undefined;
    const verdict = alone ? this.lostAlone(loss, alone, now) : this.lostBehind(loss, unconfirmed, now);
    this.look();
    return verdict;
  }

  /** Why it is not sent at all; undefined: it is. */
  refuses(publication: Publication, bytes: number, now: number): LinkError | undefined {
    const error = this.quarantine.refuses(publication, bytes, now);
    this.sparing = !this.quarantine.isEmpty;
    return error;
  }

  /** Another server, or what there is to say of it has changed. */
  forget(): void {
    this.losses.forget();
    this.topics.forget();
    this.quarantine.forget();
    this.alone = undefined;
    this.active = false;
    this.sparing = false;
  }

  private lostAlone(loss: LinkLoss, entry: E, now: number): PoisonVerdict<E> {
    const { publication, bytes } = entry;
    if (!isAnswer({ ...loss, held: 0 }) || !isProof(loss, now - this.aloneSince, bytes))
      return { behind: undefined, guilty: undefined };
    const most = publication.qos > 0 ? undefined : GUILTY_AT_QOS_0;
    const isGuilty = this.losses.lostAlone(keyOf(entry), now, most);
    let guilty: PoisonVerdict<E>['guilty'];
    if (isGuilty) {
      this.topics.clear(publication.topic);
      guilty = { entry, error: this.quarantine.add(publication, bytes, loss.reason, now) };
      this.sparing = true;
    }
    return { behind: quote(publication.topic), guilty };
  }

  private lostBehind(loss: LinkLoss, unconfirmed: readonly E[], now: number): PoisonVerdict<E> {
    const { recent } = this;
    const bytes = unconfirmed.reduce((sum, entry) => sum + entry.bytes, 0);
    const isRightBehind = isAnswer(loss, bytes);
    // A long life says nothing for what came at its end.
    const mayBe = isAnswer({ ...loss, held: 0 });
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
