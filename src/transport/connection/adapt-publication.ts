import { quote } from '../../base/printable';
import type { TopicMapping } from '../../servers/profiles';
import type { QoS } from '../../servers/types';
import { InputError } from '../../topics/errors';
import type { ConnectionCapabilities } from '../capabilities';
import type { Publication, PublishProperties } from '../messages';
import { propertyBytes } from '../packet-size';

/** Room for the parts of a PUBLISH that are neither topic, payload nor properties, in bytes. */
const OVERHEAD = 16;

export interface AdaptContext {
  mapping: TopicMapping;
  capabilities: ConnectionCapabilities;
  /** For people: `Prosody`. */
  server: string;
  v5: boolean;
  /** Says something to people once: what was lowered or left out. */
  notice(code: string, text: string): void;
}

/**
 * Turns what a flow wants to send into what this server takes: the topic in the server's form, QoS and retained
 * flag lowered with a notice. Throws {@link InputError} for what would be lost otherwise.
 */
export function adaptPublication(publication: Publication, context: AdaptContext): Publication {
  const { mapping, capabilities, server } = context;
  if (publication.needsMqtt5 && !context.v5) throw needsMqtt5();
  const topic = mapping.toWire(publication.topic);
  if (Buffer.byteLength(topic) > capabilities.maxTopicBytes) {
    throw new InputError(
      'topic-long',
      `The topic ${quote(topic)} is longer than the ${capabilities.maxTopicBytes} bytes that ${server} takes.`,
    );
  }
  const payload = publication.payload;
  const extra = context.v5 && publication.properties ? propertyBytes(publication.properties) : 0;
  const bytes = Buffer.byteLength(payload) + Buffer.byteLength(topic) + OVERHEAD + extra;
  if (bytes > capabilities.maximumPacketSize) {
    throw new InputError(
      'payload-large',
      `The message to ${quote(topic)} has ${bytes} bytes; ${server} takes ${capabilities.maximumPacketSize} in one packet. Send it in parts.`,
    );
  }
  mapping.checkPayload(topic, payload);

  const qos = Math.min(publication.qos, capabilities.maxQos) as QoS;
  if (qos !== publication.qos) {
    context.notice(
      'qos-lowered',
      `${server} takes messages at QoS ${capabilities.maxQos} at most: QoS ${publication.qos} is lowered.`,
    );
  }
  const retain = publication.retain && capabilities.retain;
  if (publication.retain && !retain) {
    context.notice('retain-dropped', `${server} keeps no retained messages over MQTT: the flag is left out.`);
  }
  const properties = publication.properties;
  if (properties && !context.v5) {
    context.notice(
      'properties-dropped',
      `The connection to ${server} speaks MQTT 3.1.1, which has no message properties (${Object.keys(properties).join(', ')}): they are left out.`,
    );
  }
  if (!context.v5 || !properties) return { topic, payload, qos, retain };
  checkLengths(properties);
  const { topicAlias, ...others } = properties;
  if (topicAlias === undefined) return { topic, payload, qos, retain, properties };
  if (topicAlias >= 1 && topicAlias <= capabilities.topicAliasMaximum)
    return { topic, payload, qos, retain, properties };
  context.notice(
    'alias-dropped',
    `${server} takes topic aliases up to ${capabilities.topicAliasMaximum}; ${topicAlias} is left out, and the topic is sent in full.`,
  );
  return { topic, payload, qos, retain, properties: others };
}

/** For a request on a connection that cannot carry where the answer should go. */
export function needsMqtt5(): InputError {
  return new InputError(
    'request-version',
    'Waiting for a response needs MQTT 5; this connection speaks 3.1.1. Choose version 5 in the dinox-broker node if the server speaks it, or switch waiting off.',
  );
}

/** Most bytes of a text or of binary data in an MQTT 5 property (MQTT 5 §1.5.4, §1.5.6). */
const MAX_PROPERTY_BYTES = 65_535;

function checkLengths({
  contentType,
  responseTopic,
  correlationData,
  userProperties,
}: PublishProperties): void {
  const check = (name: string, value: string | Buffer): void => {
    const bytes = Buffer.byteLength(value);
    if (bytes <= MAX_PROPERTY_BYTES) return;
    throw new InputError(
      'property-long',
      `msg.${name} has ${bytes} bytes; MQTT 5 allows ${MAX_PROPERTY_BYTES}. Shorten it, or send it as the payload.`,
    );
  };
  if (contentType) check('contentType', contentType);
  if (responseTopic) check('responseTopic', responseTopic);
  if (correlationData) check('correlationData', correlationData);
  for (const [name, value] of Object.entries(userProperties ?? {})) {
    check('userProperties (a name)', name);
    for (const text of Array.isArray(value) ? value : [value])
      check(`userProperties.${name.slice(0, 40)}`, text);
  }
}
