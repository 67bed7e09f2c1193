import type { NodeAPI } from 'node-red';
import { circleOf } from '../../alert/dependencies';
import { oneLine } from '../../base/printable';
import { nodesIn } from './depends-on';

/** The way on which an alert node depends on itself, over others, for people; undefined: there is none. */
export function dependencyCircle(RED: NodeAPI, id: string): string | undefined {
  const names = new Map<string, string>();
  const edges = new Map<string, readonly string[]>();
  RED.nodes.eachNode((one) => {
    const { id: node, type, name, dependsOn } = one as typeof one & { name?: unknown; dependsOn?: unknown };
    if (type !== 'dinox-alert' || dependsOn === undefined) return;
    edges.set(node, nodesIn(dependsOn));
    if (typeof name === 'string' && name !== '') names.set(node, name);
  });
  return circleOf(id, edges)
    ?.map((one) => oneLine(names.get(one) ?? one))
    .join(' → ');
}
