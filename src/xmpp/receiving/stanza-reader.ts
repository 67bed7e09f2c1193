/**
 * What a stanza says: a message, or what happens around messages. Everything in it was written by somebody else:
 * sizes are bounded, and nothing is taken for true that only the sender says. What our own messages have to do with
 * it is found out by the {@link ./inbox}.
 */
import type { Element } from '@xmpp/client';
import { type Address, addressOf } from '../addresses';
import { automaticOf } from '../automatic';
import type { ChatKind } from '../chat-kind';
import { ChildIndex } from '../child-index';
import { NS } from '../namespaces';
import type { ReactionChange } from '../sent-messages';
import { type BodyParts, bodyOf, cleanText } from './body';
import { type Encryption, encryptionOf } from './encryption';

/** Characters of an id, a thread, a nick. */
const ID_MOST = 512;
const LINE_MOST = 1_000;
const URL_MOST = 4_096;
const EMOJI_MOST = 32;
const REACTIONS_MOST = 20;

export interface ChatMessage {
  /** Address of our messages to this sender: the bare JID, or the room. */
  chat: string;
  /** Address of an answer: the same, or the occupant for a private message in a room. */
  to: string;
  kind: ChatKind;
  /** `chat`, `groupchat`, `normal`, `headline`. */
  type: string;
  /** The sender as the server wrote it: full JID, or room and nick. */
  from: string;
  bare: string;
  /** Empty where the sender is no device and no occupant of a room. */
  resource: string;
  /** Bare JID of the room that it came through. */
  room?: string | undefined;
  nick?: string | undefined;
  /** Found by the inbox: the own bare JID of who spoke in a room, where the room tells it. */
  realJid?: string | undefined;
  id?: string | undefined;
  originId?: string | undefined;
  /** Id from the room or our own server (XEP-0359). Ids claimed by others are left out. */
  stanzaId?: string | undefined;
  thread?: string | undefined;
  subject?: string | undefined;
  /** When it was said, in milliseconds since the epoch; never in the future. */
  stamp: number;
  /** It lay somewhere before it was delivered (XEP-0203). */
  delayed: boolean;
  /** The body without quotes and fallbacks; empty for a reaction and for what is encrypted. */
  text: string;
  /** True if the body was longer than the part that is passed on. */
  truncated: boolean;
  /** The quote above the text, without its marks. */
  quote?: string | undefined;
  attachment?: OutOfBandData | undefined;
  /** The id that a reply names (XEP-0461). */
  replyTo?: string | undefined;
  /** The id of the message of his own that this one corrects (XEP-0308). */
  replaces?: string | undefined;
  /** All reactions of the sender to a message, as of now (XEP-0444). */
  reactions?: { id: string; emojis: string[] } | undefined;
  encrypted?: Encryption | undefined;
  /** Number in a row, if a machine sent it by itself (see {@link ./automatic}). */
  automatic?: number | undefined;
  /** The bridge that carried it here, as it says. */
  bridged?: string | undefined;
  wantsReceipt: boolean;
  /** It came to another device of this account too (XEP-0280). */
  carbon: boolean;
  /** It comes from an archive (XEP-0313). */
  archived?: true;
  /** It comes from an archive, and was delivered by itself, too. */
  delivered?: true;
  /** It was written after now, as our clock has it: nobody knows how old it is. */
  isAgeUnknown?: true;
  /** An earlier process ended while it handled this message. */
  interrupted?: true;
  /** Filled in by the inbox: the id of our message that this one refers to, and what that stands for. */
  refersTo?: string | undefined;
  alertId?: string | undefined;
  reaction?: ReactionChange | undefined;
}

/** A file, or any other address, beside a message (XEP-0066). */
export interface OutOfBandData {
  url: string;
  description?: string;
}

