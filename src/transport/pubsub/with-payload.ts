import { itemsOf, type PubsubItem } from '../../xmpp/pubsub/answers';
import type { AskWindow } from './ask-window';
import { isLost, type PubsubService } from './service';

/**
 * An item of which only the id is known, with its payload (XEP-0060 §6.5.8); without one where the node keeps none.
 * Undefined if the session was lost: the item is read again when that is back.
 */
export async function withPayload(
  service: PubsubService,
  window: AskWindow,
  node: string,
  item: PubsubItem,
): Promise<PubsubItem | undefined> {
  try {
    const answer = await window.inTurn(() => service.ask(service.requests.item(node, item.id), window));
    return { ...item, ...itemsOf(answer).find(({ id }) => id === item.id) };
  } catch (error) {
    return isLost(error) ? undefined : item;
  }
}
