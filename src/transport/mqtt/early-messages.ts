import type { IPublishPacket } from 'mqtt';
import type { HeldPackets } from './held-packets';

/** Messages at QoS 0 that are kept. */
const MOST = 10_000;

interface EarlyMessage {
  topic: string;
  payload: Buffer;
  packet: IPublishPacket;
  /** Acknowledges it. */
  release: (() => void) | undefined;
}

/**
 * What a resumed session brings before MQTT.js calls itself connected, which first sends its own messages again: kept
 * until there is somebody to bring it to. What is at QoS 1 is acknowledged only then.
 */
export class EarlyMessages {
  private messages: EarlyMessage[] = [];

  constructor(private readonly held: HeldPackets) {}

  keep(topic: string, payload: Buffer, packet: IPublishPacket): void {
    if (packet.qos === 0 && this.messages.length >= MOST) return;
    const release = packet.qos === 1 ? this.held.hold(packet, () => {}) : undefined;
    this.messages.push({ topic, payload, packet, release });
  }

  /** Their connection is gone. `comesAgain`: there is a session, which brings what was not acknowledged once more. */
  age(comesAgain: boolean): void {
    this.held.lost();
    this.messages = this.messages
      .filter(({ packet }) => packet.qos !== 1 || !comesAgain)
      .map((message) => ({ ...message, release: undefined }));
  }

  bring(to: (topic: string, payload: Buffer, packet: IPublishPacket) => void): void {
    const { messages } = this;
    this.messages = [];
    for (const { topic, payload, packet, release } of messages) {
      to(topic, payload, packet);
      release?.();
    }
  }
}
