import { circleOf } from '../../alert/dependency-circles';
import { oneLine } from '../../base/printable';
import { nodesIn } from './depends-on';

/** The part of a node's definition that says on what it depends. */
export interface DependingNode {
  id: string;
  type: string;
  name?: unknown;
  dependsOn?: unknown;
}

/**
 * The way on which an alert node depends on itself, over others, for people; undefined: there is none.
 * @param nodes all nodes of the flows, of any type
 */
export function dependencyCircle(nodes: Iterable<DependingNode>, id: string): string | undefined {
  const names = new Map<string, string>();
  const edges = new Map<string, readonly string[]>();
  for (const { id: node, type, name, dependsOn } of nodes) {
    if (type !== 'dinox-alert' || dependsOn === undefined) continue;
    edges.set(node, nodesIn(dependsOn));
    if (typeof name === 'string' && name !== '') names.set(node, name);
  }
  return circleOf(id, edges)
    ?.map((one) => oneLine(names.get(one) ?? one))
    .join(' → ');
}
