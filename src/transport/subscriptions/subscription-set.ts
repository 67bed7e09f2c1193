import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { plain } from '../../base/printable';
import type { Notice } from '../../discovery/types';
import type { TopicMapping } from '../../servers/profiles';
import { InputError } from '../../topics/errors';
import { Router } from '../../topics/router';
import type { PublishFlags } from '../link';
import type { IncomingProperties, ReceivedPublication } from '../messages';
import type { LinkLoss } from '../poison/loss-counter';
import { DuplicateFilter } from './duplicate-filter';
import { Overlaps } from './overlaps';
import { OwnEchoes } from './own-echoes';
import {
  deliverAsAsked,
  designated,
  everybody,
  filtersOfCopy,
  isFirstCopy,
  isReplay,
  type PacketIds,
  retainedReceivers4,
  retainedReceivers5,
} from './receivers';
import { Subscriber } from './subscriber';
import type { SubscriptionContext } from './subscription-context';
import { type Subscription, WireFilter } from './wire-filter';

export type { Subscription } from './wire-filter';

/** Characters of a topic, and of a reason, that are shown. */
const MAX_SHOWN = 200;

/**
 * The subscriptions of nodes: keeps the server informed (`Subscriber`), and delivers each message once to each node.
 */
export class SubscriptionSet {
  /**
   * Sees each received message once. `replay`: the server sent a kept message because of a subscription. `filters`:
   * those that match the topic, with their owners.
   */
  tap: ((message: ReceivedPublication, replay: boolean, filters: readonly WireFilter[]) => void) | undefined;
  private readonly wanted = new Set<Subscription>();
  private readonly wireOf = new Map<Subscription, WireFilter>();
  private readonly filters = new Map<string, WireFilter>();
  private readonly router = new Router<WireFilter>();
  private readonly overlaps: Overlaps;
  private readonly subscriber: Subscriber;
  /** Ids of filters that were given up. Messages for them belong to nobody. */
  private readonly givenUp: ReadonlySet<number>;
  private readonly copies: DuplicateFilter;
  private readonly ownEchoes: OwnEchoes;
  /** Number of subscriptions that do not want this connection's own messages. */
  private noLocals = 0;
  private context: SubscriptionContext | undefined;
  /** The mapping that the wire filters were made with. */
  private mapping: TopicMapping | undefined;

  constructor(
    clock: Clock,
    random: () => number,
    private readonly report?: (notice: Notice) => void,
  ) {
    this.overlaps = new Overlaps(clock, random);
    this.subscriber = new Subscriber(clock, this.overlaps, this.filters, this.router);
    this.givenUp = this.subscriber.givenUp;
    this.copies = new DuplicateFilter(clock);
    this.ownEchoes = new OwnEchoes(clock);
  }

  /** The current wish of this subscription's owner for the same filter. The subscription itself may be gone. */
  successorOf({ owner, filter }: Subscription): Subscription | undefined {
    for (const one of this.wanted) if (one.owner === owner && one.filter === filter) return one;
    return undefined;
  }

  /** Filters that others than these owners want. */
  filtersBeside(owners: ReadonlySet<string>): Set<string> {
    return new Set([...this.wanted].flatMap(({ owner, filter }) => (owners.has(owner) ? [] : [filter])));
  }

  add(subscription: Subscription): void {
    if (subscription.options.nl && !this.wanted.has(subscription)) this.noLocals += 1;
    this.wanted.add(subscription);
    if (this.mapping) this.place(subscription);
  }

  /** `keep`: leave the subscription standing on the server (core's `autoUnsubscribe: false`). */
  remove(subscription: Subscription, keep = false): void {
    if (this.wanted.delete(subscription) && subscription.options.nl) this.noLocals -= 1;
    const filter = this.wireOf.get(subscription);
    if (!filter) return;
    this.wireOf.delete(subscription);
    filter.subscriptions.splice(filter.subscriptions.indexOf(subscription), 1);
    filter.joining.delete(subscription);
    if (filter.subscriptions.length === 0) this.drop(filter, keep);
    else this.subscriber.touch(filter);
  }

