import type { Group, Sort } from '../prefs';
import { isStale, type Row, rateOf } from '../rows';
import type { Tile } from './tiles';

export interface Section {
  /** Undefined: no heading. */
  heading: string | undefined;
  tiles: Tile[];
}

const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** Tiles in their order: the pinned ones first, then by group. */
export function arrange(
  tiles: readonly Tile[],
  pins: ReadonlySet<string>,
  sort: Sort,
  group: Group,
  now: number,
  pinnedHeading: string,
): Section[] {
  const compare = comparison(sort, now);
  const sorted = [...tiles].sort((a, b) => compare(a.row, b.row));
  const pinned = sorted.filter(({ key }) => pins.has(key));
  const others = sorted.filter(({ key }) => !pins.has(key));
  const sections: Section[] = [];
  if (pinned.length > 0) sections.push({ heading: pinnedHeading, tiles: pinned });
  if (group === 'none') {
    if (others.length > 0) sections.push({ heading: pinned.length > 0 ? '' : undefined, tiles: others });
    return sections;
  }
  const groups = new Map<string, Tile[]>();
  for (const tile of others) {
    const name = groupOf(tile.row.topic, group);
    const list = groups.get(name);
    if (list) list.push(tile);
    else groups.set(name, [tile]);
  }
  const names = [...groups.keys()];
  if (sort === 'name') names.sort(byName.compare);
  return [...sections, ...names.map((name) => ({ heading: name, tiles: groups.get(name) ?? [] }))];
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
