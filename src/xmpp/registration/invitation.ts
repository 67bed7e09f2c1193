/** Reads invitations to a server (XEP-0401), for the runtime and for the dialogs. */

import { text } from '../../base/catalogue';
import { Fault } from '../../base/fault';
import { readJid } from '../jid-grammar';

export interface Invitation {
  domain: string;
  /** The account that it is for; empty: any name. */
  local: string;
  /** Shown to the server once (XEP-0445). It is a secret until then. */
  token: string;
  /** The person who invites, and becomes a contact of the new account; empty: the server. */
  inviter: string;
  /** True if the domain is the one of a page, and the account may be at another one. */
  isFromPage: boolean;
}

/** A longer link is no invitation: the longest that servers make have some 150 characters. */
const MAX_LENGTH = 2_000;
/** Without spaces and control characters. */
const TOKEN = /^[\x21-\x7e]{1,500}$/;
/** The last part of a page's address, as Snikket, Prosody and ejabberd write it. */
const PAGE_TOKEN = /^[\w-]{8,200}$/;
/** Names of such pages. */
const PAGE = /^(?:i|invites?|invitation|invites_page|register|join)$/i;

/** True for a link that is meant as an invitation, even if it cannot be used as one. An address of a person is none. */
export function looksLikeInvitation(typed: string): boolean {
  const link = typed.trim();
  return /^https?:\/\//i.test(link) || /^xmpp:[^?]*\?.*(?:preauth|register|roster)/is.test(link);
}

/**
 * `xmpp:example.org?register;preauth=…`, `xmpp:anna@example.org?roster;preauth=…;ibr=y`, or a page on the web that has one
 * of them behind its `#`, or the token at its end. The page itself is never asked.
 */
export function readInvitation(typed: string): Invitation | Fault {
  if (typed.length > MAX_LENGTH)
    return new Fault('invitation-long', text('account.invitationLong', { most: MAX_LENGTH }));
  const link = typed.trim();
  if (/^xmpp:/i.test(link)) return ofUri(link);
  return (/^https?:\/\//i.test(link) && URL.canParse(link) && ofPage(new URL(link))) || noInvitation();
}

function ofUri(uri: string): Invitation | Fault {
  const [, path = '', query = ''] = /^xmpp:(?:\/\/[^/?#]*\/)?([^?#]*)\?([^#]*)/i.exec(uri) ?? [];
  const [action = '', ...pairs] = query.split(';');
  const jid = readJid(decoded(path) ?? '');
  if (jid instanceof Fault || jid.resource !== '') return noInvitation();
  const value = (name: string): string | undefined => {
    const pair = pairs.find((one) => one.toLowerCase().startsWith(`${name}=`));
    return pair && decoded(pair.slice(name.length + 1));
  };
  const token = value('preauth') ?? '';
  if (!TOKEN.test(token)) return noInvitation();
  const { domain, local, bare } = jid;
  if (/^register$/i.test(action)) return { domain, local, token, inviter: '', isFromPage: false };
  if (!/^(?:roster|subscribe)$/i.test(action)) return noInvitation();
  // It may be both: `ibr=y` says that the server makes an account for it, too (XEP-0401 §3.3).
  return value('ibr')?.toLowerCase() === 'y'
    ? { domain, local: '', token, inviter: bare, isFromPage: false }
    : new Fault('invitation-contact', text('account.invitationContact', { jid: bare }));
}

function ofPage(page: URL): Invitation | Fault | undefined {
  const hidden = decoded(page.hash.slice(1)) ?? '';
  if (hidden.includes('preauth=')) return ofUri(/^xmpp:/i.test(hidden) ? hidden : `xmpp:${hidden}`);
  const levels = page.pathname.split('/').filter((level) => level !== '');
  const last =
    page.search === '' ? (levels.pop() ?? '') : page.search.replace(/^\?(?:t=|token=|preauth=)?/, '');
  const jid = readJid(page.hostname);
  if (jid instanceof Fault || !PAGE_TOKEN.test(last) || !PAGE.test(levels[levels.length - 1] ?? ''))
    return undefined;
  return { domain: jid.domain, local: '', token: last, inviter: '', isFromPage: true };
}

function decoded(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}

const noInvitation = (): Fault => new Fault('invitation-none', text('account.invitationNone'));
