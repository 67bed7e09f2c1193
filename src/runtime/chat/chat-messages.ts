/** Turns messages from people into messages of a flow. */
import { writtenAddress } from '../../xmpp/address-text';
import type { ChatMessage } from '../../xmpp/receiving/stanza-reader';
import type { Answered } from './answering';

/** `msg.xmpp` of a message that came in. */
export interface XmppPart {
  /** Full JID, or room and nick. */
  from: string;
  /** Bare JID of the sender, if known: always outside of rooms. */
  jid?: string | undefined;
  nick?: string | undefined;
  room?: string | undefined;
  /** `chat`, `groupchat`, `normal`, `headline`. */
  type: string;
  id?: string | undefined;
  stanzaId?: string | undefined;
  thread?: string | undefined;
  /** Time of the message, ISO 8601. */
  stamp: string;
  delayed: boolean;
  /** It comes from an archive (XEP-0313): it was written while nobody was there. */
  archived?: true | undefined;
  subject?: string | undefined;
  attachment?: ChatMessage['attachment'];
  /** Id of our message that it is about. */
  refersTo?: string | undefined;
  /** Reactions that the sender added and took back, and all that are left. */
  reaction?: { added: string[]; removed: string[]; all: string[] } | undefined;
  quote?: string | undefined;
  /** Id of the sender's own message that this one corrects. */
  replaces?: string | undefined;
  truncated?: true | undefined;
  /** Set if a machine sent it by itself: messages of machines in a row, this one included. */
  automatic?: number | undefined;
  /** The bridge that carried it here, if any. */
  bridged?: string | undefined;
  /** Ids of all `xmpp-in`s that pass this message on. */
  listeners?: readonly string[] | undefined;
  /** Matches of the pattern: the whole match, then its groups or wildcards. */
  match?: string[] | undefined;
  /** To the word `help`: what the node answers itself. An alert says it with its own. */
  help?: string | undefined;
}

/**
 * A message of output 1. `to` and `kind` address an answer, as `xmpp-out` reads them; `to` names one address
 * wherever it passes through, also as text.
 */
export function chatMessage(
  message: ChatMessage,
  payload: string,
  match: string[] | undefined,
  listeners: readonly string[] = [],
  { answered, help }: { answered?: Answered | undefined; help?: string | undefined } = {},
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
    archived: message.archived,
    subject: message.subject,
    attachment: message.attachment,
    refersTo: message.refersTo,
    reaction: reaction && reactions && { ...reaction, all: reactions.emojis },
    quote: message.quote,
    replaces: message.replaces,
    truncated: message.truncated || undefined,
    automatic: message.automatic,
    bridged: message.bridged,
    listeners: [...listeners],
    match,
    help,
  };
  return known({
    payload,
    topic: room ?? bare,
    to: writtenAddress(to),
    kind,
    alertId,
    thread,
    answered,
    xmpp: known({ ...xmpp }),
  });
}

/** A message of output 2: `msg.payload.event` is the event, `msg.topic` the place. */
export function chatEventMessage(event: {
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
