import { text } from '../../base/catalogue';
import { textOf } from '../../base/coded-error';
import { plain } from '../../base/printable';
import type { Text } from '../../base/text';
import type { TypedNodes } from '../../servers/bridge-profile';
import type { PayloadType } from '../../servers/payload-types';
import { bridgeTopic, fitsBridge } from '../../servers/profiles/prosody';
import { isTopic } from '../../topics/filter';
import { isProbeTopic } from '../../topics/own';
import type { PubsubItem } from '../../xmpp/pubsub/answers';
import { LinkError } from '../errors';
import type { SubscribeAnswer, WireSubscription } from '../link';
import { AskWindow } from '../pubsub/ask-window';
import { NodeDirectory, type NodeList } from '../pubsub/directory';
import type { PubsubService } from '../pubsub/service';
import { WantedFilters } from '../pubsub/wanted-filters';
import type { WantedFilter } from '../pubsub/wanted-node';
import { type BridgeArrival, type BridgeNode, bridgeNode } from './bridge-node';
import { BridgeReader } from './bridge-reader';
import type { BridgeSession } from './bridge-session';
import type { BridgeSubscriber } from './bridge-subscriber';

/** Most nodes that are subscribed to. */
const MAX_NODES = 20_000;
/** Milliseconds that a filter with wildcards waits for the session before it is said to be deaf. */
const SESSION_WAIT = 5_000;
/** Milliseconds until the bridge is told: a deploy takes filters away and brings them back. */
const UNSUBSCRIBE_DELAY = 3_000;
/** Lowest reason code that is a refusal. */
const REFUSED = 128;

export interface BridgeNodesTools {
  notice(code: string, note: Text, level?: 'info'): void;
  /** An item; `undefined`: the node keeps nothing any more. */
  deliver(node: string, item: PubsubItem | undefined, arrival: BridgeArrival): void;
  /** The last items for a filter have all come. */
  replayed(filter: string): void;
  /** A filter that had been refused works now. */
  granted(filter: string): void;
}

/**
 * The filters of a connection to Prosody's bridge, and the nodes that they match. The bridge brings the messages; the
 * XMPP session lists the nodes for wildcards, reads their last items, and the items that the bridge brings empty.
 */
export class BridgeNodes {
  private readonly filters: WantedFilters;
  private readonly nodes = new Map<string, BridgeNode>();
  private readonly window: AskWindow;
  private readonly reader: BridgeReader;
  /** Filters with wildcards whose nodes could not be listed yet; true: they want the last items. */
  private readonly unlisted = new Map<WantedFilter, boolean>();
  private directory: NodeDirectory | undefined;
  private connection = 0;
  private isUp = false;
  private leaving: (() => void) | undefined;

  constructor(
    private readonly session: BridgeSession,
    private readonly bridge: BridgeSubscriber,
    private readonly settings: {
      service: string;
      payloadType: PayloadType;
      typed: TypedNodes;
      poll: number;
      clock: PubsubService['clock'];
    },
    private readonly tools: BridgeNodesTools,
  ) {
    this.window = new AskWindow(settings.clock);
    this.filters = new WantedFilters((wire) => tools.replayed(wire));
    this.reader = new BridgeReader(session, this.window, {
      isWanted: (node) => this.nodes.get(node.name) === node,
      deliver: (node, item, arrival) =>
        tools.deliver(node, item, { ...arrival, filters: arrival.filters ?? this.filters.match(node) }),
      learnt: (node) => {
        node.subscribed = bridge.subscribe(this.topicOf(node));
        node.subscribed.catch(() => {});
      },
      unreadable: ({ name }) => !this.filters.has(name) && this.unreadable(name),
      dropped: ({ name }) => tools.notice('pubsub-held', text('pubsub.heldDropped', { node: plain(name) })),
    });
  }

  /** The bridge is there. It knows nothing of earlier connections. */
  up(): void {
    this.isUp = true;
    this.connection += 1;
    this.unlisted.clear();
  }

  down(): void {
    this.isUp = false;
    this.directory?.stop();
  }

