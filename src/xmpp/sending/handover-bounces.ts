/** Messages of an earlier session that went out through this one: the node that sent them does not hear what comes back. */

import type { Element } from '@xmpp/client';
import type { Clock } from '../../base/clock';
import { plain } from '../../base/printable';

import type { PendingStanza } from '../session/stanza-queue';
import type { Stanzas } from '../stanzas';
import { errorOf } from '../stanzas';

/** Messages that came back: their number, and the first one's recipient and error. */
export interface Bounce {
  count: number;
  to: string;
  why: string;
}

/** Milliseconds that a recipient's server may take to send one back. */
const BOUNCE_WINDOW = 5 * 60_000;
/** Milliseconds in which returned messages are reported together. */
const TOGETHER = 1_000;

/**
 * Listens for messages that come back (RFC 6121 §8.5.2) though somebody's `done` said that the server has them: a room
 * that takes the account in no more refuses what is said there only then. What comes back soon after each other is told once.
 */
export class HandoverBounces {
  private readonly ids = new Set<string>();
  private open = 0;
  private stop: (() => void) | undefined;
  private end: (() => void) | undefined;
  private back: Bounce | undefined;

  constructor(
    private readonly stanzas: Pick<Stanzas, 'onStanza'>,
    private readonly clock: Clock,
    private readonly tell: (back: Bounce) => void,
  ) {}

  /** Returns the stanzas that the successor takes instead of `unsent`. */
  watch(unsent: readonly PendingStanza[]): PendingStanza[] {
    return unsent.map((one) => {
      const { id } = one;
      if (id === undefined) return one;
      this.ids.add(id);
      this.open += 1;
      this.end ??= this.stanzas.onStanza((stanza) => this.take(stanza));
      return {
        ...one,
        done: (error) => {
          this.open -= 1;
          if (error) this.ids.delete(id);
          this.wait();
          one.done(error);
        },
      };
    });
  }

  close(): void {
    this.report();
    this.stop?.();
    this.end?.();
    this.end = undefined;
    this.ids.clear();
  }

  private take(stanza: Element): void {
    const { name, attrs } = stanza;
    if (name !== 'message' || attrs.type !== 'error' || !this.ids.delete(attrs.id ?? '')) return;
    if (this.back) {
      this.back.count += 1;
      return;
    }
    const { condition, text } = errorOf(stanza);
    const to = plain((attrs.from ?? '').split('/', 1)[0] ?? '');
    this.back = { count: 1, to, why: plain(text === '' ? condition : `${condition}: ${text}`, 200) };
    this.clock.after(TOGETHER, () => this.report());
  }

  private report(): void {
    const back = this.back;
    this.back = undefined;
    if (back) this.tell(back);
  }

  /** Waits for the last ones to come back, once the server has all of them. */
  private wait(): void {
    if (this.open > 0) return;
    this.stop?.();
    this.stop = this.clock.after(BOUNCE_WINDOW, () => this.close());
  }
}
