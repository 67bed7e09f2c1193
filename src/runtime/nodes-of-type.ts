import type { NodeAPI, NodeDef } from 'node-red';
import { runningNodes } from './running-nodes';

/** The nodes of this type that run, those within subflows included; none before the flows are loaded. */
export function nodesOfType(RED: NodeAPI, type: string): NodeDef[] {
  return allRunning(RED).filter((node) => (node.type as string) === type);
}

/** All nodes that run. */
export function allRunning(RED: NodeAPI): NodeDef[] {
  const all: NodeDef[] = [];
  try {
    RED.nodes.eachNode((def) => all.push(def));
  } catch {
    // Node-RED throws during its start.
  }
  return runningNodes(all);
}
