import type { Node, NodeAPI } from 'node-red';
import type { Broker } from './broker';

/** The `dinox-broker` that a node names in `broker`; undefined where it is missing, disabled or of another type. */
export function findBroker(RED: NodeAPI, id: unknown): Broker | undefined {
  if (typeof id !== 'string' || !id) return undefined;
  const node = RED.nodes.getNode(id) as (Node & { dinox?: Broker }) | null;
  return node?.dinox;
}
