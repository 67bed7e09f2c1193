import type { Element } from '@xmpp/client';
import { addressOf } from '../addresses';
import { ChildIndex } from '../child-index';
import { NS } from '../namespaces';
import { type ChatMessage, type ReadContext, readMessage } from './stanza-reader';

/** Milliseconds by which our clock may be behind: a machine without one of its own begins in the past. */
const CLOCKS_APART = 5 * 60_000;

/** A message of an archive (XEP-0313), and which. */
export interface FromArchive {
  /** Bare JID of the account or of the room. */
  archive: string;
  id: string;
  /** When the archive got it, in milliseconds since the epoch. */
  stamp: number;
  /** The room shows everybody's real JID. */
  showsJids: boolean;
}

/** Reads a message of an archive; undefined: it is none for a person, one of ours, or not what belongs there. */
export function readArchived(
  stanza: Element,
  { archive, id, stamp, showsJids }: FromArchive,
  context: ReadContext,
): ChatMessage | undefined {
  const from = addressOf(stanza.attrs.from);
  if (!from) return undefined;
  const isAccount = archive === context.account;
  const isGroupchat = stanza.attrs.type === 'groupchat';
  if (isAccount) {
    // Somebody else may have the nick of a private message now.
    if (isGroupchat || context.isRoom(from.bare)) return undefined;
    // Our own messages to others.
    if (from.bare === archive && addressOf(stanza.attrs.to)?.bare !== archive) return undefined;
  } else if (!isGroupchat || from.bare !== archive || from.resource === '') return undefined;
  const parts = new ChildIndex(stanza);
  const { message } = readMessage(stanza, parts, from, context, false);
  if (!message) return undefined;
  message.archived = true;
  message.stanzaId = id;
  message.stamp = Math.min(message.stamp, stamp);
  message.delayed = true;
  if (stamp > context.now + CLOCKS_APART) message.isAgeUnknown = true;
  message.wantsReceipt = false;
  if (!isAccount && showsJids) message.realJid = realJidIn(parts);
  return message;
}

/**
 * The real JID of who wrote a message of a room's archive (XEP-0313 §5.1.2). Prosody leaves such an element of the
 * writer's own beside its own, so that of two none counts.
 */
function realJidIn(parts: ChildIndex): string | undefined {
  const items = parts.all('x', NS.mucUser).flatMap((x) => x.getChildren('item'));
  const [item] = items;
  return items.length === 1 ? addressOf(item?.attrs.jid)?.bare : undefined;
}
