import { text } from '../../base/catalogue';
import { plain } from '../../base/printable';
import type { Text, TextParam } from '../../base/text';
import type { QoS } from '../../servers/types';
import { checkTopic } from '../../topics/check';
import { InputError } from '../../topics/errors';
import { LARGEST_PACKET } from '../../transport/capabilities';
import type { Publication, PublishProperties } from '../../transport/messages';
import { userProperties as pairsOf, publishProperties } from '../config/mqtt5-properties';

/** Settings of `dinox-mqtt-out`; empty ones are left to the message. */
export interface OutSettings {
  topic: string;
  qos: string;
  retain: unknown;
  properties: PublishProperties | undefined;
  /** True to send to `msg.responseTopic`: the message answers a request. */
  respond?: boolean;
  /** True if a message at QoS 0 does not wait for the connection. */
  dropOffline?: boolean;
  /** True if text is padded for DinoX's receiver, see {@link padded}. */
  padding?: boolean;
}

type Message = Record<string, unknown>;

/** Gets notes on messages that core sends as they are although they are probably meant otherwise. */
type Odd = (code: string, note: Text) => void;

/**
 * Turns a flow's message into a publication, and writes back the values that are sent; undefined without `payload`
 * (nothing is sent, as with core).
 * @throws InputError if it cannot be sent
 */
export function publicationOf(
  message: Message,
  settings: OutSettings,
  v5: boolean,
  odd: Odd,
): Publication | undefined {
  if (!Object.hasOwn(message, 'payload')) return undefined;
  const encoded = encode(message.payload, odd);
  const payload = settings.padding ? padded(encoded) : encoded;
  const properties: PublishProperties = { ...publishProperties(message), ...settings.properties };
  noteLeftOut(message, odd);
  let topic: unknown = settings.topic || message.topic;
  if (settings.respond) {
    topic = properties.responseTopic;
    delete properties.responseTopic;
    if (topic === undefined) {
      throw new InputError('response-topic', text('input.responseTopic'));
    }
  }
  // Core answers to the response topic if a message has no topic of its own.
  if (v5 && (topic === undefined || topic === '') && properties.responseTopic) {
    topic = properties.responseTopic;
  }
  checkTopic(topic);
  const retain = settings.retain || message.retain;
  const qos = qosOf(settings.qos, message.qos, odd);
  // A complete node then sees the values that were sent, as with core's node.
  Object.assign(message, { topic, payload, qos, retain: retain === true || retain === 'true' });
  const publication: Publication = {
    topic,
    payload,
    qos,
    retain: retain === true || retain === 'true',
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
  };
  if (settings.dropOffline && qos === 0) publication.dropOffline = true;
  return publication;
}

/** The payload as text or Buffer; other values as core converts them, objects as JSON. */
function encode(payload: unknown, odd: Odd): Buffer | string {
  let encoded: Buffer | string;
  if (Buffer.isBuffer(payload)) encoded = payload;
  else if (payload === undefined || payload === null) {
    odd('payload-empty', text('odd.payloadEmpty', { payload: String(payload) }));
    encoded = '';
  } else if (typeof payload === 'object') {
    const written = json(payload);
    encoded = written;
    const formless = withoutForm(payload, written);
    if (formless) {
      odd(
        'payload-form',
        text(formless.isWhole ? 'odd.payloadForm' : 'odd.payloadHolds', {
          type: formless.type,
          sent: shown(written),
        }),
      );
    }
  } else if (typeof payload === 'symbol') {
    throw new InputError('payload-type', text('input.payloadSymbol'));
  } else {
    if (typeof payload === 'bigint' || typeof payload === 'function') {
      odd('payload-type', text('odd.payloadType', { type: typeof payload, sent: shown(payload) }));
    }
    encoded = String(payload);
  }
  const bytes = Buffer.byteLength(encoded);
  if (bytes > LARGEST_PACKET) {
    throw new InputError('payload-large', text('input.payloadLarge', { bytes, most: LARGEST_PACKET }));
  }
  return encoded;
}

