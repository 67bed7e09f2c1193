/// <reference path="../../../editor/red.d.ts" />
import { type HandedDown, handedDown, nameIn, variablesOf } from './handed-down';

/** core's types and ours. Their properties have the same names, so that only the type is exchanged. */
const TYPES: Readonly<Record<string, string>> = {
  'mqtt-broker': 'dinox-broker',
  'mqtt in': 'dinox-mqtt-in',
  'mqtt out': 'dinox-mqtt-out',
};

/** Why a node stays as it is: keys below `takeOver.left` in the locales. */
export type LeftReason = 'shared' | 'locked' | 'unknown';

interface Left {
  node: EditorNode;
  reason: LeftReason;
  because?: EditorNode;
}

export interface TakeOver {
  brokers: EditorNode[];
  /** `mqtt in` and `mqtt out` that use them. */
  nodes: EditorNode[];
  /** Subflows that hand a broker down as a variable, which also has a type. */
  setters: EditorNode[];
  /** Number of nodes that were not selected, but use the same broker. */
  drawnIn: number;
  left: Left[];
}

/** A node, and the brokers that it uses wherever it runs: several where a subflow has several instances. */
interface Use extends HandedDown {
  node: EditorNode;
}

const isCores = ({ type }: EditorNode): boolean => type === 'mqtt in' || type === 'mqtt out';

/** Our types that are missing: each can be switched off by itself. */
export const missingTypes = (): string[] => Object.values(TYPES).filter((type) => !RED.nodes.getType(type));

/**
 * Plans the take-over of these nodes, or of all flows if there are none. A broker goes with all its nodes or not at
 * all: if nodes of another package also use it, it stays, with its nodes. Brokers that are handed down under one name
 * also go together, because the nodes that use the name become ours or do not.
 */
export function planTakeOver(selected: readonly EditorNode[]): TakeOver {
  const brokers = coresBrokers();
  const { ours, others } = usesOf(brokers);
  const wanted = selected.filter((node) => isCores(node) || node.type === 'mqtt-broker');
  const isSelected = ({ id }: EditorNode): boolean => wanted.some((node) => node.id === id);

  const blocked = new Map<string, Left>();
  for (const [id, node] of brokers) {
    const using = ours.filter((use) => use.brokers.has(id));
    const because = stranger(node, using, others);
    const locked = [node, ...using.flatMap((use) => [use.node, ...typed(use.setters)])].find(isLocked);
    if (because) blocked.set(id, { node, reason: 'shared', because });
    else if (locked) blocked.set(id, { node, reason: 'locked', because: locked });
  }
  spread(
    ours,
    (id) => blocked.has(id),
    (id, from) => {
      const [node, why] = [brokers.get(id), blocked.get(from)];
      if (node && why) blocked.set(id, { ...why, node });
    },
  );
  const reached = new Set(selected.length === 0 ? brokers.keys() : wanted.map(({ id }) => id));
  for (const use of ours) if (isSelected(use.node)) for (const id of use.brokers) reached.add(id);
  spread(
    ours,
    (id) => reached.has(id),
    (id) => reached.add(id),
  );

  const plan: TakeOver = { brokers: [], nodes: [], setters: [], drawnIn: 0, left: [] };
  for (const [id, node] of brokers) {
    const left = blocked.get(id);
    if (!reached.has(id)) continue;
    if (left) plan.left.push(left);
    else plan.brokers.push(node);
  }
  const setters = new Set<EditorNode>();
  for (const { node, brokers: used, setters: on } of ours) {
    const isMeant = selected.length === 0 || isSelected(node);
    if (used.size > 0) {
      if (![...used].every((id) => reached.has(id) && !blocked.has(id))) continue;
      plan.nodes.push(node);
      for (const setter of typed(on)) setters.add(setter);
    } else if (isMeant && nameIn(node.broker) !== undefined) plan.left.push({ node, reason: 'unknown' });
    // Nodes without a broker can always be taken over.
    else if (isMeant && !isLocked(node)) plan.nodes.push(node);
  }
  plan.setters = [...setters];
  if (selected.length > 0) plan.drawnIn = plan.nodes.filter((node) => !isSelected(node)).length;
  return plan;
}

function coresBrokers(): Map<string, EditorNode> {
  const brokers = new Map<string, EditorNode>();
  RED.nodes.eachConfig((node) => {
    if (node.type === 'mqtt-broker') brokers.set(node.id, node);
  });
  return brokers;
}

/** Users of each broker: core's nodes, and those of other packages. */
function usesOf(brokers: ReadonlyMap<string, EditorNode>): { ours: Use[]; others: Use[] } {
  const ours: Use[] = [];
  const others: Use[] = [];
  const visit = (node: EditorNode): void => {
    for (const [property, { type }] of Object.entries(node._def?.defaults ?? {})) {
      if (type !== 'mqtt-broker') continue;
      const name = nameIn(node[property]);
      const found =
        name === undefined
          ? { brokers: new Set([String(node[property])]), setters: new Set<EditorNode>() }
          : handedDown(node, name);
      const used = new Set([...found.brokers].filter((id) => brokers.has(id)));
      (isCores(node) ? ours : others).push({ node, brokers: used, setters: found.setters });
    }
  };
  RED.nodes.eachNode(visit);
  RED.nodes.eachConfig(visit);
  return { ours, others };
}

