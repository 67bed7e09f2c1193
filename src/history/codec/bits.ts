const TWO_24 = 2 ** 24;
/** So many ones of a Rice code announce a number written out in full. */
const ESCAPE = 20;
/** Bits that say how long a number written out in full is. */
const LENGTH_BITS = 6;

/** Writes bits, the highest first, into memory of a fixed size; what has no room is counted and left out. */
export class BitWriter {
  readonly bytes: Uint8Array;
  private at = 0;
  private held = 0;
  private bits = 0;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
  }

  reset(): void {
    this.at = 0;
    this.held = 0;
    this.bits = 0;
  }

  /** `count` ≤ 24 bits of a number below 2 ** count. */
  put(value: number, count: number): void {
    this.held = (this.held << count) | value;
    this.bits += count;
    while (this.bits >= 8) {
      this.bits -= 8;
      this.bytes[this.at++] = this.held >>> this.bits;
    }
  }

  /** `count` ≤ 53 bits. */
  putLong(value: number, count: number): void {
    let rest = value;
    let left = count;
    if (left > 48) {
      this.put(Math.floor(rest / 2 ** 48), left - 48);
      rest %= 2 ** 48;
      left = 48;
    }
    if (left > 24) {
      this.put(Math.floor(rest / TWO_24), left - 24);
      rest %= TWO_24;
      left = 24;
    }
    this.put(rest, left);
  }

  /** A whole number ≥ 0 in Rice code: short where it is below about 2 ** k. */
  putRice(value: number, k: number): void {
    const unit = 2 ** k;
    const high = Math.floor(value / unit);
    if (high < ESCAPE) {
      this.put(2 ** (high + 1) - 2, high + 1);
      if (k > 0) this.putLong(value - high * unit, k);
    } else {
      const length = Math.max(1, Math.floor(Math.log2(value)) + 2);
      this.put(2 ** ESCAPE - 1, ESCAPE);
      this.put(Math.min(length, 53), LENGTH_BITS);
      this.putLong(value, Math.min(length, 53));
    }
  }

  /** Fills up the last byte; gives how many bytes there are, which may be more than had room. */
  end(): number {
    if (this.bits > 0) this.put(0, 8 - this.bits);
    return this.at;
  }
}

/** Reads what `BitWriter` wrote. Behind the end come zeros. */
export class BitReader {
  private bytes: Uint8Array = new Uint8Array(0);
  private at = 0;
  private end = 0;
  private held = 0;
  private bits = 0;

  open(bytes: Uint8Array, from: number, length: number): void {
    this.bytes = bytes;
    this.at = from;
    this.end = Math.min(bytes.length, from + length);
    this.held = 0;
    this.bits = 0;
  }

  /** `count` ≤ 24 bits. */
  get(count: number): number {
    while (this.bits < count) {
      this.held =
        ((this.held << 8) | (this.at < this.end ? (this.bytes[this.at] as number) : 0)) & 0x7fffffff;
      this.at += 1;
      this.bits += 8;
    }
    this.bits -= count;
    return (this.held >>> this.bits) & ((1 << count) - 1);
  }

  /** `count` ≤ 53 bits. */
  getLong(count: number): number {
    let value = 0;
    let left = count;
    if (left > 48) {
      value = this.get(left - 48);
      left = 48;
    }
    if (left > 24) {
      value = value * 2 ** (left - 24) + this.get(left - 24);
      left = 24;
    }
    return value * 2 ** left + this.get(left);
  }

  getRice(k: number): number {
    let high = 0;
    while (high < ESCAPE && this.get(1) === 1) high += 1;
    if (high < ESCAPE) return high * 2 ** k + (k > 0 ? this.getLong(k) : 0);
    return this.getLong(Math.min(53, this.get(LENGTH_BITS)));
  }
}

/** … -2, -1, 0, 1, 2 … as 3, 1, 0, 2, 4: small where the number is near 0. */
export function zigzag(value: number): number {
  return value >= 0 ? 2 * value : -2 * value - 1;
}

export function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

/** The k that makes the Rice codes of `count` numbers with this sum shortest, or nearly so. */
export function riceFor(sum: number, count: number): number {
  const mean = count > 0 ? sum / count : 0;
  return mean < 1 ? 0 : Math.min(48, Math.max(0, Math.round(Math.log2(mean * 0.7))));
}
