/** Fields that list people, rooms or domains, for the runtime and for the dialogs. */
import { text } from '../base/catalogue';
import { Fault } from '../base/fault';
import { plain } from '../base/printable';
import { withoutScheme } from './address-text';
import { type Jid, readAccount, readJid } from './jid-grammar';

/** Between those who may speak, and between rooms. */
export const ENTRY_SEPARATOR = /[\s,;]/;
/** Between recipients: a nick may hold blanks. */
export const RECIPIENT_SEPARATOR = /[,\n]/;
/** More would be a mailing list, and a burst at every server. */
export const MAX_RECIPIENTS = 100;

/** The entries of a field, without their separators. */
export function entriesOf(field: string, separator: RegExp): string[] {
  return field
    .split(separator)
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

/**
 * Someone who may speak: `anna@example.org`, with a resource for one device only, a room, `example.org` or
 * `*@example.org` for all of a domain (its localpart is empty), `*` for everyone.
 */
export function readAllowed(entry: string): '*' | Jid | Fault {
  if (entry === '*') return '*';
  const jid = readJid(withoutScheme(entry).replace(/^\*?@/, ''));
  if (jid instanceof Fault || jid.local !== '' || jid.resource === '') return jid;
  return new Fault('allow-domain', text('jid.allowResource', { given: plain(entry) }));
}

/** A room, without a nick. */
export function readRoom(entry: string): Jid | Fault {
  const jid = readAccount(withoutScheme(entry));
  if (jid instanceof Fault || jid.resource === '') return jid;
  return new Fault('room-nick', text('jid.roomNick', { given: plain(entry) }));
}
