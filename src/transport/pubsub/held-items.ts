import type { PubsubItem } from '../../xmpp/pubsub/answers';
import type { WantedNode } from './wanted-node';

/** Most items that wait, and the characters of all of them: a service may send as many as it likes. */
const MAX_ITEMS = 10_000;
const MAX_SIZE = 16 * 1_048_576;

/** A node with the items that wait for it. */
type Holder = Pick<WantedNode, 'held'>;

/** Items that came before the subscription of their node was confirmed. */
export class HeldItems {
  private count = 0;
  private size = 0;

  /** @returns false if there is no room */
  add(node: Holder, item: PubsubItem, kept: boolean): boolean {
    const size = sizeOf(item);
    if (this.count >= MAX_ITEMS || this.size + size > MAX_SIZE) return false;
    node.held.push({ item, kept });
    this.count += 1;
    this.size += size;
    return true;
  }

  /** Those of a node, which wait no longer. */
  takeOut(node: Holder): WantedNode['held'] {
    const held = node.held.splice(0);
    this.count -= held.length;
    for (const { item } of held) this.size -= sizeOf(item);
    return held;
  }
}

function sizeOf({ id, content }: PubsubItem): number {
  return id.length + (content?.text.length ?? 0);
}
