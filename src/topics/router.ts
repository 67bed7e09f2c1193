import { matchingPart } from './filter';

/** How many topics' results are kept; when it is full it starts anew, so memory stays bounded. */
const CACHE_SIZE = 5_000;

class TrieNode<T> {
  readonly children = new Map<string, TrieNode<T>>();
  plus: TrieNode<T> | undefined;
  /** Values whose filter ends here. */
  here: T[] = [];
  /** Values whose filter ends in `#` behind this level. */
  rest: T[] = [];

  get isEmpty(): boolean {
    return this.children.size === 0 && !this.plus && this.here.length === 0 && this.rest.length === 0;
  }
}

/**
 * Finds the values whose topic filter matches a topic (MQTT 5 §4.7): `+` one level, `#` the rest and its
 * parent, empty levels count, filters that begin with a wildcard do not match topics that begin with `$`.
 * A shared subscription matches as the filter behind its group.
 *
 * Filters must have passed `checkFilter`.
 */
export class Router<T> {
  private readonly exact = new Map<string, T[]>();
  private readonly root = new TrieNode<T>();
  private cache = new Map<string, readonly T[]>();

  add(filter: string, value: T): void {
    this.cache.clear();
    const part = matchingPart(filter);
    if (!isWild(part)) {
      const values = this.exact.get(part);
      if (values) values.push(value);
      else this.exact.set(part, [value]);
      return;
    }
    let node = this.root;
    for (const level of part.split('/')) {
      if (level === '#') {
        node.rest.push(value);
        return;
      }
      if (level === '+') {
        node.plus ??= new TrieNode();
        node = node.plus;
      } else {
        let child = node.children.get(level);
        if (!child) {
          child = new TrieNode();
          node.children.set(level, child);
        }
        node = child;
      }
    }
    node.here.push(value);
  }

  /** Takes one value away; false where it was not there. */
  remove(filter: string, value: T): boolean {
    this.cache.clear();
    const part = matchingPart(filter);
    if (!isWild(part)) {
      const values = this.exact.get(part);
      const removed = values ? take(values, value) : false;
      if (values?.length === 0) this.exact.delete(part);
      return removed;
    }
    return this.removeFrom(this.root, part.split('/'), 0, value);
  }

  /** The values that match, exact filters first; the array belongs to the router: do not change it. */
  match(topic: string): readonly T[] {
    const known = this.cache.get(topic);
    if (known) return known;
    const found: T[] = [];
    const exact = this.exact.get(topic);
    if (exact) found.push(...exact);
    collect(this.root, topic.split('/'), 0, topic.startsWith('$'), found);
    if (this.cache.size >= CACHE_SIZE) this.cache.clear();
    this.cache.set(topic, found);
    return found;
  }

  /** How many values have a filter that some topic could match at the same time as `filter`; itself included. */
  countOverlapping(filter: string): number {
    const part = matchingPart(filter);
    let count = isWild(part) ? 0 : (this.exact.get(part)?.length ?? 0);
    if (isWild(part)) {
      const levels = part.split('/');
      for (const [topic, values] of this.exact) {
        if (matches(levels, topic.split('/'))) count += values.length;
      }
    }
    return count + countWild(this.root, part.split('/'), 0);
  }

  private removeFrom(node: TrieNode<T>, levels: string[], index: number, value: T): boolean {
    const level = levels[index];
    if (level === undefined) return take(node.here, value);
    if (level === '#') return take(node.rest, value);
    const child = level === '+' ? node.plus : node.children.get(level);
    if (!child) return false;
    const removed = this.removeFrom(child, levels, index + 1, value);
    if (child.isEmpty) {
      if (level === '+') node.plus = undefined;
      else node.children.delete(level);
    }
    return removed;
  }
}

function isWild(filter: string): boolean {
  return filter.includes('+') || filter.endsWith('#');
}

function take<T>(values: T[], value: T): boolean {
  const index = values.indexOf(value);
  if (index < 0) return false;
  values.splice(index, 1);
  return true;
}

function collect<T>(node: TrieNode<T>, levels: string[], index: number, dollar: boolean, found: T[]): void {
  // A leading wildcard does not match topics that begin with $ (MQTT 5 §4.7.2).
  const wild = index > 0 || !dollar;
  if (wild) for (const value of node.rest) found.push(value);
  const level = levels[index];
  if (level === undefined) {
    for (const value of node.here) found.push(value);
    return;
  }
  const child = node.children.get(level);
  if (child) collect(child, levels, index + 1, dollar, found);
  if (wild && node.plus) collect(node.plus, levels, index + 1, dollar, found);
}

/** Counts the wildcard filters below `node` that share a topic with the filter `levels`, from `index` on. */
function countWild<T>(node: TrieNode<T>, levels: string[], index: number): number {
  const level = levels[index];
  const dollar = index === 0 && level !== undefined && level.startsWith('$');
  let count = dollar ? 0 : node.rest.length;
  if (level === undefined) return count + node.here.length;
  if (level === '#') return countAll(node, index === 0);
  if (level === '+') {
    for (const [name, child] of node.children) {
      if (index > 0 || !name.startsWith('$')) count += countWild(child, levels, index + 1);
    }
  } else {
    const child = node.children.get(level);
    if (child) count += countWild(child, levels, index + 1);
  }
  if (node.plus && !dollar) count += countWild(node.plus, levels, index + 1);
  // `a` is matched by `a/#`, whose node lies one level further down.
  return count;
}

function countAll<T>(node: TrieNode<T>, top: boolean): number {
  let count = node.rest.length + node.here.length;
  for (const [name, child] of node.children) if (!top || !name.startsWith('$')) count += countAll(child, false);
  if (node.plus) count += countAll(node.plus, false);
  return count;
}

/** Whether a topic's levels match a filter's levels; also the reference for single checks outside the trie. */
export function matches(filter: readonly string[], topic: readonly string[]): boolean {
  if (topic[0]?.startsWith('$') && (filter[0] === '+' || filter[0] === '#')) return false;
  for (let i = 0; i < filter.length; i++) {
    const level = filter[i];
    if (level === '#') return true;
    if (i >= topic.length) return false;
    if (level !== '+' && level !== topic[i]) return false;
  }
  return filter.length === topic.length;
}