/** Carries a broker's result to the other brokers of the same nodes, until nothing changes any more. */
function spread(
  uses: readonly Use[],
  has: (id: string) => boolean,
  give: (id: string, from: string) => void,
): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (const { brokers } of uses) {
      const from = [...brokers].find(has);
      if (from === undefined) continue;
      for (const id of brokers) {
        if (has(id)) continue;
        give(id, from);
        changed = true;
      }
    }
  }
}

/** A node of another package that uses the broker; an instance of a subflow only hands it on. */
function stranger(broker: EditorNode, using: readonly Use[], others: readonly Use[]): EditorNode | undefined {
  const named = others.find((use) => use.brokers.has(broker.id));
  if (named) return named.node;
  return ((broker.users ?? []) as EditorNode[]).find(
    ({ id, type }) => !type.startsWith('subflow:') && !using.some(({ node }) => node.id === id),
  );
}

/** Setters that name core's type, and have to name ours. */
const typed = (setters: Iterable<EditorNode>): EditorNode[] =>
  [...setters].filter((setter) => variablesOf(setter).some(({ type }) => type === 'mqtt-broker'));

/** A subflow has no flow around it. */
const isLocked = ({ id, z, type }: EditorNode): boolean => {
  const place = type === 'subflow' ? id : z;
  return typeof place === 'string' && place !== '' && RED.workspaces.isLocked(place);
};

/**
 * Exchanges the types in one undo step. Ids stay, and with them wires, groups and the stored login: credentials belong
 * to the id, and the browser does not send passwords that it never saw, so the runtime keeps them.
 */
export function takeOver({ brokers, nodes, setters }: TakeOver): void {
  const wasDirty = RED.nodes.dirty();
  const old = [...brokers, ...nodes];
  const links: EditorLink[] = [];
  // Flow nodes go first, so that a broker never has users that are gone.
  for (const { id } of [...nodes, ...brokers]) links.push(...RED.nodes.remove(id).links);
  // Redraws now: the view knows nodes by their id, and would otherwise draw the new ones as the old.
  redraw();
  const made = new Map<string, EditorNode>();
  for (const node of old) {
    const added = RED.nodes.add(successor(node));
    made.set(node.id, added);
  }
  for (const node of nodes) regroup(node, made.get(node.id));
  const renewed = links.map((link) => ({
    ...link,
    source: made.get(link.source.id) ?? link.source,
    target: made.get(link.target.id) ?? link.target,
  }));
  for (const link of renewed) RED.nodes.addLink(link);
  const edits = setters.map((setter) => retype(setter, wasDirty));
  handOn(made);
  for (const node of made.values()) RED.editor.validateNode(node);
  RED.history.push({
    t: 'multi',
    dirty: wasDirty,
    events: [
      { t: 'delete', nodes: old, links, callback: redraw },
      { t: 'add', nodes: [...made.keys()], links: renewed, callback: redraw },
      ...edits,
    ],
  });
  RED.nodes.dirty(true);
  RED.view.redraw(true);
}

/** Gives the variable that hands a broker down the broker's new type. */
function retype(setter: EditorNode, dirty: boolean): HistoryEvent {
  const { env, changed } = setter;
  setter.env = variablesOf(setter).map((one) =>
    one.type === 'mqtt-broker' ? { ...one, type: TYPES[one.type] } : one,
  );
  setter.changed = true;
  return { t: 'edit', node: setter, changes: { env }, changed, dirty };
}

/** Counts instances that hand a broker on among its users. */
function handOn(made: ReadonlyMap<string, EditorNode>): void {
  RED.nodes.eachNode((node) => {
    if (!node.type.startsWith('subflow:')) return;
    for (const { value } of variablesOf(node)) {
      const users = made.get(String(value))?.users;
      if (Array.isArray(users) && !users.includes(node)) users.push(node);
    }
  });
}

const redraw = (): void => RED.view.redraw(true, true);

/** Properties of a node that do not depend on its type. */
const KEPT = [
  ...['id', 'z', 'x', 'y', 'w', 'h', 'g', 'l', 'd', 'info', 'icon'],
  ...['inputs', 'outputs', 'inputLabels', 'outputLabels', 'credentials'],
] as const;

/** The same node with our type; a plain object, as the editor expects it. */
function successor(node: EditorNode): EditorNode {
  const definition = RED.nodes.getType(TYPES[node.type] ?? '') as RegisteredNode;
  const next: Record<string, unknown> = { type: TYPES[node.type], _def: definition };
  for (const key of KEPT) if (node[key] !== undefined) next[key] = node[key];
  const config: Record<string, string> = {};
  const references = new Set<unknown>();
  for (const [key, { type }] of Object.entries(definition.defaults)) {
    if (node[key] === undefined) continue;
    next[key] = node[key];
    config[key] = JSON.stringify(node[key]);
    if (type) references.add(node[key]);
  }
  return {
    ...next,
    _config: config,
    _configNodeReferences: references,
    ...(definition.category === 'config' ? { users: [], label: definition.label } : { resize: true }),
    changed: true,
    dirty: true,
  } as unknown as EditorNode;
}

/** Replaces a node in its group, which holds the node itself. */
function regroup(old: EditorNode, made: EditorNode | undefined): void {
  const group = old.g === undefined ? undefined : RED.nodes.group(old.g);
  if (!group || !made) return;
  const index = group.nodes.findIndex(({ id }) => id === old.id);
  if (index >= 0) group.nodes[index] = made;
  RED.group.markDirty(group);
}
