import type { AskWindow } from './ask-window';
import type { PubsubService } from './service';

/** Most nodes that one message names, and their characters: it stays below every server's limit of a stanza. */
const MOST_NAMED = 20;
const MOST_CHARACTERS = 8_000;
/** Milliseconds until a subscription is renewed: the service may still be about to end it. */
const RENEWAL_DELAY = 1_000;

/**
 * A subscription is the account's, not the session's: another session that no longer wants a node ends it for all. So
 * it tells the others, and they renew what they still want.
 */
export class SharedSubscriptions {
  private readonly ended = new Set<string>();
  private cancel: (() => void) | undefined;

  /** @param renew subscribes again to one of these nodes */
  constructor(
    private readonly service: PubsubService,
    private readonly window: AskWindow,
    private readonly nodes: { has(node: string): boolean },
    private readonly renew: (node: string) => void,
  ) {}

  /** Ends subscriptions, node by node: asked for all at once, Prosody may never answer. */
  end(nodes: readonly string[]): void {
    const { service, window } = this;
    for (const node of nodes) {
      this.ended.delete(node);
      service.ask(service.requests.unsubscribe(node), window).catch(() => {});
    }
    for (const named of inMessages(nodes)) {
      // Prosody drops a headline to the own account. A normal message reaches the sessions of the highest priority only.
      for (const type of ['headline', 'normal'] as const)
        service.tell(service.requests.unsubscribed(named, type));
    }
  }

  /** Another session of the account says that it has ended the subscription of this node. */
  endedElsewhere(node: string): void {
    if (!this.nodes.has(node)) return;
    this.ended.add(node);
    this.cancel ??= this.service.clock.after(RENEWAL_DELAY, () => {
      this.cancel = undefined;
      const nodes = [...this.ended];
      this.ended.clear();
      for (const one of nodes) this.renew(one);
    });
  }

  stop(): void {
    this.cancel?.();
    this.cancel = undefined;
    this.ended.clear();
  }
}

/** The nodes that one message names, message by message. */
function inMessages(nodes: readonly string[]): string[][] {
  const messages: string[][] = [];
  let characters = 0;
  for (const node of nodes) {
    const last = messages.at(-1);
    if (last && last.length < MOST_NAMED && characters + node.length <= MOST_CHARACTERS) last.push(node);
    else {
      messages.push([node]);
      characters = 0;
    }
    characters += node.length;
  }
  return messages;
}
