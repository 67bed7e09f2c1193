import { hasWildcard, isFilter, matches } from '../../../../topics/filter';
import { isGone, type Row } from '../rows';
import type { KnownTopic } from './state';

/** Topics of a filter that are looked at, and fields that are offered of them. */
const MAX_TOPICS = 2_000;
const MAX_FIELDS = 60;

/** A typed topic, or a filter with what its topics have in common: their fields, and their unit where it is the same. */
export function typedTopic(text: string, rows: Iterable<Row>): KnownTopic {
  if (!hasWildcard(text) || !isFilter(text)) return { topic: text };
  const levels = text.split('/');
  const found: Row[] = [];
  for (const row of rows) {
    if (found.length >= MAX_TOPICS) break;
    if (!isGone(row) && matches(levels, row.topic.split('/'))) found.push(row);
  }
  const like = mainKind(found);
  const same = found.filter(({ kind }) => kind === like?.kind);
  if (!like) return { topic: text };
  const units = new Set(same.map(({ unit }) => unit ?? ''));
  const [unit = ''] = units;
  const fields = new Map<string, number>();
  for (const row of same)
    for (const [name, value] of Object.entries(row.fields ?? {}))
      if (!fields.has(name) && fields.size < MAX_FIELDS) fields.set(name, value);
  return {
    topic: text,
    kind: like.kind,
    text: '',
    ...(like.kind === 'boolean' && { text: like.text }),
    ...(like.number !== undefined && { number: like.number }),
    ...(fields.size > 0 && { fields: Object.fromEntries(fields) }),
    ...(units.size === 1 && unit !== '' && { unit }),
    // The slowest one must not be called silent.
    ...{ every: Math.max(...same.map(({ every }) => every)), steady: same.every(({ steady }) => steady) },
    others: same,
  };
}

/** A row of the kind that most have, of numbers and fields before others. */
function mainKind(rows: readonly Row[]): Row | undefined {
  const counts = new Map<string, number>();
  for (const { kind } of rows) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const worth = ({ kind, fields }: Row): number =>
    (counts.get(kind) ?? 0) + (kind === 'number' || fields ? rows.length : 0);
  return rows.reduce<Row | undefined>(
    (best, row) => (best && worth(best) >= worth(row) ? best : row),
    undefined,
  );
}

/** The present values of a number, of all topics of a filter or of the one. */
export function presentValues(topic: KnownTopic, field: string | undefined): number[] {
  const values = (topic.others ?? [topic]).map(({ number, fields }) =>
    field === undefined ? number : fields && Object.keys(fields).includes(field) ? fields[field] : undefined,
  );
  return values.filter((value): value is number => value !== undefined);
}
