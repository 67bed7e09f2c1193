import type { MqttClient, Packet } from 'mqtt';

/**
 * In a session that is kept, MQTT.js sends again by itself what was not confirmed: as it was, however long the
 * connection was away. Here the lifetime of such a message (MQTT 5 §3.3.2.3.3) runs on.
 */
export class Lifetimes {
  /** When they are over, in milliseconds of the steady clock, by packet identifier. */
  private readonly ends = new Map<number, number>();

  constructor(private readonly client: MqttClient) {}

  /** The message that was handed to MQTT.js last; the result is called when it is confirmed. */
  add(end: number): () => void {
    const messageId = this.client.getLastMessageId();
    this.ends.set(messageId, end);
    return () => this.ends.delete(messageId);
  }

  /** Before it is sent again: what is over is taken out, its callback gets an error; else it has the rest of its time. */
  age(now: number): void {
    for (const [messageId, end] of this.ends) {
      this.client.outgoingStore.get({ messageId } as Packet, (_error, packet) => {
        // At QoS 2 the server may have it already, and waits for its release.
        if (packet?.cmd !== 'publish') this.ends.delete(messageId);
        else if (now < end) {
          if (packet.properties) packet.properties.messageExpiryInterval = Math.ceil((end - now) / 1_000);
        } else {
          this.ends.delete(messageId);
          this.client.removeOutgoingMessage(messageId);
        }
      });
    }
  }

  /** The server has no session of ours: nothing is sent again by itself. */
  forget(): void {
    this.ends.clear();
  }
}
