import { sentences, text } from '../../base/catalogue';
import type { Clock } from '../../base/clock';
import { plain } from '../../base/printable';

import type { Text } from '../../base/text';
import { type Excess, excessText } from '../stream/stanza-limits';

/** Maximum log entries. A sender of one unreadable stanza can send a thousand. */
const EVERY_MS = 10 * 60_000;

/** Stanzas that were left out. The first one is named; the others are counted, and reported with the next one named. */
export class DroppedStanzas {
  private named = Number.NEGATIVE_INFINITY;
  private others = 0;

  constructor(
    private readonly clock: Clock,
    private readonly notice: (said: Text) => void,
  ) {}

  add(kind: string, from: string | undefined, excess: Excess): void {
    const now = this.clock.steady();
    if (now - this.named < EVERY_MS) {
      this.others += 1;
      return;
    }
    this.named = now;
    const before = this.others > 0 ? text('log.leftOutBefore', { count: this.others }) : undefined;
    this.others = 0;
    const who = from === undefined ? text('xmpp.theServer') : plain(from, 200);
    this.notice(sentences(text('log.leftOut', { kind, from: who, why: excessText(excess) }), before));
  }
}
