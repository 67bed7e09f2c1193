import { BitReader, BitWriter, riceFor, unzigzag, zigzag } from './bits';
import { BLOCK, type Buckets } from './buckets';

/** A packed block has at most so many bytes: what does not fit is kept with fewer digits. */
const MAX_BYTES = 1_290;

/** Most digits behind the point that are kept as whole numbers; the modes behind it are of floating-point numbers. */
const MAX_DIGITS = 9;
const POWERS = Array.from({ length: MAX_DIGITS + 1 }, (_, digits) => 10 ** digits);
/** Whole numbers stay exact, and so do their differences, doubled. */
const LARGEST = 2 ** 50;
/** Bytes of a floating-point number that are kept: all, 11 digits, 8, 6. */
const WIDTHS = [8, 6, 5, 4] as const;
const MODE_BITS = 4;
const FIRST_FLOAT = MAX_DIGITS + 1;
const INDEX_BITS = 6;
const K_BITS = 6;

/** The columns as whole numbers, on the way into and out of a block; and how a floating-point number is taken apart. */
class Columns {
  readonly last = new Float64Array(BLOCK);
  readonly low = new Float64Array(BLOCK);
  readonly high = new Float64Array(BLOCK);
  readonly sum = new Float64Array(BLOCK);
  readonly count = new Float64Array(BLOCK);
  readonly number = new Float64Array(1);
  readonly bytes = new Uint8Array(this.number.buffer);
  /** The bytes of the newest number of each of the four columns, the highest first. */
  readonly before = [new Uint8Array(8), new Uint8Array(8), new Uint8Array(8), new Uint8Array(8)] as const;
}

/**
 * Packs blocks of buckets, and unpacks them. Values of up to nine digits behind the point become whole numbers, and
 * of those the differences are kept in Rice codes: a slow value takes two or three bits a bucket. Others keep the bytes
 * in which they differ from the one before. Where a bucket has one or two samples, what follows from them is left out.
 *
 * `min`, `max`, `last` come back as they were, `sum` to half of the last digit, in blocks of up to `MAX_BYTES`; a
 * block of floating-point numbers without a pattern keeps 11, 8 or 6 digits of them.
 */
export class Packer {
  private readonly out = new BitWriter(4_096);
  private readonly into = new BitReader();
  private readonly columns = new Columns();

  /** The buckets from `from` to `to`, both included; good until the next call. Undefined where they are all empty. */
  pack(buckets: Buckets, from = 0, to = BLOCK - 1): Uint8Array | undefined {
    let first = from;
    let end = to;
    while (first <= end && buckets.count(first) === 0) first += 1;
    while (end > first && buckets.count(end) === 0) end -= 1;
    if (first > end) return undefined;
    const digits = digitsOf(buckets, first, end);
    if (digits !== undefined && this.scale(buckets, first, end, POWERS[digits] as number)) {
      const size = this.packWhole(buckets, first, end, digits);
      if (size <= MAX_BYTES) return this.out.bytes.subarray(0, size);
    }
    for (const width of WIDTHS) {
      if (width > 4 && this.zerosBelow(buckets, first, end, width)) continue;
      const size = this.packFloat(buckets, first, end, width);
      if (size <= MAX_BYTES || width === 4) return this.out.bytes.subarray(0, size);
    }
    return undefined;
  }

  /** Sets the buckets that a block holds and leaves the others. Never throws, whatever the bytes are. */
  unpack(bytes: Uint8Array, at: number, length: number, buckets: Buckets): void {
    const { into } = this;
    into.open(bytes, at, length);
    const mode = into.get(MODE_BITS);
    const first = Math.min(BLOCK - 1, into.get(INDEX_BITS));
    const end = Math.min(BLOCK - 1, into.get(INDEX_BITS));
    this.getCounts(first, end);
    if (mode <= MAX_DIGITS) this.unpackWhole(buckets, first, end, POWERS[mode] as number);
    else this.unpackFloat(buckets, first, end, WIDTHS[(mode - FIRST_FLOAT) % WIDTHS.length] as number);
  }

