import type { HeldBy } from './dependents';
import type { KeyEntry } from './keys';
import { OpenParents, type ScopesOf } from './open-parents';
import { matchesFilter } from './silences';

/** Keys that are named. */
const MAX_KEYS = 20;

/** Keys of a node that hold keys of another one, or of the same, back. */
export interface KeyDependency {
  /** Id of the node that has them. */
  node: string;
  /** A pattern as in commands (`+`, `#`, `*`). */
  pattern: string;
}

/** The part of an `AlertMachine` that dependencies need. */
export interface DependentMachine {
  readonly active: ReadonlySet<KeyEntry>;
  readonly keys: { readonly map: ReadonlyMap<string, KeyEntry> };
  /** Something is to be looked at soon, a key among it. */
  wake(entry?: KeyEntry): void;
}

export interface DependencyTools {
  /** Two keys depend on each other; called once. */
  circle(key: string, other: string): void;
  /** There is no node with this id; called once for each. */
  missing(node: string): void;
}

/** One pattern that somebody watches, with the open alerts that it means. */
interface Watch {
  node: string;
  /** Undefined: the topics and connections that the node itself watches. */
  pattern: string | undefined;
  open: OpenParents;
  child: NodeDependencies;
  isMissing: boolean;
}

/** What depends on what among all nodes of a Node-RED. Only the telling is held back, never the evaluation. */
export class DependencyHub {
  private readonly nodes = new Map<string, NodeDependencies>();
  private readonly watches = new Map<string, Set<Watch>>();

  /**
   * @param keys of nodes on which this one depends
   * @param scopesOf which keys a topic on which it depends holds back
   */
  of(
    id: string,
    keys: readonly KeyDependency[],
    tools: DependencyTools,
    scopesOf?: ScopesOf,
  ): NodeDependencies {
    const node: NodeDependencies = new NodeDependencies(id, this, tools);
    const watch = (of: string, pattern: string | undefined): Watch => {
      const open = new OpenParents(pattern === undefined ? scopesOf : undefined);
      const made = { node: of, pattern, open, child: node, isMissing: false };
      const set = this.watches.get(of);
      if (set) set.add(made);
      else this.watches.set(of, new Set([made]));
      return made;
    };
    this.nodes.set(id, node);
    // What is left of a predecessor is told anew by its successor.
    for (const one of this.watches.get(id) ?? []) this.release(one);
    node.watches = [watch(id, undefined), ...keys.map(({ node: of, pattern }) => watch(of, pattern))];
    for (const one of node.watches) {
      for (const entry of this.nodes.get(one.node)?.open() ?? []) if (means(one, entry)) one.open.add(entry);
    }
    return node;
  }

  node(id: string): NodeDependencies | undefined {
    return this.nodes.get(id);
  }

  opened(id: string, entry: KeyEntry): void {
    for (const watch of this.watches.get(id) ?? []) if (means(watch, entry)) watch.open.add(entry);
  }

  closed(id: string, entry: KeyEntry): void {
    for (const watch of this.watches.get(id) ?? []) {
      if (watch.open.delete(entry.key)) watch.child.changed();
    }
  }

  /** A node is gone; `comesBack`: a deploy makes it again, and until then its alerts hold back. */
  remove(node: NodeDependencies, comesBack: boolean): void {
    for (const watch of node.watches) this.watches.get(watch.node)?.delete(watch);
    if (this.nodes.get(node.id) !== node) return;
    this.nodes.delete(node.id);
    if (comesBack) return;
    for (const watch of this.watches.get(node.id) ?? []) this.release(watch);
  }

  /** All nodes of a deploy are there: one that is not holds nothing back. */
  deployed(): void {
    for (const [id, watches] of this.watches) {
      const isThere = this.nodes.has(id);
      for (const watch of watches) {
        if (!isThere) this.release(watch);
        if (!isThere && !watch.isMissing) watch.child.tools.missing(id);
        watch.isMissing = !isThere;
      }
    }
  }

  private release(watch: Watch): void {
    if (watch.open.size === 0) return;
    watch.open.clear();
    watch.child.changed();
  }
}

function means({ pattern }: Watch, entry: KeyEntry): boolean {
  return pattern === undefined ? entry.parent !== undefined : matchesFilter(entry.key, pattern);
}

