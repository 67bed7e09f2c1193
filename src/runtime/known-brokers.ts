import type { Node, NodeAPI } from 'node-red';
import type { Broker } from './broker/broker';
import { nodesOfType } from './nodes-of-type';

/** A `dinox-broker` of the flows that runs. */
export interface KnownBroker {
  id: string;
  name: string;
  broker: Broker;
}

/** All brokers of the flows, in their order; disabled ones do not run. */
export function knownBrokers(RED: NodeAPI): KnownBroker[] {
  const found: KnownBroker[] = [];
  for (const raw of nodesOfType(RED, 'dinox-broker')) {
    const node = RED.nodes.getNode(raw.id) as (Node & { dinox?: Broker }) | null;
    if (!node?.dinox) continue;
    const name =
      raw.name || node.dinox.config.question.jid?.bare || node.dinox.config.question.host || raw.id;
    found.push({ id: raw.id, name: String(name).slice(0, 200), broker: node.dinox });
  }
  return found;
}
