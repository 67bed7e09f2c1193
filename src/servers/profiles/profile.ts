import type { TextKey } from '../../base/catalogue';
import type { Text } from '../../base/text';
import type { MqttVersion, QoS, ServerType } from '../types';

/** Abilities of a server. A connection starts from its profile and reads the CONNACK (MQTT 5 §3.2.2.3) over it. */
export interface Capabilities {
  maxQos: QoS;
  retain: boolean;
  will: boolean;
  wildcards: boolean;
  shared: boolean;
  subscriptionIds: boolean;
  persistentSessions: boolean;
  /** Longest topic name in UTF-8 bytes. */
  maxTopicBytes: number;
  /** Most levels in a topic filter; undefined: no limit known. */
  maxFilterLevels?: number;
  /** False: UNSUBSCRIBE is never answered, so nothing waits for the answer. */
  confirmsUnsubscribe: boolean;
}

/** Where a message came from on a server whose topics are PubSub nodes. */
export interface PubsubAddress {
  /** JID of the service, `pubsub.example.org`. */
  service: string;
  /** Form of the payload in the item: `json`, `utf8`, `atom_title`, or `xml` for any other. */
  type: string;
  node: string;
  /** Id of the item; over XMPP only, as are the next two. */
  itemId?: string;
  /** Publisher of the item, where the service names it. */
  publisher?: string;
  /** True if it was published while the connection was away, and found by reading. */
  late?: true;
  /** True if the bridge left the content out, and it could not be read: the message goes to nobody. */
  unread?: true;
}

/** A topic as flows see it. */
export interface PlainTopic {
  topic: string;
  pubsub?: PubsubAddress;
}

/** Translates between the plain topics of flows and the server's own. All throw `InputError` for bad input. */
export interface TopicMapping {
  /** A plain topic, or one in the server's own form, as it goes into PUBLISH. */
  toWire(topic: string): string;
  /** The same for a filter in SUBSCRIBE. */
  filterToWire(filter: string): string;
  /** @param origin the message, where the transport says where it comes from */
  toPlain(wire: string, origin?: { readonly pubsub?: PubsubAddress }): PlainTopic;
  /** Throws where the server would drop or garble this payload without a word. */
  checkPayload(wire: string, payload: Buffer | string): void;
  /** The reason why an arriving payload cannot be the one that was sent; undefined if it is fine. */
  explainPayload(
    wire: string,
    payload: Buffer,
    origin?: { readonly pubsub?: PubsubAddress },
  ): Text | undefined;
}

/** The account and settings that a mapping needs. */
export interface MappingContext {
  /** JID of the PubSub service, where the server's topics name it. */
  pubsubService?: string | undefined;
  payloadType: string;
}

/** Everything in which servers differ. Adding a server is adding one of these. */
export interface ServerProfile {
  readonly type: ServerType;
  /** For people: `ejabberd`. */
  readonly label: string;
  /** Protocol versions in the order to try them. */
  readonly versions: readonly MqttVersion[];
  /** `account`: the XMPP account; `configured`: whatever the broker's administrator set; `none`: never send one. */
  readonly login: 'account' | 'configured' | 'none';
  readonly capabilities: Capabilities;
  /** Without subscription ids: how often a message comes that matches several of our filters; unknown: it is tried. */
  readonly overlapping: 'once' | 'perFilter' | 'unknown';
  /** How long SUBACK may take, in milliseconds, before the silence is named. */
  readonly subackTimeout: number;
  /** The most probable meaning of a missing SUBACK, and what to do. */
  readonly subackHint: TextKey;
  /** Longest session the server keeps, in seconds, whatever one asks for; undefined: as the CONNACK says. */
  readonly sessionLimit?: number;
  /** Silence, in milliseconds, after which the retained messages for a subscription are all there. @default 1000 */
  readonly replayPause?: number;
  mapping(context: MappingContext): TopicMapping;
}

/** The mapping of a server that takes topics as they are. */
export const plainMapping: TopicMapping = {
  toWire: (topic) => topic,
  filterToWire: (filter) => filter,
  toPlain: (wire) => ({ topic: wire }),
  checkPayload: () => {},
  explainPayload: () => undefined,
};
