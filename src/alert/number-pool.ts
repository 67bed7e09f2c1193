interface Assignment {
  owner: NodeNumbers;
  /** People may not know it yet: who has it from before the start gets it. */
  isNew: boolean;
}

/** The short numbers of all open alerts of a Node-RED: always the smallest that is free. */
export class NumberPool {
  private readonly taken = new Map<number, Assignment>();
  /** Numbers of nodes that a deploy restarts, by node id. Nobody else gets them meanwhile. */
  private readonly kept = new Map<number, string>();

  /** The numbers of one node. `moved`: one that people may not know yet had to be exchanged. */
  of(id: string, moved: (from: number, to: number) => void = () => undefined): NodeNumbers {
    return new NodeNumbers(this, id, moved);
  }

  take(owner: NodeNumbers, isNew: boolean): number {
    let number = 1;
    while (this.taken.has(number) || this.kept.has(number)) number += 1;
    this.taken.set(number, { owner, isNew });
    return number;
  }

  /** False if another alert has it, and people know that one by it. */
  occupy(number: number, owner: NodeNumbers): boolean {
    const holder = this.taken.get(number);
    const keeper = this.kept.get(number);
    if ((holder && !holder.isNew) || (keeper !== undefined && keeper !== owner.id)) return false;
    this.kept.delete(number);
    this.taken.set(number, { owner, isNew: false });
    if (holder) holder.owner.moved(number, this.take(holder.owner, true));
    return true;
  }

  free(number: number, owner: NodeNumbers): void {
    if (this.taken.get(number)?.owner === owner) this.taken.delete(number);
  }

  /** All alerts from before the start are known, and new ones are notified from now on. */
  begun(owner: NodeNumbers): void {
    for (const [number, id] of this.kept) if (id === owner.id) this.kept.delete(number);
    for (const holder of this.taken.values()) if (holder.owner === owner) holder.isNew = false;
  }

  /** The node is gone; `comesBack`: a deploy restarts it. */
  close(owner: NodeNumbers, comesBack: boolean): void {
    for (const [number, holder] of this.taken) {
      if (holder.owner !== owner) continue;
      this.taken.delete(number);
      if (comesBack) this.kept.set(number, owner.id);
    }
  }
}

/** Short numbers for the open alerts of one node. */
export class NodeNumbers {
  private isNew = true;

  constructor(
    private readonly book: NumberPool,
    readonly id: string,
    readonly moved: (from: number, to: number) => void,
  ) {}

  take(): number {
    return this.book.take(this, this.isNew);
  }

  /** Takes back a number from before the start; false if another node has it by now. */
  occupy(number: number): boolean {
    return this.book.occupy(number, this);
  }

  free(number: number): void {
    this.book.free(number, this);
  }

  begun(): void {
    this.isNew = false;
    this.book.begun(this);
  }

  close(comesBack: boolean): void {
    this.book.close(this, comesBack);
  }
}
