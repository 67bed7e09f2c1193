import { isPayloadType, type PayloadType } from '../../servers/payload-types';
import { itemsOf, type PubsubItem } from '../../xmpp/pubsub/answers';
import type { AskWindow } from '../pubsub/ask-window';
import { HeldItems } from '../pubsub/held-items';
import { isLost, type PubsubService } from '../pubsub/service';
import type { WantedFilter } from '../pubsub/wanted-node';
import { type BridgeArrival, type BridgeNode, keyOf, leftOut, sumOf } from './bridge-node';
import type { BridgeSession } from './bridge-session';

/** Most items of a node that are read at a time. */
const MAX_READ = 100;
/** Milliseconds that messages wait for the session, so that one that comes empty can be read. */
const SESSION_WAIT = 5_000;

export interface BridgeReaderTools {
  isWanted(node: BridgeNode): boolean;
  /** `filters` undefined: all that match the node. */
  deliver(
    node: string,
    item: PubsubItem | undefined,
    arrival: Omit<BridgeArrival, 'filters'> & { filters?: readonly WantedFilter[] },
  ): void;
  /** The items of a node are of another type than it is subscribed in. */
  learnt(node: BridgeNode): void;
  /** The account may not read a node. */
  unreadable(node: BridgeNode): void;
  /** More waits than there is room for. */
  dropped(node: BridgeNode): void;
}

/** Reads over XMPP what the bridge does not bring: last items, and the content of items of another type. */
export class BridgeReader {
  private readonly held = new HeldItems();
  /** Number of messages that came over MQTT. */
  heard = 0;

  constructor(
    private readonly session: BridgeSession,
    private readonly window: AskWindow,
    private readonly tools: BridgeReaderTools,
  ) {}

  /**
   * A message of the bridge.
   * @returns true if it was taken over: it comes by `deliver`, with what the bridge left out
   */
  takes(node: BridgeNode, type: PayloadType, payload: Buffer): boolean {
    this.heard += 1;
    node.heardAt = this.heard;
    const isWaiting = node.held.length > 0;
    if (payload.length > 0 && !isWaiting) {
      node.sum = sumOf(payload);
      if (node.otherType) node.whole.add(keyOf({ type, text: payload.toString() }));
      return false;
    }
    const canRead = this.session.service !== undefined || this.session.isComing;
    if (payload.length === 0 && !canRead && !isWaiting) {
      this.tell(node, undefined, { unread: true });
      return true;
    }
    const content = payload.length > 0 ? { type, text: payload.toString() } : undefined;
    if (!this.held.add(node, { id: '', ...(content && { content }) }, false)) this.tools.dropped(node);
    else {
      if (content) node.whole.add(keyOf(content));
      else node.emptyTypes.push(type);
      void this.read(node);
    }
    return true;
  }

  /** Resolves when nothing of a node is left to be read. */
  read(node: BridgeNode): Promise<void> {
    node.reading ??= this.readAll(node).finally(() => {
      node.reading = undefined;
      // What waits for a node that is gone would take the room of others for ever.
      if (!this.tools.isWanted(node)) this.held.takeOut(node);
    });
    return node.reading;
  }

  tell(node: BridgeNode, item: PubsubItem | undefined, { late = false, unread = false } = {}): void {
    if (!unread) node.sum = item && sumOf(item.content?.text ?? '');
    this.tools.deliver(node.name, item, { retain: false, late, unread });
  }

  private async readAll(node: BridgeNode): Promise<void> {
    // What is published until then does not come over MQTT.
    await node.subscribed.catch(() => {});
    while (this.tools.isWanted(node) && needsReading(node)) {
      const service = this.session.service ?? (await this.whenReady(node));
      if (!service) return;
      try {
        await this.window.inTurn(() => this.readItems(node, service));
      } catch (error) {
        this.release(node);
        if (isLost(error)) continue;
        node.joiners.clear();
        node.isMissed = false;
        this.tools.unreadable(node);
      }
    }
  }

  private async whenReady(node: BridgeNode): Promise<PubsubService | undefined> {
    const soon = this.session.isComing && (await this.session.whenReady(SESSION_WAIT));
    if (soon) return soon;
    this.release(node);
    return this.session.whenReady();
  }

  /** Nothing more can be read: what waits for it comes as it is. */
  private release(node: BridgeNode): void {
    node.emptyTypes.length = 0;
    for (const { item } of this.held.takeOut(node))
      this.tell(node, item.content && item, { unread: !item.content });
  }

  private async readItems(node: BridgeNode, service: PubsubService): Promise<void> {
    const since = this.heard;
    const empty = node.emptyTypes.length;
    const most = empty > 0 ? MAX_READ : 1;
    const answer = await service.ask(service.requests.lastItems(node.name, most), this.window);
    if (!this.tools.isWanted(node)) {
      this.held.takeOut(node);
      return;
    }
    const items = itemsOf(answer);
    const newest = items.at(-1);
    const joiners = [...node.joiners].flatMap(([filter, at]) => (node.heardAt > at ? [] : filter));
    const { isMissed } = node;
    node.joiners.clear();
    node.isMissed = false;
    if (empty > 0) this.fill(node, leftOut(node, items, node.emptyTypes.splice(0, empty)));
    else {
      // Whatever came over MQTT meanwhile is newer, or the same.
      if (newest && node.heardAt <= since) this.bring(node, newest, joiners, isMissed);
      node.lastId = newest?.id;
    }
    this.learnType(node, newest, empty > 0);
  }

  private bring(
    node: BridgeNode,
    newest: PubsubItem,
    joiners: readonly WantedFilter[],
    isMissed: boolean,
  ): void {
    const sum = sumOf(newest.content?.text ?? '');
    if (isMissed && node.sum !== sum) this.tell(node, newest, { late: true });
    else if (joiners.length > 0) {
      node.sum = sum;
      this.tools.deliver(node.name, newest, { retain: true, late: false, filters: joiners });
    }
  }

  /** Delivers what waits, with the items of the first messages that came without their content. */
  private fill(node: BridgeNode, found: (PubsubItem | undefined)[]): void {
    let isUnread = false;
    for (const { item, kept } of this.held.takeOut(node)) {
      const isNext = node.held.length === 0 && (item.content || found.length > 0);
      if (!isNext) this.held.add(node, item, kept);
      else if (item.content) this.tell(node, item);
      else {
        const whole = found.shift();
        if (whole) node.lastId = whole.id;
        if (whole) this.tell(node, whole);
        else isUnread = true;
      }
    }
    if (isUnread) this.tell(node, undefined, { unread: true });
  }

  /** The bridge brings whole only one type of a node: that of its items. One item of another type changes nothing. */
  private learnType(node: BridgeNode, newest: PubsubItem | undefined, wasEmpty: boolean): void {
    const type = newest?.content?.type;
    if (type === undefined || !isPayloadType(type) || type === node.type) return;
    const isUsual = !wasEmpty || node.otherType === type;
    node.otherType = type;
    if (!isUsual) return;
    node.type = type;
    this.tools.learnt(node);
  }
}

function needsReading({ joiners, isMissed, held }: BridgeNode): boolean {
  return joiners.size > 0 || isMissed || held.some(({ item }) => !item.content);
}
