import type { DeviceCard, DeviceCards } from '../devices/device-cards';
import { isGone, type Row } from '../rows';

/** A tile: a topic, or the card of a device with several. */
export interface Tile {
  /** By which it is pinned: its topic, or the key of its card. */
  readonly key: string;
  /** The topic; of a card, its main one with the newest time and the rate of all. */
  readonly row: Row;
  readonly card?: DeviceCard;
}

/**
 * A tile for each topic that is wanted, and one for a device all of whose topics are: who looks for one of them finds it
 * by itself. A pinned topic has its own tile, too.
 * @returns `found` counts topics
 */
export function tilesOf(
  rows: ReadonlyMap<string, Row>,
  cards: DeviceCards | undefined,
  wanted: (topic: string) => boolean,
  pins: ReadonlySet<string>,
): { tiles: Tile[]; found: number } {
  const tiles: Tile[] = [];
  const byCard = new Map<DeviceCard, Row[]>();
  let found = 0;
  for (const row of rows.values()) {
    const { topic } = row;
    const isPinned = pins.has(topic);
    if (!wanted(topic) || (isGone(row) && !isPinned)) continue;
    found += 1;
    const card = cards?.byTopic.get(topic);
    if (!card || isPinned) tiles.push({ key: topic, row });
    if (!card) continue;
    const list = byCard.get(card);
    if (list) list.push(row);
    else byCard.set(card, [row]);
  }
  for (const [card, list] of byCard) {
    if (list.length < card.topics.length)
      tiles.push(...list.filter(({ topic }) => !pins.has(topic)).map((row) => ({ key: row.topic, row })));
    else tiles.push({ key: card.key, row: leadOf(card, list), card });
  }
  return { tiles, found };
}

function leadOf({ readings }: DeviceCard, rows: readonly Row[]): Row {
  const [main] = readings;
  const lead = rows.find(({ topic }) => topic === main?.topic) ?? (rows[0] as Row);
  const at = rows.reduce((newest, row) => Math.max(newest, row.at), 0);
  return { ...lead, at, rate: rows.reduce((sum, { rate }) => sum + rate, 0) };
}
