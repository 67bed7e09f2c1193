import { sentences, text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { quote } from '../../base/printable';
import type { Router } from '../../topics/router';
import { LinkError } from '../errors';
import type { SubscribeAnswer } from '../link';
import type { SubscribeOptions } from '../messages';
import { packetsOf } from '../packet-size';
import type { LinkLoss } from '../poison/loss-counter';
import type { Overlaps } from './overlaps';
import { SubackFaults } from './suback-faults';
import type { SubscriptionContext } from './subscription-context';
import { SubscriptionIds } from './subscription-ids';
import { isSame, refusalOf, type WireFilter, whyRefused } from './wire-filter';

/** Filters in one SUBSCRIBE packet. */
const BATCH = 500;
/** A replay of retained messages is over when none came for this long, in milliseconds, unless the profile knows better. */
const REPLAY_PAUSE = 1_000;

/** A filter, and what its SUBSCRIBE says of it. */
interface Asked {
  filter: WireFilter;
  options: SubscribeOptions;
}

/** Sends SUBSCRIBE and UNSUBSCRIBE, and handles SUBACK. Changes made in one turn of the event loop go out together. */
export class Subscriber {
  private context: SubscriptionContext | undefined;
  /** Filters to be sent, or sent again. */
  private readonly dirty = new Set<WireFilter>();
  /** To be unsubscribed. */
  private readonly gone = new Set<string>();
  private readonly ids = new SubscriptionIds();
  private readonly faults = new SubackFaults();
  private scheduled = false;
  /** Number of filters sent to the server. */
  private lastRank = 0;
  /** A deploy is under way: who unsubscribes may be back when it is over. */
  private waits = false;
  /** A filter came since the ids were looked at. */
  private newNeighbours = false;
  /** When the last SUBSCRIBE went out, in steady milliseconds. */
  private askedAt = 0;
  /** The connection has not shown yet that it lives. */
  private paused = false;
  /** Waits for all answers. */
  private whenQuiet: (() => void) | undefined;

  /** @param filters all wanted filters, by their name on the server; `router` has the same */
  constructor(
    private readonly clock: Clock,
    private readonly overlaps: Overlaps,
    private readonly filters: ReadonlyMap<string, WireFilter>,
    private readonly router: Router<WireFilter>,
  ) {}

  /** Ids of filters that were given up on this connection. Messages for them belong to nobody. */
  get givenUp(): ReadonlySet<number> {
    return this.ids.givenUp;
  }

  /** A filter that was not wanted before. */
  begin(filter: WireFilter): void {
    filter.stands = this.gone.delete(filter.wire);
    this.newNeighbours = true;
  }

  /** The wishes for a filter have changed. */
  touch(filter: WireFilter): void {
    this.dirty.add(filter);
    this.schedule();
  }

  /** A filter is no longer wanted. `keep`: it stays on the server anyway. */
  end(filter: WireFilter, keep: boolean): void {
    filter.endJoin();
    this.dirty.delete(filter);
    const id = filter.sent?.id;
    if (id !== undefined) this.ids.giveUp(id);
    if ((filter.sent || filter.stands) && !keep) {
      this.gone.add(filter.wire);
      this.schedule();
    }
  }

  /** While `on`, only flushed changes are sent, and no filter is ended. */
  wait(on: boolean): void {
    this.waits = on;
    if (on) return;
    this.flush();
    this.tellQuiet();
  }

  /** The line was lost behind filters more than once. */
  get probation(): boolean {
    return this.faults.suspects;
  }

  /** Another server: experience with the last one does not count. */
  forget(): void {
    this.overlaps.forget();
    this.faults.forget(this.filters.values());
  }

  /** Sends everything held back since `connected`; `then` is called when the server has answered. */
  proceed(then: () => void): void {
    this.paused = false;
    this.whenQuiet = then;
    if (!this.waits) this.flush();
    this.tellQuiet();
  }

  /** A connection is there: tells the server everything; `hold`: not before `proceed`. */
  connected(context: SubscriptionContext, paused: boolean): void {
    this.context = context;
    this.paused = paused;
    this.whenQuiet = undefined;
    this.overlaps.learn(context.profile);
    // Filters given up while disconnected are still in a session that the server kept.
    if (!context.sessionPresent) this.gone.clear();
    this.ids.givenUp.clear();
    for (const filter of this.filters.values()) {
      filter.sent = undefined;
      filter.stands = false;
      filter.granted = false;
      filter.refused = false;
      for (const subscription of filter.subscriptions) filter.join(subscription, context.v5);
      this.touch(filter);
    }
    if (!this.waits) this.flush();
  }

  /** The connection is gone. @returns the filters behind which it was lost once more, for people */
  disconnected(loss: LinkLoss | undefined): string | undefined {
    const behind = this.faults.lost(loss, this.clock.steady() - this.askedAt);
    this.overlaps.cancel(loss !== undefined);
    this.context = undefined;
    this.whenQuiet = undefined;
    for (const filter of this.filters.values()) filter.endJoin();
    return behind;
  }

  /** Sends the changes now, so that later publications come behind them. */
  flush(): void {
    const { context } = this;
    this.scheduled = false;
    if (!context || this.paused || (this.dirty.size === 0 && this.gone.size === 0)) {
      if (this.whenQuiet) this.tellQuiet();
      return;
    }
    if (this.mustCheckOverlap(context)) this.overlaps.ask(context.link);
    this.touchNeighbours(context);
    if (!this.waits) this.unsubscribe(context);
    const plain: Asked[] = [];
    // Existing filters come first: a copy without an id is theirs only as long as none of a new filter can come.
    for (const filter of [...this.dirty].sort(standingFirst)) {
      if (this.faults.mustWait || this.isFull(plain, filter)) break;
      this.dirty.delete(filter);
      if (this.refuse(filter, context)) continue;
      const options = filter.options(context.v5, context.capabilities.maxQos);
      const id = this.idFor(filter, context);
      if (isSame(filter.sent, options, id) && !filter.fresh) continue;
      if (id !== undefined && plain.length > 0 && this.faults.oneByOne) {
        this.dirty.add(filter);
        break;
      }
      filter.fresh = false;
      if (!filter.sent) filter.rank = ++this.lastRank;
      filter.sent = { ...options, id };
      if (id === undefined) plain.push({ filter, options });
      else this.subscribe(context, [{ filter, options }], id);
    }
    const most = Math.min(BATCH, this.faults.most);
    const { maximumPacketSize } = context.capabilities;
    for (const packet of packetsOf(plain, ({ filter }) => filter.wire, most, maximumPacketSize))
      this.subscribe(context, packet, undefined);
    if (this.dirty.size === 0) this.faults.allSettled(this.filters.values());
    // Those that were left may all be refused here, or gone: no answer comes that would tell.
    if (this.whenQuiet) this.tellQuiet();
  }

  /** Packets wait for each other: one packet's worth has been gathered. */
  private isFull(plain: readonly Asked[], next: WireFilter): boolean {
    if (!this.faults.oneByOne || plain.length === 0) return false;
    const { context, faults } = this;
    const limit = Math.min(faults.limitOf(next), ...plain.map(({ filter }) => faults.limitOf(filter)));
    const all = [...plain.map(({ filter }) => filter.wire), next.wire];
    const bytes = context?.capabilities.maximumPacketSize ?? 0;
    return plain.length >= limit || packetsOf(all, (wire) => wire, BATCH, bytes).length > 1;
  }

  /** The time for retained messages starts again; when it is over, the wire options become the wanted ones. */
  extendJoin(filter: WireFilter): void {
    filter.stopJoin?.();
    filter.stopJoin = this.clock.after(this.context?.profile.replayPause ?? REPLAY_PAUSE, () => {
      filter.endJoin();
      if (this.filters.get(filter.wire) === filter) this.touch(filter);
    });
  }

  /** The retained messages for a filter have all come. */
  replayed(filter: WireFilter): void {
    if (filter.joining.size === 0) return;
    filter.endJoin();
    this.touch(filter);
  }

  private schedule(): void {
    if (this.scheduled || !this.context || this.waits) return;
    this.scheduled = true;
    setImmediate(() => this.flush());
  }

  private mustCheckOverlap({ v5, capabilities }: SubscriptionContext): boolean {
    if (this.faults.oneByOne || !this.overlaps.isUnknown || (v5 && capabilities.subscriptionIds))
      return false;
    return [...this.dirty].some((filter) => this.router.countOverlapping(filter.wire) > 1);
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

  private unsubscribe({ link, capabilities }: SubscriptionContext): void {
    const most = Math.min(BATCH, this.faults.most);
    for (const packet of packetsOf([...this.gone], (wire) => wire, most, capabilities.maximumPacketSize))
      link.unsubscribe(packet);
    this.gone.clear();
  }

  /** True if this filter must not be sent. */
  private refuse(filter: WireFilter, { profile, capabilities }: SubscriptionContext): boolean {
    const reason = filter.unreadable ?? whyRefused(filter.wire, profile, capabilities);
    if (!reason) return false;
    filter.refused = true;
    for (const subscription of filter.subscriptions) subscription.refused(reason);
    return true;
  }

  /** The id that tells copies apart; only where another filter can match the same topic. */
  private idFor(filter: WireFilter, { v5, capabilities }: SubscriptionContext): number | undefined {
    if (filter.sent?.id !== undefined) return filter.sent.id;
    if (!v5 || !capabilities.subscriptionIds || this.router.countOverlapping(filter.wire) < 2)
      return undefined;
    return this.ids.take(filter.wire);
  }

  private subscribe(context: SubscriptionContext, batch: readonly Asked[], id: number | undefined): void {
    const isCurrent = (): boolean => this.context === context;
    const filters = batch.map(({ filter }) => filter);
    this.faults.asked(filters);
    this.askedAt = this.clock.steady();
    const stopWaiting = this.clock.after(context.profile.subackTimeout, () => {
      if (!isCurrent()) return;
      this.settled(filters);
      const error = unconfirmed(filters, context.profile);
      for (const filter of filters)
        for (const subscription of filter.subscriptions) subscription.refused(error);
    });
    const wanted = batch.map(({ filter, options }) => ({ filter: filter.wire, ...options }));
    context.link.subscribe(wanted, id, (error, codes) => {
      stopWaiting();
      // If the connection is gone, the next one sends it again.
      if (!isCurrent() || error) return;
      this.settled(filters);
      for (const [index, filter] of filters.entries()) this.answered(filter, codes[index] ?? 128);
    });
  }

  private settled(filters: readonly WireFilter[]): void {
    this.faults.settled(filters);
    if (this.dirty.size > 0) this.schedule();
    else this.faults.allSettled(this.filters.values());
    this.tellQuiet();
  }

  private tellQuiet(): void {
    if (this.paused || this.dirty.size > 0 || !this.faults.isQuiet) return;
    const { whenQuiet } = this;
    this.whenQuiet = undefined;
    whenQuiet?.();
  }

  /** The server's answer to a filter, or what came of it later. */
  answered(filter: WireFilter, code: SubscribeAnswer): void {
    const isReason = typeof code !== 'number';
    filter.refused = isReason || code >= 128;
    if (filter.refused) {
      filter.endJoin();
      const error = isReason ? code : new LinkError('refused', refusalOf(filter.wire, code));
      for (const subscription of filter.subscriptions) subscription.refused(error);
      return;
    }
    filter.granted = true;
    if (filter.joining.size > 0) this.extendJoin(filter);
    for (const subscription of filter.subscriptions) subscription.granted?.();
  }
}

function standingFirst(a: WireFilter, b: WireFilter): number {
  return Number(!a.sent && !a.stands) - Number(!b.sent && !b.stands);
}

function unconfirmed(
  filters: readonly WireFilter[],
  { subackTimeout, subackHint }: SubscriptionContext['profile'],
): LinkError {
  const names = filters.slice(0, 3).map(({ wire }) => quote(wire));
  if (filters.length > names.length) names.push('…');
  const what = { filters: names.join(', '), seconds: subackTimeout / 1000 };
  return new LinkError('timeout', sentences(text('mqtt.subscriptionUnconfirmed', what), text(subackHint)));
}
