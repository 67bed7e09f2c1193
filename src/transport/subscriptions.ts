import type { ServerProfile, TopicMapping } from '../servers/profiles';
import type { Capabilities } from '../servers/profiles/profile';
import { InputError } from '../topics/errors';
import { quote } from '../topics/filter';
import { Router } from '../topics/router';
import type { Clock } from './clock';
import { CopyFilter } from './copies';
import { LinkError } from './errors';
import { OverlapProbe, type ProbeLink } from './overlap-probe';
import type { Delivery, IncomingProperties, SubscribeOptions } from './messages';

/** One node's wish to receive what matches one filter. */
export interface Subscription {
  /** Who receives: several subscriptions of one owner deliver a message once. */
  readonly owner: string;
  /** Plain topic filter. */
  readonly filter: string;
  readonly options: SubscribeOptions;
  deliver(message: Delivery): void;
  /** The server, or its profile, does not take this filter. */
  refused(reason: Error): void;
  /** The server confirmed it. */
  granted?(): void;
}

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
  /** MQTT 5: subscription ids, No Local, Retain As Published and Retain Handling exist. */
  v5: boolean;
}

/** One filter as the server knows it, and who wants it. */
interface WireFilter {
  readonly wire: string;
  readonly subscriptions: Subscription[];
  /** What the last SUBSCRIBE said; undefined: none was sent on this connection. */
  sent: (SubscribeOptions & { id: number | undefined }) | undefined;
  granted: boolean;
  /** Those for whom the retained messages on their way are meant, and the topics that each has got already. */
  joining: Map<Subscription, Set<string>>;
  /** Somebody joined since the last SUBSCRIBE. */
  fresh: boolean;
  /** Somebody joined those who were there: until the replay is over, a set retained flag must mean "replay". */
  masked: boolean;
  /** Ends the time in which retained messages are taken for the joining ones'. */
  stopJoin: (() => void) | undefined;
}

interface Packet {
  qos: 0 | 1 | 2;
  retain: boolean;
  dup: boolean;
  properties?: unknown;
}

/** Messages that may wait for the end of a probe. */
const MOST_HELD = 1_000;
/** Filters in one SUBSCRIBE packet. */
const BATCH = 500;
/** A replay of retained messages is over when none came for this long, in milliseconds. */
const REPLAY_PAUSE = 1_000;
/** Topics remembered during a replay, for one subscription. */
const REPLAY_TOPICS = 10_000;
/** Subscription identifiers are below this (MQTT 5 §3.8.2.1.2). */
const MAX_ID = 268_435_455;

/**
 * Keeps what nodes want and what the server was told in step, and brings each message to each node once.
 * Changes made in one turn of the event loop go out together.
 */
export class SubscriptionSet {
  private readonly filters = new Map<string, WireFilter>();
  private readonly router = new Router<WireFilter>();
  private readonly wanted = new Set<Subscription>();
  private readonly wireOf = new Map<Subscription, WireFilter>();
  private readonly dirty = new Set<WireFilter>();
  private readonly gone = new Set<string>();
  private readonly ids = new Map<number, string>();
  private readonly copies: CopyFilter;
  private context: SubscriptionContext | undefined;
  /** The mapping that the wire filters were made with. */
  private mapping: TopicMapping | undefined;
  private scheduled = false;
  /** How this server treats overlapping filters; found out when it first matters. */
  private overlapping: ServerProfile['overlapping'] = 'unknown';
  private probe: OverlapProbe | undefined;
  /** What came meanwhile for overlapping filters; its copies can be told only afterwards. */
  private held: (() => void)[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly random: () => number,
  ) {
    this.copies = new CopyFilter(clock);
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
    this.gone.clear();
    for (const filter of this.filters.values()) {
      filter.sent = undefined;
      filter.granted = false;
      for (const subscription of filter.subscriptions) this.join(filter, subscription);
      this.touch(filter);
    }
    this.flush();
  }

  disconnected(): void {
    this.probe?.cancel();
    this.probe = undefined;
    this.release();
    this.context = undefined;
    this.copies.clear();
    for (const filter of this.filters.values()) this.endJoin(filter);
  }

  /** Brings an arriving message to those who want it; false where nobody does (any more). */
  handle(wire: string, payload: Buffer, packet: Packet): boolean {
    if (this.probe?.take(wire)) return true;
    const filters = this.router.match(wire);
    const first = filters[0];
    if (!first || !this.context) return false;
    if (this.probe && filters.length > 1 && this.held.length < MOST_HELD) {
      this.held.push(() => this.bring(filters, wire, payload, packet));
    } else this.bring(filters, wire, payload, packet);
    return true;
  }