  end(): Promise<void> {
    this.down();
    this.leaving?.();
    this.filters.clear();
    this.nodes.clear();
    return this.session.close();
  }

  /** The session is there: goes on with what waits for it. */
  sessionReady(service: PubsubService, isNew: boolean): void {
    this.directory ??= new NodeDirectory(service, this.window, this.settings.poll, {
      notice: (code, note, level) => this.tools.notice(code, note, level),
      looked: (list) => this.looked(list),
    });
    if (isNew) this.directory.forget();
    if (!this.isUp) return;
    if (this.filters.isWatching && this.unlisted.size === 0) this.directory.lookAgain();
    else if (this.filters.isWatching) this.directory.watch(true);
    for (const [filter, wantsItems] of [...this.unlisted]) {
      this.unlisted.delete(filter);
      void this.list(filter, wantsItems).then((answer) => {
        if (answer === 0) this.tools.granted(filter.wire);
      });
    }
  }

  /** Subscribes to one filter. Resolves with its reason code, or with the reason of its refusal. */
  async subscribe(wanted: WireSubscription, id: number | undefined): Promise<SubscribeAnswer> {
    const { filter, before } = this.filters.want(wanted, id, this.connection);
    this.session.open();
    const isBack = before !== undefined && before !== this.connection;
    const wantsItems = wanted.rh !== 2 && !isBack;
    if (before === this.connection && !wantsItems) return 0;
    if (filter.isWild) return this.list(filter, wantsItems);
    filter.replays += 1;
    const node = this.visit(filter.wire, wantsItems ? filter : undefined);
    this.filters.whenRead(filter, [this.read(node)]);
    return node?.subscribed ?? 0;
  }

  unsubscribe(filters: readonly string[]): void {
    for (const wire of filters) {
      const filter = this.filters.remove(wire);
      if (!filter) continue;
      this.unlisted.delete(filter);
      for (const { joiners } of this.nodes.values()) joiners.delete(filter);
    }
    this.leaving ??= this.settings.clock.after(UNSUBSCRIBE_DELAY, () => {
      this.leaving = undefined;
      this.leaveUnwanted();
    });
  }

  /** A message is about to be published: a node that it makes is subscribed to before. */
  publishing(name: string): void {
    if (this.nodes.has(name) || this.filters.match(name).length === 0) return;
    this.visit(name, undefined);
    this.bridge.flush();
  }

  /** Our own request removed what a node kept. */
  cleared(name: string): void {
    const node = this.nodes.get(name);
    if (node) this.emptied(node);
  }

  /**
   * A message of the bridge.
   * @returns true if it was taken over: it comes by `deliver`, with what the bridge left out
   */
  takes(name: string, type: PayloadType, payload: Buffer): boolean {
    const node = this.nodes.get(name);
    return node !== undefined && this.reader.takes(node, type, payload);
  }

  /** Subscribes to the nodes that a filter with wildcards matches. */
  private async list(filter: WantedFilter, wantsItems: boolean): Promise<SubscribeAnswer> {
    const { connection } = this;
    const since = this.reader.heard;
    const isCurrent = (): boolean =>
      this.connection === connection && this.filters.get(filter.wire) === filter;
    for (const { name } of this.nodes.values()) if (this.matches(filter, name)) this.visit(name, undefined);
    try {
      if (!(await this.session.whenReady(SESSION_WAIT)) || !this.directory) {
        if (isCurrent()) this.unlisted.set(filter, wantsItems);
        return new LinkError('network', text('bridge.noWildcards', { text: this.session.reason }));
      }
      const { nodes } = await this.directory.read();
      if (!isCurrent()) return 0;
      filter.replays += 1;
      const matching = [...nodes].filter((name) => this.matches(filter, name));
      const visits = matching.map((name) =>
        this.visit(name, wantsItems ? filter : undefined, { isListed: true, since }),
      );
      this.filters.whenRead(
        filter,
        visits.map((node) => this.read(node)),
      );
      this.directory.watch(true);
      return 0;
    } catch (error) {
      if (isCurrent()) this.unlisted.set(filter, wantsItems);
      this.directory?.watch();
      return new LinkError('refused', text('bridge.noWildcards', { text: textOf(error) }), false, {
        cause: error,
      });
    }
  }

