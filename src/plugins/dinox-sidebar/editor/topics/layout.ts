import type { Section } from './arrange';
import type { Tile } from './tiles';
import type { TreeLine } from './tree';
import type { Item } from './virtual-list';

export const TILE_HEIGHT = 102;
/** Two beside each other find room in 300 px, with a bar to scroll. */
export const TILE_WIDTH = 132;
/** Ten find room in 300 px, below the toolbar. */
export const LINE_HEIGHT = 24;
const HEADING_HEIGHT = 26;

/** An entry of the list of topics. */
export type ListEntry =
  | { kind: 'tile'; tile: Tile }
  | { kind: 'heading'; text: string }
  | { kind: 'line'; line: TreeLine };

/** Places of tiles and headings, in this many columns. */
export function tileItems(sections: readonly Section[], columns: number): Item<ListEntry>[] {
  const items: Item<ListEntry>[] = [];
  let top = 2;
  for (const { heading, tiles } of sections) {
    if (heading !== undefined) {
      const height = heading === '' ? 10 : HEADING_HEIGHT;
      const value: ListEntry = { kind: 'heading', text: heading };
      items.push({ kind: 'heading', value, top, height, left: 0, width: 1 });
      top += height;
    }
    for (const [i, tile] of tiles.entries()) {
      const column = i % columns;
      const value: ListEntry = { kind: 'tile', tile };
      items.push({
        kind: 'tile',
        value,
        top,
        height: TILE_HEIGHT,
        left: column / columns,
        width: 1 / columns,
      });
      if (column === columns - 1 || i === tiles.length - 1) top += TILE_HEIGHT;
    }
  }
  return items;
}

/** Places of the tree's lines. */
export function lineItems(lines: readonly TreeLine[]): Item<ListEntry>[] {
  return lines.map((line, i) => ({
    kind: 'line',
    value: { kind: 'line', line },
    top: i * LINE_HEIGHT,
    height: LINE_HEIGHT,
    left: 0,
    width: 1,
  }));
}