  private bring(filters: readonly WireFilter[], wire: string, payload: Buffer, packet: Packet): void {
    if (!this.context) return;
    const properties = packet.properties as IncomingProperties | undefined;
    const ids = properties?.subscriptionIdentifier;
    const receivers = packet.retain
      ? this.retainedReceivers(filters, wire, ids)
      : this.liveReceivers(filters, wire, payload, ids);
    if (receivers.length === 0) return;
    const explanation = this.context.mapping.explainPayload(wire, payload);
    if (explanation) {
      for (const receiver of receivers) receiver.refused(new InputError('payload-type', explanation));
      return;
    }
    const message: Delivery = {
      ...this.context.mapping.toPlain(wire),
      payload,
      qos: packet.qos,
      retain: packet.retain,
      dup: packet.dup,
      ...(properties ? { properties } : {}),
    };
    for (const receiver of receivers) receiver.deliver(message);
  }

  private liveReceivers(filters: readonly WireFilter[], wire: string, payload: Buffer, ids: number | number[] | undefined): readonly Subscription[] {
    const [only] = filters;
    if (filters.length === 1 && only) return oncePerOwner(only.subscriptions);
    const hit = this.filtersOfCopy(filters, ids);
    if (hit) return designated(filters, hit);
    if (this.overlapping === 'perFilter') {
      const copies = filters.filter((filter) => filter.granted).length;
      if (copies > 1 && !this.copies.isFirst(wire, payload, copies)) return [];
    }
    return oncePerOwner(filters.flatMap((filter) => filter.subscriptions));
  }

  /** On MQTT 3.1.1 `retain` marks a replay after SUBSCRIBE; on 5 too, but where Retain As Published is on. */
  private retainedReceivers(filters: readonly WireFilter[], wire: string, ids: number | number[] | undefined): readonly Subscription[] {
    if (this.context?.v5) {
      const hit = filters.length === 1 ? new Set(filters) : this.filtersOfCopy(filters, ids);
      if (hit) {
        const joining = [...hit].filter((filter) => filter.joining.size > 0);
        const standing = new Set([...hit].filter((filter) => filter.joining.size === 0));
        return oncePerOwner([...joining.flatMap((filter) => this.joiners(filter, wire)), ...designated(filters, standing)]);
      }
      return oncePerOwner(filters.flatMap((filter) => filter.subscriptions));
    }
    const joining = filters.filter((filter) => filter.joining.size > 0);
    if (joining.length === 0) return oncePerOwner(filters.flatMap((filter) => filter.subscriptions));
    // Each overlapping filter brings its own replay: the first that comes for an owner counts.
    const served = new Set<string>();
    for (const filter of joining) {
      for (const [subscription, topics] of filter.joining) if (topics.has(wire)) served.add(subscription.owner);
    }
    const receivers = joining.flatMap((filter) => this.joiners(filter, wire));
    return oncePerOwner(receivers.filter(({ owner }) => !served.has(owner)));
  }

  /** Those who wait for this retained message; each gets a topic once in a replay. */
  private joiners(filter: WireFilter, wire: string): Subscription[] {
    this.extendJoin(filter);
    const receivers: Subscription[] = [];
    for (const [subscription, topics] of filter.joining) {
      // With Retain As Published the second message of a topic may be a live one.
      if (topics.has(wire) && !filter.sent?.rap) continue;
      if (topics.size < REPLAY_TOPICS) topics.add(wire);
      receivers.push(subscription);
    }
    return receivers;
  }

