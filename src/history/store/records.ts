import { crc32 } from 'node:zlib';

/** The newest version of the whole file. Newer ones are not understood. */
export const RECORDS_VERSION = 3;
/** Version of a file without weeks. Packages that know none still read it. */
export const DAY_VERSION = 2;

/** Mark in front of every record, by which the next one is found behind damage. */
const MARK = [0xd1, 0x0e] as const;
/** Mark, kind, length of the content (3 bytes), CRC-32 of kind, length and content. All little-endian. */
const HEAD = 10;
/** A longer content is damage. */
const MAX_LENGTH = 131_072;
/** Bytes at which a record is closed: the cost of one damaged byte. */
const FULL = 4_096;

export type RecordKind = 1 | 2;
/** Identifies the file; written twice at its beginning. */
export const FILE_HEAD = 1;
/** Entries about keys. */
export const ENTRIES = 2;

/** Content of an entry. */
export type StoredEntry =
  | { kind: 'key'; id: number; key: string }
  | { kind: 'gone'; id: number }
  /** A block, or a part of one. */
  | { kind: 'block' | 'week'; id: number; block: number; bytes: Uint8Array }
  | { kind: 'state'; id: number; at: number; state: string };

const KINDS = ['key', 'gone', 'block', 'state', 'week'] as const;

/**
 * Collects entries into records until they are taken, in one piece of memory. Garbage with each write would bring the
 * collector, which stops everything.
 */
export class RecordWriter {
  /** The finished records, and behind them the one in work, with room for its head. */
  private data = Buffer.allocUnsafe(FULL * 4);
  /** Beginning of the current record. */
  private begun = 0;
  private used = 0;

  /** Bytes that are ready to be taken. */
  get ready(): number {
    return this.begun;
  }

  head(step: number, at: number, version: number): void {
    const content = Buffer.alloc(14);
    content.writeUInt16LE(version, 0);
    content.writeUInt32LE(step, 2);
    content.writeDoubleLE(at, 6);
    this.close();
    for (let copy = 0; copy < 2; copy++) {
      this.room(HEAD + content.length);
      content.copy(this.data, this.begun + HEAD);
      this.used = this.begun + HEAD + content.length;
      this.finish(FILE_HEAD);
    }
  }

  key(id: number, key: string): void {
    this.begin('key', id, key.length * 3 + 16);
    this.text(key);
    this.endOfEntry();
  }

  gone(id: number): void {
    this.begin('gone', id, 16);
    this.endOfEntry();
  }

  /** A block of the first tier, or of the week, where it has a number of that tier. */
  block(id: number, block: number, bytes: Uint8Array, kind: 'block' | 'week' = 'block'): void {
    this.begin(kind, id, bytes.length + 32);
    this.varint(block);
    this.varint(bytes.length);
    this.data.set(bytes, this.used);
    this.used += bytes.length;
    this.endOfEntry();
  }

  state(id: number, at: number, state: string): void {
    this.begin('state', id, state.length * 3 + 32);
    this.data.writeDoubleLE(at, this.used);
    this.used += 8;
    this.text(state);
    this.endOfEntry();
  }

  /** Everything that was put, including an unfinished record; valid until something is put again. */
  take(): Buffer {
    this.close();
    const all = this.data.subarray(0, this.begun);
    this.begun = 0;
    this.used = 0;
    return all;
  }

  /** @param size bytes of the entry, at most */
  private begin(kind: StoredEntry['kind'], id: number, size: number): void {
    this.room(HEAD + size);
    if (this.used === this.begun) this.used += HEAD;
    this.data[this.used++] = KINDS.indexOf(kind);
    this.varint(id);
  }

  private endOfEntry(): void {
    if (this.used - this.begun >= HEAD + FULL) this.close();
  }

  private close(): void {
    if (this.used > this.begun) this.finish(ENTRIES);
  }

  private finish(kind: RecordKind): void {
    const record = this.data.subarray(this.begun, this.used);
    record.set(MARK, 0);
    record[2] = kind;
    record.writeUIntLE(record.length - HEAD, 3, 3);
    record.writeUInt32LE(checksumOf(record), 6);
    this.begun = this.used;
  }

  private room(bytes: number): void {
    if (this.used + bytes <= this.data.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.used + bytes));
    this.data.copy(larger, 0, 0, this.used);
    this.data = larger;
  }

  private varint(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.data[this.used++] = (rest % 0x80) | 0x80;
    this.data[this.used++] = rest;
  }

  private text(text: string): void {
    const bytes = Buffer.from(text);
    this.varint(bytes.length);
    this.data.set(bytes, this.used);
    this.used += bytes.length;
  }
}

function checksumOf(record: Buffer): number {
  // The checksum's own place does not count.
  return (crc32(record.subarray(2, 6)) ^ crc32(record.subarray(HEAD))) >>> 0;
}

