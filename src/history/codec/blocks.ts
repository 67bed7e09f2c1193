/** Bytes in front of a packed block: its length. */
const HEAD = 2;
/** Pieces of a page: the first is small, those of many keys are large. */
const SMALLEST = 1_024;
const LARGEST = 65_536;

/**
 * The packed blocks of all keys for the same hour, in a few pieces of memory. None has an object of its own, and all
 * of them are freed at once when the hour is past. Keys are numbers from 0 on. A page grows by a piece, so nothing is
 * copied.
 */
export class BlockPage {
  private pieces: Uint8Array[] = [];
  /** Bytes of the last piece that are taken, and of all. */
  private used = 0;
  private total = 0;
  /** Deleted bytes among them. */
  private wasted = 0;
  /** Position of a key's block, plus one, with the piece in the upper half of the bits; 0: it has none. */
  private places = new Uint32Array(0);

  get memory(): number {
    return this.pieces.reduce((sum, { length }) => sum + length, this.places.length * 4);
  }

  put(key: number, block: Uint8Array): void {
    this.delete(key);
    if (key >= this.places.length) {
      const places = new Uint32Array(Math.max(key + 1, Math.min(2 * key, key + 1_024), 4));
      places.set(this.places);
      this.places = places;
    }
    this.add(key, block, Math.max(SMALLEST, Math.ceil(this.total / 4)));
  }

  /** A view into this page, good until the next `put`. */
  get(key: number): Uint8Array | undefined {
    const place = this.places[key];
    if (!place) return undefined;
    const piece = this.pieces[(place - 1) >>> 16] as Uint8Array;
    const at = (place - 1) & 0xffff;
    return piece.subarray(at + HEAD, at + HEAD + lengthAt(piece, at));
  }

  delete(key: number): void {
    const block = this.get(key);
    if (!block) return;
    this.places[key] = 0;
    this.wasted += HEAD + block.length;
    if (this.wasted > this.total / 4) this.compact();
  }

  /** No more blocks are expected: frees the reserve, and what earlier versions of blocks took. */
  trim(): void {
    if (this.wasted > this.total / 16) this.compact();
    const last = this.pieces.at(-1);
    if (last && last.length - this.used > this.total / 16)
      this.pieces[this.pieces.length - 1] = last.slice(0, this.used);
  }

  private add(key: number, block: Uint8Array, reserve: number): void {
    const size = HEAD + block.length;
    let piece = this.pieces.at(-1);
    if (!piece || this.used + size > piece.length) {
      piece = new Uint8Array(Math.max(size, Math.min(LARGEST, reserve)));
      this.pieces.push(piece);
      this.used = 0;
    }
    piece[this.used] = block.length & 0xff;
    piece[this.used + 1] = block.length >>> 8;
    piece.set(block, this.used + HEAD);
    this.places[key] = (this.pieces.length - 1) * LARGEST + this.used + 1;
    this.used += size;
    this.total += size;
  }

  /** Everything that is left, without what lay between. */
  private compact(): void {
    const { pieces, places } = this;
    let left = this.total - this.wasted;
    this.pieces = [];
    this.used = 0;
    this.total = 0;
    this.wasted = 0;
    for (let key = 0; key < places.length; key++) {
      const place = places[key];
      if (!place) continue;
      const piece = pieces[(place - 1) >>> 16] as Uint8Array;
      const at = (place - 1) & 0xffff;
      const block = piece.subarray(at + HEAD, at + HEAD + lengthAt(piece, at));
      this.add(key, block, left);
      left -= HEAD + block.length;
    }
  }
}

function lengthAt(piece: Uint8Array, at: number): number {
  return (piece[at] as number) | ((piece[at + 1] as number) << 8);
}
