import { text } from '../../base/catalogue';
import { plain } from '../../base/printable';
import type { Text } from '../../base/text';
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
  /** Server's name for people: `Prosody`. */
  server: string;
  v5: boolean;
  /** Tells people once about a value that was lowered or left out. */
  notice(code: string, note: Text): void;
}

/**
 * Adapts a flow's publication to this server: the topic in the server's form, QoS and retained flag lowered with a
 * notice.
 * @throws InputError if something would be lost otherwise
 */
export function adaptPublication(publication: Publication, context: AdaptContext): Publication {
  const { mapping, capabilities, server } = context;
  if (publication.needsMqtt5 && !context.v5) throw needsMqtt5();
  const topic = mapping.toWire(publication.topic);
  if (Buffer.byteLength(topic) > capabilities.maxTopicBytes) {
    throw new InputError(
      'topic-long',
      text('input.topicLongHere', { topic: plain(topic), server, most: capabilities.maxTopicBytes }),
    );
  }
  const extra = context.v5 && publication.properties ? propertyBytes(publication.properties) : 0;
  const bytes = Buffer.byteLength(publication.payload) + Buffer.byteLength(topic) + OVERHEAD + extra;
  if (bytes > capabilities.maximumPacketSize) {
    throw new InputError(
      'payload-large',
      text('input.messageLarge', {
        topic: plain(topic),
        bytes,
        server,
        most: capabilities.maximumPacketSize,
      }),
    );
  }
  const payload = payloadFor(publication, topic, mapping);

  const qos = Math.min(publication.qos, capabilities.maxQos) as QoS;
  if (qos !== publication.qos) {
    context.notice(
      'qos-lowered',
      text('mqtt.qosLowered', { server, most: capabilities.maxQos, qos: publication.qos }),
    );
  }
  const retain = publication.retain && capabilities.retain;
  if (publication.retain && !retain) {
    context.notice('retain-dropped', text('mqtt.retainDropped', { server }));
  }
  const properties = publication.properties;
  if (properties && !context.v5 && !publication.isFineWithoutProperties) {
    context.notice(
      'properties-dropped',
      text('mqtt.propertiesDropped', { server, names: Object.keys(properties).join(', ') }),
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
    text('mqtt.aliasDropped', { server, most: capabilities.topicAliasMaximum, alias: topicAlias }),
  );
  return { topic, payload, qos, retain, properties: others };
}

/** What this topic takes of a payload. @throws InputError if it cannot hold it */
function payloadFor({ payload, isSaid }: Publication, wire: string, mapping: TopicMapping): Buffer | string {
  try {
    mapping.checkPayload(wire, payload);
    return payload;
  } catch (error) {
    if (!isSaid || !(error instanceof InputError) || error.code !== 'payload-json') throw error;
    return JSON.stringify(payload.toString());
  }
}

/** The error for a request on a connection that cannot carry the response topic. */
export function needsMqtt5(): InputError {
  return new InputError('request-version', text('input.requestVersion'));
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
      text('input.propertyLong', { name, bytes, most: MAX_PROPERTY_BYTES }),
    );
  };
  if (contentType) check('contentType', contentType);
  if (responseTopic) check('responseTopic', responseTopic);
  if (correlationData) check('correlationData', correlationData);
  for (const [name, value] of Object.entries(userProperties ?? {})) {
    check('userProperties', name);
    for (const one of Array.isArray(value) ? value : [value])
      check(`userProperties.${name.slice(0, 40)}`, one);
  }
}
