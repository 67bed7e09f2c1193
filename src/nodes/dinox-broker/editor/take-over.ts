/// <reference path="../../editor/red.d.ts" />

/** core's types and ours. Their properties have the same names, so a type is all that is exchanged. */
const TYPES: Readonly<Record<string, string>> = {
  'mqtt-broker': 'dinox-broker',
  'mqtt in': 'dinox-mqtt-in',
  'mqtt out': 'dinox-mqtt-out',
};

/** Why a node stays as it is: keys below `takeOver.left` in the locales. */
export type LeftReason = 'shared' | 'locked';

export interface TakeOver {
  brokers: EditorNode[];
  /** `mqtt in` and `mqtt out` that use them. */
  nodes: EditorNode[];
  /** Of these, so many were not selected: they use the same broker. */
  drawnIn: number;
  left: { node: EditorNode; reason: LeftReason; because?: EditorNode }[];
}

/**
 * What can be taken over: of these nodes, or of all flows where there are none. A broker goes with all its nodes, or
 * not at all: one that nodes of another package use as well stays, with its nodes.
 */
export function planTakeOver(selected: readonly EditorNode[]): TakeOver {
  const isOurs = ({ type }: EditorNode): boolean => type === 'mqtt in' || type === 'mqtt out';
  const wanted = selected.filter((node) => isOurs(node) || node.type === 'mqtt-broker');
  const all: EditorNode[] = [];
  RED.nodes.eachNode((node) => {
    if (isOurs(node)) all.push(node);
  });
  const plan: TakeOver = { brokers: [], nodes: [], drawnIn: 0, left: [] };
  RED.nodes.eachConfig((broker) => {
    if (broker.type !== 'mqtt-broker') return;
    const users = all.filter((node) => node.broker === broker.id);
    const isWanted =
      selected.length === 0 || wanted.some(({ id, broker: of }) => id === broker.id || of === broker.id);
    if (!isWanted) return;
    const because = stranger(broker, users);
    const locked = [broker, ...users].find(isLocked);
    if (because) plan.left.push({ node: broker, reason: 'shared', because });
    else if (locked) plan.left.push({ node: broker, reason: 'locked', because: locked });
    else {
      plan.brokers.push(broker);
      plan.nodes.push(...users);
    }
  });
  // Nodes without a broker have nothing to wait for.
  for (const node of all) {
    const has = RED.nodes.node(node.broker) !== undefined;
    if (!has && !isLocked(node) && (selected.length === 0 || wanted.some(({ id }) => id === node.id))) {
      plan.nodes.push(node);
    }
  }
  if (selected.length > 0) {
    plan.drawnIn = plan.nodes.filter(({ id }) => !wanted.some((node) => node.id === id)).length;
  }
  return plan;
}

/** A node of another kind that uses the broker. */
function stranger(broker: EditorNode, users: readonly EditorNode[]): EditorNode | undefined {
  return ((broker.users ?? []) as EditorNode[]).find(({ id }) => !users.some((user) => user.id === id));
}

const isLocked = ({ z }: EditorNode): boolean =>
  typeof z === 'string' && z !== '' && RED.workspaces.isLocked(z);

/**
 * Exchanges the types in one undo step. Ids stay, and with them wires, groups and the stored login: credentials hang
 * on the id, and what the browser never saw is not sent with the deploy, so the runtime keeps it.
 */
export function takeOver({ brokers, nodes }: TakeOver): void {
  const wasDirty = RED.nodes.dirty();
  const old = [...brokers, ...nodes];
  const links: EditorLink[] = [];
  // Flow nodes first, so that a broker never stands there with users that are gone.
  for (const { id } of [...nodes, ...brokers]) links.push(...RED.nodes.remove(id).links);
  // Now, and not with the next redraw: the view knows nodes by their id, and would draw the new ones as the old.
  redraw();
  const made = new Map<string, EditorNode>();
  for (const node of old) {
    const added = RED.nodes.add(successor(node)) ?? RED.nodes.node(node.id);
    if (added) made.set(node.id, added);
  }
  for (const node of nodes) regroup(node, made.get(node.id));
  const renewed = links.map((link) => ({
    ...link,
    source: made.get(link.source.id) ?? link.source,
    target: made.get(link.target.id) ?? link.target,
  }));
  for (const link of renewed) RED.nodes.addLink(link);
  for (const node of made.values()) RED.editor.validateNode(node);
  RED.history.push({
    t: 'multi',
    dirty: wasDirty,
    events: [
      { t: 'delete', nodes: old, links, callback: redraw },
      { t: 'add', nodes: [...made.keys()], links: renewed, callback: redraw },
    ],
  });
  RED.nodes.dirty(true);
  RED.view.redraw(true);
}

const redraw = (): void => RED.view.redraw(true, true);

/** Everything about a node that is not its kind. */
const KEPT = [
  ...['id', 'z', 'x', 'y', 'w', 'h', 'g', 'l', 'd', 'info', 'icon'],
  ...['inputs', 'outputs', 'inputLabels', 'outputLabels', 'credentials'],
] as const;

/** The same node in our kind; a plain object, as the editor wants it. */
function successor(node: EditorNode): EditorNode {
  const definition = RED.nodes.getType(TYPES[node.type] ?? '');
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

/** A group holds its nodes themselves. */
function regroup(old: EditorNode, made: EditorNode | undefined): void {
  const group = old.g === undefined ? undefined : RED.nodes.group(old.g);
  if (!group || !made) return;
  const index = group.nodes.findIndex(({ id }) => id === old.id);
  if (index >= 0) group.nodes[index] = made;
  RED.group.markDirty(group);
}
