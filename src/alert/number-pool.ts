interface Holder {
  owner: Numbers;
  /** People may not know it yet: who has it from before the start gets it. */
  isNew: boolean;
}

/** The short numbers of all open alerts of a Node-RED: always the smallest that is free. */
export class NumberBook {
  private readonly taken = new Map<number, Holder>();
  /** Of nodes that a deploy makes anew, by their id: nobody else gets these meanwhile. */
  private readonly kept = new Map<number, string>();

  /** The numbers of one node. `moved`: one that people may not know yet had to be exchanged. */
  of(id: string, moved: (from: number, to: number) => void = () => undefined): Numbers {
    return new Numbers(this, id, moved);
  }

  take(owner: Numbers, isNew: boolean): number {
    let number = 1;
    while (this.taken.has(number) || this.kept.has(number)) number += 1;
    this.taken.set(number, { owner, isNew });
    return number;
  }

  /** False where another alert has it, and people know that one by it. */
  occupy(number: number, owner: Numbers): boolean {
    const holder = this.taken.get(number);
    const keeper = this.kept.get(number);
    if ((holder && !holder.isNew) || (keeper !== undefined && keeper !== owner.id)) return false;
    this.kept.delete(number);
    this.taken.set(number, { owner, isNew: false });
    if (holder) holder.owner.moved(number, this.take(holder.owner, true));
    return true;
  }

  free(number: number, owner: Numbers): void {
    if (this.taken.get(number)?.owner === owner) this.taken.delete(number);
  }

  /** All alerts from before the start are there, and new ones are told from now on. */
  begun(owner: Numbers): void {
    for (const [number, id] of this.kept) if (id === owner.id) this.kept.delete(number);
    for (const holder of this.taken.values()) if (holder.owner === owner) holder.isNew = false;
  }

  /** The node is gone; `comesBack`: a deploy makes it anew. */
  close(owner: Numbers, comesBack: boolean): void {
    for (const [number, holder] of this.taken) {
      if (holder.owner !== owner) continue;
      this.taken.delete(number);
      if (comesBack) this.kept.set(number, owner.id);
    }
  }
}

/** Short numbers for the open alerts of one node. */
export class Numbers {
  private isNew = true;

  constructor(
    private readonly book: NumberBook,
    readonly id: string,
    readonly moved: (from: number, to: number) => void,
  ) {}

  take(): number {
    return this.book.take(this, this.isNew);
  }

  /** Takes back one from before the start; false where it is somebody else's by now. */
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
