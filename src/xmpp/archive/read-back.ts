import { randomUUID } from 'node:crypto';
import type { Clock } from '../../base/clock';
import { DAY } from '../../base/time-units';
import type { Stanzas } from '../stanzas';
import { type ArchivedStanza, archivedIn, pageEnd, pageQuery } from './query';

/** The first page is small: the packaged shaper of ejabberd lets 20 kB pass at once, then 3 kB a second. */
const FIRST_PAGE = 20;
const PAGE = 50;
/** Messages that are looked at, of which most may be our own. */
export const MAX_LOOKED = 5_000;
/** Messages that are kept. */
const MAX_KEPT = 1_000;
/** Characters of text that are kept. */
const MAX_LENGTH = 8_000_000;
/** Milliseconds for all pages. */
const MAX_MS = 60_000;
/** Nobody waits longer for an answer, so nothing older is looked for. */
const OLDEST = 7 * DAY;
/** The archive's clock, and the order of its ids, may differ from ours by this much, in milliseconds. */
const SLACK = 10 * 60_000;

/** One message of the archive; `message` is undefined if it is none for us (our own, a receipt). */
export interface Found<T> {
  id: string;
  stamp: number;
  message: T | undefined;
}

export interface Reading<T> {
  /** Those that are newer than everything known, and the interrupted ones; oldest first. */
  found: Found<T>[];
  /** The newest message of the archive. */
  newest: { id: string; stamp: number } | undefined;
  /** There was more than could be looked at. The newest were. */
  isCut: boolean;
}

export interface ReadBackOptions<T> {
  stanzas: Pick<Stanzas, 'account' | 'ask' | 'load' | 'onStanza'>;
  /** Bare JID of the account or the room. */
  archive: string;
  clock: Clock;
  /** What became of a message with this id. */
  fate(id: string): 'unknown' | 'handled' | 'interrupted';
  /** Number of interrupted messages. */
  interrupted: number;
  /** Time of the newest known message, in milliseconds since the epoch. */
  since: number;
  /** Reads a message, bounded; `length` are the characters that it holds on to. */
  read(stanza: ArchivedStanza): { message: T; length: number } | undefined;
  /** Ends early with what there is. */
  signal: AbortSignal;
}

/**
 * Reads an archive backwards from its newest message up to the first known one, within bounds.
 * @throws StanzaError, XmppError
 */
export async function readBack<T>(options: ReadBackOptions<T>): Promise<Reading<T>> {
  const { clock, signal, since } = options;
  const begin = clock.steady();
  const floor = Math.max(clock.now() - OLDEST, since - SLACK);
  const all = new Map<string, Found<T>>();
  let newest: Reading<T>['newest'];
  let interrupted = options.interrupted;
  let before = '';
  let kept = 0;
  let length = 0;
  let isKnown = false;
  for (;;) {
    const { page, first, isComplete } = await readPage(options, before, before === '' ? FIRST_PAGE : PAGE);
    // Newest first, so that the bounds cut off the oldest.
    const fresh = page.filter(({ id }) => !all.has(id)).reverse();
    newest ??= fresh[0] && { id: fresh[0].id, stamp: fresh[0].stamp };
    for (const stanza of fresh) {
      const fate = options.fate(stanza.id);
      if (fate === 'interrupted') interrupted -= 1;
      if (fate === 'handled') isKnown = true;
      const isOld = stanza.stamp < floor || (isKnown && fate === 'unknown');
      const full = kept >= MAX_KEPT || length >= MAX_LENGTH;
      const read = fate === 'handled' || isOld || full ? undefined : options.read(stanza);
      if (read) {
        kept += 1;
        length += read.length;
      }
      all.set(stanza.id, { id: stanza.id, stamp: stanza.stamp, message: read?.message });
    }
    const oldest = page[0]?.stamp ?? Number.NEGATIVE_INFINITY;
    const isBack = (isKnown && interrupted <= 0) || oldest < floor;
    const isEnd = isComplete || fresh.length === 0 || first === undefined;
    const isCut =
      all.size >= MAX_LOOKED ||
      kept >= MAX_KEPT ||
      length >= MAX_LENGTH ||
      clock.steady() - begin >= MAX_MS ||
      signal.aborted;
    if (isBack || isEnd || isCut) {
      return { found: [...all.values()].reverse(), newest, isCut: isCut && !isBack && !isEnd };
    }
    before = first;
  }
}

/** The newest message of an archive; undefined: it is empty. */
export async function readNewest(
  options: Pick<ReadBackOptions<unknown>, 'stanzas' | 'archive'>,
): Promise<{ id: string; stamp: number } | undefined> {
  const { page } = await readPage(options, '', 1);
  const last = page.at(-1);
  return last && { id: last.id, stamp: last.stamp };
}

async function readPage(
  { stanzas, archive }: Pick<ReadBackOptions<unknown>, 'stanzas' | 'archive'>,
  before: string,
  most: number,
): Promise<{ page: ArchivedStanza[]; first: string | undefined; isComplete: boolean }> {
  const { account } = stanzas;
  const queryId = randomUUID();
  const page: ArchivedStanza[] = [];
  const xml = await stanzas.load();
  const stop = stanzas.onStanza((stanza) => {
    // A server that sends more than was asked for is not believed.
    if (page.length >= most) return;
    const archived = archivedIn(stanza, { archive, account, queryId });
    if (archived) page.push(archived);
  });
  try {
    const answer = await stanzas.ask(
      pageQuery(xml, archive === account ? undefined : archive, { queryId, before, most }),
    );
    const { first, isComplete } = pageEnd(answer);
    return { page, first, isComplete };
  } finally {
    stop();
  }
}
