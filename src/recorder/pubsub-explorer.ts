import type { Clock } from '../base/clock';
import { textOf } from '../base/coded-error';
import type { Text } from '../base/text';
import type { PubsubAddress } from '../servers/profiles';
import { isTopic } from '../topics/filter';
import type { ReceivedPublication } from '../transport/messages';
import type { Subscription } from '../transport/subscriptions/subscription-set';
import { AccountServices } from '../xmpp/contacts/account-services';
import type { PubsubNode } from '../xmpp/pubsub-nodes';
import type { PubsubHost } from './pubsub-host';
import type { ExploreState } from './topic-watcher';

/** What exploring by PubSub needs of a `dinox-broker`. */
export interface ListedBroker extends PubsubHost {
  subscribe(subscription: Subscription): void;
  unsubscribe(subscription: Subscription, keep: boolean): void;
  /** Filters that are wanted by others than this owner. */
  filtersBeside(owner: string): ReadonlySet<string>;
  readonly recorder: {
    last(topic: string): unknown;
    take(message: ReceivedPublication, replay: boolean): void;
    locate(topic: string, pubsub: PubsubAddress): void;
  };
}

/** Milliseconds between two questions for the nodes. */
const AGAIN = 10_000;
const OWNER = 'dinox-nodes';
const TYPES = ['json', 'utf8', 'atom_title'];

/**
 * Explores a server without wildcards (Prosody's bridge): its topics are the nodes of a PubSub service, which the
 * account's XMPP session can list. Each is subscribed on its own, and its last item is its current value.
 */
export class PubsubExplorer {
  private readonly registration = { id: `${OWNER}-explore`, status: () => {} };
  private readonly services: AccountServices;
  private readonly subscriptions = new Map<string, { node: string; subscription: Subscription }>();
  private nodes = new Map<string, PubsubNode>();
  private controller: AbortController | undefined;
  private asked = Number.NEGATIVE_INFINITY;
  /** Ends the question that is under way. */
  private asking: AbortSignal | undefined;
  private refusal: 'wildcards' | Text | undefined;
  private stopListening: () => void = () => {};

  constructor(
    private readonly broker: ListedBroker,
    private readonly clock: Clock,
  ) {
    this.services = new AccountServices(broker);
  }

  get state(): ExploreState {
    const { state } = this.broker.chat.stanzas;
    if (state.phase === 'stopped') return { phase: 'unable', reason: state.reason.text };
    if (this.refusal) return { phase: 'unable', reason: this.refusal };
    return { phase: 'on', filters: [...this.subscriptions.keys()] };
  }

  /** Starts, or continues. */
  look(): void {
    const { chat } = this.broker;
    if (!this.controller) {
      this.controller = new AbortController();
      this.stopListening = chat.stanzas.onState(() => this.tryAsking());
      chat.register(this.registration);
    }
    this.tryAsking();
  }

  private tryAsking(): void {
    const isOnline = this.broker.chat.stanzas.state.phase === 'online';
    if (!this.controller || !isOnline || this.clock.steady() - this.asked < AGAIN) return;
    const { signal } = this.controller;
    // A slow server has one question at a time: each is hundreds, and they would pile up.
    if (this.asking === signal) return;
    this.asked = this.clock.steady();
    void this.ask(signal);
  }

  end(): void {
    if (!this.controller) return;
    this.stopListening();
    this.controller.abort(new Error('nobody explores any more'));
    this.controller = undefined;
    this.asked = Number.NEGATIVE_INFINITY;
    for (const { subscription } of this.subscriptions.values()) this.broker.unsubscribe(subscription, false);
    this.subscriptions.clear();
    this.nodes.clear();
    // Where no node of a flow chats, the session ends.
    void this.broker.chat.deregister(this.registration, true).catch(() => {});
  }

  private async ask(signal: AbortSignal): Promise<void> {
    this.asking = signal;
    try {
      const found = await this.services.nodes(this.nodes, signal);
      if (signal.aborted) return;
      this.refusal = found ? undefined : 'wildcards';
      if (found) this.take(found.service, found.nodes);
    } catch (error) {
      if (!signal.aborted) this.refusal = textOf(error);
    } finally {
      if (this.asking === signal) this.asking = undefined;
    }
  }

  private take(service: string, all: readonly PubsubNode[]): void {
    // A node is called what its owner likes: as a topic it would be a wildcard, or no packet that a server reads.
    const nodes = all.filter(({ node }) => isTopic(node) && isTopic(`${service}/${node}`));
    this.nodes = new Map(nodes.filter(({ item }) => item).map((node) => [node.node, node]));
    this.letGo(new Set(nodes.map(({ node }) => node)));
    const others = this.broker.filtersBeside(OWNER);
    for (const { node, item } of nodes) {
      const type = item?.type ?? this.broker.config.payloadType;
      const filter = `${service}/${type}/${node}`;
      // The bridge keeps one type for each node and connection, the last one, so the type that a flow asked for stays.
      const isTaken = others.has(node) || TYPES.some((one) => others.has(`${service}/${one}/${node}`));
      if (!isTaken && !this.subscriptions.has(filter)) this.subscribe(filter, node);
      if (!item) continue;
      const pubsub = { service, type, node };
      if (this.broker.recorder.last(node)) this.broker.recorder.locate(node, pubsub);
      else {
        const payload = Buffer.from(item.payload);
        const flags = { qos: 0, retain: false, dup: false, properties: undefined } as const;
        this.broker.recorder.take({ topic: node, payload, ...flags, pubsub }, true);
      }
    }
  }

  /** Nodes that are not listed any more: a server that names others each time would have us keep them all. */
  private letGo(listed: ReadonlySet<string>): void {
    for (const [filter, { node, subscription }] of this.subscriptions) {
      if (listed.has(node)) continue;
      this.subscriptions.delete(filter);
      this.broker.unsubscribe(subscription, false);
    }
  }

  private subscribe(filter: string, node: string): void {
    const subscription: Subscription = {
      owner: OWNER,
      filter,
      options: { qos: 0, nl: false, rap: true, rh: 0 },
      passive: true,
      deliver: () => {},
      // A node that may not be read is one of many.
      refused: () => {},
    };
    this.subscriptions.set(filter, { node, subscription });
    this.broker.subscribe(subscription);
  }
}
