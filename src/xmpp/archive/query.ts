/**
 * Questions to an archive (XEP-0313, `urn:xmpp:mam:2`) and its answers, page by page (XEP-0059). An answer counts only
 * if it comes from the archive itself and bears the question's id: anybody can write such a message.
 */
import type { Element } from '@xmpp/client';
import { addressOf } from '../addresses';
import { NS } from '../namespaces';
import type { Xml } from '../stanzas';

/** Characters of an archive's id. */
const MAX_ID = 512;

/** A message as an archive holds it. */
export interface ArchivedStanza {
  /** The archive's own id, which is the `stanza-id` of the same message when it is delivered (XEP-0359). */
  id: string;
  /** When the archive got it, in milliseconds since the epoch. */
  stamp: number;
  message: Element;
}

/** The end of a page. */
export interface PageEnd {
  /** Id of its oldest message; undefined: it is empty. */
  first: string | undefined;
  /** Id of its newest message. */
  last: string | undefined;
  /** Nothing is older. */
  isComplete: boolean;
}

/** What an archive says about itself (XEP-0030). */
export interface ArchiveFeatures {
  /** It keeps messages, and gives them to us. */
  keeps: boolean;
  /** Everybody in the room sees the real JIDs. */
  showsJids: boolean;
}

/**
 * Asks for the newest messages.
 * @param archive bare JID of the room; undefined: the account's own
 * @param before id that the page ends before; empty: it ends with the newest of all
 */
export function pageQuery(
  xml: Xml,
  archive: string | undefined,
  { queryId, before, most }: { queryId: string; before: string; most: number },
): Element {
  const set = xml(
    'set',
    { xmlns: NS.resultSet },
    xml('max', {}, String(most)),
    xml('before', {}, ...(before === '' ? [] : [before])),
  );
  return xml(
    'iq',
    { type: 'set', ...(archive !== undefined && { to: archive }) },
    xml('query', { xmlns: NS.mam, queryid: queryId }, set),
  );
}

/**
 * The message in a result; undefined for every other stanza, and for a result that nobody asked for.
 * @param archive bare JID of the room or the account
 */
export function archivedIn(
  stanza: Element,
  { archive, account, queryId }: { archive: string; account: string; queryId: string },
): ArchivedStanza | undefined {
  const result = stanza.name === 'message' ? stanza.getChild('result', NS.mam) : undefined;
  if (!result || result.attrs.queryid !== queryId || !isFrom(stanza, archive, account)) return undefined;
  const forwarded = result.getChild('forwarded', NS.forward);
  const message = forwarded?.getChild('message');
  const stamp = Date.parse(forwarded?.getChild('delay', NS.delay)?.attrs.stamp ?? '');
  const id = idOf(result.attrs.id);
  // Without a time it could be of any age.
  if (!message || id === undefined || !(stamp > 0)) return undefined;
  return { id, stamp, message };
}

/** The end of a page, from the answer to {@link pageQuery}. */
export function pageEnd(answer: Element): PageEnd {
  const fin = answer.getChild('fin', NS.mam);
  const set = fin?.getChild('set', NS.resultSet);
  const first = idOf(set?.getChildText('first'));
  const last = idOf(set?.getChildText('last'));
  return { first, last, isComplete: first === undefined || fin?.attrs.complete === 'true' };
}

export function featuresIn(info: Element | undefined): ArchiveFeatures {
  const has = (feature: string): boolean =>
    info?.getChildren('feature').some(({ attrs }) => attrs.var === feature) ?? false;
  return { keeps: has(NS.mam), showsJids: has('muc_nonanonymous') };
}

/** Without a `from` it comes from the own account (RFC 6120 §8.1.2.1). */
function isFrom({ attrs: { from } }: Element, archive: string, account: string): boolean {
  if (from === undefined || from === '') return archive === account;
  const address = addressOf(from);
  return address?.bare === archive && address.resource === '';
}

function idOf(value: string | null | undefined): string | undefined {
  if (!value || value.length > MAX_ID || /[\p{Cc}\p{Cs}]/u.test(value)) return undefined;
  return value;
}