  /** Which filters this copy was sent for; undefined where the packet does not say. */
  private filtersOfCopy(filters: readonly WireFilter[], ids: number | number[] | undefined): Set<WireFilter> | undefined {
    if (ids === undefined) return undefined;
    const list = Array.isArray(ids) ? ids : [ids];
    const hit = new Set(filters.filter((filter) => filter.sent?.id !== undefined && list.includes(filter.sent.id)));
    // An id that none of ours has belongs to an older subscription of this session; unless ours is not told yet.
    if (hit.size === 0 && filters.some((filter) => filter.sent?.id === undefined || !filter.granted)) return undefined;
    return hit;
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
      filter = { wire, subscriptions: [], sent: undefined, granted: false, joining: new Map(), fresh: false, masked: false, stopJoin: undefined };
      this.filters.set(wire, filter);
      this.router.add(wire, filter);
      this.gone.delete(wire);
      this.touchOverlapping(wire);
    }
    filter.subscriptions.push(subscription);
    this.wireOf.set(subscription, filter);
    this.join(filter, subscription);
    this.touch(filter);
  }

  private join(filter: WireFilter, subscription: Subscription): void {
    if (this.context?.v5 && subscription.options.rh === 2) return;
    filter.joining.set(subscription, new Set());
    filter.fresh = true;
    if (filter.sent) filter.masked = true;
  }

  private drop(filter: WireFilter, keep: boolean): void {
    this.endJoin(filter);
    this.filters.delete(filter.wire);
    this.router.remove(filter.wire, filter);
    this.dirty.delete(filter);
    if (filter.sent?.id !== undefined) this.ids.delete(filter.sent.id);
    if (filter.sent && !keep) {
      this.gone.add(filter.wire);
      this.schedule();
    }
  }

  private touch(filter: WireFilter): void {
    this.dirty.add(filter);
    this.schedule();
  }

  /** A new neighbour may mean that a filter needs an id now. */
  private touchOverlapping(wire: string): void {
    if (!this.context?.v5 || this.router.countOverlapping(wire) < 2) return;
    for (const filter of this.filters.values()) if (filter.sent && filter.sent.id === undefined) this.touch(filter);
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
    if (this.gone.size > 0) {
      const list = [...this.gone];
      this.gone.clear();
      for (let i = 0; i < list.length; i += BATCH) context.link.unsubscribe(list.slice(i, i + BATCH));
    }
    const plain: { filter: WireFilter; options: SubscribeOptions }[] = [];
    for (const filter of this.dirty) {
      const reason = whyRefused(filter.wire, context);
      if (reason) {
        for (const subscription of filter.subscriptions) subscription.refused(reason);
        continue;
      }
      const options = this.optionsFor(filter, context);
      const id = this.idFor(filter, context);
      if (filter.sent && sameOptions(filter.sent, options) && filter.sent.id === id && !filter.fresh) continue;
      filter.fresh = false;
      filter.sent = { ...options, id };
      if (id === undefined) plain.push({ filter, options });
      else this.send(context, [{ filter, options }], id);
    }
    this.dirty.clear();
    for (let i = 0; i < plain.length; i += BATCH) this.send(context, plain.slice(i, i + BATCH), undefined);
  }

  private mustProbe({ v5, capabilities }: SubscriptionContext): boolean {
    if (this.overlapping !== 'unknown' || this.probe || (v5 && capabilities.subscriptionIds)) return false;
    return [...this.dirty].some((filter) => this.router.countOverlapping(filter.wire) > 1);
  }

  private startProbe(context: SubscriptionContext): void {
    const name = this.random().toString(36).slice(2, 10);
    this.probe = new OverlapProbe(name, context.link, this.clock, (overlapping) => {
      this.overlapping = overlapping;
      this.probe = undefined;
      this.release();
    });
  }

  private release(): void {
    const { held } = this;
    this.held = [];
    for (const deliver of held) deliver();
  }

  private send(context: SubscriptionContext, batch: { filter: WireFilter; options: SubscribeOptions }[], id: number | undefined): void {
    const { subackTimeout, subackHint } = context.profile;
    const isCurrent = (): boolean => this.context === context;
    const stopWaiting = this.clock.after(subackTimeout, () => {
      if (!isCurrent()) return;
      const names = batch.map(({ filter }) => quote(filter.wire)).slice(0, 3).join(', ');
      const error = new LinkError(
        'timeout',
        `The subscription to ${names}${batch.length > 3 ? ' …' : ''} was not confirmed within ${subackTimeout / 1000} s. ${subackHint}`,
      );
      for (const { filter } of batch) for (const subscription of filter.subscriptions) subscription.refused(error);
    });
    const wanted = batch.map(({ filter, options }) => ({ filter: filter.wire, ...options }));
    context.link.subscribe(wanted, id, (error, codes) => {
      stopWaiting();
      // Where the connection went away, the next one tells the server anew.
      if (!isCurrent() || error) return;
      batch.forEach(({ filter }, index) => this.answered(filter, codes[index] ?? 128));
    });
  }

  private answered(filter: WireFilter, code: number): void {
    if (code >= 128) {
      const error = new LinkError('refused', `The server refused the subscription to ${quote(filter.wire)}: ${refusalText(code)}`);
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
      this.endJoin(filter);
      if (this.context && filter.sent && !sameOptions(filter.sent, this.optionsFor(filter, this.context))) this.touch(filter);
    });
  }

  private endJoin(filter: WireFilter): void {
    filter.stopJoin?.();
    filter.stopJoin = undefined;
    filter.joining.clear();
    filter.masked = false;
  }

  /** Highest QoS, No Local only where all want it, retained messages if one wants them. */
  private optionsFor(filter: WireFilter, { v5, capabilities }: SubscriptionContext): SubscribeOptions {
    const all = filter.subscriptions.map((subscription) => subscription.options);
    const qos = Math.min(capabilities.maxQos, Math.max(...all.map((options) => options.qos))) as 0 | 1 | 2;
    if (!v5) return { qos, nl: false, rap: false, rh: 0 };
    const isShared = filter.wire.startsWith('$share/');
    const rap = all.some((options) => options.rap);
    return {
      qos,
      // No Local on a shared subscription is a protocol error (MQTT 5 §3.8.3.1).
      nl: !isShared && all.every((options) => options.nl),
      rap: rap && !filter.masked,
      rh: filter.sent && !filter.fresh ? 2 : lowest(filter),
    };
  }

  /** The id that tells copies apart; only where another filter can match the same topic. Stable over restarts. */
  private idFor(filter: WireFilter, { v5, capabilities }: SubscriptionContext): number | undefined {
    if (filter.sent?.id !== undefined) return filter.sent.id;
    if (!v5 || !capabilities.subscriptionIds || this.router.countOverlapping(filter.wire) < 2) return undefined;
    let id = (hash(filter.wire) % MAX_ID) + 1;
    while (this.ids.has(id) && this.ids.get(id) !== filter.wire) id = (id % MAX_ID) + 1;
    this.ids.set(id, filter.wire);
    return id;
  }
}

