import type { ReceivedPublication } from '../messages';
import type { Subscription, WireFilter } from './wire-filter';

/** The subscription identifiers of a packet: none, one, or a list where the server merged its copies. */
export type PacketIds = number | number[] | undefined;

/** Each owner once, the first of its subscriptions. */
function oncePerOwner(subscriptions: readonly Subscription[]): readonly Subscription[] {
  if (subscriptions.length < 2) return subscriptions;
  const owners = new Set<string>();
  return subscriptions.filter(({ owner }) => (owners.has(owner) ? false : owners.add(owner)));
}

/** Everybody, where a message comes once. */
export function everybody(filters: readonly WireFilter[]): readonly Subscription[] {
  const [only] = filters;
  return oncePerOwner(
    filters.length === 1 && only ? only.subscriptions : filters.flatMap((filter) => filter.subscriptions),
  );
}

/** The filters that this copy was sent for; undefined if the packet does not say, or says it of an older session. */
export function filtersOfCopy(
  filters: readonly WireFilter[],
  ids: PacketIds,
  givenUp: ReadonlySet<number>,
): ReadonlySet<WireFilter> | undefined {
  if (ids === undefined) return undefined;
  const list = Array.isArray(ids) ? ids : [ids];
  const hit = new Set(filters.filter(({ sent }) => sent?.id !== undefined && list.includes(sent.id)));
  // The last copies for a filter that was given up come beside ours.
  if (hit.size === 0 && list.some((id) => givenUp.has(id))) return hit;
  if (hit.size === 0 && !filters.some(({ granted, sent }) => granted && sent?.id !== undefined))
    return undefined;
  return hit;
}

/** If each filter has its own copy, the copy of the longest-standing filter counts for each owner. */
export function designated(
  filters: readonly WireFilter[],
  hit: ReadonlySet<WireFilter>,
): readonly Subscription[] {
  const [only] = filters;
  if (filters.length === 1 && only) return hit.has(only) ? oncePerOwner(only.subscriptions) : [];
  return longestStanding(filters, (filter) => filter.subscriptions)
    .filter(({ filter }) => hit.has(filter))
    .map(({ subscription }) => subscription);
}

/**
 * True if this copy stands for the message, for owners that want each message once, whatever filters it came for. If
 * each filter has its own copy, the copy of the longest-standing filter counts.
 */
export function isFirstCopy(
  filters: readonly WireFilter[],
  ids: PacketIds,
  givenUp: ReadonlySet<number>,
): boolean {
  if (filters.length === 1) return true;
  const hit = filtersOfCopy(filters, ids, givenUp);
  if (!hit) return true;
  let first: WireFilter | undefined;
  for (const filter of filters) {
    if (!filter.sent || filter.refused) continue;
    if (!first || filter.rank < first.rank) first = filter;
  }
  return first !== undefined && hit.has(first);
}

interface SubscribedFilter {
  filter: WireFilter;
  subscription: Subscription;
}

/**
 * Each owner's entry in the filter that the server was told of first. Copies for a newer one may not come yet, and for
 * a refused one never.
 */
function longestStanding(
  filters: readonly WireFilter[],
  of: (filter: WireFilter) => Iterable<Subscription>,
): SubscribedFilter[] {
  const places = new Map<string, SubscribedFilter>();
  for (const filter of filters) {
    if (!filter.sent || filter.refused) continue;
    for (const subscription of of(filter)) {
      const known = places.get(subscription.owner);
      if (!known || filter.rank < known.filter.rank) places.set(subscription.owner, { filter, subscription });
    }
  }
  return [...places.values()];
}

/**
 * True if a message with the retained flag on MQTT 5 is one that the server had kept, and not a live one that carries
 * the flag because of Retain As Published. If a copy does not say for which filter it came, each copy stands for one
 * of them.
 */
export function isReplay(
  filters: readonly WireFilter[],
  topic: string,
  ids: PacketIds,
  givenUp: ReadonlySet<number>,
): boolean {
  const hit = filtersOfCopy(filters, ids, givenUp);
  const all = hit ? [...hit] : filters;
  if (all.every(({ sent }) => !sent?.rap)) return true;
  if (!hit) return filters.some((filter) => filter.awaits(topic));
  return all.filter((filter) => filter.awaits(topic)).length > 0;
}

/**
 * A message with the retained flag on MQTT 5 belongs to the nodes that are joining a filter. If none is, the flag is
 * there because of Retain As Published, and the message is an ordinary one.
 */
export function retainedReceivers5(
  filters: readonly WireFilter[],
  topic: string,
  ids: PacketIds,
  givenUp: ReadonlySet<number>,
): readonly Subscription[] {
  const hit = filtersOfCopy(filters, ids, givenUp) ?? (filters.length === 1 ? new Set(filters) : undefined);
  if (!hit) return everybody(filters);
  const standing = new Set([...hit].filter((filter) => filter.joining.size === 0));
  // An owner that joins several filters gets a replay for each, and one of them counts.
  const counting = new Set(
    longestStanding(filters, (filter) => filter.joining.keys()).map(({ subscription }) => subscription),
  );
  const joiners = [...hit]
    .flatMap((filter) => filter.joiners(topic))
    .filter((subscription) => counting.has(subscription));
  return oncePerOwner([...joiners, ...designated(filters, standing)]);
}

/**
 * For a message with the retained flag on MQTT 3.1.1, where it always is an answer to a SUBSCRIBE. Each overlapping
 * filter brings its own: the first that comes for an owner counts.
 */
export function retainedReceivers4(filters: readonly WireFilter[], topic: string): readonly Subscription[] {
  const joining = filters.filter((filter) => filter.joining.size > 0);
  if (joining.length === 0) return everybody(filters);
  const served = new Set<string>();
  for (const filter of joining) {
    for (const [subscription, topics] of filter.joining)
      if (topics.has(topic)) served.add(subscription.owner);
  }
  const receivers = joining.flatMap((filter) => filter.joiners(topic));
  return oncePerOwner(receivers.filter(({ owner }) => !served.has(owner)));
}

/**
 * Removes the retained flag of a live message for nodes that did not ask for Retain As Published, as the server would
 * have done for their own subscription (MQTT 5 §3.3.1.3).
 */
export function deliverAsAsked(
  receivers: readonly Subscription[],
  message: ReceivedPublication,
  filters: readonly WireFilter[],
  deliver: (receiver: Subscription, message: ReceivedPublication) => void,
): void {
  const live = { ...message, retain: false, replayed: false };
  for (const receiver of receivers) {
    const asked = receiver.options.rap || filters.some(({ joining }) => joining.has(receiver));
    deliver(receiver, asked ? message : live);
  }
}
