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

  /** True if a message that leaves a node's output may reach a running node of this type, or this very one. */
  reaches(node: Node, output: number, type: string, very?: Node): boolean {
    if (!this.wiring) {
      const defs: FlowNode[] = [];
      this.RED.nodes.eachNode((def) => defs.push(def as unknown as FlowNode));
      this.wiring = new FlowGraph(defs);
    }
    return this.wiring.reaches(idInFile(node), output, type, very && idInFile(very));
  }
}

/** Within a subflow's instance the flow file knows a node by another id. */
function idInFile(node: Node): string {
  return (node as Node & { _alias?: string })._alias ?? node.id;
}