function lowest(filter: WireFilter): 0 | 1 | 2 {
  // A newcomer to a filter that stands already is new for itself: the server would count it as known.
  if (filter.sent) return 0;
  return Math.min(...filter.subscriptions.map((subscription) => subscription.options.rh)) as 0 | 1 | 2;
}

function sameOptions(a: SubscribeOptions, b: SubscribeOptions): boolean {
  return a.qos === b.qos && a.nl === b.nl && a.rap === b.rap;
}

function oncePerOwner(subscriptions: readonly Subscription[]): readonly Subscription[] {
  if (subscriptions.length < 2) return subscriptions;
  const owners = new Set<string>();
  return subscriptions.filter(({ owner }) => (owners.has(owner) ? false : owners.add(owner)));
}

/** For each owner the first of its filters counts; it receives the copy that was sent for that one. */
function designated(filters: readonly WireFilter[], hit: ReadonlySet<WireFilter>): readonly Subscription[] {
  const owners = new Set<string>();
  const receivers: Subscription[] = [];
  for (const filter of filters) {
    for (const subscription of filter.subscriptions) {
      if (owners.has(subscription.owner)) continue;
      owners.add(subscription.owner);
      if (hit.has(filter)) receivers.push(subscription);
    }
  }
  return receivers;
}

/** Why this filter must not be sent to this server; undefined: it may. */
function whyRefused(wire: string, { capabilities, profile }: SubscriptionContext): InputError | undefined {
  const shared = wire.startsWith('$share/');
  if (shared && !capabilities.shared) {
    return new InputError(
      'filter-shared',
      `${profile.label} has no shared subscriptions, so ${quote(wire)} cannot be subscribed. Use the filter without $share/<group>/.`,
    );
  }
  if (!capabilities.wildcards && /[+#]/.test(wire)) {
    return new InputError('filter-wildcard', `${profile.label} allows no wildcards, so ${quote(wire)} cannot be subscribed.`);
  }
  const levels = wire.split('/').length;
  const most = capabilities.maxFilterLevels;
  if (most !== undefined && levels > most) {
    return new InputError(
      'filter-deep',
      `${profile.label} takes topic filters of at most ${most} levels, and ${quote(wire)} has ${levels}. ` +
        'Subscribe higher up with #.',
    );
  }
  return undefined;
}

function refusalText(code: number): string {
  switch (code) {
    case 128:
      return 'it gave no reason (128). Does the account have the right to read this topic?';
    case 135:
      return 'not authorized (135). Does the account have the right to read this topic?';
    case 143:
      return 'it does not allow this filter (143).';
    default:
      return `reason code ${code}.`;
  }
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return value;
}