export interface FoundRecord {
  kind: number;
  content: Buffer;
}

const NOTHING = Buffer.alloc(0);

/**
 * Finds the records of a file that comes in pieces. Damage costs the records that it touches. What `feed` gives is
 * good until the next record is asked for: all pieces go through the same memory.
 */
export class RecordReader {
  private data: Buffer = NOTHING;
  /** Bytes at the beginning of `data` that are still to be looked at. */
  private kept = 0;
  /** Bytes of the file in front of those. */
  private passed = 0;
  /** Behind the last record that was sound. */
  soundEnd = 0;
  /** Stretches that were no records. */
  damaged = 0;
  private inDamage = false;

  *feed(piece: Buffer): Iterable<FoundRecord> {
    const data = this.joined(piece);
    let at = 0;
    for (;;) {
      const size = sizeAt(data, at);
      if (size === 'more') break;
      if (size !== 'none') {
        const record = data.subarray(at, at + size);
        if (record.readUInt32LE(6) === checksumOf(record)) {
          at += size;
          this.soundEnd = this.passed + at;
          this.inDamage = false;
          yield { kind: record[2] as number, content: record.subarray(HEAD) };
          continue;
        }
      }
      if (!this.inDamage) this.damaged += 1;
      this.inDamage = true;
      const next = data.indexOf(MARK[0], at + 1);
      at = next < 0 ? data.length : next;
    }
    this.pass(at);
  }

  /**
   * The file ends here. A record that was cut off is what a process leaves that was ended while it wrote, and no
   * damage. Behind a false length there may be sound records.
   */
  *end(): Iterable<FoundRecord> {
    while (this.kept > 0) {
      const next = this.data.subarray(0, this.kept).indexOf(MARK[0], 1);
      if (next < 0) break;
      const before = this.soundEnd;
      this.pass(next);
      const counted = this.damaged;
      const wasDamaged = this.inDamage;
      this.inDamage = true;
      yield* this.feed(NOTHING);
      // The supposed end of a cut-off record was none.
      if (this.soundEnd > before && !wasDamaged && this.damaged === counted) this.damaged += 1;
      if (this.soundEnd === before) this.inDamage = wasDamaged;
    }
  }

  private joined(piece: Buffer): Buffer {
    const length = this.kept + piece.length;
    if (length > this.data.length) {
      const larger = Buffer.allocUnsafe(2 * length);
      this.data.copy(larger, 0, 0, this.kept);
      this.data = larger;
    }
    piece.copy(this.data, this.kept);
    this.kept = length;
    return this.data.subarray(0, length);
  }

  private pass(bytes: number): void {
    this.data.copyWithin(0, bytes, this.kept);
    this.kept -= bytes;
    this.passed += bytes;
  }
}

/** The length of the record that begins here; or that none does; or that too little of it is there to tell. */
function sizeAt(data: Buffer, at: number): number | 'more' | 'none' {
  const left = data.length - at;
  if (left < 1) return 'more';
  if (data[at] !== MARK[0] || (left > 1 && data[at + 1] !== MARK[1])) return 'none';
  if (left < HEAD) return 'more';
  const length = data.readUIntLE(at + 3, 3);
  if (length > MAX_LENGTH) return 'none';
  return left < HEAD + length ? 'more' : HEAD + length;
}

/** The content of a file's head; undefined if it is none. */
export function parseHead(content: Buffer): { version: number; step: number; at: number } | undefined {
  if (content.length < 14) return undefined;
  return { version: content.readUInt16LE(0), step: content.readUInt32LE(2), at: content.readDoubleLE(6) };
}

/** The entries of a record; ends early where they make no sense. Bytes are views. */
export function* entriesOf(content: Buffer): Iterable<StoredEntry> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; at < content.length; shift *= 0x80) {
      const byte = content[at++] as number;
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
    }
    return Number.NaN;
  };
  const bytes = (): Buffer | undefined => {
    const length = varint();
    if (!(length <= content.length - at)) return undefined;
    at += length;
    return content.subarray(at - length, at);
  };
  while (at < content.length) {
    const kind = KINDS[content[at++] as number];
    const id = varint();
    if (kind === undefined || !Number.isSafeInteger(id)) return;
    if (kind === 'gone') yield { kind, id };
    else if (kind === 'key') {
      const text = bytes();
      if (!text) return;
      yield { kind, id, key: text.toString('utf8') };
    } else if (kind === 'block' || kind === 'week') {
      const block = varint();
      const data = bytes();
      if (!data || !Number.isSafeInteger(block)) return;
      yield { kind, id, block, bytes: data };
    } else {
      if (content.length - at < 8) return;
      const when = content.readDoubleLE(at);
      at += 8;
      const text = bytes();
      if (!text || !Number.isFinite(when)) return;
      yield { kind, id, at: when, state: text.toString('utf8') };
    }
  }
}
