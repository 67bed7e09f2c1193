import { text } from '../../base/catalogue';
import { plain } from '../../base/printable';
import { itemsOf, type PubsubEvent, type PubsubItem } from '../../xmpp/pubsub/answers';
import type { SubscribeAnswer, WireSubscription } from '../link';
import { AskWindow } from './ask-window';
import { NodeDirectory, type NodeList } from './directory';
import { HeldItems } from './held-items';
import { PayloadReader } from './payload-reader';
import { Progress } from './progress';
import { conditionOf, isLost, type PubsubService } from './service';
import { SharedSubscriptions } from './shared-subscriptions';
import { WantedFilters } from './wanted-filters';
import {
  isSame,
  lastOf,
  type NodeSubscriptionsTools,
  subscribeRefusal,
  type WantedFilter,
  type WantedNode,
  wantedNode,
} from './wanted-node';

/** Most nodes that are subscribed to. */
const MAX_NODES = 20_000;
/** Most items of a node that are read after an absence. */
const MAX_CAUGHT_UP = 100;
/** Milliseconds until the service is told: a deploy takes filters away and brings them back. */
const UNSUBSCRIBE_DELAY = 3_000;

/**
 * The filters of a connection, and the nodes that they match: subscribed by the account's bare JID, their last items
 * read. A filter with wildcards stands for all nodes of the service that it matches, those to come included.
 */
export class NodeSubscriptions {
  private readonly filters: WantedFilters;
  private readonly nodes = new Map<string, WantedNode>();
  private readonly window: AskWindow;
  private readonly progress: Progress;
  readonly directory: NodeDirectory;
  private session = 0;
  /** Counts resumed sessions too: subscriptions are repeated after each. */
  private connection = 0;
  /** True if the session went on, so that nothing was missed. */
  private isResumed = false;
  private readonly held = new HeldItems();
  readonly shared: SharedSubscriptions;
  private readonly payloads: PayloadReader;
  private isUp = false;
  private leaving: (() => void) | undefined;

  constructor(
    private readonly service: PubsubService,
    private readonly settings: { maxItems: number; poll: number },
    private readonly tools: NodeSubscriptionsTools,
  ) {
    this.window = new AskWindow(service.clock);
    this.progress = new Progress(service.clock, tools.progress);
    this.filters = new WantedFilters((wire) => tools.replayed(wire));
    this.payloads = new PayloadReader(service, this.window);
    this.shared = new SharedSubscriptions(service, this.window, this.nodes, (node) => this.renew(node));
    this.directory = new NodeDirectory(service, this.window, settings.poll, {
      notice: (code, note, level) => tools.notice(code, note, level),
      looked: (list) => this.looked(list),
    });
  }

  /** The session is there; `isNew`: not the one before, so that what came meanwhile has to be read. */
  up(isNew: boolean): void {
    this.isUp = true;
    this.connection += 1;
    this.isResumed = !isNew;
    if (!isNew) return;
    this.session += 1;
    this.directory.forget();
  }

  down(): void {
    this.isUp = false;
    this.directory.stop();
  }

  async isAutocreated(name: string): Promise<boolean> {
    const node = this.nodes.get(name);
    await node?.joined?.catch(() => {});
    return node?.autocreated === true;
  }

  /** Subscribes to one filter. Resolves with its reason code, or with the reason of its refusal. */
  async subscribe(wanted: WireSubscription, id: number | undefined): Promise<SubscribeAnswer> {
    const { filter, before } = this.filters.want(wanted, id, this.connection);
    const { wire } = filter;
    const isStanding = before !== undefined && before !== this.connection;
    // Somebody joined a filter that stands, and wants the last items.
    const wantsItems = wanted.rh !== 2 && !isStanding;
    if (before !== undefined && !isStanding && !wantsItems) return 0;
    if (isStanding && this.isResumed) return this.goOn(filter);
    filter.replays += 1;
    if (!filter.isWild) {
      const answer = this.visit(wire, filter, wantsItems);
      this.filters.whenRead(filter, [answer]);
      return answer;
    }
    try {
      const { nodes } = await this.directory.read();
      this.directory.watch(true);
      // Those that are known already may only be left out of the list.
      const all = new Set([...nodes, ...this.nodes.keys()]);
      const matching = [...all].filter((node) => this.filters.matches(filter, node));
      this.filters.whenRead(
        filter,
        matching.map((node) => this.visit(node, filter, wantsItems)),
      );
    } catch (error) {
      filter.replays -= 1;
      throw error;
    }
    return 0;
  }

