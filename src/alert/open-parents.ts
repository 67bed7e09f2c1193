import type { KeyEntry } from './keys';

export type ScopesOf = (topic: string) => readonly (readonly string[])[];

/** Open alerts that hold others back; the first one that means a key is named. */
export class OpenParents {
  private readonly all = new Map<string, KeyEntry>();
  /** Those that hold every key back. */
  private readonly wide = new Set<KeyEntry>();
  /** Those that hold back keys with certain levels, by the last of these levels. */
  private readonly narrow = new Map<string, Map<KeyEntry, readonly (readonly string[])[]>>();

  /** @param scopesOf the levels that a topic shares with the keys that it holds back; none: it holds all back */
  constructor(private readonly scopesOf: ScopesOf = () => []) {}

  get size(): number {
    return this.all.size;
  }

  keys(): Iterable<string> {
    return this.all.keys();
  }

  add(entry: KeyEntry): void {
    this.delete(entry.key);
    this.all.set(entry.key, entry);
    const scopes = entry.parent === 'topic' ? this.scopesOf(entry.key) : [];
    if (scopes.length === 0) this.wide.add(entry);
    for (const scope of scopes) {
      const last = scope.at(-1) as string;
      const those = this.narrow.get(last) ?? new Map<KeyEntry, readonly (readonly string[])[]>();
      this.narrow.set(last, those.set(entry, [...(those.get(entry) ?? []), scope]));
    }
  }

  /** False if it was not there. */
  delete(key: string): boolean {
    const entry = this.all.get(key);
    if (!entry) return false;
    this.all.delete(key);
    this.wide.delete(entry);
    for (const level of key.split('/')) {
      const those = this.narrow.get(level);
      those?.delete(entry);
      if (those?.size === 0) this.narrow.delete(level);
    }
    return true;
  }

  clear(): void {
    this.all.clear();
    this.wide.clear();
    this.narrow.clear();
  }

  /** The alert that holds this key back; undefined: none. */
  first(key: string): KeyEntry | undefined {
    const [wide] = this.wide;
    if (wide || this.narrow.size === 0) return wide;
    const levels = key.split('/');
    for (const level of levels) {
      for (const [entry, scopes] of this.narrow.get(level) ?? [])
        if (scopes.some((scope) => isWithin(scope, levels))) return entry;
    }
    return undefined;
  }
}

/** True if all levels are among these, in their order. */
function isWithin(scope: readonly string[], levels: readonly string[]): boolean {
  let at = 0;
  for (const level of levels) if (level === scope[at]) at += 1;
  return at === scope.length;
}
