import type { ChatMessage } from './stanza-reader';

/**
 * A flow would take a message, and it comes too late to be acted on. `late`: who wrote it waits for an answer;
 * `overheard`: people in a room talk to each other.
 */
export type Lateness = 'late' | 'overheard';

/**
 * True if a message may still act on the world: it is young enough, and no earlier process has begun to act on it.
 * @param maxAge milliseconds; undefined: any age
 * @param now milliseconds since the epoch
 */
export function mayAct(
  { stamp, interrupted, isAgeUnknown }: Pick<ChatMessage, 'stamp' | 'interrupted' | 'isAgeUnknown'>,
  maxAge: number | undefined,
  now: number,
): boolean {
  if (interrupted) return false;
  return maxAge === undefined || (!isAgeUnknown && now - stamp <= maxAge);
}
