import type { Node, NodeAPI, NodeDef } from 'node-red';
import { systemClock } from '../../base/clock';
import { textOf } from '../../base/coded-error';
import type { Text } from '../../base/text';
import { controlConnection, isConnectionAction } from '../../runtime/broker/connection-actions';
import { requireBroker } from '../../runtime/broker/find-broker';
import { definitionOf } from '../../runtime/config/node-definition';
import { deregisterOnClose } from '../../runtime/deregister-on-close';
import { publicationOf } from '../../runtime/mqtt/encode';
import { Requester, requestsOver } from '../../runtime/mqtt/requester';
import { textReader } from '../../runtime/translator';
import { mqttOutSettings } from './config';

/**
 * `dinox-mqtt-out`: publishes `msg.payload` to the node's topic or `msg.topic`. In: core's message properties
 * (`topic`, `payload`, `qos`, `retain`, the MQTT 5 ones), `msg.action` `connect` and `disconnect`; any other
 * action belongs to somebody else, and the message is published. `done` says that the server has it.
 * With `dropOffline` a message at QoS 0 does not wait for a connection: it is dropped, counted, and done.
 * With `waitResponse` (MQTT 5) the message is a request: its answer goes to the output, `msg` with the answer's
 * properties over it, and `done` says that it came. With `respond` it answers to `msg.responseTopic`. With `padding` some
 * texts get a space behind them, for DinoX.
 */
export function registerDinoxMqttOut(RED: NodeAPI): void {
  const read = textReader(RED);

  function DinoxMqttOut(this: Node, raw: NodeDef & Readonly<Record<string, unknown>>): void {
    RED.nodes.createNode(this, raw);
    const def = definitionOf(RED, this, raw);
    const broker = requireBroker(RED, this, def.broker);
    if (!broker) return;
    const settings = mqttOutSettings(def);
    const warned = new Set<string>();
    const warnOnce = (code: string, note: Text): void => {
      if (!warned.has(code)) this.warn(read(note));
      warned.add(code);
    };
    const requester =
      settings.responseTimeout === undefined
        ? undefined
        : new Requester(requestsOver(broker), this.id, settings.responseTimeout, systemClock, (reason) =>
            this.error(read(textOf(reason))),
          );
    broker.register(this);
    this.on('input', (msg, send, done) => {
      const message = msg as unknown as Record<string, unknown>;
      if (isConnectionAction(message.action)) {
        controlConnection(broker, message.action, message.broker, done);
        return;
      }
      try {
        const { version } = broker.client;
        const publication = publicationOf(
          message,
          settings,
          version === undefined || version === 5,
          warnOnce,
        );
        if (!publication) done();
        else if (!requester) broker.publish(publication, done);
        else {
          const answered = (answer: object): void => {
            send({ ...msg, ...answer });
            done();
          };
          requester.request(publication, answered, done);
        }
      } catch (error) {
        done(error as Error);
      }
    });
    deregisterOnClose(this, broker, () => requester?.close());
  }

  RED.nodes.registerType('dinox-mqtt-out', DinoxMqttOut as never);
}
