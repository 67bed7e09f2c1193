/** MQTT packets that tell brokers apart. None of them ever carries a user name or a password. */

/** Protocol name `MQIsdp` is MQTT 3.1, `MQTT` 3.1.1 (level 4) and 5 (MQTT 5 §3.1.2). */
export function connectPacket(level: 3 | 4 | 5): Buffer {
  const name = level === 3 ? 'MQIsdp' : 'MQTT';
  // MQTT 3.1 requires a client id; later versions let the server choose one for a clean session.
  const clientId = level === 3 ? 'dinox-probe' : '';
  const body = Buffer.concat([
    text(name),
    Buffer.from([level, 0x02, 0, 10]),
    level === 5 ? Buffer.from([0]) : Buffer.alloc(0),
    text(clientId),
  ]);
  return Buffer.concat([Buffer.from([0x10, body.length]), body]);
}

/** SUBSCRIBE (3.1.1) to one plain topic at QoS 0, packet id 1. */
export function subscribePacket(filter: string): Buffer {
  const body = Buffer.concat([Buffer.from([0, 1]), text(filter), Buffer.from([0])]);
  return Buffer.concat([Buffer.from([0x82, body.length]), body]);
}

export const DISCONNECT = Buffer.from([0xe0, 0]);

export interface Packet {
  /** Packet type: 2 CONNACK, 9 SUBACK, 14 DISCONNECT. */
  type: number;
  body: Buffer;
}

/**
 * The first packet in `bytes` and what follows it; undefined while it is incomplete.
 * @throws Error if it is longer than any answer to a probe: not MQTT.
 */
export function readPacket(bytes: Buffer): { packet: Packet; rest: Buffer } | undefined {
  let length = 0;
  for (let index = 1; index <= 4; index++) {
    const byte = bytes[index];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) * 128 ** (index - 1);
    if (length > 65_536) throw new Error('too long for an answer to CONNECT');
    if (byte < 128) {
      const end = index + 1 + length;
      if (bytes.length < end) return undefined;
      return {
        packet: { type: (bytes[0] ?? 0) >> 4, body: bytes.subarray(index + 1, end) },
        rest: bytes.subarray(end),
      };
    }
  }
  throw new Error('a packet length of more than four bytes');
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
}
