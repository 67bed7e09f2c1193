/** A node from the flow file. */
export interface FlowDefinition {
  readonly id: string;
  readonly type: string;
  readonly name?: string;
  readonly z?: string;
  /** True if disabled. */
  readonly d?: boolean;
  /** True for a disabled tab. */
  readonly disabled?: boolean;
}

const SUBFLOW = 'subflow:';
/** Most levels of subflows in subflows: Node-RED lets nobody make a circle, but a file may have one. */
const DEEPEST = 20;
const MAX = 10_000;

/**
 * The running nodes, with the ids that they have there: a node of a subflow runs once for each instance, as
 * `<instance>-<id>`, and has the name of the instance in front of its own. Left out are those that are disabled, by
 * themselves or with their tab or an instance, and those of a subflow without instances.
 * @returns at most 10,000
 */
export function runningNodes<T extends FlowDefinition>(definitions: Iterable<T>): T[] {
  const all = [...definitions];
  const byId = new Map(all.map((node) => [node.id, node]));
  const within = new Map<string, T[]>();
  const outside: T[] = [];
  for (const node of all) {
    const parent = node.z === undefined ? undefined : byId.get(node.z);
    if (/^(tab|group|subflow)$/.test(node.type) || node.d || parent?.disabled) continue;
    if (parent?.type !== 'subflow') outside.push(node);
    else within.set(parent.id, [...(within.get(parent.id) ?? []), node]);
  }
  const found: T[] = [];
  const visit = (nodes: readonly T[], depth: number, under?: { id: string; name: string }): void => {
    for (const node of nodes) {
      if (found.length >= MAX) return;
      const own = under
        ? { ...node, id: `${under.id}-${node.id}`, name: [under.name, node.name].filter(Boolean).join(' / ') }
        : node;
      found.push(own);
      if (!node.type.startsWith(SUBFLOW) || depth === DEEPEST) continue;
      const subflow = byId.get(node.type.slice(SUBFLOW.length));
      const name = [under?.name, node.name || subflow?.name].filter(Boolean).join(' / ');
      visit(within.get(subflow?.id ?? '') ?? [], depth + 1, { id: own.id, name });
    }
  };
  visit(outside, 0);
  return found;
}
