import type { ServerProfile, TopicMapping } from '../servers/profiles';
import type { Capabilities } from '../servers/profiles/profile';
import type { Clock } from '../time/clock';
import { InputError } from '../topics/errors';
import { quote } from '../topics/filter';
import { Router } from '../topics/router';
import { CopyFilter } from './copies';
import { LinkError } from './errors';
import { OverlapProbe, type ProbeLink } from './overlap-probe';
import {
  designated,
  everybody,
  filtersOfCopy,
  isFirstCopy,
  type PacketIds,
  retainedReceivers4,
  retainedReceivers5,
} from './receivers';
import { SubackFaults } from './suback-faults';
import { isSame, refusalText, type Subscription, WireFilter, whyRefused } from './wire-filter';

export type { Subscription } from './wire-filter';

import type { Delivery, IncomingProperties, SubscribeOptions } from './messages';

/** What the set needs of a connection. */
export interface SubscriptionLink {
  subscribe(
    wanted: readonly (SubscribeOptions & { filter: string })[],
    id: number | undefined,
    answered: (error: Error | undefined, codes: number[]) => void,
  ): void;
  unsubscribe(filters: string[]): void;
}

export interface SubscriptionContext {
  link: ProbeLink;
  profile: ServerProfile;
  capabilities: Capabilities;
  mapping: TopicMapping;
  /** The server kept the session, and its subscriptions. */
  sessionPresent: boolean;
  /** MQTT 5: subscription ids, No Local, Retain As Published and Retain Handling exist. */
  v5: boolean;
}

interface Packet {
  qos: 0 | 1 | 2;
  retain: boolean;
  dup: boolean;
  properties?: unknown;
}

/** Messages that may wait for the end of a probe. */
const MOST_HELD = 1_000;
/** Ids of given-up filters that are remembered. */
const MOST_GIVEN_UP = 10_000;
/** Filters in one SUBSCRIBE packet. */
const BATCH = 500;
/** A replay of retained messages is over when none came for this long, in milliseconds. */
const REPLAY_PAUSE = 1_000;
/** Subscription identifiers are below this (MQTT 5 §3.8.2.1.2). */
const MAX_ID = 268_435_455;

/**
 * Keeps what nodes want and what the server was told in step, and brings each message to each node once.
 * Changes made in one turn of the event loop go out together.
 */
export class SubscriptionSet {
  /**
   * Sees each message that somebody receives, once. `replay`: the server sent what it had kept, because somebody
   * subscribed. `filters`: those that match the topic, with whoever wants them.
   */
  tap: ((message: Delivery, replay: boolean, filters: readonly WireFilter[]) => void) | undefined;
  private readonly filters = new Map<string, WireFilter>();
  private readonly router = new Router<WireFilter>();
  private readonly wanted = new Set<Subscription>();
  private readonly wireOf = new Map<Subscription, WireFilter>();
  private readonly dirty = new Set<WireFilter>();
  private readonly gone = new Set<string>();
  private readonly ids = new Map<number, string>();
  /** Ids of filters that were given up on this connection: what still comes for them is nobody's. */
  private readonly givenUp = new Set<number>();
  private readonly copies: CopyFilter;
  private context: SubscriptionContext | undefined;
  /** The mapping that the wire filters were made with. */
  private mapping: TopicMapping | undefined;
  private scheduled = false;
  /** How many filters the server was told. */
  private told = 0;
  /** A filter came since the ids were looked at. */
  private newNeighbours = false;
  /** How this server treats overlapping filters; found out when it first matters. */
  private overlapping: ServerProfile['overlapping'] = 'unknown';
  /** Stays when it is over: more copies of its message may follow. */
  private probe: OverlapProbe | undefined;
  /** What came meanwhile for overlapping filters; its copies can be told only afterwards. */
  private held: (() => void)[] = [];
  private readonly faults = new SubackFaults();

  constructor(
    private readonly clock: Clock,
    private readonly random: () => number,
  ) {
    this.copies = new CopyFilter(clock);
  }

