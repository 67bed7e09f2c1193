import type { Clock } from '../base/clock';

/** Milliseconds in which the same text in the same pair is taken for what came back. */
const WINDOW = 60_000;
/** Most texts that are remembered for one pair and side. */
const MAX_TEXTS = 500;

export type Side = 'mqtt' | 'chat';

/**
 * Recognises what went through a bridge and comes back, where no mark can travel (MQTT 3.1.1, DinoX's own bridge): a text
 * that crossed from one side of a pair within the last 60 s is not carried over from the other side. The same value again
 * from the same side is news.
 */
export class LoopGuard {
  private readonly seen = { mqtt: new Map<string, number>(), chat: new Map<string, number>() };

  constructor(private readonly clock: Clock) {}

  /** Notes a text that crosses, in each form that it takes. @param from the side that it came from */
  note(from: Side, ...forms: readonly string[]): void {
    const texts = this.seen[from];
    const now = this.clock.steady();
    for (const form of forms) {
      const key = keyOf(form);
      texts.delete(key);
      texts.set(key, now + WINDOW);
      if (texts.size > MAX_TEXTS) texts.delete(texts.keys().next().value as string);
    }
  }

  /** True if this text crossed from the other side a moment ago. */
  isEcho(from: Side, text: string): boolean {
    const until = this.seen[from === 'mqtt' ? 'chat' : 'mqtt'].get(keyOf(text));
    return until !== undefined && until > this.clock.steady();
  }
}

/** Long texts are compared by their beginning and length: a server may cut, and memory is bounded. */
const keyOf = (text: string): string => {
  const plain = text.trim();
  return plain.length <= 200 ? plain : `${plain.length} ${plain.slice(0, 200)}`;
};
