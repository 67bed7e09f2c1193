/**
 * Checks incoming stanzas before anybody reads them: if they can be handled, and which typed address their sender has.
 */

import type { Element } from '@xmpp/client';
import { text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { plain } from '../../base/printable';
import type { Text } from '../../base/text';
import { HOUR } from '../../base/time-units';
import { addressOf } from '../addresses';

import { excessOf } from '../stream/stream';
import { DroppedStanzas } from './dropped-stanzas';

export class Admission {
  private warnedAt = Number.NEGATIVE_INFINITY;
  private refused = 0;
  private readonly leftOut: DroppedStanzas;

  constructor(
    private readonly clock: Clock,
    private readonly notice: (said: Text) => void,
  ) {
    this.leftOut = new DroppedStanzas(clock, notice);
  }

  /** False for a stanza that nobody may see. If it is only too large, its content is left out. The log names both. */
  admits(element: Element): boolean {
    const { name, attrs } = element;
    const { from } = attrs;
    // A stanza without a sender is the server's own word (RFC 6120 §8.1.2.1).
    if (from !== undefined && from !== '' && !addressOf(from)) {
      this.refuse(name, from);
      return false;
    }
    const excess = excessOf(element);
    if (excess) this.leftOut.add(name, from, excess);
    return true;
  }

  /** Logged once an hour at most, because a person who can write such an address can do it as often as they like. */
  private refuse(name: string, from: string): void {
    this.refused += 1;
    const now = this.clock.steady();
    if (now - this.warnedAt < HOUR) return;
    const what = { kind: name, from: plain(from, 200) };
    const count = this.refused;
    this.warnedAt = now;
    this.refused = 0;
    this.notice(count > 1 ? text('log.noJids', { ...what, count }) : text('log.noJid', what));
  }
}
