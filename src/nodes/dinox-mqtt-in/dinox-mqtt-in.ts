import type { Node, NodeAPI, NodeDef } from 'node-red';
import { systemClock } from '../../base/clock';
import { controlConnection, isConnectionAction } from '../../runtime/broker/connection-actions';
import { requireBroker } from '../../runtime/broker/find-broker';
import { definitionOf } from '../../runtime/config/node-definition';
import { deregisterOnClose } from '../../runtime/deregister-on-close';
import { handleInput } from '../../runtime/handle-input';
import { DynamicSubscriptions } from '../../runtime/mqtt/dynamic-subscriptions';
import { ManualAcks } from '../../runtime/mqtt/manual-acks';
import { MqttReceiver } from '../../runtime/mqtt/mqtt-receiver';
import { textReader, translator } from '../../runtime/translator';
import { inSettings } from './config';

/**
 * `dinox-mqtt-in`: sends what arrives on its topic filter. Out: core's message properties, and on Prosody
 * `msg.pubsub = {service, type, node}`. With an input (`inputs: 1`) it obeys `msg.action` `connect`, `disconnect`,
 * `subscribe`, `unsubscribe`, `getSubscriptions`. With `manualAck` each QoS 1 message carries `msg.ackId`, and the
 * server is told only when the input gets `{action: 'ack', ackId}`. Undecodable messages and a filter that the server
 * refuses are errors that a catch node sees.
 */
export function registerDinoxMqttIn(RED: NodeAPI): void {
  function DinoxMqttIn(this: Node, raw: NodeDef & Readonly<Record<string, unknown>>): void {
    RED.nodes.createNode(this, raw);
    const def = definitionOf(RED, this, raw);
    const broker = requireBroker(RED, this, def.broker);
    if (!broker) return;
    const translate = translator(RED, 'dinox-mqtt-in');
    const settings = inSettings(def);
    const { manualAck } = settings;
    const acknowledger =
      manualAck && new ManualAcks(this.id, manualAck.limit, manualAck.timeout, systemClock);
    if (acknowledger && broker.config.cleanSession && !broker.config.sessionExpiry) {
      this.warn(translate('warning.session'));
    }
    const receiver = new MqttReceiver(this, broker, translate, textReader(RED), acknowledger);
    const dynamic = new DynamicSubscriptions(receiver, settings);
    if (!settings.isDynamic && !receiver.subscribe(settings.topic, settings.options, settings.datatype))
      return;
    broker.register(this);
    this.on('input', (msg, send, done) => {
      const message = msg as unknown as Record<string, unknown>;
      if (isConnectionAction(message.action)) controlConnection(broker, message.action, message.broker, done);
      else if (acknowledger && message.action === 'ack')
        handleInput(() => acknowledger.acknowledge(message.ackId), done);
      else dynamic.handle(message, send as (message: unknown) => void, done);
    });
    deregisterOnClose(this, broker, (removed) => receiver.close(removed));
  }

  RED.nodes.registerType('dinox-mqtt-in', DinoxMqttIn as never);
}
