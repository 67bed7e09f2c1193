import { itemsOf, type PubsubItem } from '../../xmpp/pubsub/answers';
import type { AskWindow } from './ask-window';
import { isLost, type PubsubService } from './service';

/** Most items whose payloads are being read. */
const MAX_READING = 10_000;

/** Reads the payloads of items that came without them. */
export class PayloadReader {
  /** Number of items whose payloads are being read. */
  private reading = 0;

  constructor(
    private readonly service: PubsubService,
    private readonly window: AskWindow,
  ) {}

  get isFull(): boolean {
    return this.reading >= MAX_READING;
  }

  /**
   * An item of which only the id is known, with its payload (XEP-0060 §6.5.8); without one where the node keeps none.
   * Undefined if the session was lost: the item is read again when that is back.
   */
  async read(node: string, item: PubsubItem): Promise<PubsubItem | undefined> {
    const { service, window } = this;
    this.reading += 1;
    try {
      const answer = await window.inTurn(() => service.ask(service.requests.item(node, item.id), window));
      return { ...item, ...itemsOf(answer).find(({ id }) => id === item.id) };
    } catch (error) {
      return isLost(error) ? undefined : item;
    } finally {
      this.reading -= 1;
    }
  }
}
