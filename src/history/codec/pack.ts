import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { BLOCK, type Buckets } from './buckets';

/** Maximum size of a packed block in bytes. Values that do not fit are kept with fewer digits. */
const MAX_BYTES = 1_290;
/** No block is longer, in bytes: one that is comes from a file that is not ours. */
export const MAX_PACKED = 2_048;
/** Bytes of a block before it is deflated: its mode, and five columns of numbers of eight bytes at most. */
const MAX_COLUMNS = 1 + 5 * BLOCK * 8;

/** Most digits behind the point that are kept as whole numbers. */
const MAX_DIGITS = 9;
const POWERS = Array.from({ length: MAX_DIGITS + 1 }, (_, digits) => 10 ** digits);
/** Whole numbers stay exact, and so do their differences, doubled. */
const LARGEST = 2 ** 50;
/** Bytes of a floating-point number that are kept: all, 11 digits, 8, 6. */
const WIDTHS = [8, 6, 5, 4] as const;
/** The first byte of a block is its mode: digits behind the point, or this and the width of its numbers. */
const FLOAT = 16;
/** The same with the digits of values whose means have no more of them. */
const MEANS = 32;
/** Bytes of a floating-point number in coarse blocks: six digits. */
const COARSE_WIDTHS = [4] as const;

/** Blocks are small, and so is what zlib takes for each. */
const DEFLATE = { chunkSize: 512, memLevel: 4, windowBits: 11 };
const INFLATE = { chunkSize: MAX_COLUMNS, maxOutputLength: MAX_COLUMNS };

/**
 * Packs and unpacks blocks of buckets: five columns of numbers, deflated (RFC 1951). Values of up to nine decimals
 * become whole numbers, of which the differences are kept, in one byte if a value is slow. For other values, the first
 * bytes of all numbers stand together, then the second ones. If a bucket has one or two samples, everything that
 * follows from them is left out. `min`, `max` and `last` come back unchanged, `sum` to half of the last digit, in
 * blocks of up to `MAX_BYTES`. A block of floating-point numbers without a pattern keeps 11, 8 or 6 digits of them.
 */
export class Packer {
  /** The columns, on the way into and out of a block. */
  private readonly columns = new Uint8Array(MAX_COLUMNS);
  private at = 0;
  private readonly counts = new Float64Array(BLOCK);
  private readonly numbers = new Float64Array(4 * BLOCK);
  private readonly numberBytes = new Uint8Array(this.numbers.buffer);

  /** @param coarse means have the digits of the values, and floating-point numbers six: a block is a fifth smaller */
  constructor(private readonly coarse = false) {}

  /** The buckets from this one on; undefined if they are all empty. */
  pack(buckets: Buckets, from = 0): Uint8Array | undefined {
    const { counts } = this;
    for (let index = 0; index < BLOCK; index++) counts[index] = index < from ? 0 : buckets.count(index);
    if (counts.every((count) => count === 0)) return undefined;
    const digits = digitsOf(buckets, counts);
    if (digits !== undefined && this.putWhole(buckets, digits)) {
      const packed = this.deflate();
      if (packed.length <= MAX_BYTES) return packed;
    }
    for (const width of this.coarse ? COARSE_WIDTHS : WIDTHS) {
      this.putFloats(buckets, width);
      const packed = this.deflate();
      if (packed.length <= MAX_BYTES || width === 4) return packed;
    }
    return undefined;
  }

  /** Sets the buckets that a block holds and leaves the others. Never throws, whatever the bytes are. */
  unpack(packed: Uint8Array, buckets: Buckets): void {
    const { columns, counts } = this;
    columns.fill(0);
    try {
      columns.set(inflateRawSync(packed, INFLATE));
    } catch {
      return;
    }
    const mode = columns[0] as number;
    this.at = 1;
    let count = 0;
    for (let index = 0; index < BLOCK; index++) {
      count = Math.max(0, count + unzigzag(this.get()));
      counts[index] = count;
    }
    if (mode >= MEANS) this.getWhole(buckets, POWERS[mode - MEANS] ?? 1, true);
    else if (mode < FLOAT) this.getWhole(buckets, POWERS[mode] ?? 1, false);
    else this.getFloats(buckets, Math.min(8, mode - FLOAT));
  }

  private deflate(): Uint8Array {
    return deflateRawSync(this.columns.subarray(0, this.at), DEFLATE);
  }

  private begin(mode: number): void {
    this.columns[0] = mode;
    this.at = 1;
    let before = 0;
    for (const count of this.counts) {
      this.put(zigzag(count - before));
      before = count;
    }
  }

  /** False if a number is too large to be a whole one. */
  private putWhole(buckets: Buckets, digits: number): boolean {
    const { counts } = this;
    const power = POWERS[digits] as number;
    const whole = (value: number): number => Math.round(value * power);
    this.begin(this.coarse ? MEANS + digits : digits);
    let before = 0;
    for (let index = 0; index < BLOCK; index++) {
      const count = counts[index] as number;
      if (count === 0) continue;
      const largest = Math.max(Math.abs(whole(buckets.min(index))), Math.abs(whole(buckets.max(index))));
      if (!(largest * count < LARGEST && Math.abs(whole(buckets.sum(index))) < LARGEST)) return false;
      const last = whole(buckets.last(index));
      this.put(zigzag(last - before));
      before = last;
    }
    for (let index = 0; index < BLOCK; index++)
      if ((counts[index] as number) > 1) this.put(whole(buckets.last(index)) - whole(buckets.min(index)));
    for (let index = 0; index < BLOCK; index++)
      if ((counts[index] as number) > 1) this.put(whole(buckets.max(index)) - whole(buckets.last(index)));
    for (let index = 0; index < BLOCK; index++) {
      const count = counts[index] as number;
      if (count < 3) continue;
      const expected = expectedSum(count, whole(buckets.min(index)), whole(buckets.max(index)));
      const apart = whole(buckets.sum(index)) - expected;
      this.put(zigzag(this.coarse ? Math.round(apart / count) : apart));
    }
    return true;
  }