  /** The filters that somebody else than this owner wants. */
  filtersBeside(owner: string): Set<string> {
    const others = [...this.wanted].filter((one) => one.owner !== owner);
    return new Set(others.map(({ filter }) => filter));
  }

  /** Another subscription of the same owner to the same filter. */
  successorOf(subscription: Subscription): Subscription | undefined {
    const { subscriptions = [] } = this.wireOf.get(subscription) ?? {};
    return subscriptions.findLast((one) => one !== subscription && one.owner === subscription.owner);
  }

  add(subscription: Subscription): void {
    this.wanted.add(subscription);
    if (this.mapping) this.place(subscription);
  }

  /** `keep`: leave the subscription standing on the server (core's `autoUnsubscribe: false`). */
  remove(subscription: Subscription, keep = false): void {
    this.wanted.delete(subscription);
    const filter = this.wireOf.get(subscription);
    if (!filter) return;
    this.wireOf.delete(subscription);
    filter.subscriptions.splice(filter.subscriptions.indexOf(subscription), 1);
    filter.joining.delete(subscription);
    if (filter.subscriptions.length === 0) this.drop(filter, keep);
    else this.touch(filter);
  }

  /** A connection is there: tells the server everything. */
  connected(context: SubscriptionContext): void {
    this.context = context;
    if (context.profile.overlapping !== 'unknown') this.overlapping = context.profile.overlapping;
    if (this.mapping !== context.mapping) {
      this.mapping = context.mapping;
      for (const filter of [...this.filters.values()]) this.drop(filter, true);
      this.wireOf.clear();
      for (const subscription of this.wanted) this.place(subscription);
    }
    // What was given up while away still stands in a session that the server kept.
    if (!context.sessionPresent) this.gone.clear();
    this.givenUp.clear();
    for (const filter of this.filters.values()) {
      filter.sent = undefined;
      filter.stands = false;
      filter.granted = false;
      filter.refused = false;
      for (const subscription of filter.subscriptions) filter.join(subscription, context.v5);
      this.touch(filter);
    }
    this.flush();
  }

  /** `unreadable`: because of a SUBACK that broke the protocol. */
  disconnected(unreadable = false): void {
    this.faults.lost(unreadable);
    this.probe?.cancel();
    this.probe = undefined;
    this.release();
    this.context = undefined;
    this.copies.clear();
    for (const filter of this.filters.values()) filter.endJoin();
  }

  /** Brings an arriving message to those who want it; false where nobody does (any more). */
  handle(wire: string, payload: Buffer, packet: Packet): boolean {
    if (this.probe?.take(wire)) return true;
    const filters = this.router.match(wire);
    const first = filters[0];
    if (!first || !this.context) return false;
    if (this.probing && filters.length > 1 && this.held.length < MOST_HELD) {
      this.held.push(() => this.bring(filters, wire, payload, packet));
    } else this.bring(filters, wire, payload, packet);
    return true;
  }

  private bring(filters: readonly WireFilter[], wire: string, payload: Buffer, packet: Packet): void {
    if (!this.context) return;
    const properties = packet.properties as IncomingProperties | undefined;
    const ids = properties?.subscriptionIdentifier;
    const replay = packet.retain && filters.some((filter) => filter.joining.size > 0);
    const receivers = this.receivers(filters, wire, payload, packet.retain, ids);
    if (receivers.length === 0) return;
    const explanation = this.context.mapping.explainPayload(wire, payload);
    if (explanation) {
      for (const receiver of receivers) receiver.refused(new InputError('payload-type', explanation));
      return;
    }
    const { topic, pubsub } = this.context.mapping.toPlain(wire);
    const message: Delivery = {
      topic,
      payload,
      qos: packet.qos,
      retain: packet.retain,
      dup: packet.dup,
      properties,
      pubsub,
    };
    if (this.tap && (replay || isFirstCopy(filters, ids, this.givenUp))) {
      // On 3.1.1 the flag always means that it was kept (MQTT 3.1.1 §3.3.1.3).
      this.tap(message, replay || (packet.retain && !this.context.v5), filters);
    }
    for (const receiver of receivers) receiver.deliver(message);
  }

