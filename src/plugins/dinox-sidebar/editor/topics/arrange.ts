import type { Group, Sort } from '../prefs';
import { isGone, isStale, type Row, rateOf } from '../rows';

export interface Section {
  /** Undefined: no heading. */
  heading: string | undefined;
  rows: Row[];
}

const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** Tiles in their order: the pinned ones first, then by group. */
export function arrange(
  rows: Iterable<Row>,
  wanted: (topic: string) => boolean,
  pins: ReadonlySet<string>,
  sort: Sort,
  group: Group,
  now: number,
  pinnedHeading: string,
): Section[] {
  const found: Row[] = [];
  for (const row of rows) {
    if (wanted(row.topic) && (!isGone(row) || pins.has(row.topic))) found.push(row);
  }
  found.sort(comparison(sort, now));
  const pinned = found.filter(({ topic }) => pins.has(topic));
  const others = found.filter(({ topic }) => !pins.has(topic));
  const sections: Section[] = [];
  if (pinned.length > 0) sections.push({ heading: pinnedHeading, rows: pinned });
  if (group === 'none') {
    if (others.length > 0) sections.push({ heading: pinned.length > 0 ? '' : undefined, rows: others });
    return sections;
  }
  const groups = new Map<string, Row[]>();
  for (const row of others) {
    const name = groupOf(row.topic, group);
    const list = groups.get(name);
    if (list) list.push(row);
    else groups.set(name, [row]);
  }
  const names = [...groups.keys()];
  if (sort === 'name') names.sort(byName.compare);
  return [...sections, ...names.map((name) => ({ heading: name, rows: groups.get(name) ?? [] }))];
}

/** `path`: the levels before the last one (a kind, a device); `last`: the last one (a room, in our own topics). */
export function groupOf(topic: string, group: Group): string {
  const slash = topic.lastIndexOf('/');
  if (group === 'last') return topic.slice(slash + 1) || '/';
  return slash < 0 ? '/' : topic.slice(0, slash);
}

function comparison(sort: Sort, now: number): (a: Row, b: Row) => number {
  const name = (a: Row, b: Row): number => byName.compare(a.topic, b.topic);
  switch (sort) {
    case 'newest':
      return (a, b) => b.at - a.at || name(a, b);
    case 'active':
      return (a, b) => rateOf(b, now) - rateOf(a, now) || b.at - a.at || name(a, b);
    case 'stale':
      return (a, b) => Number(isStale(b, now)) - Number(isStale(a, now)) || a.at - b.at || name(a, b);
    default:
      return name;
  }
}
