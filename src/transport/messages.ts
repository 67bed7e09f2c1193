import type { PubsubAddress } from '../servers/profiles';
import type { QoS } from '../servers/types';

/** Properties of an MQTT 5 PUBLISH (MQTT 5 §3.3.2.3). */
export interface PublishProperties {
  payloadFormatIndicator?: boolean;
  /** Lifetime of the message, in seconds. */
  messageExpiryInterval?: number;
  topicAlias?: number;
  responseTopic?: string;
  correlationData?: Buffer;
  userProperties?: Record<string, string | string[]>;
  contentType?: string;
}

/** A message that a flow sends. The topic is plain; the server's profile turns it into the server's own form. */
export interface Publication {
  topic: string;
  payload: Buffer | string;
  qos: QoS;
  retain: boolean;
  /** Only sent on MQTT 5. */
  properties?: PublishProperties;
  /** End of its `messageExpiryInterval`, in milliseconds of the steady clock; the queue sets it. */
  expires?: number;
  /** True if nobody waits for it any more. Then it is not sent. */
  obsolete?: () => boolean;
  /** True if it makes no sense without its properties. Then it is refused if the connection does not speak MQTT 5. */
  needsMqtt5?: boolean;
  /** True if nothing is missed without its properties: where they cannot travel, nobody is told. */
  isFineWithoutProperties?: boolean;
  /** True if a person said it: where a topic takes JSON only, other text goes there as a JSON text. */
  isSaid?: boolean;
  /** True if it is dropped without a connection (QoS 0): it is done without an error, and counted. @default false */
  dropOffline?: boolean;
  /** Id of its item over PubSub: the same whenever it is sent again, over a restart too. */
  itemId?: string;
}

/** An arriving message, as flows see it. `payload` is shared by all receivers: copy it before changing it. */
export interface ReceivedPublication {
  topic: string;
  payload: Buffer;
  qos: QoS;
  retain: boolean;
  dup: boolean;
  /** True if the server had kept it, and sent it for a subscription; a retained flag alone does not say so. */
  replayed?: boolean;
  /** Present on MQTT 5 only. */
  properties: IncomingProperties | undefined;
  pubsub: PubsubAddress | undefined;
}

/** Properties of an arriving MQTT 5 PUBLISH, as MQTT.js hands them over. */
export interface IncomingProperties extends Omit<PublishProperties, 'payloadFormatIndicator'> {
  payloadFormatIndicator?: boolean | number;
  subscriptionIdentifier?: number | number[];
  reasonString?: string;
}

/** Options of one filter in SUBSCRIBE (MQTT 5 §3.8.3.1); all but `qos` count on MQTT 5 only. */
export interface SubscribeOptions {
  qos: QoS;
  /** No Local. */
  nl: boolean;
  /** Retain As Published. */
  rap: boolean;
  /** Retain Handling: 0 send retained messages, 1 only for a new subscription, 2 never. */
  rh: 0 | 1 | 2;
}

/** An acknowledgement that is kept back. */
export interface PendingAck {
  /** Sends the acknowledgement, unless the connection was lost meanwhile. */
  release(): void;
  /** Brings the message once more, to somebody who may keep it back in turn, and releases it. Not after a loss: it comes again. */
  again(bring: () => void): void;
}
