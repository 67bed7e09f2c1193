import type { LinkError } from '../errors';

/** Facts about a loss that tell if a sent message caused it. */
export interface LinkLoss {
  reason: LinkError;
  /** Age of the connection since CONNACK, in milliseconds. */
  uptime: number;
}

/** Losses right behind a message after which it is sent on its own. */
const SUSPICIOUS = 2;
/** Losses right behind a message, the last one when it was sent on its own, after which it is given up. */
const GUILTY = 3;
/** Age of a connection after which its first messages did not end it, in milliseconds. */
const RIGHT_BEHIND = 10_000;
/** Least speed of a slow line, in bytes a millisecond. */
const SLOW_LINE = 16;
/** Time between losses after which they are unrelated, in milliseconds. */
const APART = 600_000;
/** Number of suspects above which all are forgotten. */
const MAX = 2_000;

/**
 * Reason codes by which the server says that the end is not the fault of what was sent (MQTT 5 §2.4): it is busy,
 * shuts down, moves, or has other grounds.
 */
const NOT_OURS = new Set([136, 137, 138, 139, 141, 150, 151, 152, 156, 157, 159, 160]);

/**
 * True if a loss may be the answer to a message that was sent and is not confirmed.
 * @param bytes size of the message, which must have passed the connection first
 */
export function isAnswer({ reason, uptime }: LinkLoss, bytes = 0): boolean {
  if (reason.said !== undefined && NOT_OURS.has(reason.said)) return false;
  switch (reason.code) {
    case 'closed':
    case 'toolarge':
    case 'network':
    case 'protocol':
      return uptime <= RIGHT_BEHIND + bytes / SLOW_LINE;
    case 'keepalive':
      // A box in between may drop a packet that it does not like: then the line falls silent behind it.
      return true;
    case 'takenover':
      return reason.guessed && uptime <= RIGHT_BEHIND;
    default:
      return false;
  }
}

/** Least ratio of a connection's life before a message that was sent on its own to its life behind it. */
const PROOF = 3;
/** Largest packet that passes any line at once, in bytes. */
const SMALL = 65_536;

/**
 * True if a message that was sent on its own caused the loss, `after` milliseconds behind it. A connection that lives no
 * longer than that anyway proves nothing.
 */
export function isProof({ reason, uptime }: LinkLoss, after: number, bytes = 0): boolean {
  if (reason.code === 'keepalive') return true;
  const underway = Math.max(0, bytes - SMALL) / SLOW_LINE;
  return (after - underway) * PROOF <= uptime - after;
}

/**
 * Finds the message to blame when the connection dies right behind one of ours, again and again. In an ordinary outage
 * the next connection confirms the messages under way. A message that two connections in a row do not confirm is
 * suspected. It has to be sent on its own, with nothing else under way, on a connection that has shown before that it
 * lives. If the connection dies behind it even then, it is given up, so that everything else goes on.
 */
export class LossCounter<T> {
  private readonly losses = new Map<T, number>();
  private last = Number.NEGATIVE_INFINITY;

  /** True if no message has a loss: one compare for each message in good times. */
  get isIdle(): boolean {
    return this.losses.size === 0;
  }

  /** True if a message has to be sent on its own. */
  get suspects(): boolean {
    for (const count of this.losses.values()) if (count >= SUSPICIOUS) return true;
    return false;
  }

  isSuspect(one: T): boolean {
    return (this.losses.get(one) ?? 0) >= SUSPICIOUS;
  }

  /** Number of losses right behind it. */
  count(one: T): number {
    return this.losses.get(one) ?? 0;
  }

  /** Counts a loss right behind these. @param now milliseconds, from any clock that does not go back */
  lost(behind: Iterable<T>, now: number): void {
    if (now - this.last > APART || this.losses.size > MAX) this.losses.clear();
    this.last = now;
    for (const one of behind) this.losses.set(one, this.count(one) + 1);
  }

  /** Counts a loss right behind it with nothing else under way; true if it is to be given up. */
  lostAlone(one: T, now: number, most = GUILTY): boolean {
    this.lost([one], now);
    if (this.count(one) < most) return false;
    this.losses.delete(one);
    return true;
  }

  /** Clears a message that the server has, or that is gone. */
  clear(one: T): void {
    this.losses.delete(one);
  }

  forget(): void {
    this.losses.clear();
  }
}