  private packWhole(buckets: Buckets, first: number, end: number, mode: number): number {
    const { out } = this;
    const { last, low, high, sum } = this.columns;
    this.head(buckets, first, end, mode);
    let [lasts, ranges, sums, filled, several, many, before] = [0, 0, 0, 0, 0, 0, 0];
    for (let index = first; index <= end; index++) {
      const count = buckets.count(index);
      if (count === 0) continue;
      const value = last[index] as number;
      if (filled++ > 0) lasts += zigzag(value - before);
      before = value;
      if (count > 1) {
        ranges += (high[index] as number) + (low[index] as number);
        several += 2;
      }
      if (count > 2) {
        sums += sum[index] as number;
        many += 1;
      }
    }
    const kLast = riceFor(lasts, filled - 1);
    const kRange = riceFor(ranges, several);
    const kSum = riceFor(sums, many);
    out.put(kLast, K_BITS);
    out.put(kRange, K_BITS);
    out.put(kSum, K_BITS);
    before = 0;
    for (let index = first; index <= end; index++) {
      const count = buckets.count(index);
      if (count === 0) continue;
      const value = last[index] as number;
      out.putRice(zigzag(value - before), kLast);
      before = value;
      if (count > 1) {
        out.putRice(low[index] as number, kRange);
        out.putRice(high[index] as number, kRange);
      }
      if (count > 2) out.putRice(sum[index] as number, kSum);
    }
    return out.end();
  }

  private unpackWhole(buckets: Buckets, first: number, end: number, power: number): void {
    const { into } = this;
    const kLast = into.get(K_BITS);
    const kRange = into.get(K_BITS);
    const kSum = into.get(K_BITS);
    let last = 0;
    for (let index = first; index <= end; index++) {
      const count = this.columns.count[index] as number;
      if (count === 0) continue;
      last += unzigzag(into.getRice(kLast));
      const min = count > 1 ? last - into.getRice(kRange) : last;
      const max = count > 1 ? last + into.getRice(kRange) : last;
      let sum = count === 1 ? last : min + max;
      if (count > 2) sum = expectedSum(count, min, max) + unzigzag(into.getRice(kSum));
      buckets.set(index, min / power, max / power, last / power, sum / power, count);
    }
  }

  /** Puts the columns into whole numbers; false where one is too large. */
  private scale(buckets: Buckets, first: number, end: number, power: number): boolean {
    const { last, low, high, sum } = this.columns;
    for (let index = first; index <= end; index++) {
      const count = buckets.count(index);
      if (count === 0) continue;
      const value = Math.round(buckets.last(index) * power);
      const min = Math.round(buckets.min(index) * power);
      const max = Math.round(buckets.max(index) * power);
      const total = Math.round(buckets.sum(index) * power);
      if (!(Math.max(Math.abs(min), Math.abs(max)) * count < LARGEST && Math.abs(total) < LARGEST))
        return false;
      last[index] = value;
      low[index] = value - min;
      high[index] = max - value;
      sum[index] = zigzag(total - expectedSum(count, min, max));
    }
    return true;
  }

  private packFloat(buckets: Buckets, first: number, end: number, width: number): number {
    const { out, columns } = this;
    this.head(buckets, first, end, FIRST_FLOAT + WIDTHS.indexOf(width as 8));
    for (const before of columns.before) before.fill(0);
    for (let index = first; index <= end; index++) {
      const count = buckets.count(index);
      if (count === 0) continue;
      this.putFloat(0, buckets.last(index), width);
      if (count > 1) {
        this.putFloat(1, buckets.min(index), width);
        this.putFloat(2, buckets.max(index), width);
      }
      if (count > 2) this.putFloat(3, meanOf(buckets, index), width);
    }
    return out.end();
  }