  /** The session went on: only what the lost line interrupted is begun anew. */
  private goOn(filter: WantedFilter): SubscribeAnswer {
    const broken = [...this.nodes.values()].filter(
      ({ name, phase }) => phase === 'off' && this.filters.matches(filter, name),
    );
    filter.replays += 1;
    this.filters.whenRead(
      filter,
      broken.map(({ name }) => this.visit(name, filter, false)),
    );
    if (filter.isWild) this.directory.lookAgain();
    return 0;
  }

  unsubscribe(filters: readonly string[]): void {
    for (const wire of filters) {
      const filter = this.filters.remove(wire);
      if (filter) for (const { joiners } of this.nodes.values()) joiners.delete(filter);
    }
    this.leaving ??= this.service.clock.after(UNSUBSCRIBE_DELAY, () => {
      this.leaving = undefined;
      if (this.isUp) this.leaveUnwanted();
    });
  }

  /** Ends; `forever`: nobody comes back who wants the nodes, so that the service is told of all of them. */
  end(forever: boolean): void {
    this.down();
    this.leaving?.();
    this.shared.stop();
    if (!forever) return;
    this.filters.clear();
    this.leaveUnwanted();
  }

  /** A node of ours is there now. */
  appeared(name: string): void {
    const phase = this.nodes.get(name)?.phase;
    if (phase === 'on' || phase === 'joining') return;
    for (const filter of this.filters.match(name)) void this.visit(name, filter, false);
  }

  /** We remove what a node keeps; ejabberd tells nobody of that for personal nodes (XEP-0163). */
  clearing(name: string): () => void {
    const node = this.nodes.get(name);
    const before = node?.last;
    return () => {
      if (node && before && node.last === before) this.emptied(node);
    };
  }

  handle(event: PubsubEvent): void {
    const node = this.nodes.get(event.node);
    if (!node || node.phase === 'off') return;
    switch (event.kind) {
      case 'items':
        for (const item of event.items) this.take(node, item, event.kept);
        break;
      case 'retract':
        // A full node drops its oldest items, which nobody misses.
        if (node.last && event.ids.includes(node.last.id))
          void this.window.inTurn(() => this.checkLast(node));
        break;
      case 'purge':
        if (node.last) this.emptied(node);
        break;
      case 'delete':
        this.deleted(node);
    }
  }

  private take(node: WantedNode, item: PubsubItem, kept: boolean): void {
    const isJoined = this.isUp && node.phase === 'on' && node.session === this.session;
    if (isJoined) this.arrived(node, item, () => kept);
    // A node that is missing or refused is not read again by itself: its items would wait for ever.
    else if (node.phase === 'missing' || node.phase === 'refused') return;
    else if (!this.held.add(node, item, kept)) this.dropped(node);
  }

  private dropped({ name }: WantedNode): void {
    this.tools.notice('pubsub-held', text('pubsub.heldDropped', { node: plain(name) }));
  }

  /** An event without a payload (§4.3) says only that there is an item, so that is read first. */
  private arrived(node: WantedNode, item: PubsubItem, isKept: (item: PubsubItem) => boolean): void {
    if (item.content) this.came(node, item, isKept(item));
    else if (this.payloads.isFull) this.dropped(node);
    else {
      void this.payloads.read(node.name, item).then((whole) => {
        if (whole && this.nodes.get(node.name) === node) this.came(node, whole, isKept(whole));
      });
    }
  }

