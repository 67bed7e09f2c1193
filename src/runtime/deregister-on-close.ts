import type { Node } from 'node-red';
import type { Broker } from './broker/broker';

/** Gives the connection back when the node closes; `before` runs first. */
export function deregisterOnClose(node: Node, broker: Broker, before?: (removed: boolean) => void): void {
  node.on('close', (removed: boolean, done: () => void) => {
    before?.(removed);
    broker.deregister(node, removed).then(done, (error: Error) => {
      node.error(error.message);
      done();
    });
  });
}
