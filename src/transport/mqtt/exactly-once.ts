import type { IPublishPacket, MqttClient } from 'mqtt';

/**
 * Messages at QoS 2 are passed on when they come (MQTT 5 §4.3.3 allows both). MQTT.js would keep them until the server
 * has released them, in memory: those that it has by then confirmed are lost where Node-RED or the node ends.
 */
export class ExactlyOnce {
  /** Of those that were passed on and are not released yet; they may come again over the next connection. */
  private readonly ids = new Set<number>();

  constructor(client: MqttClient, take: (topic: string, payload: Buffer, packet: IPublishPacket) => void) {
    client.options.customHandleAcks = (topic, payload, packet, acknowledge) => {
      const { qos, messageId } = packet as IPublishPacket;
      if (qos === 2 && messageId !== undefined && !this.ids.has(messageId)) {
        this.ids.add(messageId);
        take(topic, payload, packet as IPublishPacket);
      }
      acknowledge(0);
    };
  }

  /** The server has released it: its identifier may stand for another message from now on. */
  released({ messageId }: IPublishPacket): void {
    if (messageId !== undefined) this.ids.delete(messageId);
  }

  /** The server has no session of ours: identifiers begin anew. */
  forget(): void {
    this.ids.clear();
  }
}