  private came(node: WantedNode, item: PubsubItem, isKept: boolean): void {
    const isKnown = isKept && isSame(node.last, item);
    node.last = lastOf(item);
    if (isKnown) return;
    this.tell(node, item, isKept);
  }

  /** ejabberd tells of a retraction too where an item is published again under its id: then it is still there. */
  private async checkLast(node: WantedNode): Promise<void> {
    const { last } = node;
    try {
      const answer = await this.service.ask(this.service.requests.lastItems(node.name, 1), this.window);
      if (node.last === last && itemsOf(answer).length === 0) this.emptied(node);
    } catch {
      // It is read again when the session is back.
    }
  }

  private tell({ name }: WantedNode, item: PubsubItem | undefined, late: boolean): void {
    this.tools.deliver(name, item, { retain: false, late, filters: this.filters.match(name) });
  }

  private emptied(node: WantedNode): void {
    node.last = undefined;
    this.tell(node, undefined, false);
  }

  private deleted(node: WantedNode): void {
    const had = node.last !== undefined;
    node.phase = 'missing';
    node.autocreated = false;
    if (had) this.emptied(node);
    if (!this.filters.has(node.name)) this.nodes.delete(node.name);
    this.directory.watch(true);
  }

  /** Subscribes to a node for a filter, or reads it again for one more. */
  private visit(name: string, filter: WantedFilter, wantsItems: boolean): Promise<SubscribeAnswer> {
    const node = this.nodes.get(name) ?? this.newNode(name);
    if (!node) return Promise.resolve(0);
    if (wantsItems) node.joiners.add(filter);
    if (node.phase === 'joining' && node.joined) return node.joined;
    if (node.phase === 'on' && node.session === this.session) {
      return wantsItems ? this.window.inTurn(() => this.reread(node)).then(() => 0) : Promise.resolve(0);
    }
    const isBack = node.wasOn || node.phase === 'missing';
    node.phase = 'joining';
    node.session = this.session;
    node.joined = this.progress.count(this.window.inTurn(() => this.join(node, isBack)));
    return node.joined;
  }

  private newNode(name: string): WantedNode | undefined {
    if (this.nodes.size >= MAX_NODES) {
      const params = { most: MAX_NODES, service: this.service.jid };
      this.tools.notice('pubsub-many', text('pubsub.tooMany', params));
      return undefined;
    }
    const node = wantedNode(name, this.session);
    this.nodes.set(name, node);
    return node;
  }

  /** @param isBack true if it had been subscribed to in an earlier session: what is new came while that was away */
  private async join(node: WantedNode, isBack: boolean): Promise<SubscribeAnswer> {
    const { service, window } = this;
    const { requests } = service;
    // It may have waited since an earlier session.
    node.session = this.session;
    const isTyped = this.filters.has(node.name);
    const most = isBack ? Math.min(MAX_CAUGHT_UP, this.settings.maxItems) : 1;
    // One behind the other: the service answers them in this order.
    const [info, subscribed, items] = await Promise.allSettled([
      isTyped && node.last === undefined ? service.ask(requests.info(node.name), window) : undefined,
      service.ask(requests.subscribe(node.name), window),
      service.ask(requests.lastItems(node.name, most), window),
    ]);
    const held = this.held.takeOut(node);
    if (subscribed.status === 'rejected') return this.notJoined(node, subscribed.reason);
    const wasThere = info.status === 'fulfilled' || conditionOf(info.reason) !== 'item-not-found';
    node.autocreated ||= !wasThere;
    node.phase = 'on';
    node.wasOn = true;
    node.joined = undefined;
    const found = items.status === 'fulfilled' ? itemsOf(items.value) : [];
    // What has just been published is not late, though it is found by reading too.
    const isLive = (one: PubsubItem): boolean =>
      held.some(({ item, kept }) => !kept && isSame(lastOf(item), one));
    this.bring(node, isBack ? found.filter((item) => !isLive(item)) : found, isBack);
    const { last } = node;
    for (const { item, kept } of held)
      this.arrived(node, item, (one) => kept || (!isBack && isSame(last, one)));
    return 0;
  }

