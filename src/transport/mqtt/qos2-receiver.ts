import type { IPublishPacket, MqttClient } from 'mqtt';

/**
 * Messages at QoS 2 are passed on when they come (MQTT 5 §4.3.3 allows both). MQTT.js would keep them until the server
 * has released them, in memory: those that it has by then confirmed are lost where Node-RED or the node ends.
 */
export class Qos2Receiver {
  /** @param ids packet identifiers of those that were passed on and are not completed yet: they may come again */
  constructor(
    client: MqttClient,
    private readonly ids: Set<number>,
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
    let leaving = false;
    client.on('packetsend', ({ cmd, messageId }) => {
      if (cmd === 'connect') leaving = false;
      else if (cmd === 'disconnect') leaving = true;
      else if (cmd === 'pubcomp' && messageId !== undefined && !leaving && client.stream.writable)
        // From now on its identifier may stand for another message (MQTT 5 §4.3.3). PUBREL alone is not enough: if
        // PUBCOMP cannot be sent any more, Mosquitto 2.0 may start again with PUBLISH.
        this.ids.delete(messageId);
    });
  }

  /** State for the next link. Later packets of this one do not change it. */
  leave(): Set<number> {
    return new Set(this.ids);
  }

  /** The server has no session of ours: identifiers start again. */
  forget(): void {
    this.ids.clear();
  }
}