  /** The line was lost behind filters more than once: a new connection begins with `hold`. */
  get probation(): boolean {
    return this.subscriber.probation;
  }

  /** Another server: experience with the last one does not count. */
  forget(): void {
    this.subscriber.forget();
  }

  /** After `connected` with `hold`: subscribes now; `then` is called when the server has answered everything. */
  proceed(then: () => void): void {
    this.subscriber.proceed(then);
  }

  /** A connection is there: tells the server everything; `hold`: not before `proceed`. */
  connected(context: SubscriptionContext, paused = false): void {
    this.context = context;
    if (!context.sessionPresent) this.ownEchoes.clear();
    if (this.mapping !== context.mapping) {
      this.mapping = context.mapping;
      for (const filter of [...this.filters.values()]) this.drop(filter, true);
      this.wireOf.clear();
      for (const subscription of this.wanted) this.place(subscription);
    }
    this.subscriber.connected(context, paused);
  }

  /**
   * The connection is gone; `loss` where it was lost after the server had said yes.
   * @returns the filters behind which it was lost once more, for people
   */
  disconnected(loss?: LinkLoss): string | undefined {
    const behind = this.subscriber.disconnected(loss);
    this.context = undefined;
    this.copies.clear();
    return behind;
  }

  /** Sends the changes now, so that later publications come behind them. */
  flush(): void {
    this.subscriber.flush();
  }

  /** During a deploy, a filter that goes and comes back stays on the server all the time. */
  wait(on: boolean): void {
    this.subscriber.wait(on);
  }

  /** The link knows that the retained messages for a filter have all come. */
  replayed(wire: string): void {
    const filter = this.filters.get(wire);
    if (filter) this.subscriber.replayed(filter);
  }

  /** The link subscribed to a filter after all that it had refused. */
  granted(wire: string): void {
    const filter = this.filters.get(wire);
    if (filter) this.subscriber.answered(filter, 0);
  }

  /** This connection sends a message. It may come back, to subscriptions that do not want it. */
  published(wire: string, payload: Buffer | string): void {
    if (this.noLocals === 0 || !this.context || this.context.noLocal) return;
    const isAwaited = this.router
      .match(wire)
      .some(({ subscriptions, refused }) => !refused && subscriptions.some(({ options }) => options.nl));
    if (isAwaited) this.ownEchoes.note(wire, payload);
  }

  /** Delivers a message to its subscribers; false if there are none (any more). */
  handle(wire: string, payload: Buffer, packet: PublishFlags): boolean {
    if (this.overlaps.take(wire)) return true;
    const filters = this.router.match(wire);
    if (filters.length === 0 || !this.context) return false;
    if (filters.length > 1 && this.overlaps.mustWait) this.waitForCheck(filters, wire, payload, packet);
    else this.bring(filters, wire, payload, packet);
    return true;
  }

  /** Not in `handle`: a function made there would cost every message an allocation. */
  private waitForCheck(
    filters: readonly WireFilter[],
    wire: string,
    payload: Buffer,
    packet: PublishFlags,
  ): void {
    this.overlaps.buffer(() => this.bring(filters, wire, payload, packet));
  }

