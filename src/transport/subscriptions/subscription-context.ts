import type { ServerProfile, TopicMapping } from '../../servers/profiles';
import type { ConnectionCapabilities } from '../capabilities';
import type { SubscribeOptions } from '../messages';

/** The part of a connection that subscriptions need. */
export interface SubscriptionLink {
  /** One SUBSCRIBE packet; `answered` gets a reason code for each filter, or why none came. */
  subscribe(
    wanted: readonly (SubscribeOptions & { filter: string })[],
    id: number | undefined,
    answered: (error: Error | undefined, codes: number[]) => void,
  ): void;
  unsubscribe(filters: string[]): void;
  publish(
    wire: { topic: string; payload: string; qos: 0; retain: false },
    sent: (error?: Error) => void,
  ): void;
}

/** A connection, as long as it lasts. */
export interface SubscriptionContext {
  link: SubscriptionLink;
  profile: ServerProfile;
  capabilities: ConnectionCapabilities;
  mapping: TopicMapping;
  /** The server kept the session, and its subscriptions. */
  sessionPresent: boolean;
  /** MQTT 5: subscription ids, No Local, Retain As Published and Retain Handling exist. */
  v5: boolean;
}
