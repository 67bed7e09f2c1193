import type { Node, NodeAPI } from 'node-red';
import { FlowGraph, type FlowNode } from './flow-graph';

/** The wires of the running flows, looked up once for each deploy. */
export class RunningFlowGraph {
  private wiring: FlowGraph | undefined;

  constructor(private readonly RED: NodeAPI) {}

  /** Forgets the wires when a deploy begins. */
  forget(): void {
    this.wiring = undefined;
  }

  /** True if a message that leaves a node's output may reach a running node of this type. */
  reaches(node: Node, output: number, type: string): boolean {
    if (!this.wiring) {
      const defs: FlowNode[] = [];
      this.RED.nodes.eachNode((def) => defs.push(def as unknown as FlowNode));
      this.wiring = new FlowGraph(defs);
    }
    // Within a subflow's instance the flow file knows it by another id.
    const { _alias: alias } = node as Node & { _alias?: string };
    return this.wiring.reaches(alias ?? node.id, output, type);
  }
}
