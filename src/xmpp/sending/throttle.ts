import type { Clock } from '../../base/clock';
import { MINUTE } from '../../base/time-units';
import { SendError } from '../send-error';

/** An item that waits for its turn at one recipient. */
export interface Throttled {
  /** Bytes that count against the bound. */
  readonly bytes: number;
  /** Only items with the same mark are joined; undefined: never joined with another one. */
  readonly joins: string | undefined;
  /** A correction: it changes a message instead of adding one, so it does not wait behind new ones. */
  readonly corrects?: string | undefined;
  /** What it speaks of: a correction of it takes its place while it still waits. */
  readonly about?: string | undefined;
  /** Called once, where the item is given up instead of being sent. */
  refused(error: Error): void;
}

export interface ThrottleOptions<T extends Throttled> {
  clock: Clock;
  /** Messages a minute to one recipient. */
  rate: number;
  /** Sends one item, or several that are joined into one message; in the order they came. */
  send(recipient: string, items: readonly T[]): void;
  /** Maximum bytes that are joined into one message. @default 48000 */
  joinBytes?: number;
  /** Maximum bytes that wait, for all recipients together. @default 8388608 */
  waitBytes?: number;
}

/** How long a recipient rests after its server said `wait`, at first and at most; it doubles in between. */
const REST_MIN = 5_000;
const REST_MAX = 10 * MINUTE;

/** One way to a recipient: what was sent in the last minute, and what waits. */
interface Lane<T> {
  sent: number[];
  waiting: T[];
  cancel: (() => void) | undefined;
}

interface Recipient<T> {
  /** New messages and corrections do not hold each other up. */
  says: Lane<T>;
  corrects: Lane<T>;
  /** Nothing is sent before, by the steady clock. */
  restUntil: number;
  rest: number;
}

/**
 * At most `rate` messages in any minute to one recipient. The first four fifths go at once; the others are spread
 * over the minute, and each takes along all that came meanwhile, joined in order. A correction takes the place of
 * an older one of the same message, or of the message itself, while that waits.
 */
export class Throttle<T extends Throttled> {
  private recipients = new Map<string, Recipient<T>>();
  private bytes = 0;
  private readonly reserve: number;
  private readonly joinBytes: number;
  private readonly waitBytes: number;

  constructor(private readonly options: ThrottleOptions<T>) {
    this.reserve = Math.floor(options.rate / 5);
    this.joinBytes = options.joinBytes ?? 48_000;
    this.waitBytes = options.waitBytes ?? 8_388_608;
  }

  /** Number of waiting items. */
  get waiting(): number {
    let count = 0;
    for (const { says, corrects } of this.recipients.values()) {
      count += says.waiting.length + corrects.waiting.length;
    }
    return count;
  }

  /** @param merge makes one item of two, where a correction takes the place of what waits. */
  push(recipient: string, item: T, merge?: (waits: T, newer: T) => T): void {
    const { says, corrects } = this.at(recipient);
    if (item.corrects !== undefined && merge) {
      const place = [says, corrects].find((lane) => lane.waiting.some((other) => isSame(other, item)));
      const index = place?.waiting.findIndex((other) => isSame(other, item)) ?? -1;
      const older = place?.waiting[index];
      if (place && older) {
        const merged = merge(older, item);
        this.bytes += merged.bytes - older.bytes;
        place.waiting[index] = merged;
        return;
      }
    }
    if (this.bytes + item.bytes > this.waitBytes) {
      item.refused(new SendError('burst', { bytes: this.waitBytes }));
      return;
    }
    const lane = item.corrects === undefined ? says : corrects;
    lane.waiting.push(item);
    this.bytes += item.bytes;
    this.run(recipient, lane);
  }

  /** The recipient's server asked to slow down (an error of type `wait`, RFC 6120 §8.3.2): longer each time. */
  slowDown(recipient: string): void {
    const at = this.at(recipient);
    const now = this.options.clock.steady();
    // Several errors of one burst are one request.
    if (now < at.restUntil) return;
    // After a long calm, it begins again with the shortest rest.
    at.rest = now - at.restUntil > 2 * REST_MAX ? REST_MIN : Math.min(REST_MAX, at.rest * 2 || REST_MIN);
    at.restUntil = now + at.rest;
    for (const lane of [at.says, at.corrects]) {
      lane.cancel?.();
      lane.cancel = undefined;
      this.run(recipient, lane);
    }
  }

