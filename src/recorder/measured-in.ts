import { measuredAt } from '../history/measured';
import type { ReceivedPublication } from '../transport/messages';

/** `{`, with which JSON objects begin. */
const BRACE = 0x7b;
/** A longer payload is not looked through for the time in it, in bytes. */
const MAX_LOOKED_AT_LENGTH = 10_000;

/** When a message that the server had kept was measured, as it says itself; undefined if it does not. */
export function measuredIn(
  payload: Buffer,
  properties: ReceivedPublication['properties'],
  now: number,
): number | undefined {
  const isJson = payload[0] === BRACE && payload.length <= MAX_LOOKED_AT_LENGTH;
  const { userProperties } = properties ?? {};
  return measuredAt({ userProperties, payload: isJson ? payload.toString() : undefined }, now);
}
