import type { Clock } from '../../base/clock';
import { discoveryFilters } from '../../homeassistant/announcement';
import { Entities, type EntityChange } from '../../homeassistant/entities';
import { DISCOVERY_OWNER } from '../../recorder/topic-watcher';
import type { Subscription } from '../../transport/subscriptions/subscription-set';

/** The part of a connection that receives. */
export interface SubscribingBroker {
  subscribe(subscription: Subscription): void;
  unsubscribe(subscription: Subscription, keep: boolean): void;
}

/** Somebody who wants to know which entities there are. */
export interface EntityListener {
  changed(change: EntityChange): void;
  /** The server, or its profile, does not take a filter of discovery. Told once. */
  refused(reason: Error): void;
}

/** Milliseconds that it goes on after the last listener: a deploy, or a dialog opened again, need not read all anew. */
const LINGER_MS = 30_000;

/**
 * Reads the announcements below one prefix, for all who want entities of a connection. It subscribes while somebody
 * listens, and forgets everything some time after the last one has left.
 */
export class DiscoveryReader {
  private known: Entities;
  private readonly listeners = new Set<EntityListener>();
  private subscriptions: Subscription[] = [];
  private refusal: Error | undefined;
  private stopLinger: (() => void) | undefined;

  constructor(
    private readonly broker: SubscribingBroker,
    private readonly clock: Clock,
    readonly prefix: string,
  ) {
    this.known = new Entities({ prefix });
  }

  get entities(): Entities {
    return this.known;
  }

  /** Nobody listens. */
  get isIdle(): boolean {
    return this.listeners.size === 0;
  }

  /** Tells `listener` of every change from now on; what is known stands in `entities`. The result ends it. */
  listen(listener: EntityListener): () => void {
    this.stopLinger?.();
    this.stopLinger = undefined;
    this.listeners.add(listener);
    if (this.subscriptions.length === 0) this.begin();
    else if (this.refusal) listener.refused(this.refusal);
    return () => {
      if (!this.listeners.delete(listener) || this.listeners.size > 0) return;
      this.stopLinger = this.clock.after(LINGER_MS, () => this.close());
    };
  }

  close(): void {
    this.stopLinger?.();
    this.stopLinger = undefined;
    for (const subscription of this.subscriptions) this.broker.unsubscribe(subscription, false);
    this.subscriptions = [];
    this.refusal = undefined;
    this.known = new Entities({ prefix: this.prefix });
  }

  private begin(): void {
    for (const filter of discoveryFilters(this.prefix)) {
      const subscription: Subscription = {
        owner: DISCOVERY_OWNER,
        filter,
        options: { qos: 0, nl: false, rap: true, rh: 0 },
        passive: true,
        deliver: ({ topic, payload }) => this.take(topic, payload),
        refused: (reason) => this.refused(reason),
      };
      this.subscriptions.push(subscription);
      this.broker.subscribe(subscription);
    }
  }

  private take(topic: string, payload: Buffer): void {
    const change = this.known.take(topic, payload);
    if (!change || change.added.length + change.changed.length + change.removed.length === 0) return;
    for (const listener of [...this.listeners]) listener.changed(change);
  }

  /** One filter stands for all: they differ in the component alone. */
  private refused(reason: Error): void {
    if (this.refusal) return;
    this.refusal = reason;
    for (const listener of [...this.listeners]) listener.refused(reason);
  }
}
