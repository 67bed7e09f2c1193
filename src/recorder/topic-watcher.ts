import type { Clock } from '../base/clock';
import { textOf } from '../base/coded-error';
import type { Text } from '../base/text';
import { DEFAULT_PREFIX, discoveryFilters } from '../homeassistant/announcement';
import type { Subscription } from '../transport/subscriptions/subscription-set';

/** Whatever keeps a connection or a session open: a node, the recorder, or an editor. */
export interface NodeRegistration {
  readonly id: string;
  status(status: object): void;
}

/** The part of the connection that the watcher needs. */
export interface WatchedBroker {
  subscribe(subscription: Subscription): void;
  unsubscribe(subscription: Subscription, keep: boolean): void;
  register(node: NodeRegistration): void;
  deregister(node: NodeRegistration, removed: boolean): Promise<void>;
  /** What this connection can do; undefined while there is none. */
  readonly wildcards: boolean | undefined;
}

export type ExploreState =
  | { phase: 'off' }
  /** `filters`: its subscriptions. */
  | { phase: 'on'; filters: string[] }
  /** The server has no wildcards, or refused them. */
  | { phase: 'unable'; reason: 'wildcards' | Text };

/** How long one question for topics may wait for news, in milliseconds: shorter than the patience of a proxy on the way. */
export const MAX_WAIT_MS = 20_000;
/**
 * Milliseconds an editor may be silent before exploring ends. If nothing comes, an editor is silent for as long as its
 * question waits. A shorter lease would end the exploring that somebody looks at, and the connection with it.
 */
export const EXPLORE_LEASE_MS = 2 * MAX_WAIT_MS;

const OWNER = 'dinox-recorder';
/** Owners whose subscriptions are for names only. Messages for nobody else are not recorded. */
const NAMES_OWNER = 'dinox-names';
/** The owner that reads announcements for nodes. */
export const DISCOVERY_OWNER = 'dinox-homeassistant';
/** The owner that hears what others say in our name. */
export const STATUS_OWNER = 'dinox-bot-status';
/** Owner of the subscriptions with which we announce ourselves to Home Assistant. */
export const ANNOUNCING_OWNER = 'dinox-announcing';
/** Owners whose messages are not recorded where nobody else receives them. */
export const UNRECORDED: ReadonlySet<string> = new Set([
  NAMES_OWNER,
  DISCOVERY_OWNER,
  STATUS_OWNER,
  ANNOUNCING_OWNER,
]);
/** Some brokers refuse `#` alone (EMQX's rules), and take this. */
const FILTERS = ['#', '+/#'] as const;

/**
 * Subscribes for the recorder, in addition to the flows: permanently to the broker's `watch`, and to everything while
 * somebody explores. The recorder's tap receives the messages, so these subscriptions deliver nothing.
 */
export class TopicWatcher {
  private readonly watched: Subscription[] = [];
  private exploring: Subscription | undefined;
  private attempt = 0;
  private refusal: Text | undefined;
  private stopLease: (() => void) | undefined;
  private readonly registration: NodeRegistration = { id: OWNER, status: () => {} };
  private readonly explorer: NodeRegistration = { id: `${OWNER}-explore`, status: () => {} };

  constructor(
    private readonly broker: WatchedBroker,
    private readonly clock: Clock,
    filters: readonly string[],
    warn: (said: Text) => void,
    /** Under which devices announce themselves. */
    private readonly prefix = DEFAULT_PREFIX,
    /** Called when exploring has ended. */
    private readonly ended: () => void = () => {},
  ) {
    for (const filter of filters) {
      const subscription = this.subscription(filter, (reason) => warn(textOf(reason)));
      this.watched.push(subscription);
      broker.subscribe(subscription);
    }
    if (filters.length === 0) return;
    // Names of the watched topics. A server that refuses them has none.
    if (!filters.some((filter) => FILTERS.some((all) => all === filter))) {
      for (const filter of discoveryFilters(prefix)) {
        const subscription = this.subscription(filter, () => {}, NAMES_OWNER);
        this.watched.push(subscription);
        broker.subscribe(subscription);
      }
    }
    // So that it connects where no node of a flow asks for it.
    broker.register(this.registration);
  }

  get state(): ExploreState {
    if (!this.exploring) return { phase: 'off' };
    if (this.broker.wildcards === false) return { phase: 'unable', reason: 'wildcards' };
    if (this.refusal) return { phase: 'unable', reason: this.refusal };
    return { phase: 'on', filters: [this.exploring.filter] };
  }

  /** Starts or continues. It ends by itself {@link EXPLORE_LEASE_MS} after the last call. */
  explore(): void {
    this.stopLease?.();
    this.stopLease = this.clock.after(EXPLORE_LEASE_MS, () => this.stopExploring());
    if (this.exploring) return;
    this.attempt = 0;
    this.refusal = undefined;
    this.broker.register(this.explorer);
    this.tryNext();
  }

  /**
   * Watches one more filter, until the returned function is called.
   * @param refused called when the server refuses it
   */
  watch(filter: string, refused: (reason: Error) => void): () => void {
    const subscription = this.subscription(filter, refused);
    this.broker.subscribe(subscription);
    return () => this.broker.unsubscribe(subscription, false);
  }

  /** Reads the names that devices announce, until the returned function is called. A server that refuses has none. */
  watchNames(): () => void {
    const subscriptions = discoveryFilters(this.prefix).map((filter) =>
      this.subscription(filter, () => {}, NAMES_OWNER),
    );
    for (const subscription of subscriptions) this.broker.subscribe(subscription);
    return () => {
      for (const subscription of subscriptions) this.broker.unsubscribe(subscription, false);
    };
  }

  stopExploring(): void {
    this.stopLease?.();
    this.stopLease = undefined;
    if (!this.exploring) return;
    this.broker.unsubscribe(this.exploring, false);
    this.exploring = undefined;
    this.ended();
    // The connection ends if nobody else uses it.
    void this.broker.deregister(this.explorer, true).catch(() => {});
  }

  close(): void {
    this.stopLease?.();
    this.stopLease = undefined;
    for (const subscription of this.watched) this.broker.unsubscribe(subscription, false);
    if (this.exploring) this.broker.unsubscribe(this.exploring, false);
    this.exploring = undefined;
  }

  private tryNext(): void {
    const filter = FILTERS[this.attempt];
    if (filter === undefined) return;
    this.attempt += 1;
    const mine = this.subscription(filter, (reason) => {
      if (this.exploring !== mine) return;
      if (this.attempt >= FILTERS.length || this.broker.wildcards === false) {
        this.refusal = textOf(reason);
        return;
      }
      this.broker.unsubscribe(mine, false);
      this.tryNext();
    });
    this.exploring = mine;
    this.broker.subscribe(mine);
  }

  private subscription(filter: string, refused: (reason: Error) => void, owner = OWNER): Subscription {
    return {
      owner,
      filter,
      options: { qos: 0, nl: false, rap: true, rh: 0 },
      passive: true,
      deliver: () => {},
      refused,
    };
  }
}

/** True if only the names that devices announce need these filters. */
export function isForNames(
  filters: readonly { readonly subscriptions: readonly Pick<Subscription, 'owner'>[] }[],
): boolean {
  return filters.every(({ subscriptions }) => subscriptions.every(({ owner }) => UNRECORDED.has(owner)));
}
