/// <reference path="../../../editor/red.d.ts" />

/** An environment variable that a flow, a group, a subflow or one of its instances sets. */
interface Variable {
  name: string;
  type: string;
  value: unknown;
}

/** Meanings of a name, in all places where its node may run. */
export interface HandedDown {
  /** Ids of config nodes. */
  brokers: Set<string>;
  /** Nodes that set the name on the way. */
  setters: Set<EditorNode>;
}

/** Maximum depth of subflows in subflows, and of names that stand for names. */
const DEEPEST = 20;

/** `BROKER` of `${BROKER}`; undefined for any other value. */
export function nameIn(value: unknown): string | undefined {
  const [, braces, brackets] = /^\$(?:\{([^}\s]+)\}|\(([^)\s]+)\))$/.exec(String(value ?? '')) ?? [];
  return braces ?? brackets;
}

export const variablesOf = (setter: EditorNode | undefined): Variable[] =>
  Array.isArray(setter?.env) ? (setter.env as Variable[]) : [];

/**
 * Follows a name from a node outwards as the runtime does: the groups around it, then the flow; in a subflow each of
 * its instances. An instance's own value wins over the subflow's; if neither has one, it goes on around the instance.
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

/** @returns true if the setter knows the name; `from` is the start of the search for a name that it stands for. */
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
