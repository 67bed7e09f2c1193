import type { Tile, TileAnswer } from '../../topics/tile';

/** The tiles after an answer. A part of them has no lines: those before stay until the next whole answer. */
export function merged(
  before: ReadonlyMap<string, Tile>,
  { tiles, whole }: Pick<TileAnswer, 'tiles' | 'whole'>,
): Map<string, Tile> {
  const all = whole ? new Map<string, Tile>() : new Map(before);
  for (const tile of tiles) all.set(tile.topic, whole ? tile : { ...all.get(tile.topic), ...tile });
  return all;
}