  private unpackFloat(buckets: Buckets, first: number, end: number, width: number): void {
    for (const before of this.columns.before) before.fill(0);
    for (let index = first; index <= end; index++) {
      const count = this.columns.count[index] as number;
      if (count === 0) continue;
      const last = this.getFloat(0, width);
      const min = count > 1 ? this.getFloat(1, width) : last;
      const max = count > 1 ? this.getFloat(2, width) : last;
      const sum = count > 2 ? finite(this.getFloat(3, width) * count) : count > 1 ? min + max : last;
      if (Number.isFinite(last) && Number.isFinite(min) && Number.isFinite(max))
        buckets.set(index, min, max, last, sum, count);
    }
  }

  /** A 0 for the same as before; or a 1, how many of the first bytes are the same, and the others. */
  private putFloat(column: 0 | 1 | 2 | 3, value: number, width: number): void {
    const { out } = this;
    const { number, bytes, before } = this.columns;
    const known = before[column];
    number[0] = value;
    let same = 0;
    while (same < width && bytes[7 - same] === known[same]) same += 1;
    if (same === width) {
      out.put(0, 1);
      return;
    }
    out.put(1, 1);
    out.put(same, 3);
    for (let at = same; at < width; at++) {
      known[at] = bytes[7 - at] as number;
      out.put(known[at] as number, 8);
    }
  }

  private getFloat(column: 0 | 1 | 2 | 3, width: number): number {
    const { into } = this;
    const { number, bytes, before } = this.columns;
    const known = before[column];
    if (into.get(1) === 1) for (let at = into.get(3); at < width; at++) known[at] = into.get(8);
    for (let at = 0; at < 8; at++) bytes[7 - at] = at < width ? (known[at] as number) : 0;
    return number[0] as number;
  }

  /** True where all numbers have zeros in the bytes that a smaller width leaves out, which it then can. */
  private zerosBelow(buckets: Buckets, first: number, end: number, width: number): boolean {
    const { number, bytes } = this.columns;
    const next = WIDTHS[WIDTHS.indexOf(width as 8) + 1] as number;
    for (let index = first; index <= end; index++) {
      if (buckets.count(index) === 0) continue;
      for (const value of [buckets.last(index), buckets.min(index), buckets.max(index)]) {
        number[0] = value;
        for (let at = next; at < 8; at++) if (bytes[7 - at] !== 0) return false;
      }
    }
    return true;
  }

  private head(buckets: Buckets, first: number, end: number, mode: number): void {
    const { out } = this;
    out.reset();
    out.put(mode, MODE_BITS);
    out.put(first, INDEX_BITS);
    out.put(end, INDEX_BITS);
    let [changes, before] = [0, 0];
    for (let index = first; index <= end; index++) {
      changes += zigzag(buckets.count(index) - before);
      before = buckets.count(index);
    }
    const k = riceFor(changes, end - first + 1);
    out.put(k, K_BITS);
    before = 0;
    for (let index = first; index <= end; index++) {
      const count = buckets.count(index);
      if (count === before) out.put(0, 1);
      else {
        out.put(1, 1);
        out.putRice(zigzag(count - before), k);
      }
      before = count;
    }
  }

  private getCounts(first: number, end: number): void {
    const { into, columns } = this;
    const k = into.get(K_BITS);
    let count = 0;
    for (let index = first; index <= end; index++) {
      if (into.get(1) === 1) count = Math.max(0, count + unzigzag(into.getRice(k)));
      columns.count[index] = count;
    }
  }
}

/** What the sum would be if the samples lay evenly between the two: only the difference is kept. */
function expectedSum(count: number, min: number, max: number): number {
  return Math.round(((min + max) / 2) * count);
}

/** Of large numbers the sum may be infinite, and of many it may be off by a little. */
export function meanOf(buckets: Buckets, index: number): number {
  const mean = buckets.sum(index) / buckets.count(index);
  return Math.min(buckets.max(index), Math.max(buckets.min(index), mean));
}

/** How many digits behind the point all values get by with; undefined where that is too many. */
function digitsOf(buckets: Buckets, first: number, end: number): number | undefined {
  let digits = 0;
  for (let index = first; index <= end; index++) {
    const count = buckets.count(index);
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
