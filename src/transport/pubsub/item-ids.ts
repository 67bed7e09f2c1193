import { crc32 } from 'node:zlib';
import { BoundedMap } from '../../base/bounded-map';
import { bareOf } from '../../xmpp/addresses';
import type { PubsubItem } from '../../xmpp/pubsub/answers';

/** Own items that are remembered, so that a repeated one is told from a new one. */
const MAX_SEEN = 10_000;

/**
 * Ids of the items that this connection publishes: `nr-<installation>-<n>`. An id belongs to its publisher (ejabberd
 * refuses it to others), and a repeated publication bears the same.
 */
export class ItemIds {
  private readonly prefix: string;
  /** Checksums of the contents, by id. */
  private readonly seen = new BoundedMap<string, number>(MAX_SEEN);
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

  private isOwn(id: string): boolean {
    return id.startsWith(this.prefix);
  }

  /**
   * Origin of an item; `again`: ours, seen before, so that it was published again after a loss. Prosody lets others
   * publish under an id of ours: such an item has another publisher or another content.
   * @param account bare JID of this connection
   */
  originOf({ id, publisher, content }: PubsubItem, account: string): 'ours' | 'again' | 'theirs' {
    if (!this.isOwn(id) || (publisher !== undefined && bareOf(publisher) !== account)) return 'theirs';
    const sum = crc32(content?.text ?? '');
    const before = this.seen.get(id);
    if (before === sum) return 'again';
    this.seen.set(id, sum);
    return before === undefined ? 'ours' : 'theirs';
  }
}
