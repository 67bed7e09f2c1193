interface Waiting {
  /** Rank among all that were pushed. */
  readonly number: number;
  readonly bytes: number;
  readonly due: number;
}

/** What waits, in its order, and how much that is. */
export class BoundedQueue<E extends Waiting> {
  private entries: (E | undefined)[] = [];
  /** Index of the first entry: shifting an array of thousands for each message is slow. */
  private head = 0;
  private bytes = 0;
  /** What waits again and does not count. */
  private readonly beside = new Set<E>();
  private bytesBeside = 0;

  get size(): number {
    return this.entries.length - this.head;
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

  /** When the first one becomes too old, whatever its place; infinite where nothing waits. */
  get due(): number {
    let due = Number.POSITIVE_INFINITY;
    for (let index = this.head; index < this.entries.length; index++)
      due = Math.min(due, (this.entries[index] as E).due);
    return due;
  }

  push(entry: E): void {
    this.entries.push(entry);
    this.bytes += entry.bytes;
  }

  shift(): E | undefined {
    const entry = this.entries[this.head];
    if (!entry) return undefined;
    // What is gone must not be kept by its place.
    this.entries[this.head] = undefined;
    this.head += 1;
    this.leaves(entry);
    if (this.head === this.entries.length) this.reset([]);
    else if (this.head > 1_024 && this.head * 2 > this.entries.length) this.reset(this.all);
    return entry;
  }

  pop(): void {
    const entry = this.entries.pop();
    if (entry) this.leaves(entry);
  }

  /** Takes out all that `match`. */
  takeOut(match: (entry: E) => boolean): E[] {
    const out: E[] = [];
    const rest: E[] = [];
    for (const entry of this.all) (match(entry) ? out : rest).push(entry);
    if (out.length > 0) this.reset(rest);
    for (const entry of out) this.leaves(entry);
    return out;
  }

  /** These were in the line before, and come back to their places. */
  putBack(entries: readonly E[]): void {
    // Of an earlier time something may be here already.
    this.reset([...entries, ...this.all].sort((a, b) => a.number - b.number));
    for (const { bytes } of entries) this.bytes += bytes;
  }

  /** These have their room beside the limits, until they leave or `allCount`. */
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

  exceeds({ messages, bytes }: { messages: number; bytes: number }): boolean {
    return this.size > messages + this.beside.size || this.bytes > bytes + this.bytesBeside;
  }

  private reset(entries: E[]): void {
    this.entries = entries;
    this.head = 0;
  }

  private leaves(entry: E): void {
    this.bytes -= entry.bytes;
    if (this.beside.delete(entry)) this.bytesBeside -= entry.bytes;
  }
}