/** An event without text. `from` is the full JID, or room and nick. */
export type ChatEvent = { from: string; bare: string; resource: string } & (
  | { event: 'presence'; show: string; status?: string }
  | { event: 'subscribe'; nick?: string; accepted: boolean }
  | { event: 'subscribed' | 'unsubscribe' | 'unsubscribed' }
  | { event: 'invitation'; room: string; by?: string; reason?: string; password?: string }
  | { event: 'receipt' | 'displayed' | 'retracted'; id: string; alertId?: string }
  | { event: 'failed'; id: string; condition: string; text?: string; alertId?: string }
  | { event: 'chat-state'; state: string }
  | { event: 'encrypted'; encrypted: Encryption; id?: string; answered: boolean }
);

export interface ReceivedStanza {
  message?: ChatMessage;
  events: ChatEvent[];
}

export interface ReadContext {
  /** Bare JID of the account. */
  account: string;
  /** Milliseconds since the epoch. */
  now: number;
  /** True if this bare JID is a room in which the account is. */
  isRoom(bare: string): boolean;
}

/** Reads a message or presence. A stanza for a client program, and not for a person, gives nothing. */
export function readStanza(stanza: Element, context: ReadContext): ReceivedStanza {
  if (stanza.name === 'presence') return readPresence(stanza, context);
  if (stanza.name !== 'message') return { events: [] };
  const from = senderOf(stanza, context);
  if (!from) return { events: [] };
  const parts = new ChildIndex(stanza);
  const carbon = parts.get('received', NS.carbons) ?? parts.get('sent', NS.carbons);
  if (!carbon) return readMessage(stanza, parts, from, context, false);
  // Anybody may write such an element; only the account's own server may copy (XEP-0280 §11).
  if (from.bare !== context.account || from.resource !== '') return { events: [] };
  const inner = carbon.getChild('forwarded', NS.forward)?.getChild('message');
  const sender = inner && senderOf(inner, context);
  if (!inner || !sender) return { events: [] };
  if (carbon.name === 'sent') {
    // Messages of another device of this account to others are not for this one.
    const isOwn = sender.bare === context.account && addressOf(inner.attrs.to)?.bare === context.account;
    if (!isOwn) return { events: [] };
  }
  return readMessage(inner, new ChildIndex(inner), sender, context, true);
}

/** Without a `from` it comes from the own account (RFC 6120 §8.1.2.1). */
function senderOf(stanza: Element, { account }: ReadContext): Address | undefined {
  const { from } = stanza.attrs;
  return from === undefined || from === '' ? { bare: account, resource: '' } : addressOf(from);
}

export function readMessage(
  stanza: Element,
  parts: ChildIndex,
  from: Address,
  context: ReadContext,
  carbon: boolean,
): ReceivedStanza {
  const type = stanza.attrs.type ?? 'normal';
  const { bare, resource } = from;
  const who = { from: resource === '' ? bare : `${bare}/${resource}`, bare, resource };
  if (type === 'error') return { events: failures(stanza, parts, who) };
  const inRoom = context.isRoom(bare);
  // Only a room in which we are can speak as one.
  if (type === 'groupchat' && (!inRoom || carbon)) return { events: [] };
  const invitation = type === 'groupchat' ? undefined : invitationOf(parts, who);
  if (invitation) return { events: [invitation] };
  // Remarks of a room about itself.
  if (inRoom && resource === '') return { events: [] };
  const encrypted = encryptionOf(parts);
  if (encrypted === 'keys') return { events: [] };
  const reactions = reactionsOf(parts);
  const empty: BodyParts = { text: '', truncated: false };
  const isMute = encrypted || reactions || parts.get('retract', NS.retract);
  const body = isMute ? empty : bodyOf(parts);
  const attachment = encrypted ? undefined : outOfBandOf(parts);
  const isSaid = encrypted !== undefined || reactions !== undefined || body.text !== '' || !!attachment;
  const events = isSaid ? [] : eventsOf(parts, who);
  if (!isSaid) return { events };
  const kind = type === 'groupchat' ? 'groupchat' : 'chat';
  const isPrivate = inRoom && kind === 'chat';
  const { stamp, delayed } = delayOf(parts, context.now);
  const id = shortId(stanza.attrs.id);
  const message: ChatMessage = {
    ...who,
    ...body,
    chat: isPrivate ? who.from : bare,
    to: isPrivate ? who.from : bare,
    kind,
    type: ['chat', 'groupchat', 'headline'].includes(type) ? type : 'normal',
    room: inRoom ? bare : undefined,
    nick: inRoom && resource !== '' ? resource : undefined,
    id,
    originId: shortId(parts.get('origin-id', NS.stanzaId)?.attrs.id),
    stanzaId: stanzaIdOf(parts, kind === 'groupchat' ? bare : context.account),
    thread: shortId(parts.text('thread')),
    subject: line(parts.text('subject')),
    stamp,
    delayed,
    attachment,
    replyTo: shortId(parts.get('reply', NS.reply)?.attrs.id),
    replaces: shortId(parts.get('replace', NS.correct)?.attrs.id),
    reactions,
    encrypted,
    automatic: automaticOf(parts, type),
    bridged: bridgeOf(parts),
    wantsReceipt: id !== undefined && kind === 'chat' && !carbon && !!parts.get('request', NS.receipts),
    carbon,
  };
  return { message, events };
}

