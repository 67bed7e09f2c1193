import { isTopicName } from './property-guard';

/** Number of remembered topics. A full cache starts again, so memory stays bounded. */
const MAX_NAMES = 20_000;
/** Maximum length of a remembered topic, because a server may send thousands of 65,535 bytes. */
const MAX_NAME_LENGTH = 256;
const SMALLEST_TABLE = 1_024;
/** Places that are looked at: a server can find topics that all want the same one, and each would cost the whole row. */
const MAX_STEPS = 32;

/**
 * Turns the bytes of a topic into a string, the same string for the same bytes. Finding it costs less than decoding
 * it, and maps need not compute its hash again. A hash table with open addressing. It holds only ASCII topics, in
 * which a byte is a character.
 */
export class TopicCache {
  private names: (string | undefined)[] = new Array(SMALLEST_TABLE).fill(undefined);
  private hashes = new Uint32Array(SMALLEST_TABLE);
  private size = 0;

  /** The topic in `bytes` from `begin` to `end`; undefined if no topic may be like that (MQTT 5 §4.7.1, §4.7.3). */
  get(bytes: Buffer, begin: number, end: number): string | undefined {
    // FNV-1a, 32 bits.
    let hash = 0x811c9dc5;
    for (let at = begin; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
    // The low bits choose the place, and alone they are poor where names differ at their end only.
    hash = (hash ^ (hash >>> 15)) >>> 0;
    const mask = this.hashes.length - 1;
    let place = hash & mask;
    let steps = 0;
    for (let name = this.names[place]; name !== undefined && steps < MAX_STEPS; name = this.names[place]) {
      if (this.hashes[place] === hash && isText(name, bytes, begin, end)) return name;
      place = (place + 1) & mask;
      steps += 1;
    }
    const name = bytes.toString('utf8', begin, end);
    if (!isTopicName(name)) return undefined;
    // Bytes that are not UTF-8 also become one character each, so such a name would never be found again.
    if (name.length <= MAX_NAME_LENGTH && steps < MAX_STEPS && isText(name, bytes, begin, end))
      this.add(name, hash);
    return name;
  }

  private add(name: string, hash: number): void {
    if (this.size >= MAX_NAMES) this.resize(SMALLEST_TABLE, []);
    else if (2 * this.size >= this.hashes.length) this.resize(2 * this.hashes.length, this.names);
    this.put(name, hash);
  }

  private put(name: string, hash: number): void {
    const mask = this.hashes.length - 1;
    let place = hash & mask;
    while (this.names[place] !== undefined) place = (place + 1) & mask;
    this.names[place] = name;
    this.hashes[place] = hash;
    this.size += 1;
  }

  private resize(length: number, names: readonly (string | undefined)[]): void {
    const { hashes } = this;
    this.names = new Array(length).fill(undefined);
    this.hashes = new Uint32Array(length);
    this.size = 0;
    for (const [place, name] of names.entries())
      if (name !== undefined) this.put(name, hashes[place] as number);
  }
}

function isText(name: string, bytes: Buffer, begin: number, end: number): boolean {
  if (name.length !== end - begin) return false;
  for (let at = 0; at < name.length; at++) if (name.charCodeAt(at) !== bytes[begin + at]) return false;
  return true;
}
