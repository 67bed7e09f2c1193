import type { Element } from '@xmpp/client';
import { addressOf, bareOf } from '../addresses';
import { NS } from '../namespaces';
import { MAX_LENGTH, type Xml } from '../stanzas';

/** Events in a joined room. `room` is its bare JID; nicks are those of the room. */
export type RoomEvent =
  | { type: 'joined'; room: string; nick: string; created: boolean }
  /** We are out: left by ourselves, or the room or its server went away (`reason`). */
  | { type: 'left'; room: string; reason?: string }
  /** Thrown out, and free to come back. */
  | { type: 'kicked'; room: string; by?: string; reason?: string }
  /** Thrown out for good. */
  | { type: 'banned'; room: string; by?: string; reason?: string }
  | { type: 'destroyed'; room: string; reason?: string; alternative?: string }
  | { type: 'nick'; room: string; from: string; to: string; own: boolean }
  /** The room does not let us have this nick; we keep the one that we have. */
  | { type: 'nick-refused'; room: string; nick: string; reason: string }
  | { type: 'subject'; room: string; subject: string; nick?: string }
  | { type: 'occupant-joined'; room: string; nick: string; jid?: string }
  | { type: 'occupant-left'; room: string; nick: string; jid?: string };

/** Content of an occupant's presence (XEP-0045 §7, §8, §15.6). */
export interface OccupantPresence {
  room: string;
  nick: string;
  available: boolean;
  /** Status codes, such as 110 (oneself), 201 (created), 301 (banned), 307 (kicked). */
  codes: ReadonlySet<number>;
  /** The real bare or full JID, if the room shows it. */
  jid?: string;
  /** The new nick of code 303. */
  newNick?: string;
  by?: string;
  reason?: string;
  destroyed?: { reason?: string; alternative?: string };
}

/** The room that a message invites to, and whether the room itself says so (XEP-0045 §7.8) or somebody else (XEP-0249). */
export function invitation(stanza: Element): { room: string; mediated: boolean } | undefined {
  const { from = '', type } = stanza.attrs;
  if (stanza.name !== 'message' || type === 'error' || type === 'groupchat') return undefined;
  if (stanza.getChild('x', NS.mucUser)?.getChild('invite') && !from.includes('/')) {
    return { room: bareOf(from), mediated: true };
  }
  const room = stanza.getChild('x', NS.conference)?.attrs.jid;
  return room === undefined ? undefined : { room: bareOf(room), mediated: false };
}

/** The room's new topic, and the nick that set it; undefined for any other message. */
export function subjectOf(stanza: Element): { subject: string; nick?: string } | undefined {
  const subject = stanza.getChildText('subject');
  if (subject === null || stanza.getChild('body') || stanza.getChild('thread')) return undefined;
  const nick = addressOf(stanza.attrs.from)?.resource;
  return { subject, ...(nick && { nick }) };
}

/** The presence that enters a room (XEP-0045 §7.2.1). It asks for nothing of the room's history. */
export function entrance(xml: Xml, to: string, password: string | undefined): Element {
  const x = xml('x', { xmlns: NS.muc }, xml('history', { maxstanzas: '0' }));
  if (password) x.children.push(xml('password', {}, password));
  return xml('presence', { to }, x);
}

/** An empty form, which takes the defaults (XEP-0045 §10.1.2). */
export function defaultForm(xml: Xml): Element {
  return xml('query', { xmlns: NS.mucOwner }, xml('x', { xmlns: NS.dataForms, type: 'submit' }));
}

/** The content of an occupant's presence; undefined for any other presence. */
export function occupantPresence(stanza: Element): OccupantPresence | undefined {
  const { from, type } = stanza.attrs;
  const occupant = addressOf(from);
  const x = stanza.getChild('x', NS.mucUser);
  if (stanza.name !== 'presence' || !occupant?.resource || (type !== undefined && type !== 'unavailable'))
    return undefined;
  const item = x?.getChild('item');
  const destroy = x?.getChild('destroy');
  const codes = (x?.getChildren('status') ?? []).map(({ attrs }) => Number(attrs.code));
  const actor = item?.getChild('actor');
  return {
    room: occupant.bare,
    nick: occupant.resource,
    available: type === undefined,
    codes: new Set(codes),
    ...optional('jid', item?.attrs.jid),
    ...optional('newNick', item?.attrs.nick),
    ...optional('by', actor?.attrs.nick ?? actor?.attrs.jid),
    ...optional('reason', item?.getChildText('reason')),
    ...(destroy && {
      destroyed: {
        ...optional('reason', destroy.getChildText('reason')),
        ...optional('alternative', destroy.attrs.jid),
      },
    }),
  };
}

function optional<K extends string>(
  key: K,
  value: string | null | undefined,
): { [key in K]?: string } | undefined {
  return value ? ({ [key]: value.slice(0, MAX_LENGTH) } as { [key in K]: string }) : undefined;
}
