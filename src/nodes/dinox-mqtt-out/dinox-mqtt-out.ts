import type { Node, NodeAPI, NodeDef } from 'node-red';
import { controlConnection, isConnectionAction } from '../../runtime/actions';
import { brokerOf } from '../../runtime/broker-of';
import { definitionOf } from '../../runtime/definition';
import { publicationOf } from '../../runtime/encode';
import { closeUser } from '../../runtime/user';
import { outSettings } from './config';

/**
 * `dinox-mqtt-out`: publishes `msg.payload` to the node's topic or `msg.topic`. In: core's message properties
 * (`topic`, `payload`, `qos`, `retain`, the MQTT 5 ones), `msg.action` `connect` and `disconnect`; any other
 * action belongs to somebody else, and the message is published. `done` says that the server has it.
 */
export function registerDinoxMqttOut(RED: NodeAPI): void {
  function DinoxMqttOut(this: Node, raw: NodeDef & Readonly<Record<string, unknown>>): void {
    RED.nodes.createNode(this, raw);
    const def = definitionOf(RED, this, raw);
    const broker = brokerOf(RED, def.broker);
    const settings = outSettings(def);
    const said = new Set<string>();
    const odd = (code: string, text: string): void => {
      if (said.has(code)) return;
      said.add(code);
      this.warn(text);
    };
    if (!broker) {
      this.error(RED._('dinox-mqtt-out.error.broker'));
      this.status({ fill: 'red', shape: 'ring', text: RED._('dinox-mqtt-out.status.broker') });
      this.on('input', (_msg, _send, done) => done(new Error(RED._('dinox-mqtt-out.error.broker'))));
      return;
    }
    broker.register(this);
    this.on('input', (msg, _send, done) => {
      const message = msg as unknown as Record<string, unknown>;
      if (isConnectionAction(message.action)) {
        controlConnection(broker, message.action, message.broker, done);
        return;
      }
      try {
        const { version } = broker.client;
        const publication = publicationOf(message, settings, version === undefined || version === 5, odd);
        if (publication) broker.publish(publication, done);
        else done();
      } catch (error) {
        done(error as Error);
      }
    });
    closeUser(this, broker);
  }

  RED.nodes.registerType('dinox-mqtt-out', DinoxMqttOut as never);
}
