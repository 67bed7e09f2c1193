/** Reads CBOR (RFC 8949) as what JSON can say. */

import {
  ByteReader,
  emptyObject,
  jsonForm,
  memberName,
  timeOf,
  UnreadableError,
  withDigits,
} from './byte-reader';

/** `55799` (RFC 8949 §3.4.6): what follows says of itself that it is CBOR. */
const SELF_DESCRIBED = Buffer.from('d9d9f7', 'hex');
const BREAK = 0xff;
/** The longest bignum that is written as a number. */
const MAX_BIGNUM_BYTES = 64;

/** True if the payload says of itself that it is CBOR. */
export function isSelfDescribedCbor(payload: Buffer): boolean {
  return payload.subarray(0, SELF_DESCRIBED.length).equals(SELF_DESCRIBED);
}

/** @throws UnreadableError for anything but exactly one item. */
export function readCbor(payload: Buffer): unknown {
  const reader = new ByteReader(payload);
  const value = item(reader);
  if (!reader.isAtEnd) throw new UnreadableError('more');
  return jsonForm(value);
}

function item(reader: ByteReader): unknown {
  return reader.value(() => {
    const head = reader.byte();
    const major = head >> 5;
    const info = head & 31;
    if (info > 27 && info < 31) throw new UnreadableError('reserved');
    if (major === 7) return simple(reader, info);
    const isOpen = info === 31;
    if (isOpen && (major < 2 || major > 5)) throw new UnreadableError('no-length');
    switch (major) {
      case 0:
        return argument(reader, info);
      case 1: {
        const number = argument(reader, info);
        return typeof number === 'bigint' ? -1n - number : -1 - number;
      }
      case 2:
      case 3:
        return isOpen ? chunks(reader, major) : string(reader, major, info);
      case 4: {
        const list: unknown[] = [];
        each(reader, info, () => list.push(jsonForm(item(reader))));
        return list;
      }
      case 5: {
        const object = emptyObject();
        each(reader, info, () => {
          const name = memberName(item(reader));
          object[name] = jsonForm(item(reader));
        });
        return object;
      }
      default:
        return tagged(argument(reader, info), item(reader));
    }
  });
}

function argument(reader: ByteReader, info: number): number | bigint {
  return info < 24 ? info : reader.unsigned(1 << (info - 24));
}

function lengthOf(reader: ByteReader, info: number): number {
  return info < 24 ? info : reader.length(1 << (info - 24));
}

function string(reader: ByteReader, major: number, info: number): string | Buffer {
  const length = lengthOf(reader, info);
  return major === 3 ? reader.text(length) : reader.take(length);
}

/** A text or byte string in parts (RFC 8949 §3.2.3). */
function chunks(reader: ByteReader, major: number): string | Buffer {
  const parts: (string | Buffer)[] = [];
  while (!isBreak(reader)) {
    const head = reader.byte();
    if (head >> 5 !== major || (head & 31) > 27) throw new UnreadableError('other-chunk');
    parts.push(reader.value(() => string(reader, major, head & 31)));
  }
  return major === 3 ? parts.join('') : Buffer.concat(parts as Buffer[]);
}

function each(reader: ByteReader, info: number, read: () => void): void {
  if (info === 31) {
    while (!isBreak(reader)) read();
    return;
  }
  const length = lengthOf(reader, info);
  for (let n = 0; n < length; n++) read();
}

function isBreak(reader: ByteReader): boolean {
  if (reader.peek() !== BREAK) return false;
  reader.byte();
  return true;
}

function simple(reader: ByteReader, info: number): unknown {
  if (info === 20 || info === 21) return info === 21;
  if (info === 22 || info === 23) return null;
  if (info === 25) return half(reader.take(2).readUInt16BE());
  if (info === 26 || info === 27) return reader.float(info === 26 ? 4 : 8);
  throw new UnreadableError('simple-value');
}

/** A float of two bytes (IEEE 754 binary16). */
function half(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return sign * withDigits(size, 4);
}

/** Times (tag 1) and bignums (2, 3) as people write them; all other tags are what they hold. */
function tagged(tag: number | bigint, value: unknown): unknown {
  if (tag === 1 && typeof value === 'number') return timeOf(value);
  if ((tag === 2 || tag === 3) && value instanceof Uint8Array && value.length <= MAX_BIGNUM_BYTES) {
    const number = BigInt(`0x${Buffer.from(value).toString('hex') || '0'}`);
    return tag === 2 ? number : -1n - number;
  }
  return value;
}
