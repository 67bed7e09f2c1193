import { createHash } from 'node:crypto';
import { BoundedMap } from '../../base/bounded-map';
import type { Clock } from '../../base/clock';
import type { ChatMessage } from './stanza-reader';

/** Milliseconds in which the same message counts as a copy that is delivered again after a lost connection. */
const COPIES_MS = 10 * 60_000;
const MAX_KNOWN = 1_000;

/**
 * Knows messages that were here already. After a lost connection a server delivers again what it did not see
 * acknowledged, and so does a phone; a copy for another device may come beside the message itself. All of them have the
 * sender's own id (RFC 6120 §8.1.3). A sender that gives its messages one id is heard too, as long as the last text under
 * it was another one.
 */
export class Copies {
  /** The hash of the last text of each sender under each id: whole texts would be kept too long. */
  private readonly last = new BoundedMap<string, { said: string; at: number }>(MAX_KNOWN);

  constructor(private readonly clock: Pick<Clock, 'steady'>) {}

  /** True if this very message was here already. */
  has({ from, id, text, reactions }: Pick<ChatMessage, 'from' | 'id' | 'text' | 'reactions'>): boolean {
    if (id === undefined) return false;
    const at = this.clock.steady();
    const what = reactions ? JSON.stringify(reactions) : `${text.length} ${text}`;
    const said = createHash('sha256').update(what).digest('base64');
    const key = `${from}\n${id}`;
    const last = this.last.get(key);
    if (last?.said === said && at - last.at < COPIES_MS) return true;
    this.last.set(key, { said, at });
    return false;
  }
}
