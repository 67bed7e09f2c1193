import { hasWildcard } from '../topics/filter';
import type { PayloadType } from './payload-types';
import type { ServerProfile, TopicMapping } from './profiles/profile';
import {
  asPayloadType,
  bridgeTopic,
  checkBridgeLength,
  checkItemPayload,
  emptyItem,
  prosody,
  refuseShared,
  splitBridgeTopic,
} from './profiles/prosody';

/** Payload types in which flows have asked for nodes, by topics in the bridge's own form. */
export type TypedNodes = Map<string, PayloadType>;

/**
 * Prosody's bridge beside the account's XMPP session, which lists the nodes and reads their items: wildcards and last
 * values work. A topic is the name of a node.
 * @param typed filled with the types that filters name
 */
export function helpedBridgeProfile(service: string, payloadType: string, typed: TypedNodes): ServerProfile {
  const mapping = createMapping(service, asPayloadType(payloadType), typed);
  return {
    ...prosody,
    // Every node keeps its last item, whatever the flag says.
    capabilities: { ...prosody.capabilities, retain: true, wildcards: true, subscriptionIds: true },
    // The link says when all have come: each is asked for by itself, and a shaper makes a server slow.
    replayPause: 3_600_000,
    mapping: () => mapping,
  };
}

function createMapping(service: string, usual: PayloadType, typed: TypedNodes): TopicMapping {
  const partsOf = (topic: string): { type: PayloadType; node: string } =>
    splitBridgeTopic(topic, service) ?? { type: usual, node: topic };
  return {
    toWire(topic) {
      const { type, node } = partsOf(topic);
      checkBridgeLength(bridgeTopic(service, type, node));
      return topic;
    },
    filterToWire(filter) {
      refuseShared(filter);
      const { type, node } = partsOf(filter);
      if (hasWildcard(node)) return node;
      checkBridgeLength(bridgeTopic(service, type, node));
      if (type !== usual) typed.set(node, type);
      return node;
    },
    toPlain: (wire, origin) => ({ topic: wire, ...(origin?.pubsub && { pubsub: origin.pubsub }) }),
    checkPayload(wire, payload) {
      // An empty one with the retained flag removes what is kept, which no payload type can say.
      if (payload.length > 0) checkItemPayload(partsOf(wire).type, payload);
    },
    explainPayload: (wire, _payload, origin) =>
      origin?.pubsub?.unread ? emptyItem(wire, origin.pubsub.type) : undefined,
  };
}