  private bring(node: WantedNode, items: readonly PubsubItem[], isBack: boolean): void {
    const joiners = [...node.joiners];
    node.joiners.clear();
    const newest = items.at(-1);
    if (!newest) return;
    if (isBack) {
      const seen = items.findIndex((item) => isSame(node.last, item));
      for (const item of items.slice(seen + 1)) this.tell(node, item, true);
    } else if (joiners.length > 0) {
      this.tools.deliver(node.name, newest, { retain: true, late: false, filters: joiners });
    }
    node.last = lastOf(newest);
  }

  private notJoined(node: WantedNode, reason: unknown): SubscribeAnswer {
    node.joined = undefined;
    node.joiners.clear();
    if (isLost(reason)) {
      node.phase = 'off';
      throw reason;
    }
    const condition = conditionOf(reason);
    // As over MQTT, one may wait for what is not there yet.
    node.phase = condition === 'item-not-found' ? 'missing' : 'refused';
    if (node.phase === 'missing') {
      this.deleted(node);
      return 0;
    }
    const params = { node: plain(node.name), service: this.service.jid };
    if (!this.filters.has(node.name))
      this.tools.notice('pubsub-unreadable', text('pubsub.someDenied', params));
    return subscribeRefusal(reason, params);
  }

  /** Another filter wants the last item of a node that is subscribed to. */
  private async reread(node: WantedNode): Promise<void> {
    const before = node.last;
    try {
      const answer = await this.service.ask(this.service.requests.lastItems(node.name, 1), this.window);
      const newest = itemsOf(answer).at(-1);
      const joiners = [...node.joiners];
      node.joiners.clear();
      // What came while it was being read has been delivered to everybody.
      const cameMeanwhile = newest !== undefined && node.last !== before && isSame(node.last, newest);
      if (newest && !cameMeanwhile && joiners.length > 0)
        this.tools.deliver(node.name, newest, { retain: true, late: false, filters: joiners });
    } catch {
      node.joiners.clear();
    }
  }

  /** The list was read again: nodes may have come and gone. */
  private looked({ nodes, complete }: NodeList): void {
    for (const name of nodes) {
      const known = this.nodes.get(name);
      if (known && known.phase !== 'missing') continue;
      // It came into being unnoticed, so its item is one that everybody has missed.
      for (const filter of this.filters.match(name)) void this.appear(name, filter);
    }
    for (const node of [...this.nodes.values()]) {
      if (node.phase === 'missing' && !nodes.has(node.name)) void this.tryAgain(node);
      else if (complete && node.phase === 'on' && !nodes.has(node.name)) this.deleted(node);
    }
  }

  private appear(name: string, filter: WantedFilter): Promise<SubscribeAnswer | undefined> {
    const node = this.nodes.get(name) ?? this.newNode(name);
    if (node?.phase === 'off') node.phase = 'missing';
    return this.visit(name, filter, false).catch(() => undefined);
  }

  private tryAgain(node: WantedNode): Promise<unknown> {
    const filter = this.filters.get(node.name);
    return filter ? this.visit(node.name, filter, false).catch(() => undefined) : Promise.resolve();
  }

  private leaveUnwanted(): void {
    const left = [...this.nodes.values()].filter(({ name }) => this.filters.match(name).length === 0);
    for (const { name } of left) this.nodes.delete(name);
    this.shared.end(left.filter(({ phase }) => phase === 'on').map(({ name }) => name));
    if (!this.filters.isWatching) this.directory.stop();
  }

  private renew(name: string): void {
    const node = this.nodes.get(name);
    // It may have been ended between its confirmation and its last items.
    if (node?.phase === 'joining') node.joined?.then(() => this.renew(name)).catch(() => {});
    if (node?.phase !== 'on') return;
    node.phase = 'off';
    for (const filter of this.filters.match(name)) void this.visit(name, filter, false).catch(() => {});
  }
}
