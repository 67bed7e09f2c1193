import type { Node, NodeAPI } from 'node-red';
import type { AlertMachine } from '../../alert/machine';
import { textOf } from '../../base/coded-error';
import type { ReadText, Translate } from '../../base/translate';
import { findBroker } from '../../runtime/broker/find-broker';
import { AlertTopics } from './alert-topics';

/** Publishes the alerts of a node on its connection; undefined, with a warning, where there is none. */
export function publishAlerts(
  RED: NodeAPI,
  node: Node,
  def: Readonly<Record<string, unknown>>,
  { keys, past }: AlertMachine,
  { translate, read }: { translate: Translate; read: ReadText },
): AlertTopics | undefined {
  const broker = findBroker(RED, def.broker);
  if (!broker) {
    node.warn(translate('warning.publishBroker'));
    return undefined;
  }
  // Opens the connection where no other node does; its status belongs to the alerts.
  const user = { id: node.id, status: () => {} };
  broker.register(user);
  const topics = new AlertTopics({
    id: node.id,
    name: String(def.name || translate('text.name')),
    publisher: broker,
    keys,
    past,
    failed: (error) => node.warn(translate('warning.publish', { reason: read(textOf(error)) })),
  });
  node.on('close', (removed: boolean, done: () => void) => {
    topics.close();
    void broker.deregister(user, removed).then(done, done);
  });
  return topics;
}
