import { isUtf8 } from 'node:buffer';
import { text } from '../../base/catalogue';
import { plain } from '../../base/printable';
import { isXmlText } from '../../base/xml-text';
import { InputError } from '../../topics/errors';
import { hasWildcard } from '../../topics/filter';
import type { MappingContext, PlainTopic, ServerProfile, TopicMapping } from './profile';

/** Payload types of `mod_pubsub_mqtt`: XEP-0335 JSON, plain text, the title of an Atom entry. */
const TYPES = ['json', 'utf8', 'atom_title'] as const;
type PayloadType = (typeof TYPES)[number];

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
  const type = asType(context.payloadType);
  const service = context.pubsubService;

  function toWire(topic: string): string {
    if (split(topic)) return checkLength(topic);
    if (!service) {
      throw new InputError('pubsub-service', text('input.pubsubService', { topic: plain(topic) }));
    }
    return checkLength(`${service}/${type}/${topic}`);
  }

  /** Recognises the server's own form: the known service, or any domain, before a known type. */
  function split(topic: string): { service: string; type: PayloadType; node: string } | undefined {
    const first = topic.indexOf('/');
    const second = topic.indexOf('/', first + 1);
    if (first <= 0 || second < 0 || second === topic.length - 1) return undefined;
    const host = topic.slice(0, first);
    const kind = topic.slice(first + 1, second);
    const known = service ? host === service : host.includes('.');
    if (!known || !TYPES.includes(kind as PayloadType)) return undefined;
    return { service: host, type: kind as PayloadType, node: topic.slice(second + 1) };
  }

  return {
    toWire,
    filterToWire(filter) {
      if (filter.startsWith('$share/')) {
        throw new InputError('filter-shared', text('input.bridgeShared'));
      }
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
      const payload = typeof given === 'string' ? Buffer.from(given) : given;
      const kind = split(wire)?.type ?? type;
      if (!isUtf8(payload)) {
        throw new InputError('payload-utf8', text('input.bridgeUtf8'));
      }
      const content = payload.toString();
      if (!isXmlText(content)) {
        throw new InputError('payload-xml', text('input.bridgeXml'));
      }
      if (kind === 'json') {
        try {
          JSON.parse(content);
        } catch (cause) {
          throw new InputError(
            'payload-json',
            text('input.bridgeJson', { payload: plain(content), reason: (cause as Error).message }),
            { cause },
          );
        }
      }
    },
    explainPayload(wire, payload) {
      if (payload.length > 0) return undefined;
      const kind = split(wire)?.type ?? type;
      // An item of another type arrives empty; empty JSON does not exist, so there it is certain.
      return text('input.bridgeEmpty', { topic: plain(wire), type: kind });
    },
  };
}

function asType(typed: string): PayloadType {
  if (TYPES.includes(typed as PayloadType)) return typed as PayloadType;
  throw new InputError(
    'payload-type',
    text('input.payloadType', { types: TYPES.join(', '), given: plain(typed) }),
  );
}

function checkLength(topic: string): string {
  const bytes = Buffer.byteLength(topic);
  if (bytes > MAX_TOPIC_BYTES) {
    throw new InputError(
      'topic-long',
      text('input.bridgeTopicLong', { topic: plain(topic), bytes, most: MAX_TOPIC_BYTES }),
    );
  }
  return topic;
}
