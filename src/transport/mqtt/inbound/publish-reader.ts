import type { PublishFlags } from '../../link';
import type { TopicCache } from './topic-cache';

/** PUBLISH at QoS 0; the lowest bit is the retained flag (MQTT 5 §3.3.1). */
const PUBLISH = 0x30;
const RETAIN = 0x01;
/** Subscription Identifier (MQTT 5 §3.3.2.3.8). */
const SUBSCRIPTION_ID = 0x0b;
/** In a number of variable length: another byte follows (MQTT 5 §1.5.5). */
const MORE = 0x80;

const LIVE: PublishFlags = Object.freeze({ qos: 0, retain: false, dup: false });
const RETAINED: PublishFlags = Object.freeze({ qos: 0, retain: true, dup: false });

/** End of the frame that begins at `at`; undefined if its length is not complete yet, infinite if it has none. */
export function frameEnd(bytes: Buffer, at: number): number | undefined {
  let length = 0;
  for (let shift = 0, next = at + 1; shift < 28; shift += 7, next++) {
    const byte = bytes[next];
    if (byte === undefined) return undefined;
    length |= (byte & 0x7f) << shift;
    if (byte < MORE) return next + 1 + length;
  }
  return Number.POSITIVE_INFINITY;
}

/** True if a message at QoS 0 begins at `at`. */
export function isPlain(bytes: Buffer, at: number): boolean {
  return ((bytes[at] as number) & ~RETAIN) === PUBLISH;
}

/**
 * Reads plain messages from the bytes of a socket: PUBLISH at QoS 0 without properties except subscription
 * identifiers, which need no answer. Most messages are plain, and through MQTT.js each costs more than the flow's work
 * with it. Everything else, including malformed packets, is left to MQTT.js.
 */
export class PublishReader {
  constructor(
    private readonly v5: boolean,
    private readonly names: TopicCache,
    private readonly take: (topic: string, payload: Buffer, flags: PublishFlags) => void,
  ) {}

  /** Takes the plain message in the frame of `bytes` from `at` to `end`; false if it is not for here. */
  read(bytes: Buffer, at: number, end: number): boolean {
    let begin = at + 2;
    while ((bytes[begin - 1] as number) >= MORE) begin++;
    const topicBegin = begin + 2;
    const topicEnd = topicBegin + (((bytes[begin] as number) << 8) | (bytes[begin + 1] as number));
    let payloadBegin = topicEnd;
    let flags = bytes[at] === PUBLISH ? LIVE : RETAINED;
    if (this.v5) {
      const length = topicEnd < end ? (bytes[topicEnd] as number) : MORE;
      payloadBegin = topicEnd + 1 + length;
      if (length >= MORE || payloadBegin > end) return false;
      if (length > 0) {
        const ids = subscriptionIds(bytes, topicEnd + 1, payloadBegin);
        if (!ids) return false;
        flags = { ...flags, properties: { subscriptionIdentifier: ids.length === 1 ? ids[0] : ids } };
      }
    } else if (topicEnd > end) return false;
    const topic = this.names.get(bytes, topicBegin, topicEnd);
    if (topic === undefined) return false;
    this.take(topic, bytes.subarray(payloadBegin, end), flags);
    return true;
  }
}

/** The subscription identifiers, where the properties from `begin` to `end` hold nothing else. */
function subscriptionIds(bytes: Buffer, begin: number, end: number): number[] | undefined {
  const ids: number[] = [];
  for (let at = begin; at < end; ) {
    if (bytes[at++] !== SUBSCRIPTION_ID) return undefined;
    let id = 0;
    for (let shift = 0, byte = MORE; byte >= MORE; shift += 7) {
      if (at >= end || shift > 21) return undefined;
      byte = bytes[at++] as number;
      id |= (byte & 0x7f) << shift;
    }
    ids.push(id);
  }
  return ids;
}
