import type { Subscription, WireFilter } from './wire-filter';

/** The subscription identifiers of a packet: none, one, or a list where the server merged its copies. */
export type PacketIds = number | number[] | undefined;

/** Each owner once, the first of its subscriptions. */
export function oncePerOwner(subscriptions: readonly Subscription[]): readonly Subscription[] {
  if (subscriptions.length < 2) return subscriptions;
  const owners = new Set<string>();
  return subscriptions.filter(({ owner }) => (owners.has(owner) ? false : owners.add(owner)));
}

/** Everybody, where a message comes once. */
export function everybody(filters: readonly WireFilter[]): readonly Subscription[] {
  const [only] = filters;
  return oncePerOwner(filters.length === 1 && only ? only.subscriptions : filters.flatMap((filter) => filter.subscriptions));
}

/** Which filters this copy was sent for; undefined where the packet does not say. */
export function filtersOfCopy(filters: readonly WireFilter[], ids: PacketIds): ReadonlySet<WireFilter> | undefined {
  if (ids === undefined) return undefined;
  const list = Array.isArray(ids) ? ids : [ids];
  const hit = new Set(filters.filter((filter) => filter.sent?.id !== undefined && list.includes(filter.sent.id)));
  // An id that none of ours has belongs to an older subscription of this session; unless ours is not told yet.
  if (hit.size === 0 && filters.some((filter) => filter.sent?.id === undefined || !filter.granted)) return undefined;
  return hit;
}

/** Where each filter has a copy of its own: for each owner the copy of the first of its filters counts. */
export function designated(filters: readonly WireFilter[], hit: ReadonlySet<WireFilter>): readonly Subscription[] {
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

/**
 * For a message with the retained flag on MQTT 5: while nodes join a filter, what comes for it is theirs; else the
 * flag stands there because of Retain As Published, and the message is an ordinary one.
 */
export function retainedReceivers5(filters: readonly WireFilter[], topic: string, ids: PacketIds): readonly Subscription[] {
  const hit = filters.length === 1 ? new Set(filters) : filtersOfCopy(filters, ids);
  if (!hit) return everybody(filters);
  const joining = [...hit].filter((filter) => filter.joining.size > 0);
  const standing = new Set([...hit].filter((filter) => filter.joining.size === 0));
  return oncePerOwner([...joining.flatMap((filter) => filter.joiners(topic)), ...designated(filters, standing)]);
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
    for (const [subscription, topics] of filter.joining) if (topics.has(topic)) served.add(subscription.owner);
  }
  const receivers = joining.flatMap((filter) => filter.joiners(topic));
  return oncePerOwner(receivers.filter(({ owner }) => !served.has(owner)));
}
