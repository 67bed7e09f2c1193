import { checksum } from './checksum';

/** Of the file as a whole; a newer one is not understood. */
export const VERSION = 1;

/** In front of every record, so that the next one is found behind damage. */
const MARK = [0xd1, 0x0e] as const;
/** Mark, kind, length of the content (3 bytes), CRC-32 of kind, length and content. All little-endian. */
const HEAD = 10;
/** A longer content is damage. */
const LONGEST = 131_072;
/** A record is closed when it has so many bytes: what one damaged byte costs. */
const FULL = 4_096;

export type RecordKind = 1 | 2;
/** Says what file it is; stands twice at its beginning. */
export const FILE_HEAD = 1;
/** Entries about keys. */
export const ENTRIES = 2;

/** What an entry says. */
export type Entry =
  | { kind: 'key'; id: number; key: string }
  | { kind: 'gone'; id: number }
  /** A block, or a part of one. */
  | { kind: 'block'; id: number; block: number; bytes: Uint8Array }
  | { kind: 'state'; id: number; at: number; state: string };

const KINDS = ['key', 'gone', 'block', 'state'] as const;

/** Gathers entries into records, and those until they are taken. */
export class RecordWriter {
  private content = Buffer.allocUnsafe(FULL * 4);
  private used = 0;
  private done: Buffer[] = [];
  private doneBytes = 0;

  /** Bytes that are ready to be taken. */
  get ready(): number {
    return this.doneBytes;
  }

  head(step: number, at: number): void {
    const content = Buffer.alloc(14);
    content.writeUInt16LE(VERSION, 0);
    content.writeUInt32LE(step, 2);
    content.writeDoubleLE(at, 6);
    for (let copy = 0; copy < 2; copy++) this.push(FILE_HEAD, content);
  }

  key(id: number, key: string): void {
    this.room(key.length * 3 + 16);
    this.begin('key', id);
    this.text(key);
    this.endOfEntry();
  }

  gone(id: number): void {
    this.room(16);
    this.begin('gone', id);
    this.endOfEntry();
  }

  block(id: number, block: number, bytes: Uint8Array): void {
    this.room(bytes.length + 32);
    this.begin('block', id);
    this.varint(block);
    this.varint(bytes.length);
    this.content.set(bytes, this.used);
    this.used += bytes.length;
    this.endOfEntry();
  }

  state(id: number, at: number, state: string): void {
    this.room(state.length * 3 + 32);
    this.begin('state', id);
    this.content.writeDoubleLE(at, this.used);
    this.used += 8;
    this.text(state);
    this.endOfEntry();
  }

  /** All that was put, also what is not yet a full record. */
  take(): Buffer {
    this.close();
    const all = this.done.length === 1 ? (this.done[0] as Buffer) : Buffer.concat(this.done);
    this.done = [];
    this.doneBytes = 0;
    return all;
  }

  private begin(kind: Entry['kind'], id: number): void {
    this.content[this.used++] = KINDS.indexOf(kind);
    this.varint(id);
  }

  private endOfEntry(): void {
    if (this.used >= FULL) this.close();
  }

  private close(): void {
    if (this.used > 0) this.push(ENTRIES, this.content.subarray(0, this.used));
    this.used = 0;
  }

  private push(kind: RecordKind, content: Buffer): void {
    const record = Buffer.allocUnsafe(HEAD + content.length);
    record.set(MARK, 0);
    record[2] = kind;
    record.writeUIntLE(content.length, 3, 3);
    content.copy(record, HEAD);
    record.writeUInt32LE(checksumOf(record), 6);
    this.done.push(record);
    this.doneBytes += record.length;
  }

  private room(bytes: number): void {
    if (this.used + bytes <= this.content.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.used + bytes));
    this.content.copy(larger, 0, 0, this.used);
    this.content = larger;
  }

  private varint(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.content[this.used++] = (rest % 0x80) | 0x80;
    this.content[this.used++] = rest;
  }

  private text(text: string): void {
    const bytes = Buffer.from(text);
    this.varint(bytes.length);
    this.content.set(bytes, this.used);
    this.used += bytes.length;
  }
}

function checksumOf(record: Buffer): number {
  // The checksum's own place does not count.
  return (checksum(record.subarray(2, 6)) ^ checksum(record.subarray(HEAD))) >>> 0;
}

export interface FoundRecord {
  kind: number;
  content: Buffer;
}

/**
 * Finds the records of a file that comes in pieces. Damage costs the records that it touches. What `feed` gives is
 * good until it is called again.
 */
export class RecordReader {
  private rest: Buffer = Buffer.alloc(0);
  /** Bytes in front of `rest`. */
  private passed = 0;
  /** Behind the last record that was sound. */
  soundEnd = 0;
  /** Stretches that were no records. */
  damaged = 0;
  private inDamage = false;

  *feed(piece: Buffer): Iterable<FoundRecord> {
    const data = this.rest.length > 0 ? Buffer.concat([this.rest, piece]) : piece;
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
    // A copy: the piece belongs to who gave it.
    this.rest = Buffer.from(data.subarray(at));
    this.passed += at;
  }

  /**
   * The file ends here. A record that was cut off is what a process leaves that was ended while it wrote, and no
   * damage. Behind a false length there may be sound records.
   */
  *end(): Iterable<FoundRecord> {
    while (this.rest.length > 0) {
      const { rest } = this;
      const next = rest.indexOf(MARK[0], 1);
      if (next < 0) break;
      const before = this.soundEnd;
      this.rest = Buffer.alloc(0);
      this.passed += next;
      const counted = this.damaged;
      const wasDamaged = this.inDamage;
      this.inDamage = true;
      yield* this.feed(Buffer.from(rest.subarray(next)));
      // What was taken for a record that is cut off was none.
      if (this.soundEnd > before && !wasDamaged && this.damaged === counted) this.damaged += 1;
      if (this.soundEnd === before) this.inDamage = wasDamaged;
    }
  }
}

/** How long the record is that begins here; or that none does; or that too little of it is there to tell. */
function sizeAt(data: Buffer, at: number): number | 'more' | 'none' {
  const left = data.length - at;
  if (left < 1) return 'more';
  if (data[at] !== MARK[0] || (left > 1 && data[at + 1] !== MARK[1])) return 'none';
  if (left < HEAD) return 'more';
  const length = data.readUIntLE(at + 3, 3);
  if (length > LONGEST) return 'none';
  return left < HEAD + length ? 'more' : HEAD + length;
}

/** What a file's head says; undefined where it is none. */
export function parseHead(content: Buffer): { version: number; step: number; at: number } | undefined {
  if (content.length < 14) return undefined;
  return { version: content.readUInt16LE(0), step: content.readUInt32LE(2), at: content.readDoubleLE(6) };
}

/** The entries of a record; ends early where they make no sense. Bytes are views. */
export function* entriesOf(content: Buffer): Iterable<Entry> {
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
    } else if (kind === 'block') {
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
