/** What a connection of an account is to those above it, whatever carries its messages: MQTT, or XMPP PubSub. */

import type { IConnackPacket } from 'mqtt';
import type { PubsubAddress } from '../servers/profiles';
import type { LinkError } from './errors';
import type { PendingAck, Publication, SubscribeOptions } from './messages';
import type { SubscribingProgress } from './pubsub/progress';

/**
 * One connection from its first try to its end. It comes back after a loss by itself, and stops after a refusal. Its
 * owner hears of it through a {@link LinkListener}.
 */
export interface Link {
  /** Address for people, and the name of the server that messages are of: `mqtts://host:8883`. */
  readonly where: string;
  /** The address that is connected to; undefined while there is none, or it is out of sight. */
  readonly remoteAddress: string | undefined;
  readonly sendsPassword: boolean;
  /** False while nothing more can be handed over; `drained` is called when there is room. */
  readonly writable: boolean;
  readonly inbound: LinkInbound;
  /** Publishes in the server's own form. `sent` is called once: as far as the QoS says, or with the reason. */
  publish(wire: Publication, sent: (error?: Error) => void): void;
  /**
   * Subscribes. `answered` gets for each filter a reason code (below 128: granted QoS) or the reason of its refusal, or
   * an error where the connection went away first.
   */
  subscribe(
    wanted: readonly WireSubscription[],
    id: number | undefined,
    answered: (error: Error | undefined, codes: SubscribeAnswer[]) => void,
  ): void;
  unsubscribe(filters: string[]): void;
  /** Asks for a sign of life behind everything that was sent; `answered` is called on it, or where it lets us wait. */
  ping(answered: () => void): void;
  /**
   * Says goodbye where it can, and ends for good. Resolves within about a second.
   * @param forever true if nobody comes back who wants what is subscribed to. @default false
   */
  end(forever?: boolean): Promise<void>;
  /** State for the next link to this server. To be called when this one has ended. */
  release(): LinkHandover;
}

/** Reason code of MQTT, or why a filter is refused where there is more to say. */
export type SubscribeAnswer = number | Error;

/** Incoming messages: when each is delivered, and when it is acknowledged. */
export interface LinkInbound {
  /** Closes the gate: messages wait until it opens again. */
  gate(closed: boolean): void;
  /** Stops or continues taking messages, where the transport can. */
  pause(reason: PauseReason, on: boolean): void;
  /** Holds back the acknowledgement of the message that is being delivered; undefined if it has none. */
  deferAck(lost: () => void): PendingAck | undefined;
  /** Takes the messages of the link before this one. */
  inherit(inbound: readonly BufferedMessage[]): void;
}

/** What the server said when the connection came about: the parts of CONNACK that count above the link. */
export interface LinkOpening {
  sessionPresent: boolean;
  properties?: IConnackPacket['properties'];
}

/** Events of a link for its owner. */
export interface LinkListener extends InboundListener {
  connected(opening: LinkOpening): void;
  /** The server has no session of ours: messages under way will not be sent again by the link. Before `connected`. */
  forgotten?(): void;
  /**
   * Lost or not come about; `again` says whether the link tries once more by itself, `uptime` how many milliseconds ago
   * the server had said yes; undefined: it had not, or nothing that we sent can be to blame.
   */
  down(reason: LinkError, again: { inMs: number } | undefined, uptime: number | undefined): void;
  retrying(): void;
  drained(): void;
  /** The retained messages for a filter have all come; called where the link knows. */
  replayed?(filter: string): void;
  /** A filter that had been refused works now; called where the link tries again by itself. */
  granted?(filter: string): void;
  /** Subscribing to what the filters match takes its time; undefined: it is done. */
  progress?(progress: SubscribingProgress | undefined): void;
}

export interface WireSubscription extends SubscribeOptions {
  filter: string;
}

/** State that a link leaves for the next one. */
export interface LinkHandover extends InboundHandover {
  /** {@link Link.where}; messages and packets are of that server. */
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
  /** Packet identifiers at QoS 2 that were received and not released yet. */
  unreleased: Set<number>;
}

/** Why nothing is read for a while. */
export type PauseReason = 'congested' | 'full' | 'unacked';

/** A message that has come, and could not be brought to anybody yet. */
export interface BufferedMessage {
  topic: string;
  payload: Buffer;
  packet: PublishFlags;
  /** Acknowledges it; undefined if that is done, or cannot be done any more. */
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
  /** Only over PubSub. */
  readonly pubsub?: PubsubAddress;
}
