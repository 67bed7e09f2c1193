import { createHash } from 'node:crypto';
import { BoundedMap } from '../../base/bounded-map';
import type { Clock } from '../../base/clock';

/** Milliseconds in which a publication is expected to come back. */
const WINDOW = 30_000;
/** Most topics with a payload that are remembered; the oldest ones are forgotten first. */
const MAX_ECHOES = 10_000;

/**
 * No Local (MQTT 5 §3.8.3.1) where the server does not know it: MQTT 3.1.1. A connection's own publication comes back with
 * its topic and payload, once; that message belongs to nobody who does not want own ones. The same payload from somebody
 * else is another message, and passes.
 */
export class OwnEchoes {
  private readonly awaited = new BoundedMap<string, { left: number; until: number }>(MAX_ECHOES);

  constructor(private readonly clock: Clock) {}

  /** Notes a publication. */
  note(topic: string, payload: Buffer | string): void {
    const key = keyOf(topic, payload);
    const now = this.clock.steady();
    const known = this.awaited.get(key);
    const left = known && known.until > now ? known.left : 0;
    this.awaited.set(key, { left: left + 1, until: now + WINDOW });
  }

  /** The server forgot the session: what was under way does not come back, and the same from somebody else is news. */
  clear(): void {
    this.awaited.clear();
  }

  /** True if this message is a publication that comes back; each does so once. */
  take(topic: string, payload: Buffer): boolean {
    const key = keyOf(topic, payload);
    const known = this.awaited.get(key);
    if (!known) return false;
    const isEcho = known.until > this.clock.steady();
    known.left -= 1;
    if (!isEcho || known.left <= 0) this.awaited.delete(key);
    return isEcho;
  }
}

/** A payload may be large: its digest is remembered. */
const keyOf = (topic: string, payload: Buffer | string): string =>
  `${createHash('sha1').update(payload).digest('base64')} ${topic}`;
