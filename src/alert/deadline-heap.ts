/** Something with a time at which it must be looked at. */
export interface Timed {
  /** Position in the heap; -1: it is not in it. Only the heap writes here. */
  heapIndex: number;
  /** When the heap gives it out. Only the heap writes here. */
  heapDue: number;
}

/**
 * All deadlines of a node in one binary heap. A deadline that moves back costs nothing: the thing comes out at its old
 * time, its owner sees that it is not due yet, and puts it in again.
 */
export class DeadlineHeap<T extends Timed> {
  private readonly heap: T[] = [];

  /** The earliest time at which something may be due; Infinity: never. */
  get next(): number {
    return this.heap[0]?.heapDue ?? Number.POSITIVE_INFINITY;
  }

  get size(): number {
    return this.heap.length;
  }

  /** Makes sure that `item` comes out at `due` at the latest; Infinity asks for nothing. */
  want(item: T, due: number): void {
    if (item.heapIndex >= 0) {
      if (due >= item.heapDue) return;
      item.heapDue = due;
      this.up(item.heapIndex, item);
    } else if (due !== Number.POSITIVE_INFINITY) {
      item.heapDue = due;
      this.heap.push(item);
      this.up(this.heap.length - 1, item);
    }
  }

  /** Takes out the first whose time has come. */
  take(now: number): T | undefined {
    const first = this.heap[0];
    if (!first || first.heapDue > now) return undefined;
    this.remove(first);
    return first;
  }

  remove(item: T): void {
    const at = item.heapIndex;
    if (at < 0) return;
    item.heapIndex = -1;
    const last = this.heap.pop();
    if (!last || last === item) return;
    this.up(at, last);
    this.down(last.heapIndex, last);
  }

  /** The clock was set: all times move along. */
  shift(ms: number): void {
    for (const item of this.heap) item.heapDue += ms;
  }

  private up(from: number, item: T): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.heap[parent] as T;
      if (above.heapDue <= item.heapDue) break;
      this.place(at, above);
      at = parent;
    }
    this.place(at, item);
  }

  private down(from: number, item: T): void {
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.heap.length) break;
      const right = this.heap[child + 1];
      if (right && right.heapDue < (this.heap[child] as T).heapDue) child += 1;
      const below = this.heap[child] as T;
      if (below.heapDue >= item.heapDue) break;
      this.place(at, below);
      at = child;
    }
    this.place(at, item);
  }

  private place(at: number, item: T): void {
    this.heap[at] = item;
    item.heapIndex = at;
  }
}
