import type { Node, NodeAPI, NodeDef } from 'node-red';
import { systemClock } from '../../base/clock';
import { controlConnection, isConnectionAction } from '../../runtime/broker/connection-actions';
import { requireBroker } from '../../runtime/broker/find-broker';
import { definitionOf } from '../../runtime/config/node-definition';
import { deregisterOnClose } from '../../runtime/deregister-on-close';
import { readError, textReader, translator } from '../../runtime/translator';
import { registerEntityAdmin } from './admin';
import { entitySettings } from './config';
import { EntityNode } from './entity-node';

/**
 * `dinox-ha-entity`: entities that devices announce for Home Assistant. Out, for each state: `payload` (boolean, number
 * or text by component and device_class), `topic` (`<component>.<object id>`), `unit`, `name`, `entity`
 * (`<component>.<unique_id>`), `device`, `area`, `available`, `attributes`, `raw`, `changed`, `known`. In: `payload` is
 * a command, `entity` names one of several. `done` says that the server has the command, with `confirm` that the state
 * says so.
 */
export function registerDinoxHaEntity(RED: NodeAPI): void {
  const read = textReader(RED);

  function DinoxHaEntity(this: Node, raw: NodeDef & Readonly<Record<string, unknown>>): void {
    RED.nodes.createNode(this, raw);
    const def = definitionOf(RED, this, raw);
    const broker = requireBroker(RED, this, def.broker);
    if (!broker) return;
    const translate = translator(RED, 'dinox-ha-entity');
    const entities = new EntityNode(this, broker, entitySettings(def), systemClock, translate, read);
    broker.register({ id: this.id, status: (status) => entities.status(status) });
    this.on('input', (msg, _send, done) => {
      const { action, broker: settings, entity, payload } = msg as unknown as Record<string, unknown>;
      if (isConnectionAction(action)) controlConnection(broker, action, settings, done);
      else entities.commands.handle(entity, payload, (error) => done(error && readError(error, read)));
    });
    deregisterOnClose(this, broker, (removed) => entities.close(removed));
  }

  registerEntityAdmin(RED);
  RED.nodes.registerType('dinox-ha-entity', DinoxHaEntity as never);
}