  private receivers(
    filters: readonly WireFilter[],
    wire: string,
    payload: Buffer,
    retain: boolean,
    ids: PacketIds,
  ): readonly Subscription[] {
    if (retain) {
      for (const filter of filters) if (filter.joining.size > 0) this.extendJoin(filter);
      return this.context?.v5
        ? retainedReceivers5(filters, wire, ids, this.givenUp)
        : retainedReceivers4(filters, wire);
    }
    const hit = filtersOfCopy(filters, ids, this.givenUp);
    if (hit) return designated(filters, hit);
    if (filters.length === 1) return everybody(filters);
    if (this.overlapping === 'perFilter') {
      const copies = filters.filter((filter) => filter.granted).length;
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
      filter.stands = this.gone.delete(wire);
      this.newNeighbours = true;
    }
    filter.subscriptions.push(subscription);
    this.wireOf.set(subscription, filter);
    filter.join(subscription, this.context?.v5 ?? false);
    this.touch(filter);
  }

  private drop(filter: WireFilter, keep: boolean): void {
    filter.endJoin();
    this.filters.delete(filter.wire);
    this.router.remove(filter.wire, filter);
    this.dirty.delete(filter);
    const id = filter.sent?.id;
    if (id !== undefined) {
      this.ids.delete(id);
      if (this.givenUp.size >= MOST_GIVEN_UP) this.givenUp.clear();
      this.givenUp.add(id);
    }
    if ((filter.sent || filter.stands) && !keep) {
      this.gone.add(filter.wire);
      this.schedule();
    }
  }

  private touch(filter: WireFilter): void {
    this.dirty.add(filter);
    this.schedule();
  }

  /** A filter that stood alone needs an id as soon as another one can match the same topic. */
  private touchNeighbours({ v5, capabilities }: SubscriptionContext): void {
    if (!this.newNeighbours) return;
    this.newNeighbours = false;
    if (!v5 || !capabilities.subscriptionIds) return;
    for (const filter of this.filters.values()) {
      if (filter.sent && filter.sent.id === undefined && !filter.refused) this.dirty.add(filter);
    }
  }

  private schedule(): void {
    if (this.scheduled || !this.context) return;
    this.scheduled = true;
    setImmediate(() => this.flush());
  }

  /** Tells the server now what has changed; what is published afterwards comes behind it. */
  flush(): void {
    const { context } = this;
    this.scheduled = false;
    if (!context || (this.dirty.size === 0 && this.gone.size === 0)) return;
    if (this.mustProbe(context)) this.startProbe(context);
    this.touchNeighbours(context);
    if (this.gone.size > 0) {
      const list = [...this.gone];
      this.gone.clear();
      for (let i = 0; i < list.length; i += BATCH) context.link.unsubscribe(list.slice(i, i + BATCH));
    }
    const plain: { filter: WireFilter; options: SubscribeOptions }[] = [];
    // Those that stand come first: a copy without an id is theirs only as long as no newcomer's can come.
    for (const filter of [...this.dirty].sort(standingFirst)) {
      if (this.faults.mustWait) break;
      this.dirty.delete(filter);
      const reason = filter.unreadable ?? whyRefused(filter.wire, context.profile, context.capabilities);
      if (reason) {
        filter.refused = true;
        for (const subscription of filter.subscriptions) subscription.refused(reason);
        continue;
      }
      const options = filter.options(context.v5, context.capabilities.maxQos);
      const id = this.idFor(filter, context);
      if (isSame(filter.sent, options, id) && !filter.fresh) continue;
      filter.fresh = false;
      if (!filter.sent) filter.rank = ++this.told;
      filter.sent = { ...options, id };
      if (id === undefined && !this.faults.oneByOne) plain.push({ filter, options });
      else this.send(context, [{ filter, options }], id);
    }
    for (let i = 0; i < plain.length; i += BATCH) this.send(context, plain.slice(i, i + BATCH), undefined);
    if (this.dirty.size === 0) this.faults.allSettled();
  }

