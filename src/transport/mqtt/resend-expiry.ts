import type { MqttClient, Packet } from 'mqtt';

/**
 * In a session that is kept, MQTT.js itself sends unconfirmed messages again, unchanged, however long the connection
 * was down. This keeps their lifetime (MQTT 5 §3.3.2.3.3) running.
 */
export class ResendExpiry {
  /** When they are over, in milliseconds of the steady clock, by packet identifier. */
  private readonly ends = new Map<number, number>();

  constructor(private readonly client: MqttClient) {}

  /** The message that was handed to MQTT.js last; the result is called when it is confirmed. */
  add(end: number): () => void {
    const messageId = this.client.getLastMessageId();
    this.ends.set(messageId, end);
    return () => this.ends.delete(messageId);
  }

  /**
   * Before messages are sent again, expired ones are taken out, and their callback gets an error. The others get the
   * rest of their time.
   */
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

  /** The server has no session of ours, so MQTT.js sends nothing again. */
  forget(): void {
    this.ends.clear();
  }
}
