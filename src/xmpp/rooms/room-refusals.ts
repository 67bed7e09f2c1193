import { plain } from '../../base/printable';
import type { SendCode } from '../send-error';

/** Meaning of errors of a room's presence (XEP-0045 §7.2); anything else is `room-refused`. */
const REFUSALS: Readonly<Record<string, SendCode>> = {
  'not-authorized': 'room-password',
  forbidden: 'room-banned',
  'registration-required': 'room-members',
  'service-unavailable': 'room-full',
  'not-allowed': 'room-creation',
  'item-not-found': 'room-missing',
  conflict: 'room-nick',
  'remote-server-not-found': 'room-server',
  'remote-server-timeout': 'room-server',
};

const PASSING: ReadonlySet<string> = new Set([
  'remote-server-timeout',
  'resource-constraint',
  'internal-server-error',
]);

/** The code of a `SendError`, and whether it passes by itself. */
export function refusalCode(condition: string): { code: SendCode; passes: boolean } {
  return { code: REFUSALS[condition] ?? 'room-refused', passes: PASSING.has(condition) };
}

/** The condition that the error names. */
export function refusal(at: { jid: string; nick: string }, why: string): Record<string, string> {
  return { room: plain(at.jid), nick: plain(at.nick), why: plain(why, 200) };
}
