/** A node of the flow file, as far as its wires go. */
export interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly z?: string;
  /** True if disabled. */
  readonly d?: boolean;
  readonly disabled?: boolean;
  readonly wires?: readonly (readonly string[])[];
  /** Targets of `link out` and `link call`. */
  readonly links?: readonly string[];
  /** Inner wires of a subflow: from its input, and to its outputs. */
  readonly in?: readonly { readonly wires: readonly { readonly id: string }[] }[];
  readonly out?: readonly {
    readonly wires: readonly { readonly id: string; readonly port?: number }[];
  }[];
}

/** Follows the wires of the flows: over links, into subflows and out of them. Answers *may reach*, never less. */
export class FlowGraph {
  private readonly nodes = new Map<string, FlowNode>();
  /** The instances of each subflow. */
  private readonly instances = new Map<string, FlowNode[]>();
  private readonly calls: FlowNode[] = [];

  constructor(nodes: Iterable<FlowNode>) {
    for (const node of nodes) {
      this.nodes.set(node.id, node);
      if (node.type === 'link call') this.calls.push(node);
      if (!node.type.startsWith('subflow:')) continue;
      const of = node.type.slice('subflow:'.length);
      this.instances.set(of, [...(this.instances.get(of) ?? []), node]);
    }
  }

  /** True if a message that leaves a node's output may reach a node of this type, or this very node. */
  reaches(id: string, output: number, type: string, very?: string): boolean {
    const start = this.nodes.get(id);
    if (!start) return false;
    const seen = new Set<string>();
    const next = [...(start.wires?.[output] ?? []), ...this.outOf(start, output)];
    for (let at = next.pop(); at !== undefined; at = next.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      const node = this.nodes.get(at);
      if (!node || this.isOff(node)) continue;
      if (node.type === type && (very === undefined || at === very)) return true;
      next.push(...this.behind(node));
    }
    return false;
  }

  private isOff({ d, z }: FlowNode): boolean {
    return d === true || (z !== undefined && this.nodes.get(z)?.disabled === true);
  }

  private behind(node: FlowNode): string[] {
    const inside = this.nodes.get(node.type.replace(/^subflow:/, ''));
    return [
      ...(node.wires ?? []).flat(),
      ...(node.type === 'link out' || node.type === 'link call' ? (node.links ?? []) : []),
      // It returns to its caller, and nobody knows which.
      ...(node.type === 'link out' ? this.calls.flatMap(({ wires }) => (wires ?? []).flat()) : []),
      ...(inside?.in ?? []).flatMap(({ wires }) => wires.map(({ id }) => id)),
      ...this.outOf(node),
    ];
  }

  /** Targets of a node within a subflow, behind the subflow's instances. */
  private outOf({ id, z }: FlowNode, output?: number): string[] {
    const subflow = z === undefined ? undefined : this.nodes.get(z);
    return (subflow?.out ?? []).flatMap(({ wires }, port) =>
      wires.some((wire) => wire.id === id && (output === undefined || (wire.port ?? 0) === output))
        ? (this.instances.get(subflow?.id ?? '') ?? []).flatMap((instance) => instance.wires?.[port] ?? [])
        : [],
    );
  }
}
