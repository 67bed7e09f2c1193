import { red } from '../red';

/**
 * Presses Deploy and resolves once the flows run. If Node-RED asks something first (a node elsewhere is not set
 * up), `asks` is called, and the deploy waits for the answer.
 */
export function deploy(asks: () => void): Promise<void> {
  return new Promise((resolve) => {
    const { events, actions, nodes } = red();
    const asked = window.setTimeout(asks, 4_000);
    const done = (): void => {
      events.off('deploy', done);
      window.clearTimeout(asked);
      resolve();
    };
    events.on('deploy', done);
    // The guide's new connection has no users yet, and Node-RED would offer to remove it.
    const broker = nodes.getType('dinox-broker') as { hasUsers?: boolean | undefined } | undefined;
    const before = broker?.hasUsers ?? true;
    if (broker) broker.hasUsers = false;
    actions.invoke('core:deploy-flows');
    if (broker) broker.hasUsers = before;
  });
}

/** A wire. Two new nodes may have it in their `wires` instead. */
export interface Wire {
  from: string;
  port: number;
  to: string;
}

/** Adds nodes to the open flows, and wires to them, in one undo step. */
export function addNodes(nodes: object[], wires: readonly Wire[] = []): void {
  const { nodes: all, history, view } = red();
  const wasDirty = all.dirty();
  const made = all.import(nodes, { generateIds: false });
  const links = [...made.links];
  for (const { from, port, to } of wires) {
    const [source, target] = [all.node(from), all.node(to)];
    if (!source || !target) continue;
    const link = { source, sourcePort: port, target };
    all.addLink(link);
    links.push(link);
  }
  history.push({
    t: 'add',
    nodes: made.nodes.map(({ id }) => id),
    links,
    dirty: wasDirty,
  });
  all.dirty(true);
  view.redraw(true);
}

/** A node with the defaults of its type. */
export function nodeOf(type: string, properties: object): Record<string, unknown> {
  const { defaults = {} } = red().nodes.getType(type) ?? {};
  const values = Object.entries(defaults).flatMap(([name, { value }]) =>
    value === undefined ? [] : [[name, structuredClone(value)] as const],
  );
  return { ...Object.fromEntries(values), id: red().nodes.id(), type, ...properties };
}
