import { matches, matchingPart } from './filter';

/**
 * Topics whose results are kept: these, or two for each filter with a wildcard if that is more. A full cache starts
 * again, so memory stays bounded.
 */
const CACHE_SIZE = 5_000;
/** Longer topics are not kept: a server may send 5,000 of 65,535 bytes. */
const CACHE_LENGTH = 256;

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
  /** Values with a wildcard filter. */
  private wild = 0;
  /** Results that wildcards had a part in; the others need no search. */
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
    this.wild += 1;
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

  /** Takes one value away; false if it was not there. */
  remove(filter: string, value: T): boolean {
    this.cache.clear();
    const part = matchingPart(filter);
    if (!isWild(part)) {
      const values = this.exact.get(part);
      const removed = values ? take(values, value) : false;
      if (values?.length === 0) this.exact.delete(part);
      return removed;
    }
    const removed = this.removeFromTrie(part.split('/'), value);
    if (removed) this.wild -= 1;
    return removed;
  }

  /** The values that match, exact filters first; the array belongs to the router: do not change it. */
  match(topic: string): readonly T[] {
    if (this.wild === 0) return this.exact.get(topic) ?? [];
    const known = this.cache.get(topic);
    if (known) return known;
    const found: T[] = [];
    const exact = this.exact.get(topic);
    if (exact) found.push(...exact);
    collect(this.root, topic.split('/'), topic.startsWith('$'), found);
    if (topic.length > CACHE_LENGTH) return found;
    if (this.cache.size >= Math.max(CACHE_SIZE, 2 * this.wild)) this.cache.clear();
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
    return count + countWild(this.root, part.split('/'));
  }

  private removeFromTrie(levels: readonly string[], value: T): boolean {
    const path: { parent: TrieNode<T>; level: string }[] = [];
    const many = levels.at(-1) === '#';
    let node = this.root;
    for (const level of many ? levels.slice(0, -1) : levels) {
      const child = level === '+' ? node.plus : node.children.get(level);
      if (!child) return false;
      path.push({ parent: node, level });
      node = child;
    }
    const removed = take(many ? node.rest : node.here, value);
    for (let step = path.pop(); step && node.isEmpty; step = path.pop()) {
      if (step.level === '+') step.parent.plus = undefined;
      else step.parent.children.delete(step.level);
      node = step.parent;
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

/** Nodes still to be visited, with the level in front of each. A filter may be too deep for recursion. */
class Visits<T> {
  private readonly nodes: TrieNode<T>[] = [];
  private readonly depths: number[] = [];
  index = 0;

  constructor(root: TrieNode<T>) {
    this.push(root, 0);
  }

  push(node: TrieNode<T> | undefined, index: number): void {
    if (!node) return;
    this.nodes.push(node);
    this.depths.push(index);
  }

  /** The next node; `index` is then its level. */
  next(): TrieNode<T> | undefined {
    this.index = this.depths.pop() ?? 0;
    return this.nodes.pop();
  }
}

function collect<T>(root: TrieNode<T>, levels: readonly string[], dollar: boolean, found: T[]): void {
  const visits = new Visits(root);
  for (let node = visits.next(); node; node = visits.next()) {
    const { index } = visits;
    // A leading wildcard does not match topics that begin with $ (MQTT 5 §4.7.2).
    const wild = node !== root || !dollar;
    if (wild) for (const value of node.rest) found.push(value);
    const level = levels[index];
    if (level === undefined) for (const value of node.here) found.push(value);
    else {
      if (wild) visits.push(node.plus, index + 1);
      visits.push(node.children.get(level), index + 1);
    }
  }
}

/** Counts the wildcard filters below `root` that share a topic with the filter `levels`. */
function countWild<T>(root: TrieNode<T>, levels: readonly string[]): number {
  let count = 0;
  const visits = new Visits(root);
  for (let node = visits.next(); node; node = visits.next()) {
    const { index } = visits;
    const level = levels[index];
    const top = node === root;
    const dollar = top && (level ?? '').startsWith('$');
    if (!dollar) count += node.rest.length;
    if (level === undefined || level === '#') count += node.here.length;
    if (level === undefined) continue;
    // Below # everything counts, so that the walk stays at this level.
    const below = level === '#' ? index : index + 1;
    if (level === '#' || level === '+') {
      for (const [name, child] of node.children) if (!top || !name.startsWith('$')) visits.push(child, below);
    } else visits.push(node.children.get(level), below);
    if (!dollar) visits.push(node.plus, below);
  }
  return count;
}
