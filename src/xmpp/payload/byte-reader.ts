/** Bytes of a foreign format, read from front to back, within limits. */

import { isUtf8 } from 'node:buffer';

/** Values that one payload may hold, and how deep they may be nested: more of it nobody reads in a chat. */
const MAX_VALUES = 10_000;
const MAX_DEPTH = 30;
/** Bytes of a byte string that are shown. */
const SHOWN_BYTES = 32;

/** Thrown for what is not of the format, or over a limit. It never leaves this folder. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError';
}

export class ByteReader {
  private at = 0;
  private values = 0;
  private depth = 0;

  constructor(private readonly bytes: Buffer) {}

  get isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }

  /** The next bytes, not copied. */
  take(count: number): Buffer {
    if (!(count >= 0 && count <= this.bytes.length - this.at)) throw new UnreadableError('too-short');
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  byte(): number {
    return this.take(1)[0] ?? 0;
  }

  peek(): number {
    return this.bytes[this.at] ?? -1;
  }

  /** An unsigned integer of 1, 2, 4 or 8 bytes, the highest first. */
  unsigned(size: number): number | bigint {
    const taken = this.take(size);
    return size === 8 ? small(taken.readBigUInt64BE()) : taken.readUIntBE(0, size);
  }

  signed(size: number): number | bigint {
    const taken = this.take(size);
    return size === 8 ? small(taken.readBigInt64BE()) : taken.readIntBE(0, size);
  }

  float(size: 4 | 8): number {
    const taken = this.take(size);
    return size === 8 ? taken.readDoubleBE() : withDigits(taken.readFloatBE(), 7);
  }

  /** A length, which is also how many items follow: each of them takes a byte at least. */
  length(size: number): number {
    const length = this.unsigned(size);
    if (length > this.bytes.length - this.at) throw new UnreadableError('too-short');
    return Number(length);
  }

  text(length: number): string {
    const taken = this.take(length);
    if (!isUtf8(taken)) throw new UnreadableError('not-utf8');
    return taken.toString();
  }

  /** Reads one value; counts it, and its depth. */
  value<T>(read: () => T): T {
    this.values += 1;
    if (this.values > MAX_VALUES || this.depth >= MAX_DEPTH) throw new UnreadableError('too-much');
    this.depth += 1;
    const found = read();
    this.depth -= 1;
    return found;
  }
}

/** A number with as many digits as its short form has: 22.1, not 22.100000381469727. */
export function withDigits(value: number, digits: number): number {
  return Number.isSafeInteger(value) ? value : Number(value.toPrecision(digits));
}

const small = (value: bigint): number | bigint =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;

/** What JSON has no form for, in one that it has. */
export function jsonForm(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (!(value instanceof Uint8Array)) return value;
  const hex = Buffer.from(value.subarray(0, SHOWN_BYTES)).toString('hex');
  return value.length > SHOWN_BYTES ? `0x${hex}… (${value.length} B)` : `0x${hex}`;
}

/** The name of a member: text, or a number as CBOR's and MessagePack's small devices write it. */
export function memberName(key: unknown): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'number' || typeof key === 'bigint') return String(key);
  throw new UnreadableError('no-name');
}

/** An object whose members may have any name, `__proto__` as well. */
export function emptyObject(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>;
}

/** The time as ISO 8601; a time that no date can be is the number that it was. */
export function timeOf(seconds: number): string | number {
  const date = new Date(seconds * 1_000);
  return Number.isNaN(date.getTime()) ? seconds : date.toISOString();
}
