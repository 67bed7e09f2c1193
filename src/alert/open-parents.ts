import { hasWildcard, matches, matchingPart } from '../topics/filter';
import type { KeyEntry } from './keys';

/** Open alerts that hold others back; the first one that means a key is named. */
export class OpenParents {
  private readonly all = new Map<string, KeyEntry>();
  /** Those that hold every key back. */
  private readonly wide = new Set<KeyEntry>();
  /** Those that hold back keys with certain levels, by the last of these levels. */
  private readonly narrow = new Map<string, Map<KeyEntry, readonly (readonly string[])[]>>();

  /** @param filters of the topics on which a node depends */
  constructor(private readonly filters: readonly string[] = []) {}

  get size(): number {
    return this.all.size;
  }

  keys(): Iterable<string> {
    return this.all.keys();
  }

  add(entry: KeyEntry): void {
    this.delete(entry.key);
    this.all.set(entry.key, entry);
    const scopes = entry.parent === 'topic' ? scopesOf(entry.key, this.filters) : [];
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

/**
 * What the wildcards of filters stood for in a topic, by filter; empty: it means all keys, because one of the filters
 * names it, or none of them fits any more.
 */
function scopesOf(topic: string, filters: readonly string[]): string[][] {
  const levels = topic.split('/');
  const scopes: string[][] = [];
  for (const filter of filters) {
    const wanted = matchingPart(filter).split('/');
    if (!matches(wanted, levels)) continue;
    const stood = hasWildcard(filter) ? standing(wanted, levels) : [];
    if (stood.length === 0) return [];
    scopes.push(stood);
  }
  return scopes;
}

/** The levels for which `+` and `#` stand. The last one behind `#` names what is said (`LWT`), unless it is the only one. */
function standing(filter: readonly string[], topic: readonly string[]): string[] {
  const plus = topic.filter((_, at) => filter[at] === '+');
  if (filter.at(-1) !== '#') return plus;
  const rest = topic.slice(filter.length - 1);
  return [...plus, ...(rest.length > 1 ? rest.slice(0, -1) : rest)];
}

/** True if all levels are among these, in their order. */
function isWithin(scope: readonly string[], levels: readonly string[]): boolean {
  let at = 0;
  for (const level of levels) if (level === scope[at]) at += 1;
  return at === scope.length;
}