type SenderParts = { from: string; bare: string; resource: string };

/** Events in a message without text. */
function eventsOf(parts: ChildIndex, who: SenderParts): ChatEvent[] {
  const events: ChatEvent[] = [];
  const add = (event: 'receipt' | 'displayed' | 'retracted', found: Element | undefined): void => {
    const id = shortId(found?.attrs.id);
    if (id !== undefined) events.push({ ...who, event, id });
  };
  add('receipt', parts.get('received', NS.receipts) ?? parts.get('received', NS.chatMarkers));
  add('displayed', parts.get('displayed', NS.chatMarkers) ?? parts.get('acknowledged', NS.chatMarkers));
  add('retracted', parts.get('retract', NS.retract));
  for (const state of ['active', 'composing', 'paused', 'inactive', 'gone']) {
    if (events.length === 0 && parts.get(state, NS.chatStates)) {
      events.push({ ...who, event: 'chat-state', state });
    }
  }
  return events;
}

/** One of our messages came back as an error (RFC 6120 §8.3). */
function failures(stanza: Element, parts: ChildIndex, who: SenderParts): ChatEvent[] {
  const id = shortId(stanza.attrs.id);
  const error = parts.get('error');
  if (id === undefined || !error) return [];
  const isCondition = (child: Element) => child.name !== 'text' && child.getNS() === NS.stanzas;
  const condition = shortId(error.getChildElements().find(isCondition)?.name) ?? 'undefined-condition';
  const text = line(error.getChildText('text'));
  return [{ ...who, event: 'failed', id, condition, ...(text !== undefined && { text }) }];
}

/** An invitation by a room (XEP-0045 §7.8.2) or by a person (XEP-0249). */
function invitationOf(parts: ChildIndex, who: SenderParts): ChatEvent | undefined {
  const user = parts.get('x', NS.mucUser);
  const invite = user?.getChild('invite');
  const direct = parts.get('x', NS.conference);
  if (!invite && !direct?.attrs.jid) return undefined;
  const room = invite ? who.bare : addressOf(direct?.attrs.jid)?.bare;
  if (!room) return undefined;
  const by = addressOf(invite?.attrs.from)?.bare;
  const reason = line(invite ? invite.getChildText('reason') : direct?.attrs.reason);
  const password = line(invite ? user?.getChildText('password') : direct?.attrs.password);
  return {
    ...who,
    event: 'invitation',
    room,
    ...(by !== undefined && { by }),
    ...(reason !== undefined && { reason }),
    ...(password !== undefined && { password }),
  };
}