  private getWhole(buckets: Buckets, power: number, means: boolean): void {
    const { counts, numbers } = this;
    let last = 0;
    for (let index = 0; index < BLOCK; index++) {
      if ((counts[index] as number) > 0) last += unzigzag(this.get());
      numbers[index] = last;
    }
    for (let column = 1; column < 3; column++)
      for (let index = 0; index < BLOCK; index++)
        numbers[column * BLOCK + index] = (counts[index] as number) > 1 ? this.get() : 0;
    for (let index = 0; index < BLOCK; index++) {
      const count = counts[index] as number;
      if (count === 0) continue;
      const value = numbers[index] as number;
      const min = value - (numbers[BLOCK + index] as number);
      const max = value + (numbers[2 * BLOCK + index] as number);
      let sum = count === 1 ? value : min + max;
      if (count > 2) sum = expectedSum(count, min, max) + unzigzag(this.get()) * (means ? count : 1);
      buckets.set(index, min / power, max / power, value / power, sum / power, count);
    }
  }

  private putFloats(buckets: Buckets, width: number): void {
    const { columns, counts, numbers, numberBytes } = this;
    this.begin(FLOAT + width);
    let length = 0;
    for (let index = 0; index < BLOCK; index++) {
      const count = counts[index] as number;
      if (count > 0) numbers[length++] = buckets.last(index);
      if (count > 1) numbers[length++] = buckets.min(index);
      if (count > 1) numbers[length++] = buckets.max(index);
      if (count > 2) numbers[length++] = meanOf(buckets, index);
    }
    // The highest byte of each first.
    for (let place = 7; place >= 8 - width; place--)
      for (let number = 0; number < length; number++)
        columns[this.at++] = numberBytes[8 * number + place] as number;
  }

  private getFloats(buckets: Buckets, width: number): void {
    const { columns, counts, numbers, numberBytes } = this;
    const length = counts.reduce((sum, count) => sum + Math.min(4, count + (count > 1 ? 1 : 0)), 0);
    numbers.fill(0);
    for (let place = 7; place >= 8 - width; place--)
      for (let number = 0; number < length; number++)
        numberBytes[8 * number + place] = columns[this.at++] ?? 0;
    let next = 0;
    for (let index = 0; index < BLOCK; index++) {
      const count = counts[index] as number;
      if (count === 0) continue;
      const last = numbers[next++] as number;
      const min = count > 1 ? (numbers[next++] as number) : last;
      const max = count > 1 ? (numbers[next++] as number) : last;
      const sum = count > 2 ? finite((numbers[next++] as number) * count) : count > 1 ? min + max : last;
      if (Number.isFinite(last) && Number.isFinite(min) && Number.isFinite(max))
        buckets.set(index, min, max, last, sum, count);
    }
  }

  /** A whole number ≥ 0, seven bits a byte, the lowest first. */
  private put(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.columns[this.at++] = (rest % 128) + 128;
    this.columns[this.at++] = rest;
  }

  /** Behind the end come zeros. */
  private get(): number {
    let value = 0;
    for (let unit = 1; unit < LARGEST * 128; unit *= 128) {
      const byte = this.columns[this.at++] ?? 0;
      value += (byte & 127) * unit;
      if (byte < 128) break;
    }
    return value;
  }
}

/** … -2, -1, 0, 1, 2 … as 3, 1, 0, 2, 4: small where the number is near 0. */
function zigzag(value: number): number {
  return value >= 0 ? 2 * value : -2 * value - 1;
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

/** The sum if the samples lay evenly between the two. Only the difference from it is kept. */
function expectedSum(count: number, min: number, max: number): number {
  return Math.round(((min + max) / 2) * count);
}

/** The sum of large numbers may be infinite, and that of many may be off by a little. */
export function meanOf(buckets: Buckets, index: number): number {
  const mean = buckets.sum(index) / buckets.count(index);
  return Math.min(buckets.max(index), Math.max(buckets.min(index), mean));
}

/** Number of decimals that is enough for all values; undefined if that is too many. */
function digitsOf(buckets: Buckets, counts: Float64Array): number | undefined {
  let digits = 0;
  for (let index = 0; index < BLOCK; index++) {
    const count = counts[index] as number;
    if (count === 0) continue;
    digits = digitsFor(buckets.last(index), digits);
    if (count > 1) digits = digitsFor(buckets.max(index), digitsFor(buckets.min(index), digits));
    if (digits > MAX_DIGITS) return undefined;
  }
  return digits;
}

/** The least digits, not below `least`, that give this value back exactly. */
function digitsFor(value: number, least: number): number {
  for (let digits = least; digits <= MAX_DIGITS; digits++) {
    const power = POWERS[digits] as number;
    if (Math.round(value * power) / power === value) return digits;
  }
  return MAX_DIGITS + 1;
}

/** Rounding may lead one step beyond the largest number. */
function finite(value: number): number {
  return Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, value));
}
