import { createHash } from 'node:crypto';
import { BoundedMap } from '../../base/bounded-map';

/** Pairs of recipient and topic that are kept; beyond, the one told longest ago is forgotten. */
const MAX_PAIRS = 10_000;
/** Characters of a hash: enough that no two of the pairs meet. */
const HASH = 22;

/** What was said last to whom about which topic, as hashes: topics and texts may be long, and secret. */
export class LastTexts {
  private readonly texts = new BoundedMap<string, string>(MAX_PAIRS);
  /** Those of {@link texts} that wait for the server. */
  private readonly underWay = new Map<string, string>();
  private readonly listeners = new Set<(isUrgent: boolean) => void>();

  /** Reads what {@link toJSON} made; anything else in it is left out. */
  static from(stored: unknown): LastTexts {
    const last = new LastTexts();
    const { texts } = (typeof stored === 'object' && stored !== null ? stored : {}) as { texts?: unknown };
    for (const pair of Array.isArray(texts) ? texts.slice(-MAX_PAIRS) : []) {
      const [key, text] = Array.isArray(pair) ? (pair as unknown[]) : [];
      if (typeof key === 'string' && typeof text === 'string' && key.length === HASH && text.length === HASH)
        last.texts.set(key, text);
    }
    return last;
  }

  onChange(listener: (isUrgent: boolean) => void): void {
    this.listeners.add(listener);
  }

  /**
   * The recipients to whom this says something else than the last text about this topic. It counts as said to them, until
   * {@link failed} takes that back; over a restart only what has {@link arrived} does.
   * @param node the node that says it: others have memories of their own
   */
  news(node: string, to: readonly string[], topic: string, text: string): string[] {
    const hash = hashOf(text);
    const fresh = to.filter((one) => this.texts.get(keyOf(node, one, topic)) !== hash);
    for (const one of fresh) {
      this.texts.set(keyOf(node, one, topic), hash);
      this.underWay.set(keyOf(node, one, topic), hash);
    }
    if (fresh.length > 0) this.changed();
    return fresh;
  }

  /** The server has a text. */
  arrived(node: string, to: string, topic: string, text: string): void {
    if (this.settled(keyOf(node, to, topic), hashOf(text))) this.changed();
  }

  /** A text did not arrive: the same one is news once more. */
  failed(node: string, to: string, topic: string, text: string): void {
    const key = keyOf(node, to, topic);
    this.settled(key, hashOf(text));
    // Something else may have been said meanwhile.
    if (this.texts.get(key) !== hashOf(text)) return;
    this.texts.delete(key);
    this.changed();
  }

  /** A process that ends takes what is under way with it: its successor says that once more. */
  toJSON(): { version: 1; texts: [string, string][] } {
    return { version: 1, texts: [...this.texts].filter(([key]) => !this.underWay.has(key)) };
  }

  private settled(key: string, hash: string): boolean {
    return this.underWay.get(key) === hash && this.underWay.delete(key);
  }

  private changed(): void {
    for (const listener of this.listeners) listener(false);
  }
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64').slice(0, HASH);
const keyOf = (node: string, to: string, topic: string): string => hashOf(JSON.stringify([node, to, topic]));