  private bring(filters: readonly WireFilter[], wire: string, payload: Buffer, packet: PublishFlags): void {
    if (!this.context) return;
    const properties = packet.properties as IncomingProperties | undefined;
    const ids = properties?.subscriptionIdentifier;
    // On 3.1.1 the flag always means that it was kept (MQTT 3.1.1 §3.3.1.3).
    const replayed = packet.retain && (!this.context.v5 || isReplay(filters, wire, ids, this.givenUp));
    const all = this.receivers(filters, wire, payload, packet.retain, ids);
    const receivers = this.noLocals > 0 ? this.withoutOwn(all, wire, payload, packet.retain) : all;
    if (receivers.length === 0) return;
    const explanation = this.context.mapping.explainPayload(wire, payload, packet);
    if (explanation) {
      for (const receiver of receivers) receiver.refused(new InputError('payload-type', explanation));
      return;
    }
    const { topic, pubsub } = this.context.mapping.toPlain(wire, packet);
    const message: ReceivedPublication = {
      topic,
      payload,
      qos: packet.qos,
      retain: packet.retain,
      dup: packet.dup,
      replayed,
      properties,
      pubsub,
    };
    if (this.tap && (replayed || isFirstCopy(filters, ids, this.givenUp))) {
      try {
        this.tap(message, replayed, filters);
      } catch (error) {
        this.failed(message, error);
      }
    }
    if (packet.retain && this.context.v5 && filters.some(({ sent }) => sent?.rap))
      deliverAsAsked(receivers, message, filters, this.hand);
    else for (const receiver of receivers) this.hand(receiver, message);
  }

  /** Hands a message to a receiver. One that throws costs this message for itself, and not Node-RED. */
  readonly hand = (receiver: Subscription, message: ReceivedPublication): void => {
    try {
      receiver.deliver(message);
    } catch (error) {
      this.failed(message, error, receiver);
    }
  };

  private failed(message: ReceivedPublication, error: unknown, receiver?: Subscription): void {
    const topic = plain(message.topic, MAX_SHOWN);
    const reason = plain(String(error), MAX_SHOWN);
    if (receiver?.failed) receiver.failed(topic, reason);
    else
      this.report?.({
        level: 'warning',
        code: 'not-passed-on',
        text: text('log.notPassedOn', { topic, reason }),
      });
  }

  /** Where nobody else keeps No Local, the receivers that want this message although it is our own. */
  private withoutOwn(
    receivers: readonly Subscription[],
    wire: string,
    payload: Buffer,
    retain: boolean,
  ): readonly Subscription[] {
    // A message that comes back live has no retained flag.
    if (this.context?.noLocal || retain || !receivers.some(({ options }) => options.nl)) return receivers;
    return this.ownEchoes.take(wire, payload) ? receivers.filter(({ options }) => !options.nl) : receivers;
  }

  private receivers(
    filters: readonly WireFilter[],
    wire: string,
    payload: Buffer,
    retain: boolean,
    ids: PacketIds,
  ): readonly Subscription[] {
    if (retain) {
      for (const filter of filters) if (filter.joining.size > 0) this.subscriber.extendJoin(filter);
      return this.context?.v5
        ? retainedReceivers5(filters, wire, ids, this.givenUp)
        : retainedReceivers4(filters, wire);
    }
    const hit = filtersOfCopy(filters, ids, this.givenUp);
    if (hit) return designated(filters, hit);
    if (filters.length === 1) return everybody(filters);
    if (this.overlaps.perFilter) {
      const copies = filters.filter((filter) => filter.granted || (filter.stands && !filter.refused)).length;
      if (copies > 1 && !this.copies.isFirst(wire, payload, copies)) return [];
    }
    return everybody(filters);
  }

  private place(subscription: Subscription): void {
    if (!this.mapping) return;
    let wire: string;
    try {
      wire = this.mapping.filterToWire(subscription.filter);
    } catch (error) {
      subscription.refused(error as Error);
      return;
    }
    let filter = this.filters.get(wire);
    if (!filter) {
      filter = new WireFilter(wire);
      this.filters.set(wire, filter);
      this.router.add(wire, filter);
      this.subscriber.begin(filter);
    }
    filter.subscriptions.push(subscription);
    this.wireOf.set(subscription, filter);
    filter.join(subscription, this.context?.v5 ?? false);
    this.subscriber.touch(filter);
  }

  private drop(filter: WireFilter, keep: boolean): void {
    this.filters.delete(filter.wire);
    this.router.remove(filter.wire, filter);
    this.subscriber.end(filter, keep);
  }
}
