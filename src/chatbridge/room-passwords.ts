import { text } from '../base/catalogue';
import { Fault } from '../base/fault';
import type { Text } from '../base/text';
import { readRoom } from '../xmpp/typed-addresses';

/** Most rooms; a bridge has no more rules. */
const MAX_ROOMS = 50;
const MAX_LENGTH = 1_000;

export interface RoomPasswords {
  /** Bare JID of a room → its password. */
  passwords: Map<string, string>;
  problems: Text[];
}

/**
 * Reads the passwords of rooms, one a line: the room's JID, blanks, and the password, which may hold blanks itself. A line
 * that cannot be read is a problem, and the others count. A problem names the line only: a password may stand in it.
 */
export function readRoomPasswords(typed: unknown): RoomPasswords {
  const passwords = new Map<string, string>();
  const problems: Text[] = [];
  const lines = typeof typed === 'string' ? typed.split('\n', 10 * MAX_ROOMS) : [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const [, address = '', password = ''] = /^(\S+)\s+(\S.*)$/s.exec(line.trim()) ?? [];
    const room = readRoom(address);
    const number = index + 1;
    if (room instanceof Fault || password.length > MAX_LENGTH || /\p{Cc}/u.test(password))
      problems.push(text('chatBridge.roomPassword', { number }));
    else if (passwords.has(room.bare)) problems.push(text('chatBridge.roomPasswordTwice', { number }));
    else if (passwords.size >= MAX_ROOMS) {
      problems.push(text('chatBridge.roomPasswordsMany', { most: MAX_ROOMS }));
      break;
    } else passwords.set(room.bare, password);
  }
  return { passwords, problems };
}
