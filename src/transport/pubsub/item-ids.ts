import { BoundedSet } from '../../base/bounded-map';

/** Own items that are remembered, so that a repeated one is told from a new one. */
const MAX_SEEN = 10_000;

/**
 * Ids of the items that this connection publishes: `nr-<installation>-<n>`. An id belongs to its publisher (ejabberd
 * refuses it to others), and a repeated publication bears the same.
 */
export class ItemIds {
  private readonly prefix: string;
  private readonly seen = new BoundedSet<string>(MAX_SEEN);
  private count = 0;

  /**
   * @param installation name of this connection in this installation; unique among all that use the account
   * @param start milliseconds since the epoch: numbers of a later process are other ones
   */
  constructor(
    installation: string,
    private readonly start: number,
  ) {
    this.prefix = `nr-${installation}-`;
  }

  next(): string {
    this.count += 1;
    return `${this.prefix}${this.start}${String(this.count).padStart(6, '0')}`;
  }

  isOwn(id: string): boolean {
    return id.startsWith(this.prefix);
  }

  /** True for an item of ours that has been seen already: it was published again after a loss. */
  isRepeated(id: string): boolean {
    return this.isOwn(id) && !this.seen.add(id);
  }
}
