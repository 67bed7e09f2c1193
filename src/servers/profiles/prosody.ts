import { isUtf8 } from 'node:buffer';
import { text } from '../../base/catalogue';
import { plain } from '../../base/printable';
import type { Text } from '../../base/text';
import { isXmlText } from '../../base/xml-text';
import { InputError } from '../../topics/errors';
import { hasWildcard } from '../../topics/filter';
import { isPayloadType, PAYLOAD_TYPES, type PayloadType } from '../payload-types';
import type { MappingContext, PlainTopic, ServerProfile, TopicMapping } from './profile';

/** A longer topic breaks the module's serializer. */
const MAX_TOPIC_BYTES = 255;

/** Prosody with `mod_pubsub_mqtt`: a bridge into XEP-0060 PubSub, open to everyone who reaches its port. */
export const prosody: ServerProfile = {
  type: 'prosody',
  label: 'Prosody',
  versions: [4],
  login: 'none',
  capabilities: {
    maxQos: 0,
    retain: false,
    will: false,
    wildcards: false,
    shared: false,
    subscriptionIds: false,
    persistentSessions: false,
    maxTopicBytes: MAX_TOPIC_BYTES,
    confirmsUnsubscribe: false,
  },
  overlapping: 'once',
  subackTimeout: 10_000,
  subackHint: 'mqtt.oldBridge',
  mapping: createMapping,
};

/**
 * Plain topic `home/x` ↔ `<service>/<type>/home/x`. A topic that begins with the service and a known type is used
 * unchanged.
 */
function createMapping(context: MappingContext): TopicMapping {
  const type = asPayloadType(context.payloadType);
  const service = context.pubsubService;

  function toWire(topic: string): string {
    if (split(topic)) return checkBridgeLength(topic);
    if (!service) {
      throw new InputError('pubsub-service', text('input.pubsubService', { topic: plain(topic) }));
    }
    return checkBridgeLength(bridgeTopic(service, type, topic));
  }

  const split = (topic: string): BridgeTopic | undefined => splitBridgeTopic(topic, service);

  return {
    toWire,
    filterToWire(filter) {
      refuseShared(filter);
      if (hasWildcard(filter)) {
        throw new InputError('filter-wildcard', text('input.bridgeWildcard', { filter: plain(filter) }));
      }
      return toWire(filter);
    },
    toPlain(wire): PlainTopic {
      const parts = split(wire);
      if (!parts) return { topic: wire };
      // A node of another service keeps its full name, or an answer would go to ours.
      const topic = service === undefined || parts.service === service ? parts.node : wire;
      return { topic, pubsub: parts };
    },
    checkPayload(wire, given) {
      checkItemPayload(split(wire)?.type ?? type, given);
    },
    explainPayload(wire, payload) {
      // An item of another type arrives empty; empty JSON does not exist, so there it is certain.
      return payload.length > 0 ? undefined : emptyItem(wire, split(wire)?.type ?? type);
    },
  };
}

/** The reason why an item arrived without its content. */
export function emptyItem(topic: string, type: string): Text {
  return text('input.bridgeEmpty', { topic: plain(topic), type });
}

export function refuseShared(filter: string): void {
  if (filter.startsWith('$share/')) throw new InputError('filter-shared', text('input.bridgeShared'));
}

/** The topic that the bridge has for a node. */
export function bridgeTopic(service: string, type: string, node: string): string {
  return `${service}/${type}/${node}`;
}

/** True if the bridge's serializer takes this topic. */
export function fitsBridge(topic: string): boolean {
  return Buffer.byteLength(topic) <= MAX_TOPIC_BYTES;
}

/** A topic in the bridge's own form. */
export interface BridgeTopic {
  service: string;
  type: PayloadType;
  node: string;
}

/** Recognises the bridge's own form of a topic: the known service, or any domain, before a known type. */
export function splitBridgeTopic(topic: string, service: string | undefined): BridgeTopic | undefined {
  const first = topic.indexOf('/');
  const second = topic.indexOf('/', first + 1);
  if (first <= 0 || second < 0 || second === topic.length - 1) return undefined;
  const host = topic.slice(0, first);
  const kind = topic.slice(first + 1, second);
  const known = service ? host === service : host.includes('.');
  if (!known || !isPayloadType(kind)) return undefined;
  return { service: host, type: kind, node: topic.slice(second + 1) };
}

/**
 * Throws an {@link InputError} where an item of this type cannot hold the payload.
 * @param isBridged it would go over Prosody's bridge, which says nothing of what it drops; else as an item over XMPP
 */
export function checkItemPayload(type: PayloadType, given: Buffer | string, isBridged = true): void {
  const payload = typeof given === 'string' ? Buffer.from(given) : given;
  if (!isUtf8(payload)) {
    throw new InputError('payload-utf8', text(isBridged ? 'input.bridgeUtf8' : 'input.itemUtf8'));
  }
  const content = payload.toString();
  if (!isXmlText(content)) {
    throw new InputError('payload-xml', text(isBridged ? 'input.bridgeXml' : 'input.itemXml'));
  }
  if (type !== 'json') return;
  try {
    JSON.parse(content);
  } catch (cause) {
    throw new InputError('payload-json', text('input.bridgeJson', { payload: plain(content) }), { cause });
  }
}

/** The payload type that was typed. @throws InputError if there is no such */
export function asPayloadType(typed: string): PayloadType {
  if (isPayloadType(typed)) return typed;
  throw new InputError(
    'payload-type',
    text('input.payloadType', { types: PAYLOAD_TYPES.join(', '), given: plain(typed) }),
  );
}

/** @throws InputError if the bridge's serializer does not take this topic */
export function checkBridgeLength(topic: string): string {
  if (fitsBridge(topic)) return topic;
  const bytes = Buffer.byteLength(topic);
  throw new InputError(
    'topic-long',
    text('input.bridgeTopicLong', { topic: plain(topic), bytes, most: MAX_TOPIC_BYTES }),
  );
}
