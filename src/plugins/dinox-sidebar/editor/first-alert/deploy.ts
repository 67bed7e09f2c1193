import { red } from '../red';

/**
 * Presses Deploy and resolves once the flows run. Where Node-RED asks something before (a node elsewhere is not set
 * up), `asks` is called, and it waits for the answer.
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
    // A connection that the guide has just made is used in a minute: Node-RED would offer to clear it away.
    const broker = nodes.getType('dinox-broker') as { hasUsers?: boolean | undefined } | null;
    const before = broker?.hasUsers ?? true;
    if (broker) broker.hasUsers = false;
    actions.invoke('core:deploy-flows');
    if (broker) broker.hasUsers = before;
  });
}

/** Adds nodes to the open flows, in one undo step. */
export function addNodes(nodes: object[]): void {
  const { nodes: all, history, view } = red();
  const wasDirty = all.dirty();
  const made = all.import(nodes, { generateIds: false });
  if (!made) return;
  history.push({
    t: 'add',
    nodes: made.nodes.map(({ id }) => id),
    links: made.links,
    dirty: wasDirty,
  });
  all.dirty(true);
  view.redraw(true);
}

/** A node with the defaults of its kind. */
export function nodeOf(type: string, properties: object): Record<string, unknown> {
  const { defaults = {} } = red().nodes.getType(type) ?? {};
  const values = Object.entries(defaults).flatMap(([name, { value }]) =>
    value === undefined ? [] : [[name, structuredClone(value)] as const],
  );
  return { ...Object.fromEntries(values), id: red().nodes.id(), type, ...properties };
}
