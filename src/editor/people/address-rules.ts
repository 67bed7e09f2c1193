/// <reference path="../red.d.ts" />
import { Fault } from '../../base/fault';
import { typedAddress, withoutScheme } from '../../xmpp/address-text';
import { readJid, resourceFault } from '../../xmpp/jid-grammar';
import {
  ENTRY_SEPARATOR,
  entriesOf,
  MAX_RECIPIENTS,
  RECIPIENT_SEPARATOR,
  readAllowed,
  readRoom,
} from '../../xmpp/typed-addresses';
import { firstReason, jid, optional, ownReason, type Rule, reasonOf } from '../validation';

/** A nick in a room (XEP-0045 §7.2), which is a resource; empty: the account's name. */
const nick = optional((typed) => resourceFault(typed, 'jid.nick'));

/** The account that somebody typed, or copied as a URI. */
function accountIn(typed: string): string | undefined {
  const account = withoutScheme(typed.trim()).replace(/\?.*$/, '');
  return account !== '' && !account.includes('/') && !jid(account) ? account : undefined;
}

/**
 * Recipients, separated by commas or line ends; empty: the message names them. A name without a server is a slip of the
 * pen in a dialog; at run time it is a domain.
 */
const recipients: Rule = (typed) => {
  const entries = entriesOf(typed, RECIPIENT_SEPARATOR);
  if (entries.length > MAX_RECIPIENTS) return ownReason('receiversMany', { most: MAX_RECIPIENTS });
  return firstReason(entries, (entry) => {
    const address = typedAddress(entry);
    return address instanceof Fault ? address.text : jid(address);
  });
};

/** True if a list of recipients holds an account, whatever its resource. */
function names(recipients: string, account: string): boolean {
  const wanted = bareOf(account.trim());
  return (
    wanted !== undefined && entriesOf(recipients, RECIPIENT_SEPARATOR).some((one) => bareOf(one) === wanted)
  );
}

function bareOf(typed: string): string | undefined {
  const address = typedAddress(typed);
  const jid = address instanceof Fault ? address : readJid(address);
  return jid instanceof Fault ? undefined : jid.bare;
}

const each =
  (read: (entry: string) => unknown): Rule =>
  (typed) =>
    firstReason(entriesOf(typed, ENTRY_SEPARATOR), (entry) => reasonOf(read(entry)));

/** People, domains, rooms, or `*`; empty: the own account's devices. */
const allow = each(readAllowed);

/** Rooms to join. */
const rooms = each(readRoom);

/**
 * Rules about addresses. They come to the page once, with `dinox-broker`, as {@link chatParts} do: {@link addressRules}
 * finds them.
 */
export const ADDRESS_RULES = { accountIn, allow, names, nick, recipients, rooms };
export type AddressRules = typeof ADDRESS_RULES;
