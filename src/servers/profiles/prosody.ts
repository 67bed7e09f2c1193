import { isUtf8 } from 'node:buffer';
import { quote } from '../../base/printable';
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
  subackHint:
    "Prosody's bridge did not confirm the subscription; its module (mod_pubsub_mqtt) is probably older than " +
    'January 2024, as the one in Debian 12 is: install a newer one.',
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
      throw new InputError(
        'pubsub-service',
        `Prosody's PubSub service is not known, so ${quote(topic)} cannot be turned into its topic form ` +
          '<service>/<type>/<node>. Type the service (for example pubsub.example.org) in the broker node.',
      );
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
        throw new InputError(
          'filter-shared',
          "Prosody's bridge has no shared subscriptions; subscribe to the topic itself.",
        );
      }
      if (hasWildcard(filter)) {
        throw new InputError(
          'filter-wildcard',
          `Prosody's bridge takes ${quote(filter)} and never sends anything for it: it knows no wildcards (+ and #). ` +
            'Subscribe to each topic by its whole name.',
        );
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
    checkPayload(wire, content) {
      const payload = typeof content === 'string' ? Buffer.from(content) : content;
      const kind = split(wire)?.type ?? type;
      if (!isUtf8(payload)) {
        throw new InputError(
          'payload-utf8',
          "The payload is not UTF-8 text; Prosody's bridge would drop it, and messages behind it, without a word. " +
            'Send binary data as base64 text.',
        );
      }
      const text = payload.toString();
      if (!isXmlText(text)) {
        throw new InputError(
          'payload-xml',
          "The payload holds a control character that XML forbids; Prosody's bridge would drop it, and messages " +
            'behind it, without a word. Remove it.',
        );
      }
      if (kind === 'json') {
        try {
          JSON.parse(text);
        } catch (cause) {
          throw new InputError(
            'payload-json',
            `The payload ${quote(text)} is not valid JSON (${(cause as Error).message}), and the topic's type on ` +
              'Prosody is json. Send JSON (text in quotes), or choose the payload type utf8.',
          );
        }
      }
    },
    explainPayload(wire, payload) {
      if (payload.length > 0) return undefined;
      const kind = split(wire)?.type ?? type;
      // An item of another type arrives empty; empty JSON does not exist, so there it is certain.
      return `Prosody sent an empty payload for ${quote(wire)}: the item in the PubSub node is not of the type ${kind}. Choose the payload type that its publisher uses.`;
    },
  };
}

function asType(text: string): PayloadType {
  if (TYPES.includes(text as PayloadType)) return text as PayloadType;
  throw new InputError(
    'payload-type',
    `The payload type must be one of ${TYPES.join(', ')}, but it is ${quote(text)}.`,
  );
}

function checkLength(topic: string): string {
  const bytes = Buffer.byteLength(topic);
  if (bytes > MAX_TOPIC_BYTES) {
    throw new InputError(
      'topic-long',
      `The topic ${quote(topic)} has ${bytes} bytes in Prosody's form; its bridge takes ${MAX_TOPIC_BYTES}. Shorten it.`,
    );
  }
  return topic;
}