/** What the keys of one node depend on. */
export class NodeDependencies {
  watches: readonly Watch[] = [];
  private machine: DependentMachine | undefined;
  /** Until all nodes run, what was held back stays so. */
  private isStarting = true;
  private isChanged = false;
  private hasCircle = false;

  constructor(
    readonly id: string,
    private readonly hub: DependencyHub,
    readonly tools: DependencyTools,
  ) {}

  attach(machine: DependentMachine): void {
    this.machine = machine;
  }

  /** All nodes run: what was held back may be over. */
  started(): void {
    this.isStarting = false;
    this.changed();
  }

  close(comesBack: boolean): void {
    this.machine = undefined;
    this.hub.remove(this, comesBack);
  }

  /** Its open alerts. */
  *open(): Iterable<KeyEntry> {
    for (const entry of this.machine?.active ?? []) if (entry.episode) yield entry;
  }

  opened(entry: KeyEntry): void {
    this.hub.opened(this.id, entry);
  }

  closed(entry: KeyEntry): void {
    this.hub.closed(this.id, entry);
    // Devices behind it may be told of.
    if (entry.subject?.isGateway) this.changed();
  }

  /** What held something back is over: it is looked at soon. */
  changed(): void {
    this.isChanged = true;
    this.machine?.wake();
  }

  /** True, once, if something that was held back may be told. */
  takeChanged(): boolean {
    const { isChanged } = this;
    this.isChanged = false;
    return isChanged;
  }

  /** When somebody has to look; Infinity: never. */
  get due(): number {
    return this.isChanged ? 0 : Number.POSITIVE_INFINITY;
  }

  /** True if the telling about this key is held back. */
  holds(entry: KeyEntry): boolean {
    if (this.isStarting && entry.heldFor !== undefined) return true;
    return this.parentOf(entry) !== undefined;
  }

  /** The alert on whose end the telling about this key waits, where there is one. */
  heldBy(entry: KeyEntry): HeldBy | undefined {
    const parent = this.parentOf(entry);
    const { episode } = parent ?? {};
    return parent && episode && { id: episode.id, number: episode.number, key: parent.key };
  }

  /** Counts a key that began to alert while another alert holds it back. */
  count(entry: KeyEntry): void {
    const found = this.found(entry);
    const { episode } = found?.entry ?? {};
    if (!found || !episode || entry.heldFor === episode.id) return;
    entry.heldFor = episode.id;
    const { count, keys } = episode.dependents ?? { count: 0, keys: [] };
    // It began again after a restart.
    if (keys.includes(entry.key)) return;
    episode.dependents = { count: count + 1, keys: keys.length < MAX_KEYS ? [...keys, entry.key] : keys };
    this.hub.node(found.node)?.machine?.wake(found.entry);
  }

  private parentOf(entry: KeyEntry): KeyEntry | undefined {
    return this.found(entry)?.entry;
  }

  private found(entry: KeyEntry): { node: string; entry: KeyEntry } | undefined {
    for (const watch of this.watches) {
      const { node, pattern, open } = watch;
      if (open.size === 0) continue;
      // Topics and connections on which a node depends do not depend on its keys, nor on each other.
      if (node === this.id && entry.parent) continue;
      if (node === this.id && pattern !== undefined && this.isParent(entry.key)) {
        this.tellCircle(entry, open);
        continue;
      }
      const first = open.first(entry.key);
      if (first?.episode) return { node, entry: first };
    }
    const gateway = this.gatewayOf(entry);
    return gateway && { node: this.id, entry: gateway };
  }

  /** The gateway of a device, while it is away. */
  private gatewayOf({ key, subject }: KeyEntry): KeyEntry | undefined {
    if (subject?.behind === undefined || subject.behind === key) return undefined;
    const gateway = this.machine?.keys.map.get(subject.behind);
    return gateway?.episode && gateway;
  }

  /** True if other keys of this node depend on it: then a key of this node on which it depended would depend on it, too. */
  private isParent(key: string): boolean {
    return this.watches.some(
      ({ node, pattern }) => node === this.id && pattern !== undefined && matchesFilter(key, pattern),
    );
  }

  private tellCircle({ key }: KeyEntry, open: OpenParents): void {
    if (this.hasCircle) return;
    for (const other of open.keys()) {
      if (other === key) continue;
      this.hasCircle = true;
      this.tools.circle(key, other);
      return;
    }
  }
}
