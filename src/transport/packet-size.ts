import type { PublishProperties } from './messages';

/** Fixed header, packet identifier, length of the properties, and a subscription identifier (MQTT 5 §3.8), in bytes. */
const HEAD = 5 + 2 + 1 + 5;

/** Bytes that a filter adds to SUBSCRIBE: its length, itself, its options (MQTT 5 §3.8.3). UNSUBSCRIBE takes a byte less. */
function bytesOf(filter: string): number {
  return 2 + Buffer.byteLength(filter) + 1;
}

/** Bytes of a SUBSCRIBE with this filter alone, at most. */
export function aloneBytes(filter: string): number {
  return HEAD + bytesOf(filter);
}

/** Parts a list of filters so that no packet has more than `most` of them, nor more than `bytes`. Order is kept. */
export function packetsOf<T>(
  list: readonly T[],
  filterOf: (item: T) => string,
  most: number,
  bytes: number,
): T[][] {
  const packets: T[][] = [];
  let packet: T[] = [];
  let size = HEAD;
  for (const item of list) {
    const more = bytesOf(filterOf(item));
    if (packet.length > 0 && (packet.length >= most || size + more > bytes)) {
      packets.push(packet);
      packet = [];
      size = HEAD;
    }
    packet.push(item);
    size += more;
  }
  if (packet.length > 0) packets.push(packet);
  return packets;
}

/** Bytes that properties add to a PUBLISH (MQTT 5 §3.3.2.3). */
export function propertyBytes(properties: PublishProperties): number {
  const { responseTopic, correlationData, contentType, userProperties } = properties;
  let bytes = 0;
  if (properties.payloadFormatIndicator !== undefined) bytes += 2;
  if (properties.messageExpiryInterval !== undefined) bytes += 5;
  if (properties.topicAlias !== undefined) bytes += 3;
  for (const text of [responseTopic, correlationData, contentType])
    if (text !== undefined) bytes += 3 + Buffer.byteLength(text);
  for (const [name, value] of Object.entries(userProperties ?? {})) {
    for (const text of Array.isArray(value) ? value : [value])
      bytes += 5 + Buffer.byteLength(name) + Buffer.byteLength(text);
  }
  return bytes;
}
