/// <reference path="../../../editor/red.d.ts" />
import { text } from '../../../base/catalogue';
import type { Text } from '../../../base/text';
import { type DependingNode, dependencyCircle } from '../dependency-circle';
import { readDependsOn } from '../depends-on';

/** Why a node cannot depend on these: a line cannot be read, or it would depend on itself, over others. */
export function dependsFault(id: string, dependsOn: unknown, ownBroker: string): Text | undefined {
  const [first] = readDependsOn(dependsOn, ownBroker).faults;
  if (first) return first;
  const all: DependingNode[] = [{ id, type: 'dinox-alert', dependsOn }];
  RED.nodes.eachNode((one) => {
    if (one.id !== id) all.push(one);
  });
  const path = dependencyCircle(all, id);
  return path === undefined ? undefined : text('rule.dependsCircle', { path });
}
