import { sentences, text } from '../../base/catalogue';
import { plain, quote } from '../../base/printable';
import { LinkError, SubackError } from '../errors';
import { isAnswer, isProof, type LinkLoss } from '../poison/loss-counter';
import { oddCharacters } from '../poison/quarantine';
import type { WireFilter } from './wire-filter';

/** Once may be chance. */
const MAX_FAULTS = 2;
/** Losses behind a filter before fewer go into one packet, and packets wait for each other. */
const SUSPICIOUS = 2;
/** Losses behind a filter, the last one when it was asked for on its own, before it is left out. */
const GUILTY = 3;
/** Filters in one packet that every server takes; one cloud closes the connection for more. */
const SMALL_BATCH = 8;

/**
 * Finds the filter for which a server ends the connection, with an unreadable SUBACK (code 0x8F on MQTT 3.1.1) or
 * without an answer. With the same filter the next connection would break again, forever. From then on packets wait
 * for each other. Behind an unreadable SUBACK each packet has one filter, and a filter that breaks the connection
 * twice is given up. Without an answer, small packets are tried, and the one that ends the connection is halved until
 * one filter is left. If the small ones pass, it was their number, and packets stay small.
 */
export class SubackFaults {
  private readonly waiting = new Set<WireFilter>();
  private alone = false;
  private probation = false;
  private blamedOne = false;
  /** Filters that one packet may have, as far as this server has shown. */
  most = Number.POSITIVE_INFINITY;
  /** The smallest number that passed where a larger one did not. */
  private passed = Number.POSITIVE_INFINITY;

  /** Another SUBSCRIBE must not go out yet. */
  get mustWait(): boolean {
    return this.oneByOne && this.waiting.size > 0;
  }

  /** One packet at a time. */
  get oneByOne(): boolean {
    return this.alone || this.probation;
  }

  /**
   * The connection was lost behind filters more than once: a new one has to prove that it lives before it gets more.
   */
  get suspects(): boolean {
    return this.probation;
  }

  /** All that is asked for is answered. */
  get isQuiet(): boolean {
    return this.waiting.size === 0;
  }

  /** Filters that may go out together with this one. */
  limitOf(filter: WireFilter): number {
    return this.alone ? 1 : Math.min(filter.together, this.most);
  }

  asked(filters: readonly WireFilter[]): void {
    for (const filter of filters) this.waiting.add(filter);
  }

  /** The answer is there, or is not waited for any more. */
  settled(filters: readonly WireFilter[]): void {
    for (const filter of filters) {
      this.waiting.delete(filter);
      filter.losses = 0;
    }
  }

  /** All have been asked for and answered. Where no single one was to blame, several in one packet are, and stay apart. */
  allSettled(filters: Iterable<WireFilter>): void {
    if (this.waiting.size > 0) return;
    if (this.probation) {
      this.probation = false;
      if (!this.blamedOne) this.most = Math.min(this.most, this.passed);
      this.passed = Number.POSITIVE_INFINITY;
      for (const filter of filters) filter.together = Number.POSITIVE_INFINITY;
    }
    if (!this.blamedOne) return;
    this.alone = false;
    this.blamedOne = false;
  }

  /**
   * The connection is gone; `loss` if it was lost after the server had accepted it, `after` milliseconds behind the
   * last SUBSCRIBE.
   * @returns the filters behind which it was lost once more, for people; undefined: it was not.
   */
  lost(loss: LinkLoss | undefined, after: number): string | undefined {
    const waiting = [...this.waiting];
    this.waiting.clear();
    if (!loss || waiting.length === 0) return undefined;
    if (loss.reason instanceof SubackError) this.unreadable(waiting);
    else if (this.oneByOne ? isProof(loss, after) && isAnswer({ ...loss, uptime: 0 }) : isAnswer(loss))
      return this.unanswered(waiting, loss);
    return undefined;
  }

  /** Another server: no suspicion applies there. */
  forget(filters: Iterable<WireFilter>): void {
    this.alone = false;
    this.probation = false;
    this.blamedOne = false;
    this.most = Number.POSITIVE_INFINITY;
    this.passed = Number.POSITIVE_INFINITY;
    for (const filter of filters) {
      filter.faults = 0;
      filter.losses = 0;
      filter.together = Number.POSITIVE_INFINITY;
      filter.unreadable = undefined;
    }
  }

  private unreadable([first, ...others]: WireFilter[]): void {
    if (!first) return;
    this.alone = true;
    if (others.length > 0) return;
    this.blamedOne = true;
    first.faults += 1;
    if (first.faults < MAX_FAULTS) return;
    first.unreadable = new LinkError('protocol', text('mqtt.filterBreaks', { filter: plain(first.wire) }));
  }

  private unanswered(waiting: readonly WireFilter[], { reason }: LinkLoss): string | undefined {
    const [first] = waiting;
    if (!first) return undefined;
    const wereAlone = this.oneByOne;
    for (const filter of waiting) filter.losses += 1;
    const suspects = waiting.filter(({ losses }) => losses >= SUSPICIOUS);
    if (suspects.length === 0) return undefined;
    this.probation = true;
    if (wereAlone && waiting.length === 1 && first.losses >= GUILTY) {
      this.blamedOne = true;
      first.unreadable = leftOut(first.wire, reason);
    } else {
      const together = Math.max(1, Math.min(SMALL_BATCH, Math.floor(waiting.length / 2)));
      for (const filter of waiting) filter.together = together;
      this.passed = Math.min(this.passed, together);
    }
    return `${quote(first.wire)}${waiting.length > 1 ? ' …' : ''}`;
  }
}

function leftOut(wire: string, reason: LinkError): LinkError {
  return new LinkError(
    'refused',
    sentences(
      text('mqtt.filterLeftOut', { filter: plain(wire) }),
      reason.text,
      oddCharacters(wire),
      text('mqtt.doChangeFilter'),
    ),
    false,
    { cause: reason },
  );
}
