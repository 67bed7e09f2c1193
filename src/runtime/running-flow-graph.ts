import type { Node, NodeAPI } from 'node-red';
import { type Wired, Wiring } from './flow-graph';

/** The wires of the flows that run, looked up once for each deploy. */
export class FlowWires {
  private wiring: Wiring | undefined;

  constructor(private readonly RED: NodeAPI) {}

  /** A deploy has begun: they are others now. */
  forget(): void {
    this.wiring = undefined;
  }

  /** Whether what leaves an output of a node may come to a node of this type. */
  reaches(node: Node, output: number, type: string): boolean {
    if (!this.wiring) {
      const defs: Wired[] = [];
      this.RED.nodes.eachNode((def) => defs.push(def as unknown as Wired));
      this.wiring = new Wiring(defs);
    }
    // Within a subflow's instance the flow file knows it by another id.
    const { _alias: alias } = node as Node & { _alias?: string };
    return this.wiring.reaches(alias ?? node.id, output, type);
  }
}
