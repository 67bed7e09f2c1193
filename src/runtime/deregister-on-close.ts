import type { Node } from 'node-red';

/** The connection of a `dinox-broker`, or its chat, with which nodes register. */
interface Registry {
  deregister(node: Node, removed: boolean): Promise<void>;
}

/** Gives the connection back when the node closes; `before` runs first. */
export function deregisterOnClose(node: Node, registry: Registry, before?: (removed: boolean) => void): void {
  node.on('close', (removed: boolean, done: () => void) => {
    before?.(removed);
    registry.deregister(node, removed).then(done, (error: Error) => {
      node.error(error.message);
      done();
    });
  });
}
