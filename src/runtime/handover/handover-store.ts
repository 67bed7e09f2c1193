import type { Clock } from '../../base/clock';
import type { Legacy } from '../../transport/mqtt/link';
import type { Heirloom } from '../../transport/outbox/outbox';
import type { JoinOptions } from '../../xmpp/rooms/rooms';
import type { Pending } from '../../xmpp/sending/sender';
import type { Unsent } from '../../xmpp/session/stanza-queue';

/** How long a deploy may take to bring the successor, in milliseconds: Node-RED waits 15 s for a node that does not close. */
const PATIENCE = 20_000;

/** What waits for the session of an account; the node that comes back may name another account. */
export interface ChatHeirloom {
  account: string;
  unsent: Unsent;
  /** How we were in the room that it goes to. */
  join: JoinOptions | undefined;
  done(error: Error): void;
}

/** What waits for its receiver in an `xmpp-out`. */
export interface PendingHeirloom {
  account: string;
  pending: Pending;
  done(error: Error): void;
}

/** What came over MQTT for nodes that were just being exchanged. */
export interface ArrivedHeirloom {
  legacy: Legacy;
  /** Nobody was promised anything. */
  done(): void;
}

export interface ChatEstates {
  /** By the id of the `dinox-broker`. */
  sessions: Estates<ChatHeirloom>;
  /** By the id of the `xmpp-out`. */
  senders: Estates<PendingHeirloom>;
}

export function chatEstates(clock: Clock): ChatEstates {
  return { sessions: new Estates(clock), senders: new Estates(clock) };
}

/**
 * What the queues of closed broker nodes leave to their successors: a deploy closes a node and makes it anew under
 * the same id. What nobody claims in time gets its `done` with the reason.
 */
export class Estates<T extends { done(error: Error): void } = Heirloom> {
  private readonly estates = new Map<string, { heirlooms: T[]; stop: () => void }>();

  constructor(private readonly clock: Clock) {}

  leave(id: string, heirlooms: T[], reason: Error): void {
    if (heirlooms.length === 0) return;
    const all = [...this.claim(id), ...heirlooms];
    const stop = this.clock.after(PATIENCE, () => {
      this.estates.delete(id);
      for (const { done } of all) done(reason);
    });
    this.estates.set(id, { heirlooms: all, stop });
  }

  claim(id: string): T[] {
    const estate = this.estates.get(id);
    this.estates.delete(id);
    estate?.stop();
    return estate?.heirlooms ?? [];
  }
}