/**
 * Text with a space behind it where DinoX would show a stray character. It reads the payload, copied into memory of exactly
 * its length, up to the next zero byte. On 64-bit Linux that byte belongs to somebody else if the payload fills what malloc
 * gave: 24, 40, 56, … bytes.
 */
function padded(payload: Buffer | string): Buffer | string {
  if (typeof payload !== 'string') return payload;
  const bytes = Buffer.byteLength(payload);
  return bytes >= 24 && bytes % 16 === 8 ? `${payload} ` : payload;
}

/** Most values of a payload that are looked at. */
const MAX_LOOKED_AT = 1_000;

/** The first value in a payload that JSON writes as `{}`, or as numbered bytes; undefined if there is none. */
function withoutForm(payload: object, written: string): { type: string; isWhole: boolean } | undefined {
  if (isError(payload)) return { type: 'Error', isWhole: true };
  // Nearly no payload gets past here, and nobody has to look into it.
  if (!written.includes('{}') && !written.includes('{"0":')) return undefined;
  const open: unknown[] = [payload];
  for (let i = 0; i < open.length && i < MAX_LOOKED_AT; i++) {
    const value = open[i];
    // Values with a `toJSON` have their own form, as a Date and a Buffer do.
    if (typeof value !== 'object' || value === null || 'toJSON' in value) continue;
    const name = tagOf(value);
    const isEmpty = Object.keys(value).length === 0;
    if (ArrayBuffer.isView(value) || (isEmpty && !PLAIN.has(name))) {
      return { type: name.slice(0, 40), isWhole: i === 0 };
    }
    open.push(...Object.values(value).slice(0, MAX_LOOKED_AT));
  }
  return undefined;
}

const PLAIN = new Set(['Object', 'Array', 'String', 'Number', 'Boolean']);

/** Type of a value; `instanceof` does not know those from a function node, which has its own globals. */
const tagOf = (value: object): string => Object.prototype.toString.call(value).slice(8, -1);

const isError = (value: object): boolean => tagOf(value) === 'Error' && !('toJSON' in value);

function json(payload: object): string {
  try {
    const written = JSON.stringify(payload) as string | undefined;
    if (written !== undefined) return written;
  } catch (cause) {
    const reason = (cause as Error).message.split('\n')[0] ?? '';
    throw new InputError('payload-json', text('input.payloadNoJson', { reason }), { cause });
  }
  throw new InputError('payload-json', text('input.payloadNothing'));
}

function qosOf(setting: string, value: unknown, odd: Odd): QoS {
  const raw = setting !== '' ? setting : value;
  if (raw === undefined || raw === null || raw === '') return 0;
  const qos =
    typeof raw === 'string' || typeof raw === 'number' ? Number.parseInt(String(raw), 10) : Number.NaN;
  if (qos === 0 || qos === 1 || qos === 2) return qos;
  odd('qos', text('odd.qos', { given: shown(raw) }));
  return 0;
}

/** Names fields that core's rules silently leave out, so that nobody looks for them in vain. */
function noteLeftOut(message: Message, odd: Odd): void {
  const { messageExpiryInterval: expiry, userProperties } = message;
  const seconds =
    typeof expiry === 'number' || typeof expiry === 'string'
      ? Number.parseInt(String(expiry), 10)
      : Number.NaN;
  if (expiry !== undefined && !(seconds >= 0 && seconds <= 0xffff_ffff)) {
    odd('expiry', text('odd.expiry', { given: shown(expiry) }));
  }
  if (userProperties === undefined || userProperties === null) return;
  if (typeof userProperties !== 'object') {
    odd('user-properties', text('odd.userProperties', { type: typeof userProperties }));
  } else if (Object.values(userProperties).some((value) => typeof value !== 'string')) {
    const sent = pairsOf(userProperties);
    odd('user-properties', text('odd.userPropertyValues', { sent: shown(JSON.stringify(sent)) }));
  }
}

function shown(value: unknown): TextParam {
  // Not every object and no symbol can become text.
  if (typeof value === 'symbol') return text('input.aSymbol');
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? text('input.anArray') : text('input.anObject');
  return plain(typeof value === 'string' ? `"${value}"` : String(value));
}