function readPresence(stanza: Element, context: ReadContext): ReceivedStanza {
  const parts = new ChildIndex(stanza);
  const from = senderOf(stanza, context);
  // `xmpp/rooms` handles the presences of rooms.
  if (!from || context.isRoom(from.bare) || parts.get('x', NS.mucUser)) return { events: [] };
  const { bare, resource } = from;
  const who = { from: resource === '' ? bare : `${bare}/${resource}`, bare, resource };
  const { type } = stanza.attrs;
  switch (type) {
    case 'subscribe': {
      const nick = line(parts.text('nick', NS.nick));
      return { events: [{ ...who, event: type, accepted: false, ...(nick !== undefined && { nick }) }] };
    }
    case 'subscribed':
    case 'unsubscribe':
    case 'unsubscribed':
      return { events: [{ ...who, event: type }] };
    case 'unavailable':
    case undefined: {
      const shows = ['chat', 'away', 'xa', 'dnd'];
      const show = parts.text('show')?.trim() ?? '';
      const status = line(parts.text('status'));
      const now = type ?? (shows.includes(show) ? show : 'available');
      return { events: [{ ...who, event: 'presence', show: now, ...(status !== undefined && { status }) }] };
    }
    default:
      return { events: [] };
  }
}

/** Skin tones and the presentation of an emoji are a matter of taste, not another reaction. */
function plainEmoji(text: string): string {
  return text.replace(/[\u{1F3FB}-\u{1F3FF}\uFE0E\uFE0F]/gu, '').trim();
}

function reactionsOf(parts: ChildIndex): ChatMessage['reactions'] {
  const element = parts.get('reactions', NS.reactions);
  const id = shortId(element?.attrs.id);
  if (!element || id === undefined) return undefined;
  const emojis = new Set<string>();
  for (const child of element.getChildren('reaction')) {
    const emoji = plainEmoji(cleanText(child.text()));
    if (emoji !== '' && emoji.length <= EMOJI_MOST) emojis.add(emoji);
    if (emojis.size >= REACTIONS_MOST) break;
  }
  return { id, emojis: [...emojis] };
}

function outOfBandOf(parts: ChildIndex): OutOfBandData | undefined {
  const element = parts.get('x', NS.oob);
  const url = element?.getChildText('url')?.trim() ?? '';
  if (url.length > URL_MOST || !/^(https?|ftps?|aesgcm|xmpp):[^\s\p{Cc}]+$/iu.test(url)) return undefined;
  const description = line(element?.getChildText('desc'));
  return { url, ...(description !== undefined && { description }) };
}

/** Anybody may write such an element; only that of the room or of the own server says something (XEP-0359 §6). */
function stanzaIdOf(parts: ChildIndex, by: string): string | undefined {
  const found = parts.all('stanza-id', NS.stanzaId).find(({ attrs }) => addressOf(attrs.by)?.bare === by);
  return shortId(found?.attrs.id);
}

/**
 * The oldest stamp counts, from any writer: a phone that was offline, a server that kept the message, a room's
 * history. Who lies about it makes only his own message look old.
 */
function delayOf(parts: ChildIndex, now: number): { stamp: number; delayed: boolean } {
  const stamps = parts
    .all('delay', NS.delay)
    .map(({ attrs }) =>
      /^\d{4}-\d\d-\d\dT/.test(attrs.stamp ?? '') ? Date.parse(attrs.stamp ?? '') : Number.NaN,
    )
    .filter((stamp) => stamp > 0);
  return { stamp: Math.min(now, ...stamps), delayed: stamps.length > 0 };
}

/** An id as it is; one that is too long to be kept is none. */
function shortId(value: string | null | undefined): string | undefined {
  if (!value || value.length > ID_MOST || /[\p{Cc}\p{Cs}]/u.test(value)) return undefined;
  return value;
}

/** One line of somebody else's text. */
function line(value: string | null | undefined): string | undefined {
  const text = cleanText((value ?? '').slice(0, LINE_MOST))
    .replace(/ *[\r\n\t]+ */g, ' ')
    .trim();
  return text === '' ? undefined : text;
}

/** Any mark counts, an empty one too: it must not go round. */
function bridgeOf(parts: ChildIndex): string | undefined {
  const mark = parts.get('bridged', NS.bridge);
  return mark && String(mark.attrs.by ?? '').slice(0, ID_MOST);
}
