import type { Node, NodeAPI } from 'node-red';
import { text } from '../../base/catalogue';
import { InputError } from '../../topics/errors';
import { readError, textReader, translator } from '../translator';
import type { Broker } from './broker';

/** The `dinox-broker` that a node names in `broker`; undefined if it is missing, disabled or of another type. */
export function findBroker(RED: NodeAPI, id: unknown): Broker | undefined {
  if (typeof id !== 'string' || !id) return undefined;
  const node = RED.nodes.getNode(id) as (Node & { dinox?: Broker }) | null;
  return node?.dinox;
}

/**
 * Finds the `dinox-broker` of a node that cannot work without one. If it is missing, log and status say so, and each
 * message ends with that error.
 */
export function requireBroker(RED: NodeAPI, node: Node, id: unknown): Broker | undefined {
  const broker = findBroker(RED, id);
  if (broker) return broker;
  const error = readError(new InputError('broker', text('config.noBroker')), textReader(RED));
  node.error(error.message);
  node.status({ fill: 'red', shape: 'ring', text: translator(RED, node.type)('status.broker') });
  node.on('input', (_msg, _send, done) => done(error));
  return undefined;
}
