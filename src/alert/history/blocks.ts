/** Bytes in front of a packed block: its length. */
const HEAD = 2;
const SMALLEST = 1_024;

/**
 * The packed blocks of all keys for one and the same hour, in one piece of memory, so that none has an object of its
 * own, and all of them go at once when the hour is past. Keys are numbers from 0 on.
 */
export class BlockPage {
  private bytes: Uint8Array = new Uint8Array(0);
  private used = 0;
  private wasted = 0;
  /** Where the block of a key lies, plus one; 0: it has none. */
  private places = new Uint32Array(0);

  get memory(): number {
    return this.bytes.length + this.places.length * 4;
  }

  put(key: number, block: Uint8Array): void {
    this.delete(key);
    if (key >= this.places.length) {
      const places = new Uint32Array(Math.max(key + 1, Math.min(2 * key, key + 1_024), 4));
      places.set(this.places);
      this.places = places;
    }
    const size = HEAD + block.length;
    if (this.used + size > this.bytes.length)
      this.resize(Math.max(SMALLEST, this.used + size, Math.ceil(this.used * 1.25)));
    this.bytes[this.used] = block.length & 0xff;
    this.bytes[this.used + 1] = block.length >>> 8;
    this.bytes.set(block, this.used + HEAD);
    this.places[key] = this.used + 1;
    this.used += size;
  }

  /** A view into this page, good until the next `put`. */
  get(key: number): Uint8Array | undefined {
    const place = this.places[key];
    if (!place) return undefined;
    return this.bytes.subarray(place - 1 + HEAD, place - 1 + HEAD + this.lengthAt(place - 1));
  }

  delete(key: number): void {
    const place = this.places[key];
    if (!place) return;
    this.places[key] = 0;
    this.wasted += HEAD + this.lengthAt(place - 1);
    if (this.wasted > this.used / 4) this.resize(this.used - this.wasted);
  }

  /** No more is expected: gives back what was kept in reserve. */
  trim(): void {
    if (this.bytes.length - this.used > this.used / 16) this.resize(this.used);
  }

  private resize(size: number): void {
    const bytes = new Uint8Array(Math.max(size, this.used - this.wasted));
    if (this.wasted === 0) {
      bytes.set(this.bytes.subarray(0, this.used));
    } else {
      let used = 0;
      for (let key = 0; key < this.places.length; key++) {
        const place = this.places[key];
        if (!place) continue;
        const whole = this.bytes.subarray(place - 1, place - 1 + HEAD + this.lengthAt(place - 1));
        bytes.set(whole, used);
        this.places[key] = used + 1;
        used += whole.length;
      }
      this.used = used;
      this.wasted = 0;
    }
    this.bytes = bytes;
  }

  private lengthAt(at: number): number {
    return (this.bytes[at] as number) | ((this.bytes[at + 1] as number) << 8);
  }
}
