/** Subscription identifiers are below this (MQTT 5 §3.8.2.1.2). */
const MAX_ID = 268_435_455;
/** Ids of given-up filters that are remembered. */
const MAX_GIVEN_UP = 10_000;

/**
 * The subscription identifiers of an account's filters (MQTT 5). Made of the filter itself, so that a filter has the
 * same one after a restart, when its session has outlived the process.
 */
export class SubscriptionIds {
  private readonly filters = new Map<number, string>();
  /** Ids of filters that were given up on this connection. Messages for them belong to nobody. */
  readonly givenUp = new Set<number>();

  take(filter: string): number {
    let id = (hash(filter) % MAX_ID) + 1;
    while (this.filters.has(id) && this.filters.get(id) !== filter) id = (id % MAX_ID) + 1;
    this.filters.set(id, filter);
    this.givenUp.delete(id);
    return id;
  }

  giveUp(id: number): void {
    this.filters.delete(id);
    if (this.givenUp.size >= MAX_GIVEN_UP) this.givenUp.clear();
    this.givenUp.add(id);
  }
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return value;
}