  /** Milliseconds until the recipient's rest is over. */
  restOf(recipient: string): number {
    return Math.max(0, (this.recipients.get(recipient)?.restUntil ?? 0) - this.options.clock.steady());
  }

  /** Ends the throttle: waiting items are refused with this reason. */
  close(reason: Error): void {
    const recipients = [...this.recipients.values()];
    this.recipients.clear();
    this.bytes = 0;
    for (const { says, corrects } of recipients) {
      for (const lane of [says, corrects]) {
        lane.cancel?.();
        for (const item of lane.waiting.splice(0)) item.refused(reason);
      }
    }
  }

  /** Ends the throttle: waiting items are sent now, joined as far as possible. */
  flush(): void {
    for (const [recipient, { says, corrects }] of this.recipients) {
      for (const lane of [says, corrects]) {
        lane.cancel?.();
        lane.cancel = undefined;
        while (lane.waiting.length > 0) this.send(recipient, lane);
      }
    }
    this.recipients.clear();
  }

  private at(recipient: string): Recipient<T> {
    let at = this.recipients.get(recipient);
    if (!at) {
      this.forgetIdle();
      const lane = (): Lane<T> => ({ sent: [], waiting: [], cancel: undefined });
      at = { says: lane(), corrects: lane(), restUntil: Number.NEGATIVE_INFINITY, rest: 0 };
      this.recipients.set(recipient, at);
    }
    return at;
  }

  /** Recipients may come with messages, so they must not pile up. */
  private forgetIdle(): void {
    if (this.recipients.size < 1_000) return;
    const old = this.options.clock.steady() - 2 * REST_MAX;
    for (const [recipient, { says, corrects, restUntil }] of this.recipients) {
      const isIdle = (lane: Lane<T>) =>
        lane.waiting.length === 0 && (lane.sent.at(-1) ?? Number.NEGATIVE_INFINITY) < old;
      if (restUntil < old && isIdle(says) && isIdle(corrects)) this.recipients.delete(recipient);
    }
  }

  private run(recipient: string, lane: Lane<T>): void {
    while (lane.waiting.length > 0 && !lane.cancel) {
      const wait = this.waitFor(recipient, lane);
      if (wait > 0) {
        lane.cancel = this.options.clock.after(wait, () => {
          lane.cancel = undefined;
          this.run(recipient, lane);
        });
        return;
      }
      lane.sent.push(this.options.clock.steady());
      this.send(recipient, lane);
    }
  }

  /** Milliseconds until the next message may go. */
  private waitFor(recipient: string, lane: Lane<T>): number {
    const { clock, rate } = this.options;
    const now = clock.steady();
    while (lane.sent[0] !== undefined && lane.sent[0] <= now - MINUTE) lane.sent.shift();
    const rest = Math.max(0, (this.recipients.get(recipient)?.restUntil ?? 0) - now);
    const { length } = lane.sent;
    if (length < rate - this.reserve) return rest;
    const oldest = lane.sent[0] ?? now;
    // Where the oldest leaves the minute earlier than the next step comes, its place is free.
    if (length >= rate) return Math.max(rest, oldest + MINUTE - now);
    const step = (lane.sent.at(-1) ?? now) + MINUTE / (this.reserve + 1);
    return Math.max(rest, Math.min(step, oldest + MINUTE) - now);
  }

  /** Sends the first item with all behind it that may be joined with it. */
  private send(recipient: string, lane: Lane<T>): void {
    const { waiting } = lane;
    const mark = waiting[0]?.joins;
    let count = 1;
    let bytes = waiting[0]?.bytes ?? 0;
    for (const item of waiting.slice(1)) {
      bytes += item.bytes;
      if (mark === undefined || item.joins !== mark || bytes > this.joinBytes) break;
      count += 1;
    }
    const items = waiting.splice(0, count);
    for (const item of items) this.bytes -= item.bytes;
    this.options.send(recipient, items);
  }
}

/** True if `newer`, a correction, is about the message that `waits`. */
function isSame(waits: Throttled, newer: Throttled): boolean {
  if (waits.corrects !== undefined) return waits.corrects === newer.corrects;
  return waits.about !== undefined && waits.about === newer.about;
}
