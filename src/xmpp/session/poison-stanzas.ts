/** Finds the stanza of ours that ends streams, and gives it up, so that everything else goes on. */
import { BlockedError, type XmppError } from '../errors';

/** A stream that ended while stanzas were on it. */
export interface StreamLoss {
  /** `closed`: the server complained of a stanza; `broke`: the stream ended without a word, for any reason. */
  how: 'closed' | 'broke';
  error: XmppError;
}

export interface Suspect {
  readonly text: string;
  readonly bytes: number;
  /** Number of streams that the server closed with a complaint while this one was on them. */
  strikes: number;
  /** Number of streams in a row that broke without a word while this one was on them. */
  losses: number;
}

/** Streams that the server may close because of one stanza before it is given up. */
const MAX_STRIKES = 3;
/** Streams that may break without a word before it goes alone. If another one breaks then, it is given up. */
const MAX_LOSSES = 2;
/**
 * The same for a message so short that its length cannot be the reason. A bad line breaks three times behind anything,
 * and a message that is given up is lost. Other stanzas cost nothing: a room is entered again later.
 */
const MAX_LOSSES_OF_SHORT = 11;
/** Safely below the 65,535 bytes that some servers and boxes in between allow. */
const USUAL_BYTES = 60_000;
/** Size below which no stanza is stopped for its length. */
const SHORT_BYTES = 16_384;

/** The way in which a stream was lost; undefined if no stanza of ours can be the reason. */
export function lossOf(error: XmppError): StreamLoss | undefined {
  const { code, cause } = error;
  const said = (cause as { condition?: unknown } | undefined)?.condition !== undefined;
  if (said) return code === 'policy' || code === 'protocol' ? { how: 'closed', error } : undefined;
  return code === 'network' || code === 'timeout' ? { how: 'broke', error } : undefined;
}

/** Counts a loss for a stanza that was on the stream; the result says why it is given up. */
export function countLoss(suspect: Suspect, { how, error }: StreamLoss): XmppError | undefined {
  if (how === 'closed') {
    suspect.strikes += 1;
    return suspect.strikes >= MAX_STRIKES ? error : undefined;
  }
  suspect.losses += 1;
  const { bytes, losses, text } = suspect;
  const isLong = bytes >= SHORT_BYTES;
  const isPatient = !isLong && text.startsWith('<message');
  if (losses <= (isPatient ? MAX_LOSSES_OF_SHORT : MAX_LOSSES)) return undefined;
  return new BlockedError(bytes, { cause: error, losses, isLong });
}

/** True for a stanza that may be the reason, and goes alone. */
export function isSuspect({ strikes, losses }: Suspect): boolean {
  return strikes > 0 || losses >= MAX_LOSSES;
}

/** Size of the longest stanza that may get through if one of `bytes` did not; undefined: length is not the reason. */
export function safeSizeBelow(bytes: number): number | undefined {
  if (bytes < SHORT_BYTES) return undefined;
  return bytes > USUAL_BYTES ? USUAL_BYTES : Math.floor(bytes / 2);
}
