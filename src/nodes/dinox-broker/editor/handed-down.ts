/// <reference path="../../../editor/red.d.ts" />

/** One of the variables that a flow, a group, a subflow or one of its instances sets. */
interface Variable {
  name: string;
  type: string;
  value: unknown;
}

/** What a name stands for, in all places where its node may run. */
export interface HandedDown {
  /** Ids of config nodes. */
  brokers: Set<string>;
  /** What sets the name on the way. */
  setters: Set<EditorNode>;
}

/** Subflows in subflows, and names that stand for names. */
const DEEPEST = 20;

/** `BROKER` of `${BROKER}`; undefined where it is no such name. */
export function nameIn(value: unknown): string | undefined {
  const [, braces, brackets] = /^\$(?:\{([^}\s]+)\}|\(([^)\s]+)\))$/.exec(String(value ?? '')) ?? [];
  return braces ?? brackets;
}

export const variablesOf = (setter: EditorNode | undefined): Variable[] =>
  Array.isArray(setter?.env) ? (setter.env as Variable[]) : [];

/**
 * Follows a name from a node outwards as the runtime does: the groups around it, then the flow; in a subflow each of
 * its instances, whose own value wins over the subflow's, and where neither has one what lies around the instance.
 */
export function handedDown(node: EditorNode, name: string): HandedDown {
  const found: HandedDown = { brokers: new Set(), setters: new Set() };
  look(node, name, found, DEEPEST);
  return found;
}

function look(from: EditorNode, name: string, found: HandedDown, depth: number): void {
  if (depth === 0) return;
  for (let group = RED.nodes.group(from.g); group; group = RED.nodes.group(group.g)) {
    if (take(group, group, name, found, depth)) return;
  }
  const subflow = RED.nodes.subflow(from.z);
  if (!subflow) {
    if (take(RED.nodes.workspace(from.z), from, name, found, depth)) return;
    RED.nodes.eachConfig(
      (config) => config.type !== 'global-config' || !take(config, from, name, found, depth),
    );
    return;
  }
  const own = variablesOf(subflow).find((variable) => variable.name === name);
  if (own) found.setters.add(subflow);
  const instances = RED.nodes.filterNodes({ type: `subflow:${subflow.id}` });
  for (const instance of instances) {
    if (take(instance, instance, name, found, depth)) continue;
    if (own?.value) take(subflow, instance, name, found, depth);
    else look(instance, name, found, depth - 1);
  }
  if (instances.length === 0) take(subflow, subflow, name, found, depth);
}

/** @returns whether the setter knows the name; `from` is where a name that it stands for is looked up. */
function take(
  setter: EditorNode | undefined,
  from: EditorNode,
  name: string,
  found: HandedDown,
  depth: number,
): boolean {
  const variable = variablesOf(setter).find((one) => one.name === name);
  if (!variable || !setter) return false;
  found.setters.add(setter);
  const { type, value } = variable;
  const other = type === 'env' ? String(value) : nameIn(value);
  // A flow that names its own variable by itself would go round in a circle.
  if (other !== undefined) look(from, other, found, other === name && from === setter ? 0 : depth - 1);
  else if (value) found.brokers.add(String(value));
  return true;
}
