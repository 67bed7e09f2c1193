/** Reads MessagePack (github.com/msgpack/msgpack, spec.md) as what JSON can say. */

import { ByteReader, emptyObject, jsonForm, memberName, timeOf, UnreadableError } from './byte-reader';

/** The extension type of a time. */
const TIMESTAMP = -1;

/** @throws UnreadableError for anything but exactly one object. */
export function readMessagePack(payload: Buffer): unknown {
  const reader = new ByteReader(payload);
  const value = object(reader);
  if (!reader.isAtEnd) throw new UnreadableError('more');
  return jsonForm(value);
}

function object(reader: ByteReader): unknown {
  return reader.value(() => {
    const head = reader.byte();
    if (head < 0x80) return head;
    if (head < 0x90) return map(reader, head & 15);
    if (head < 0xa0) return list(reader, head & 15);
    if (head < 0xc0) return reader.text(head & 31);
    if (head >= 0xe0) return head - 0x100;
    switch (head) {
      case 0xc0:
        return null;
      case 0xc2:
      case 0xc3:
        return head === 0xc3;
      case 0xca:
      case 0xcb:
        return reader.float(head === 0xca ? 4 : 8);
      case 0xdc:
      case 0xdd:
        return list(reader, reader.length(head === 0xdc ? 2 : 4));
      case 0xde:
      case 0xdf:
        return map(reader, reader.length(head === 0xde ? 2 : 4));
      default:
        return sized(reader, head);
    }
  });
}

/** Those whose head says how many bytes follow: 1, 2, 4, 8 or 16, in that order. */
function sized(reader: ByteReader, head: number): unknown {
  const within = (first: number, last: number): boolean => head >= first && head <= last;
  if (within(0xc4, 0xc6)) return reader.take(reader.length(1 << (head - 0xc4)));
  if (within(0xc7, 0xc9)) return extension(reader, reader.length(1 << (head - 0xc7)));
  if (within(0xcc, 0xcf)) return reader.unsigned(1 << (head - 0xcc));
  if (within(0xd0, 0xd3)) return reader.signed(1 << (head - 0xd0));
  if (within(0xd4, 0xd8)) return extension(reader, 1 << (head - 0xd4));
  if (within(0xd9, 0xdb)) return reader.text(reader.length(1 << (head - 0xd9)));
  throw new UnreadableError('never-used');
}

function list(reader: ByteReader, length: number): unknown[] {
  const found: unknown[] = [];
  for (let n = 0; n < length; n++) found.push(jsonForm(object(reader)));
  return found;
}

function map(reader: ByteReader, length: number): Record<string, unknown> {
  const found = emptyObject();
  for (let n = 0; n < length; n++) {
    const name = memberName(object(reader));
    found[name] = jsonForm(object(reader));
  }
  return found;
}

function extension(reader: ByteReader, length: number): unknown {
  const [type] = [reader.signed(1)];
  const bytes = reader.take(length);
  if (type !== TIMESTAMP) return bytes;
  if (length === 4) return timeOf(bytes.readUInt32BE());
  // The upper 30 bits are nanoseconds.
  if (length === 8) {
    const both = bytes.readBigUInt64BE();
    return timeOf(Number(both & 0x3ffffffffn) + Number(both >> 34n) / 1e9);
  }
  if (length === 12) return timeOf(Number(bytes.readBigInt64BE(4)) + bytes.readUInt32BE() / 1e9);
  return bytes;
}
