import type { Clock } from '../../base/clock';
import type { ServerProfile } from '../../servers/profiles';
import { OverlapCheck } from './overlap-check';
import type { SubscriptionLink } from './subscription-context';

/** Messages that may wait for the end of a probe. */
const MAX_BUFFERED = 1_000;

/** This server's way with overlapping filters, found out when it first matters. */
export class Overlaps {
  private answer: ServerProfile['overlapping'] = 'unknown';
  /** Stays after its end: more copies of its message may follow. */
  private check: OverlapCheck | undefined;
  /** Messages that came meanwhile for overlapping filters. Copies can be recognised only afterwards. */
  private buffered: (() => void)[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly random: () => number,
  ) {}

  /** The profile's answer. */
  learn({ overlapping }: ServerProfile): void {
    if (overlapping !== 'unknown') this.answer = overlapping;
  }

  /** The answer is unknown, and no probe is under way. */
  get isUnknown(): boolean {
    return this.answer === 'unknown' && !this.checking;
  }

  /** The server sends a copy of a message for each filter that matches. */
  get perFilter(): boolean {
    return this.answer === 'perFilter';
  }

  ask(link: SubscriptionLink): void {
    const name = this.random().toString(36).slice(2, 10);
    this.check = new OverlapCheck(name, link, this.clock, (answer) => {
      this.answer = answer;
      this.release();
    });
  }

  /**
   * The connection is gone; `lost`: not because we left. A probe that was under way is not repeated: the server may
   * have closed because of it, as a policy may forbid its message. One copy is assumed then, which loses no message:
   * at worst a node gets one twice.
   */
  cancel(lost: boolean): void {
    if (lost && this.checking) this.answer = 'once';
    this.check?.cancel();
    this.check = undefined;
    this.release();
  }

  /** Another server. */
  forget(): void {
    this.answer = 'unknown';
  }

  /** True if the message was the check's. */
  take(topic: string): boolean {
    return this.check?.take(topic) === true;
  }

  /** The server is being asked, and a message for overlapping filters has to wait. */
  get mustWait(): boolean {
    return this.checking && this.buffered.length < MAX_BUFFERED;
  }

  buffer(deliver: () => void): void {
    this.buffered.push(deliver);
  }

  private get checking(): boolean {
    return this.check !== undefined && !this.check.isOver;
  }

  private release(): void {
    const { buffered } = this;
    this.buffered = [];
    for (const deliver of buffered) deliver();
  }
}
