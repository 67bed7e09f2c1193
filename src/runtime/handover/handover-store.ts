import type { Clock } from '../../base/clock';
import type { LinkHandover } from '../../transport/link';
import type { PendingPublication } from '../../transport/outbox/outbox';
import type { JoinOptions } from '../../xmpp/rooms/rooms';
import type { Pending } from '../../xmpp/sending/sender';
import type { PendingStanza } from '../../xmpp/session/stanza-queue';

/** Longest time for a deploy to bring the successor, in milliseconds: Node-RED waits 15 s for a node that does not close. */
const TAKE_TIMEOUT = 20_000;

/** A stanza that waits for the session of an account; the node that comes back may name another account. */
export interface UnsentStanza {
  account: string;
  unsent: PendingStanza;
  /** Options with which we joined its room. */
  join: JoinOptions | undefined;
  done(error: Error): void;
}

/** A message that waits for its recipient in an `xmpp-out`. */
export interface PendingChat {
  account: string;
  pending: Pending;
  done(error: Error): void;
}

/** Messages that came over MQTT for nodes that were just being exchanged. */
export interface PendingInbound {
  handover: LinkHandover;
  /** Does nothing: nobody waits for an answer. */
  done(): void;
}

export interface ChatHandover {
  /** Unsent stanzas, by the id of the `dinox-broker`. */
  sessions: HandoverStore<UnsentStanza>;
  /** Unsent messages, by the id of the `xmpp-out`. */
  senders: HandoverStore<PendingChat>;
}

export function chatHandover(clock: Clock): ChatHandover {
  return { sessions: new HandoverStore(clock), senders: new HandoverStore(clock) };
}

/**
 * Keeps items of closed nodes for their successors: a deploy closes a node and makes it anew under the same id. `done`
 * of an item that nobody claims in time is called with the reason.
 */
export class HandoverStore<T extends { done(error: Error): void } = PendingPublication> {
  private readonly released = new Map<string, { released: T[]; stop: () => void }>();

  constructor(private readonly clock: Clock) {}

  release(id: string, released: T[], reason: Error): void {
    if (released.length === 0) return;
    const all = [...this.take(id), ...released];
    const stop = this.clock.after(TAKE_TIMEOUT, () => {
      this.released.delete(id);
      for (const { done } of all) done(reason);
    });
    this.released.set(id, { released: all, stop });
  }

  take(id: string): T[] {
    const estate = this.released.get(id);
    this.released.delete(id);
    estate?.stop();
    return estate?.released ?? [];
  }
}
