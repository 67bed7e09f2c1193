/** Why nothing comes under a filter of a node. */
export interface SubscriptionFault {
  /** `payload`: what comes is empty, in a type that is not the item's; only a value disproves it. */
  kind: 'payload' | 'refused';
  /** In a few words, for the status. */
  status: string;
  /** The whole of it. */
  text: string;
}

/** As many as a Node-RED may have nodes that hear nothing. */
const MAX = 1_000;

/**
 * What is wrong with subscriptions, by node and filter. It outlives a deploy: a node that heard nothing before hears
 * nothing afterwards, though its subscription is granted anew.
 */
export class SubscriptionFaults {
  private readonly faults = new Map<string, Map<string, SubscriptionFault>>();
  /** Nodes that a deploy closed, and that may come back with it. */
  private readonly left = new Set<string>();

  /** The first of a node's. */
  of(node: string): SubscriptionFault | undefined {
    return this.faults.get(node)?.values().next().value;
  }

  set(node: string, filter: string, fault: SubscriptionFault): void {
    let filters = this.faults.get(node);
    if (!filters) {
      if (this.faults.size >= MAX) return;
      filters = new Map();
      this.faults.set(node, filters);
    }
    if (filters.size < MAX || filters.has(filter)) filters.set(filter, fault);
  }

  /** False where there was none. @param kind only one of this kind */
  clear(node: string, filter: string, kind?: SubscriptionFault['kind']): boolean {
    const filters = this.faults.get(node);
    const fault = filters?.get(filter);
    if (!filters || !fault || (kind !== undefined && fault.kind !== kind)) return false;
    filters.delete(filter);
    if (filters.size === 0) this.faults.delete(node);
    return true;
  }

  /** What is known of a node's filters; from then on it has none. */
  take(node: string): ReadonlyMap<string, SubscriptionFault> {
    this.left.delete(node);
    const filters = this.faults.get(node) ?? new Map<string, SubscriptionFault>();
    this.faults.delete(node);
    return filters;
  }

  /** A deploy closes it; where it comes back here, it takes what is known. */
  leave(node: string): void {
    if (this.faults.has(node)) this.left.add(node);
  }

  /** The deploy is over. Who did not come back is gone: deleted, at another connection, or in another project. */
  forgetMissing(): void {
    for (const node of this.left) this.faults.delete(node);
    this.left.clear();
  }
}

/** Those of all connections, over deploys. */
export class FaultRegistry {
  private readonly kept = new Map<string, { payloadType: string; faults: SubscriptionFaults }>();

  /** @param broker its node id and flow file. With another payload type, another thing is asked of the server: what was wrong counts no longer. */
  claim(broker: string, payloadType: string): SubscriptionFaults {
    const before = this.kept.get(broker);
    if (before?.payloadType === payloadType) return before.faults;
    const faults = new SubscriptionFaults();
    this.kept.set(broker, { payloadType, faults });
    return faults;
  }

  forget(broker: string): void {
    this.kept.delete(broker);
  }
}
