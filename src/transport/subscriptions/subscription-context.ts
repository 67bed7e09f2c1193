import type { ServerProfile, TopicMapping } from '../../servers/profiles';
import type { ConnectionCapabilities } from '../capabilities';
import type { Link } from '../link';

/** The part of a connection that subscriptions need. */
export interface SubscriptionLink extends Pick<Link, 'subscribe' | 'unsubscribe'> {
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
  /** As MQTT 5 has it: subscription ids, No Local, Retain As Published and Retain Handling exist. */
  v5: boolean;
  /** No Local is kept by the server or by the link; elsewhere the subscriptions recognise own messages themselves. */
  noLocal: boolean;
}
