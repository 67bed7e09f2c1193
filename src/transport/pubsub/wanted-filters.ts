import { hasWildcard } from '../../topics/filter';
import { Router } from '../../topics/router';
import type { WireSubscription } from '../link';
import type { WantedFilter } from './wanted-node';

/** The filters of a connection, and which of them match a node. */
export class WantedFilters {
  private readonly all = new Map<string, WantedFilter>();
  private readonly router = new Router<WantedFilter>();

  /** @param replayed called when the last items for a filter have all come */
  constructor(private readonly replayed: (wire: string) => void) {}

  get(wire: string): WantedFilter | undefined {
    return this.all.get(wire);
  }

  /** True if somebody wants this very filter: a node of this name is wanted by its full name. */
  has(wire: string): boolean {
    return this.all.has(wire);
  }

  /** True if a filter has wildcards, so that nodes to come may match it. */
  get isWatching(): boolean {
    return [...this.all.values()].some(({ isWild }) => isWild);
  }

  get isEmpty(): boolean {
    return this.all.size === 0;
  }

  match(node: string): readonly WantedFilter[] {
    return this.router.match(node);
  }

  matches(filter: WantedFilter, node: string): boolean {
    return this.match(node).includes(filter);
  }

  /** The filter as it is wanted now; `before`: the connection in which it was wanted last, if it was. */
  want(
    { filter: wire, nl }: WireSubscription,
    id: number | undefined,
    connection: number,
  ): { filter: WantedFilter; before: number | undefined } {
    const known = this.all.get(wire);
    const before = known?.connection;
    if (known) return { filter: Object.assign(known, { id, nl, connection }), before };
    const filter = { wire, isWild: hasWildcard(wire), id, nl, connection, replays: 0 };
    this.all.set(wire, filter);
    this.router.add(wire, filter);
    return { filter, before };
  }

  remove(wire: string): WantedFilter | undefined {
    const filter = this.all.get(wire);
    if (!filter) return undefined;
    this.all.delete(wire);
    this.router.remove(wire, filter);
    return filter;
  }

  clear(): void {
    for (const wire of [...this.all.keys()]) this.remove(wire);
  }

  /** Tells when the last items of all these nodes have come; a filter may be asked for twice at a time. */
  whenRead(filter: WantedFilter, visits: readonly Promise<unknown>[]): void {
    void Promise.allSettled(visits).then(() => {
      filter.replays -= 1;
      if (filter.replays === 0 && this.all.get(filter.wire) === filter) this.replayed(filter.wire);
    });
  }
}
