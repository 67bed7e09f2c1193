import { DAY, MINUTE } from '../../base/time-units';

/** Waits in milliseconds: the first, and the longest. They double in between. */
interface Waits {
  readonly first: number;
  readonly most: number;
}

/** The room or its server went away, or has no answer just now. */
const SOON: Waits = { first: 2_000, most: 5 * MINUTE };
/** It refused: somebody has to add the account, or to type another password. */
const LATER: Waits = { first: 10_000, most: 5 * MINUTE };
/** Somebody there threw us out, and has a say in it. */
const PATIENTLY: Waits = { first: 30_000, most: 60 * MINUTE };
/** Knocking at a door that was shut on purpose is rude; whoever opens it again can invite us. */
const BANNED: Waits = { first: DAY, most: DAY };

const BY_REASON: Readonly<Record<string, Waits | undefined>> = {
  'room-time': SOON,
  'room-server': SOON,
  'room-full': SOON,
  'room-left': SOON,
  'room-line': PATIENTLY,
  'room-kicked': PATIENTLY,
  'room-banned': BANNED,
  // A return would create the room again, with us as its owner.
  'room-destroyed': undefined,
};

/**
 * Milliseconds until a room that somebody listens to is tried again; undefined: only a new session or an invitation
 * brings us back.
 * @param code the reason why we are not in it.
 * @param tries number of times in a row.
 */
export function returnAfter(code: string, tries: number): number | undefined {
  const waits = code in BY_REASON ? BY_REASON[code] : LATER;
  return waits && Math.min(waits.most, waits.first * 2 ** Math.min(tries, 16));
}
