import { quote } from '../topics/filter';
import { LinkError } from './errors';
import type { WireFilter } from './wire-filter';

/** Once may be chance. */
const MOST_FAULTS = 2;

/**
 * Finds the filter that a server answers with a SUBACK which nobody can read, such as code 0x8F on MQTT 3.1.1: the
 * line breaks, and with the same filter the next one would break again, for ever. Where several waited for their
 * answer, the next connection asks for one at a time; one that breaks it twice is given up, so that the others work.
 */
export class SubackFaults {
  private readonly waiting = new Set<WireFilter>();
  private alone = false;
  private blamedOne = false;

  /** Another SUBSCRIBE must not go out yet. */
  get mustWait(): boolean {
    return this.alone && this.waiting.size > 0;
  }

  /** One filter in a packet, and one packet at a time. */
  get oneByOne(): boolean {
    return this.alone;
  }

  asked(filters: readonly WireFilter[]): void {
    for (const filter of filters) this.waiting.add(filter);
  }

  /** The answer is there, or is not waited for any more. */
  settled(filters: readonly WireFilter[]): void {
    for (const filter of filters) this.waiting.delete(filter);
  }

  /** All have been asked for and answered. Where no single one was to blame, several in one packet are, and stay apart. */
  allSettled(): void {
    if (this.waiting.size > 0 || !this.blamedOne) return;
    this.alone = false;
    this.blamedOne = false;
  }

  /** The connection is gone; `unreadable`: because of a SUBACK. */
  lost(unreadable: boolean): void {
    const [first, ...others] = this.waiting;
    this.waiting.clear();
    if (!unreadable || !first) return;
    this.alone = true;
    if (others.length > 0) return;
    this.blamedOne = true;
    first.faults += 1;
    if (first.faults < MOST_FAULTS) return;
    first.unreadable = new LinkError(
      'protocol',
      `The server answers the subscription to ${quote(first.wire)} in a way that breaks the MQTT protocol and ends the connection: it is left out. ` +
        'The server may not take this filter (too many levels, or no wildcards?): change it, or set the MQTT version to 5.',
    );
  }
}