  private get probing(): boolean {
    return this.probe !== undefined && !this.probe.isOver;
  }

  private mustProbe({ v5, capabilities }: SubscriptionContext): boolean {
    if (
      this.faults.oneByOne ||
      this.overlapping !== 'unknown' ||
      this.probing ||
      (v5 && capabilities.subscriptionIds)
    )
      return false;
    return [...this.dirty].some((filter) => this.router.countOverlapping(filter.wire) > 1);
  }

  private startProbe(context: SubscriptionContext): void {
    const name = this.random().toString(36).slice(2, 10);
    this.probe = new OverlapProbe(name, context.link, this.clock, (overlapping) => {
      this.overlapping = overlapping;
      this.release();
    });
  }

  private release(): void {
    const { held } = this;
    this.held = [];
    for (const deliver of held) deliver();
  }

  private send(
    context: SubscriptionContext,
    batch: { filter: WireFilter; options: SubscribeOptions }[],
    id: number | undefined,
  ): void {
    const { subackTimeout, subackHint } = context.profile;
    const isCurrent = (): boolean => this.context === context;
    const filters = batch.map(({ filter }) => filter);
    this.faults.asked(filters);
    const stopWaiting = this.clock.after(subackTimeout, () => {
      if (!isCurrent()) return;
      this.settled(filters);
      const names = batch
        .map(({ filter }) => quote(filter.wire))
        .slice(0, 3)
        .join(', ');
      const error = new LinkError(
        'timeout',
        `The subscription to ${names}${batch.length > 3 ? ' …' : ''} was not confirmed within ${subackTimeout / 1000} s. ${subackHint}`,
      );
      for (const { filter } of batch)
        for (const subscription of filter.subscriptions) subscription.refused(error);
    });
    const wanted = batch.map(({ filter, options }) => ({ filter: filter.wire, ...options }));
    context.link.subscribe(wanted, id, (error, codes) => {
      stopWaiting();
      // Where the connection went away, the next one tells the server anew.
      if (!isCurrent() || error) return;
      this.settled(filters);
      for (const [index, { filter }] of batch.entries()) this.answered(filter, codes[index] ?? 128);
    });
  }

  private settled(filters: readonly WireFilter[]): void {
    this.faults.settled(filters);
    if (this.dirty.size > 0) this.schedule();
    else this.faults.allSettled();
  }

  private answered(filter: WireFilter, code: number): void {
    filter.refused = code >= 128;
    if (filter.refused) {
      filter.endJoin();
      const error = new LinkError(
        'refused',
        `The server refused the subscription to ${quote(filter.wire)}: ${refusalText(code)}`,
      );
      for (const subscription of filter.subscriptions) subscription.refused(error);
      return;
    }
    filter.granted = true;
    if (filter.joining.size > 0) this.extendJoin(filter);
    for (const subscription of filter.subscriptions) subscription.granted?.();
  }

  /** The time for retained messages starts again; when it is over, the wire options become the wanted ones. */
  private extendJoin(filter: WireFilter): void {
    filter.stopJoin?.();
    filter.stopJoin = this.clock.after(REPLAY_PAUSE, () => {
      filter.endJoin();
      if (this.filters.get(filter.wire) === filter) this.touch(filter);
    });
  }

  /** The id that tells copies apart; only where another filter can match the same topic. Stable over restarts. */
  private idFor(filter: WireFilter, { v5, capabilities }: SubscriptionContext): number | undefined {
    if (filter.sent?.id !== undefined) return filter.sent.id;
    if (!v5 || !capabilities.subscriptionIds || this.router.countOverlapping(filter.wire) < 2)
      return undefined;
    let id = (hash(filter.wire) % MAX_ID) + 1;
    while (this.ids.has(id) && this.ids.get(id) !== filter.wire) id = (id % MAX_ID) + 1;
    this.ids.set(id, filter.wire);
    this.givenUp.delete(id);
    return id;
  }
}

function standingFirst(a: WireFilter, b: WireFilter): number {
  return Number(!a.sent && !a.stands) - Number(!b.sent && !b.stands);
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return value;
}
