import type { Text } from '../../base/text';

/** The reason why nothing comes under a filter of a node. */
export interface SubscriptionFault {
  /** `payload`: messages come empty, in a type that is not the item's; only a value disproves it. */
  kind: 'payload' | 'refused';
  /** The fault in a few words, for the status. */
  status: string;
  /** The fault in full. */
  text: Text;
}

/** Most nodes with a fault, and most faulty filters of each. */
const MAX = 1_000;

/**
 * Faults of subscriptions, by node and filter. They outlive a deploy: a node that heard nothing before hears
 * nothing afterwards, though its subscription is granted anew.
 */
export class SubscriptionFaults {
  private readonly faults = new Map<string, Map<string, SubscriptionFault>>();
  /** Nodes that a deploy closed, and that may come back with it. */
  private readonly left = new Set<string>();

  /** True if any subscription is refused. */
  get any(): boolean {
    return this.faults.size > 0;
  }

  /** The first fault of a node. */
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

  /** Removes a fault; false if there was none. @param kind only a fault of this kind */
  clear(node: string, filter: string, kind?: SubscriptionFault['kind']): boolean {
    const filters = this.faults.get(node);
    const fault = filters?.get(filter);
    if (!filters || !fault || (kind !== undefined && fault.kind !== kind)) return false;
    filters.delete(filter);
    if (filters.size === 0) this.faults.delete(node);
    return true;
  }

  /** Takes out all faults of a node, by filter. */
  take(node: string): ReadonlyMap<string, SubscriptionFault> {
    this.left.delete(node);
    const filters = this.faults.get(node) ?? new Map<string, SubscriptionFault>();
    this.faults.delete(node);
    return filters;
  }

  /** Keeps the faults of a node that a deploy closes, until it comes back. */
  leave(node: string): void {
    if (this.faults.has(node)) this.left.add(node);
  }

  /** After the deploy: forgets nodes that did not come back. They are deleted, at another connection or in another project. */
  forgetMissing(): void {
    for (const node of this.left) this.faults.delete(node);
    this.left.clear();
  }
}

/** The faults of all connections, over deploys. */
export class FaultRegistry {
  private readonly kept = new Map<string, { payloadType: string; faults: SubscriptionFaults }>();

  /** @param broker its node id and flow file. With another payload type the server is asked for something else: earlier faults no longer count. */
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
