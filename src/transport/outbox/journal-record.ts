import { checkedLine, readCheckedLine } from '../../storage/checked-line';
import type { Publication, PublishProperties } from '../messages';

/** A message as it lies on disk. */
export interface StoredMessage {
  /** Rank among all that were handed over; rising. */
  number: number;
  publication: Publication;
  /** When it is too old to be sent, milliseconds since the epoch. */
  due: number;
}

/** Payloads as text where they are, as base64 where they are bytes; `c` is the correlation data, `x` when it expires, `i` its PubSub item id, `s` that a person said it. */
interface Meta {
  t: string;
  p?: string;
  b?: string;
  q: number;
  r: boolean;
  v?: Record<string, unknown>;
  c?: string;
  x?: number;
  i?: string;
  s?: true;
}

/** Longer text is kept as bytes: escaped, it could exceed the longest string. */
const MAX_TEXT_LENGTH = 1_048_576;

/** Record of a waiting message. */
export function putRecord({ number, publication, due }: StoredMessage): string {
  const { topic, payload, qos, retain, properties, expires, itemId, isSaid } = publication;
  const meta: Meta = { t: topic, q: qos, r: retain };
  if (expires !== undefined) meta.x = expires;
  if (itemId !== undefined) meta.i = itemId;
  if (isSaid) meta.s = true;
  if (typeof payload === 'string' && payload.length <= MAX_TEXT_LENGTH) meta.p = payload;
  else meta.b = Buffer.from(payload as string).toString('base64');
  if (properties) {
    const { correlationData, ...others } = properties;
    meta.v = others;
    if (correlationData) meta.c = correlationData.toString('base64');
  }
  return checkedLine([number, due, meta]);
}

/** Record of a message that no longer waits. */
export function removalRecord(number: number): string {
  return checkedLine([number]);
}

/** A number is a removal; undefined: damaged, or written by a version that this one does not know. */
export function parseRecord(line: Buffer): StoredMessage | number | undefined {
  try {
    const fields = readCheckedLine(line);
    if (!Array.isArray(fields)) return undefined;
    const [number, due, meta] = fields as [number, number | null, Meta];
    if (!Number.isSafeInteger(number)) return undefined;
    if (fields.length === 1) return number;
    if (typeof due !== 'number') return undefined;
    const publication = publicationOf(meta);
    return publication && { number, due, publication };
  } catch {
    return undefined;
  }
}

function publicationOf({ t: topic, p, b, q, r: retain, v, c, x, i, s }: Meta): Publication | undefined {
  const payload = typeof b === 'string' ? Buffer.from(b, 'base64') : p;
  if (typeof topic !== 'string' || payload === undefined || typeof retain !== 'boolean') return undefined;
  if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return undefined;
  if (q !== 0 && q !== 1 && q !== 2) return undefined;
  const publication: Publication = { topic, payload, qos: q, retain };
  if (typeof x === 'number') publication.expires = x;
  if (typeof i === 'string') publication.itemId = i;
  if (s === true) publication.isSaid = true;
  if (v === undefined) return publication;
  if (typeof v !== 'object' || v === null) return undefined;
  const properties = v as PublishProperties;
  if (typeof c === 'string') properties.correlationData = Buffer.from(c, 'base64');
  return { ...publication, properties };
}
