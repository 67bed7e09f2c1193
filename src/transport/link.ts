import type { IConnackPacket } from 'mqtt';
import type { LinkError } from './errors';
import type { SubscribeOptions } from './messages';

/** Events of a link for its owner. */
export interface LinkListener extends InboundListener {
  connected(connack: IConnackPacket): void;
  /**
   * The server has no session of ours: messages under way will not be sent again by MQTT.js. Comes before `connected`.
   */
  forgotten?(): void;
  /**
   * Lost or not come about; `again` says whether the link tries once more by itself, `uptime` how many milliseconds ago
   * the server had said yes; undefined: it had not.
   */
  down(reason: LinkError, again: { inMs: number } | undefined, uptime: number | undefined): void;
  retrying(): void;
  drained(): void;
}

export interface WireSubscription extends SubscribeOptions {
  filter: string;
}

/** State that a link leaves for the next one. */
export interface LinkHandover extends InboundHandover {
  /** {@link MqttLink.where}; messages and packets are of that server. */
  where: string;
}

/** Receiver of incoming messages. */
export interface InboundListener {
  message(topic: string, payload: Buffer, packet: PublishFlags): void;
  /** A message was left out because its topic cannot be one. */
  malformed(): void;
  /** Maximum messages that wait for the flow's acknowledgement. Beyond it reading pauses. */
  crowded?(): void;
}

/** Messages left over from a link. */
export interface InboundHandover {
  /** Those that were not brought to anybody, and will not come again. */
  inbound: BufferedMessage[];
  /** {@link Qos2Receiver.leave} */
  unreleased: Set<number>;
}

/** Why nothing is read for a while. */
export type PauseReason = 'congested' | 'full' | 'unacked';
/** A message that has come, and could not be brought to anybody yet. */
export interface BufferedMessage {
  topic: string;
  payload: Buffer;
  packet: PublishFlags;
  /** Acknowledges it; undefined where that is done, or cannot be done any more. */
  release: (() => void) | undefined;
}

/** Properties of a message besides topic and payload. MQTT.js's packets have more. */
export interface PublishFlags {
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  readonly dup: boolean;
  readonly properties?: unknown;
  /** Only at QoS 1 and 2. */
  readonly messageId?: number | undefined;
}
