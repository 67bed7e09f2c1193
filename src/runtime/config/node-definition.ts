import type { Node, NodeAPI } from 'node-red';
import { expandFields } from './env-variables';

/** A node's definition from the flow file, with the environment variables in its texts filled in. */
export function definitionOf<T extends object>(
  RED: NodeAPI,
  node: Node,
  def: T,
): T & Readonly<Record<string, unknown>> {
  const lookup = (name: string): unknown => RED.util.evaluateNodeProperty(name, 'env', node, {} as never);
  return expandFields(def as T & Readonly<Record<string, unknown>>, lookup);
}