  private matches(filter: WantedFilter, name: string): boolean {
    return this.filters.matches(filter, name) && this.isReachable(name);
  }

  /** True if the bridge has a topic for it. */
  private isReachable(name: string): boolean {
    if (isProbeTopic(name)) return false;
    const longest = this.topicOf({ name, type: 'atom_title' });
    if (fitsBridge(longest) && isTopic(longest)) return true;
    this.tools.notice('bridge-name', text('bridge.nameLong', { node: plain(name) }));
    return false;
  }

  private topicOf({ name, type }: Pick<BridgeNode, 'name' | 'type'>): string {
    return bridgeTopic(this.settings.service, type, name);
  }

  /** Subscribes to a node, unless that is done; for a filter that wants its last item. */
  private visit(
    name: string,
    joiner: WantedFilter | undefined,
    { isListed = false, since = this.reader.heard } = {},
  ): BridgeNode | undefined {
    const node = this.nodes.get(name) ?? this.newNode(name);
    if (!node) return undefined;
    node.isListed ||= isListed;
    if (joiner) node.joiners.set(joiner, since);
    if (node.connection === this.connection && node.isThere) return node;
    node.isMissed = node.connection > 0;
    node.connection = this.connection;
    node.isThere = true;
    node.subscribed = this.bridge.subscribe(this.topicOf(node));
    node.subscribed.then(
      (code) => {
        if (typeof code === 'number' && code < REFUSED) return;
        node.isThere = false;
        if (!this.filters.has(name)) this.unreadable(name);
      },
      () => {
        node.isThere = false;
      },
    );
    return node;
  }

  private unreadable(name: string): void {
    const params = { node: plain(name), service: this.settings.service };
    this.tools.notice('pubsub-unreadable', text('pubsub.someDenied', params));
  }

  private newNode(name: string): BridgeNode | undefined {
    const { service, typed, payloadType } = this.settings;
    if (this.nodes.size >= MAX_NODES) {
      this.tools.notice('pubsub-many', text('pubsub.tooMany', { most: MAX_NODES, service }));
      return undefined;
    }
    const node = bridgeNode(name, typed.get(name) ?? payloadType);
    this.nodes.set(name, node);
    return node;
  }

  private async read(node: BridgeNode | undefined): Promise<void> {
    if (node) await this.reader.read(node);
  }

  private emptied(node: BridgeNode): void {
    node.lastId = undefined;
    this.reader.tell(node, undefined);
  }

  /** The list was read again: nodes may have come and gone. */
  private looked({ nodes, complete }: NodeList): void {
    for (const [filter, wantsItems] of [...this.unlisted]) {
      this.unlisted.delete(filter);
      void this.list(filter, wantsItems).then(() => this.tools.granted(filter.wire));
    }
    for (const name of nodes) {
      const known = this.nodes.get(name);
      if (known) known.isListed = true;
      if (known?.isThere || this.filters.match(name).length === 0 || !this.isReachable(name)) continue;
      // It came into being unnoticed, so its item is one that everybody has missed.
      const node = this.visit(name, undefined, { isListed: true });
      if (node) node.isMissed = true;
      void this.read(node);
    }
    if (complete)
      for (const node of [...this.nodes.values()])
        if (node.isListed && node.isThere && !nodes.has(node.name)) this.deleted(node);
  }

  private deleted(node: BridgeNode): void {
    const had = node.sum !== undefined;
    node.isThere = false;
    node.isListed = false;
    if (had) this.emptied(node);
    if (!this.filters.has(node.name)) this.nodes.delete(node.name);
    this.directory?.watch(true);
  }

  private leaveUnwanted(): void {
    const unwanted = [...this.nodes.values()].filter(({ name }) => this.filters.match(name).length === 0);
    for (const { name } of unwanted) this.nodes.delete(name);
    this.bridge.unsubscribe(unwanted.map((node) => this.topicOf(node)));
    if (!this.filters.isWatching) this.directory?.stop();
    if (this.filters.isEmpty) void this.session.close();
  }
}
