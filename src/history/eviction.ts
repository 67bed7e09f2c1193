import type { KeyHistory } from './key-history';

/** Looked for at once, so that a million new keys do not look through all the others a million times. */
const AT_ONCE = 256;

/** Finds the key that was not seen for longest. */
export class Eviction {
  /** The longest unseen when they were last looked for, the very longest at the end, with when they had been seen. */
  private found: { entry: KeyHistory; seen: number }[] = [];

  constructor(
    private readonly maxKeys: number,
    private readonly keep: ((key: string) => boolean) | undefined,
  ) {}

  full(keys: number): boolean {
    return keys >= this.maxKeys;
  }

  /** The key to remove; undefined if all of them must stay. */
  next(entries: Iterable<KeyHistory>): KeyHistory | undefined {
    // One that has been heard of since is newer than all others that were found.
    const still = this.take();
    if (still) return still;
    const all = [...entries].filter(({ key }) => !this.keep?.(key)).sort((a, b) => a.seen - b.seen);
    this.found = all
      .slice(0, AT_ONCE)
      .reverse()
      .map((entry) => ({ entry, seen: entry.seen }));
    return this.take();
  }

  private take(): KeyHistory | undefined {
    for (let one = this.found.pop(); one; one = this.found.pop()) {
      if (one.entry.seen === one.seen && !one.entry.gone && !this.keep?.(one.entry.key)) return one.entry;
    }
    return undefined;
  }
}
