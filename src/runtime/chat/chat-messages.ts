/** What comes in from people, as messages of a flow. */
import { writtenAddress } from '../../xmpp/address-text';
import type { ChatMessage } from '../../xmpp/receiving/stanza-reader';

/** `msg.xmpp` of a message that came in. */
export interface XmppPart {
  /** Full JID, or room and nick. */
  from: string;
  /** Bare JID of who spoke, where it is known: always outside of rooms. */
  jid?: string | undefined;
  nick?: string | undefined;
  room?: string | undefined;
  /** `chat`, `groupchat`, `normal`, `headline`. */
  type: string;
  id?: string | undefined;
  stanzaId?: string | undefined;
  thread?: string | undefined;
  /** When it was said, ISO 8601. */
  stamp: string;
  delayed: boolean;
  subject?: string | undefined;
  attachment?: ChatMessage['attachment'];
  /** Id of our message that it is about. */
  refersTo?: string | undefined;
  /** What the sender added and took back, and what now stands. */
  reaction?: { added: string[]; removed: string[]; all: string[] } | undefined;
  quote?: string | undefined;
  /** Id of the sender's own message that this one corrects. */
  replaces?: string | undefined;
  truncated?: true | undefined;
  /** A machine sent it by itself: the last of so many in a row. */
  automatic?: number | undefined;
  /** Ids of all `xmpp-in`s that pass this message on. */
  listeners?: readonly string[] | undefined;
  /** What the pattern matched: all of it, then its groups or wildcards. */
  match?: string[] | undefined;
}

/**
 * A message of output 1. `to` and `kind` are where an answer goes, as `xmpp-out` reads them; `to` names one address
 * wherever it passes through, also as text.
 */
export function messageOf(
  message: ChatMessage,
  payload: string,
  match: string[] | undefined,
  listeners: readonly string[] = [],
): object {
  const { to, kind, alertId, thread, room, bare, realJid, reactions, reaction } = message;
  const xmpp: XmppPart = {
    from: message.from,
    jid: room === undefined ? bare : realJid,
    nick: message.nick,
    room,
    type: message.type,
    id: message.id,
    stanzaId: message.stanzaId,
    thread,
    stamp: new Date(message.stamp).toISOString(),
    delayed: message.delayed,
    subject: message.subject,
    attachment: message.attachment,
    refersTo: message.refersTo,
    reaction: reaction && reactions && { ...reaction, all: reactions.emojis },
    quote: message.quote,
    replaces: message.replaces,
    truncated: message.truncated || undefined,
    automatic: message.automatic,
    listeners: [...listeners],
    match,
  };
  return known({
    payload,
    topic: room ?? bare,
    to: writtenAddress(to),
    kind,
    alertId,
    thread,
    xmpp: known({ ...xmpp }),
  });
}

/** A message of output 2: `msg.payload.event` says what happened, `msg.topic` where. */
export function eventMessage(event: {
  bare: string;
  resource: string;
  alertId?: string;
  [more: string]: unknown;
}): object {
  const { bare, resource: _, alertId, ...rest } = event;
  return known({ payload: known(rest), topic: bare, alertId });
}

function known(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
