import type { Capabilities } from '../servers/profiles/profile';
import type { QoS } from '../servers/types';
import type { LinkOpening } from './link';

/** Capabilities of this connection: the profile's, as limited by the server's CONNACK (MQTT 5 §3.2.2.3). */
export interface ConnectionCapabilities extends Capabilities {
  /** Largest packet the server takes, in bytes. */
  maximumPacketSize: number;
  /** Most messages above QoS 0 under way. */
  receiveMaximum: number;
  topicAliasMaximum: number;
  /** Time that the server keeps the session, in seconds; undefined if it did not say. */
  sessionExpiry: number | undefined;
}

/** Largest packet that MQTT can express, in bytes (MQTT 5 §1.5.5). */
export const LARGEST_PACKET = 268_435_455;
/** Most messages under way; more gain nothing and cost memory. */
const MAX_UNDER_WAY = 1_000;

export function capabilitiesOf(profile: Capabilities, connack: LinkOpening): ConnectionCapabilities {
  const said = connack.properties ?? {};
  // Neither of the two maxima may be 0 (MQTT 5 §3.2.2.3.3, §3.2.2.3.6): such a server has not said anything.
  return {
    ...profile,
    maxQos: Math.min(profile.maxQos, said.maximumQoS ?? 2) as QoS,
    retain: profile.retain && said.retainAvailable !== false,
    wildcards: profile.wildcards && said.wildcardSubscriptionAvailable !== false,
    shared: profile.shared && said.sharedSubscriptionAvailable !== false,
    subscriptionIds: profile.subscriptionIds && said.subscriptionIdentifiersAvailable !== false,
    maximumPacketSize: said.maximumPacketSize || LARGEST_PACKET,
    receiveMaximum: Math.min(MAX_UNDER_WAY, said.receiveMaximum || 65_535),
    topicAliasMaximum: said.topicAliasMaximum ?? 0,
    sessionExpiry: said.sessionExpiryInterval,
  };
}
