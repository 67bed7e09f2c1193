/** What comes back to what a node sent: receipts, displayed markers, and the errors of servers and rooms. */

import type { Element } from '@xmpp/client';
import { BoundedMap, BoundedSet } from '../../base/bounded-map';
import type { Clock } from '../../base/clock';
import { plain } from '../../base/printable';
import { bareOf } from '../addresses';
import type { ChatKind } from '../chat-kind';
import { NS } from '../namespaces';
import { SendError } from '../send-error';
import type { SentMessages } from '../sent-messages';
import type { Stanzas } from '../stanzas';
import { errorOf } from '../stanzas';
import type { Feedback } from './send-request';

export interface SendFeedbackOptions<T> {
  stanzas: Pick<Stanzas, 'onStanza'>;
  clock: Clock;
  memory: SentMessages;
  /** Id of the node. Receipts for messages of another node are not passed to it. */
  node: string;
  feedback(feedback: Feedback): void;
  /** Sends something once more; `refused` where that cannot be. */
  again(item: T, tries: number, refused: (error: Error) => void): void;
  /** The recipient's server asked for a pause; the result is how long that is, in milliseconds. */
  slowDown(to: string): number;
}

interface Recent<T> {
  item: T;
  tries: number;
}

const MAX_RECENT = 500;
const MAX_TRIES = 3;

export class SendFeedback<T extends { to: string; kind: ChatKind }> {
  private readonly recent = new BoundedMap<string, Recent<T>>(MAX_RECENT);
  private readonly heard = new BoundedSet<string>(MAX_RECENT * 4);
  private readonly end: () => void;

  constructor(private readonly options: SendFeedbackOptions<T>) {
    this.end = options.stanzas.onStanza((stanza) => this.onStanza(stanza));
  }

  /** Keeps an item that goes out now under this id for a while, to send it again if needed. */
  expect(id: string, item: T, tries: number): void {
    this.recent.set(id, { item, tries });
  }

  close(): void {
    this.end();
    this.recent.clear();
  }

  private onStanza(stanza: Element): void {
    if (stanza.name !== 'message') return;
    if (stanza.attrs.type === 'error') this.onError(stanza);
    else if (stanza.attrs.type !== 'groupchat') this.onReceipt(stanza);
  }

  private onReceipt(stanza: Element): void {
    const { from = '' } = stanza.attrs;
    const bare = bareOf(from);
    const received = stanza.getChild('received', NS.receipts);
    const displayed = stanza.getChild('displayed', NS.chatMarkers);
    const { memory, node, clock, feedback } = this.options;
    for (const [type, element] of [
      ['received', received],
      ['displayed', displayed],
    ] as const) {
      const id = element?.attrs.id;
      if (!id) continue;
      // A receipt counts only from a recipient of the message.
      const entry = memory.find(id, bare);
      const key = `${type} ${id} ${bare}`;
      if (!entry || entry.node !== node || !this.heard.add(key)) continue;
      const stamp = new Date(clock.now()).toISOString();
      feedback({ type, id: entry.id, from, stamp, ...(entry.alertId && { alertId: entry.alertId }) });
    }
  }

  /** The message came back (RFC 6121 §8.5.2). */
  private onError(stanza: Element): void {
    const { id = '', from = '' } = stanza.attrs;
    const recent = this.recent.get(id);
    if (!recent || bareOf(from) !== bareOf(recent.item.to)) return;
    this.recent.delete(id);
    const { clock, feedback, slowDown } = this.options;
    const { item } = recent;
    const { condition, kind, text } = errorOf(stanza);
    const tries = recent.tries + 1;
    const again = (): void =>
      this.options.again(item, tries, (error) => feedback({ type: 'refused', id, from, error }));
    if (kind === 'wait' && tries < MAX_TRIES) {
      clock.after(slowDown(item.to), again);
    } else if (item.kind === 'groupchat' && condition === 'not-acceptable' && tries < MAX_TRIES) {
      again();
    } else {
      const why = plain(text === '' ? condition : `${condition}: ${text}`, 200);
      const error = new SendError('refused', { to: plain(item.to), why });
      feedback({ type: 'refused', id, from, error });
    }
  }
}
