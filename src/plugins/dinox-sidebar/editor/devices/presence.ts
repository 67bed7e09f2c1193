import type { NamedDevice, Presence } from '../../../../topics/topic-name';
import type { Row } from '../rows';

/** True if a device says that it is there; undefined: it says nothing, or nothing that is known. */
export function isPresent(
  ways: readonly NamedDevice[],
  rowOf: (topic: string) => Row | undefined,
): boolean | undefined {
  const said = ways.map((one) => saidBy(one, rowOf)).filter((one) => one !== undefined);
  // Half of a device may be away: what is there is shown.
  return said.length === 0 ? undefined : said.some((one) => one);
}

function saidBy(
  { presence = [], presenceMode }: NamedDevice,
  rowOf: (topic: string) => Row | undefined,
): boolean | undefined {
  const said = presence.map((one) => {
    const row = rowOf(one.topic);
    return { at: row?.at ?? 0, is: row && wordIn(row, one) };
  });
  const known = said.filter(({ is }) => is !== undefined);
  if (presenceMode === 'any') {
    if (known.some(({ is }) => is)) return true;
    return known.length === said.length && known.length > 0 ? false : undefined;
  }
  if (presenceMode === 'all') {
    if (known.some(({ is }) => is === false)) return false;
    return known.length > 0 ? true : undefined;
  }
  let latest: (typeof said)[number] | undefined;
  for (const one of known) if (!latest || one.at >= latest.at) latest = one;
  return latest?.is;
}

function wordIn(row: Row, { field, available, notAvailable }: Presence): boolean | undefined {
  // The row of `{"state": …}` and `{"value": …}` has the inner text already.
  const isInner = row.kind !== 'json' && (field === 'state' || field === 'value');
  const said = field === undefined || isInner ? row.text : fieldIn(row.text, field);
  return said === available ? true : said === notAvailable ? false : undefined;
}

/** A field of JSON that is short enough to be known whole. */
function fieldIn(text: string, path: string): string | undefined {
  try {
    let value: unknown = JSON.parse(text);
    for (const level of path.split('.')) {
      if (typeof value !== 'object' || value === null || !Object.keys(value).includes(level))
        return undefined;
      value = (value as Record<string, unknown>)[level];
    }
    return typeof value === 'string' ? value : undefined;
  } catch {
    // Cut, or no JSON.
    return undefined;
  }
}
