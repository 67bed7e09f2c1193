import { isUtf8 } from 'node:buffer';
import { text } from '../../base/catalogue';
import { CodedError } from '../../base/coded-error';
import { plain } from '../../base/printable';
import type { ReceivedPublication } from '../../transport/messages';
import { userProperties } from '../config/mqtt5-properties';

/** Output types of `dinox-mqtt-in`, as core's `mqtt in` has them. */
export type Datatype = 'auto-detect' | 'auto' | 'utf8' | 'json' | 'base64' | 'buffer';

/** Thrown if a payload cannot be turned into the node's output type. */
export class DecodeError extends CodedError<'not-text' | 'not-json' | 'too-deep'> {
  override readonly name = 'DecodeError';
}

const TEXT = new Set(['text/css', 'text/html', 'text/plain', 'application/xml']);
const BINARY = new Set([
  'application/octet-stream',
  'application/pdf',
  'application/x-gtar',
  'application/x-gzip',
  'application/x-tar',
  'application/zip',
  'audio/aac',
  'audio/ac3',
  'audio/basic',
  'audio/mp4',
  'audio/ogg',
  'image/bmp',
  'image/gif',
  'image/jpeg',
  'image/tiff',
  'image/png',
]);

/** Node-RED clones messages by recursion: from about 2,500 levels on, a wire with two ends would end the process. */
const MAX_LEVELS = 1_000;

/** An arriving message as a flow sees it, with core's property names. */
export interface IncomingMessage {
  topic: string;
  payload: unknown;
  qos: number;
  retain: boolean;
  [property: string]: unknown;
}

/** Message without its payload. */
export function mqttMessage(delivery: ReceivedPublication): IncomingMessage {
  const { topic, qos, retain } = delivery;
  const message = { topic, payload: null, qos, retain };
  addProperties(message, delivery);
  return message;
}

/** Adds the MQTT 5 properties to `message`, and on Prosody its PubSub origin. */
export function addProperties(message: IncomingMessage, { properties, pubsub }: ReceivedPublication): void {
  if (properties) {
    const {
      responseTopic,
      correlationData,
      contentType,
      messageExpiryInterval,
      payloadFormatIndicator,
      reasonString,
    } = properties;
    if (responseTopic) message.responseTopic = responseTopic;
    if (correlationData) message.correlationData = Buffer.from(correlationData);
    if (contentType) message.contentType = contentType;
    if (messageExpiryInterval !== undefined) message.messageExpiryInterval = messageExpiryInterval;
    if (payloadFormatIndicator !== undefined)
      message.payloadFormatIndicator = Boolean(payloadFormatIndicator);
    if (reasonString) message.reasonString = reasonString;
    const pairs = userProperties(properties.userProperties);
    if (pairs) message.userProperties = pairs;
  }
  if (pubsub) message.pubsub = { ...pubsub };
}

/** The payload as `datatype`. Buffers are copies. @throws DecodeError if it cannot be converted */
export function decode(delivery: ReceivedPublication, datatype: Datatype): unknown {
  const { payload, properties } = delivery;
  const saidUtf8 = Boolean(properties?.payloadFormatIndicator);
  switch (datatype) {
    case 'buffer':
      return Buffer.from(payload);
    case 'base64':
      return payload.toString('base64');
    case 'utf8':
      return payload.toString('utf8');
    case 'json':
      if (!saidUtf8 && !isUtf8(payload))
        throw new DecodeError('not-text', text('input.notText', { bytes: payload.length }));
      return parseJson(payload.toString());
    default:
      return detect(payload, properties?.contentType?.toLowerCase(), saidUtf8, datatype === 'auto-detect');
  }
}

function detect(
  payload: Buffer,
  contentType: string | undefined,
  saidUtf8: boolean,
  parse: boolean,
): unknown {
  if (contentType !== undefined && TEXT.has(contentType)) return payload.toString();
  if (contentType !== undefined && BINARY.has(contentType)) return Buffer.from(payload);
  if (contentType === 'application/json') {
    const content = payload.toString();
    const value = parseJson(content);
    return parse ? value : content;
  }
  if (!saidUtf8 && !isUtf8(payload)) return Buffer.from(payload);
  const content = payload.toString();
  if (!parse) return content;
  try {
    const value: unknown = JSON.parse(content);
    return isTooDeep(content, value) ? content : value;
  } catch {
    return content;
  }
}

function parseJson(json: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    // V8's error quotes the text unescaped.
    const reason = plain((cause as Error).message, 200);
    const begin = JSON.stringify(json.slice(0, 80));
    throw new DecodeError('not-json', text('input.notJson', { reason, begin }), { cause });
  }
  if (isTooDeep(json, value))
    throw new DecodeError('too-deep', text('input.tooDeep', { levels: MAX_LEVELS }));
  return value;
}

function isTooDeep(text: string, value: unknown): boolean {
  return text.length > 2 * MAX_LEVELS && isDeeper(value, MAX_LEVELS);
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) {
    for (const item of value) if (isDeeper(item, levels - 1)) return true;
    return false;
  }
  for (const name in value) if (isDeeper((value as Record<string, unknown>)[name], levels - 1)) return true;
  return false;
}
