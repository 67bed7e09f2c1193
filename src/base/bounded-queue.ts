/** How much may wait. */
export interface QueueLimits {
  /** @default 10000 */
  messages: number;
  /** @default 16777216 */
  bytes: number;
  /** How long each may wait, in milliseconds. @default 3600000 */
  ttl: number;
}

/** The waiting entries, in order, and their size. */
export class BoundedQueue<E extends { readonly bytes: number }> {
  private entries: (E | undefined)[] = [];
  /** Index of the first entry: shifting an array of thousands for each message is slow. */
  private head = 0;
  private sum = 0;
  /** What waits again and does not count. */
  private readonly beside = new Set<E>();
  private bytesBeside = 0;

  get size(): number {
    return this.entries.length - this.head;
  }

  /** Size of all entries together. */
  get bytes(): number {
    return this.sum;
  }

  get first(): E | undefined {
    return this.entries[this.head];
  }

  get last(): E | undefined {
    return this.entries.at(-1);
  }

  get all(): E[] {
    return this.entries.slice(this.head) as E[];
  }

  find(match: (entry: E) => boolean): E | undefined {
    for (let index = this.head; index < this.entries.length; index++) {
      const entry = this.entries[index] as E;
      if (match(entry)) return entry;
    }
    return undefined;
  }

  /** The least of a number that each entry has; infinite where nothing waits. */
  least(numberOf: (entry: E) => number): number {
    let least = Number.POSITIVE_INFINITY;
    for (let index = this.head; index < this.entries.length; index++)
      least = Math.min(least, numberOf(this.entries[index] as E));
    return least;
  }

  push(entry: E): void {
    this.entries.push(entry);
    this.sum += entry.bytes;
  }

  shift(): E | undefined {
    const entry = this.entries[this.head];
    if (!entry) return undefined;
    // Entries that are gone must not be kept alive by their place.
    this.entries[this.head] = undefined;
    this.head += 1;
    this.leaves(entry);
    if (this.head === this.entries.length) this.reset([]);
    else if (this.head > 1_024 && this.head * 2 > this.entries.length) this.reset(this.all);
    return entry;
  }

  /** Takes out all that `match`. @default everything */
  takeOut(match: (entry: E) => boolean = () => true): E[] {
    const out: E[] = [];
    const rest: E[] = [];
    for (const entry of this.all) (match(entry) ? out : rest).push(entry);
    if (out.length > 0) this.reset(rest);
    for (const entry of out) this.leaves(entry);
    return out;
  }

  /** These come back, before all that waits or, with `order`, to their places. */
  putBack(entries: readonly E[], order?: (a: E, b: E) => number): void {
    const all = [...entries, ...this.all];
    this.reset(order ? all.sort(order) : all);
    for (const { bytes } of entries) this.sum += bytes;
  }

  /** These have room beside the limits, until they leave or `allCount`. */
  doNotCount(entries: readonly E[]): void {
    for (const entry of entries) {
      this.beside.add(entry);
      this.bytesBeside += entry.bytes;
    }
  }

  allCount(): void {
    this.beside.clear();
    this.bytesBeside = 0;
  }

  /**
   * Takes out the entry that is too much: the newest if it alone is `larger` than everything that may wait, so that it
   * pushes out none of the others, else the oldest.
   */
  overflow({
    messages,
    bytes,
  }: Pick<QueueLimits, 'messages' | 'bytes'>): { entry: E; isLarger: boolean } | undefined {
    const { last } = this;
    if (last && last.bytes > bytes) {
      this.entries.pop();
      this.leaves(last);
      return { entry: last, isLarger: true };
    }
    const isFull = this.size > messages + this.beside.size || this.sum > bytes + this.bytesBeside;
    const oldest = isFull ? this.shift() : undefined;
    return oldest && { entry: oldest, isLarger: false };
  }

  private reset(entries: E[]): void {
    this.entries = entries;
    this.head = 0;
  }

  private leaves(entry: E): void {
    this.sum -= entry.bytes;
    if (this.beside.delete(entry)) this.bytesBeside -= entry.bytes;
  }
}
