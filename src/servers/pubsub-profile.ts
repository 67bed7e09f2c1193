import { text } from '../base/catalogue';
import { plain } from '../base/printable';
import { InputError } from '../topics/errors';
import type { ServerProfile, TopicMapping } from './profiles/profile';
import { asPayloadType, checkItemPayload, splitBridgeTopic } from './profiles/prosody';
import type { ServerType } from './types';

/** Longest name of a node, in bytes. No server names a limit; every one takes as much as the part of a JID has. */
const MAX_NODE_BYTES = 1_023;

/**
 * XMPP PubSub (XEP-0060) as a broker: a topic is a node of one service. Topics may also be written as Prosody's bridge
 * has them, so that a flow can move from one to the other.
 */
export function pubsubProfile(type: ServerType, service: string, payloadType: string): ServerProfile {
  const mapping = createMapping(service, payloadType);
  return {
    type,
    label: 'PubSub',
    // Properties of messages cannot travel, as in 3.1.1.
    versions: [4],
    login: 'account',
    capabilities: {
      maxQos: 1,
      retain: true,
      will: false,
      wildcards: true,
      shared: false,
      subscriptionIds: true,
      persistentSessions: false,
      maxTopicBytes: MAX_NODE_BYTES,
      confirmsUnsubscribe: true,
    },
    overlapping: 'once',
    subackTimeout: 60_000,
    subackHint: 'pubsub.silentHint',
    // The link says when all have come: each is asked for by itself, and a shaper makes a server slow.
    replayPause: 3_600_000,
    mapping: () => mapping,
  };
}

/** The plain topic is the node; in front of a publication the payload type may stand, as the bridge has it. */
function createMapping(service: string, payloadType: string): TopicMapping {
  const usual = asPayloadType(payloadType);
  const nodeOf = (topic: string): string => splitBridgeTopic(topic, service)?.node ?? topic;
  return {
    toWire(topic) {
      checkLength(nodeOf(topic));
      return topic;
    },
    filterToWire(filter) {
      if (filter.startsWith('$share/')) {
        throw new InputError('filter-shared', text('pubsub.sharedNone', { filter: plain(filter) }));
      }
      return checkLength(nodeOf(filter));
    },
    toPlain: (wire, origin) => ({ topic: wire, ...(origin?.pubsub && { pubsub: origin.pubsub }) }),
    checkPayload(wire, payload) {
      // An empty one removes what is kept, which no payload type can say.
      if (payload.length > 0)
        checkItemPayload(splitBridgeTopic(wire, service)?.type ?? usual, payload, false);
    },
    explainPayload: () => undefined,
  };
}

function checkLength(node: string): string {
  const bytes = Buffer.byteLength(node);
  if (bytes > MAX_NODE_BYTES) {
    throw new InputError(
      'topic-long',
      text('pubsub.nodeLong', { node: plain(node), bytes, most: MAX_NODE_BYTES }),
    );
  }
  return node;
}
