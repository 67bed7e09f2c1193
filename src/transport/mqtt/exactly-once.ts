import type { IPublishPacket, MqttClient } from 'mqtt';

/**
 * Messages at QoS 2 are passed on when they come (MQTT 5 §4.3.3 allows both). MQTT.js would keep them until the server
 * has released them, in memory: those that it has by then confirmed are lost where Node-RED or the node ends.
 */
export class ExactlyOnce {
  /** @param ids packet identifiers of those that were passed on and are not released yet: they may come again */
  constructor(
    client: MqttClient,
    readonly ids: Set<number>,
    take: (topic: string, payload: Buffer, packet: IPublishPacket) => void,
  ) {
    client.options.customHandleAcks = (topic, payload, packet, acknowledge) => {
      const { qos, messageId } = packet as IPublishPacket;
      if (qos === 2 && messageId !== undefined && !this.ids.has(messageId)) {
        this.ids.add(messageId);
        take(topic, payload, packet as IPublishPacket);
      }
      acknowledge(0);
    };
    // From now on its identifier may stand for another message.
    client.on('packetreceive', (packet) => {
      if (packet.cmd === 'pubrel' && packet.messageId !== undefined) this.ids.delete(packet.messageId);
    });
  }

  /** The server has no session of ours: identifiers begin anew. */
  forget(): void {
    this.ids.clear();
  }
}
