import { setImmediate } from 'node:timers/promises';
import type { NodeAPI } from 'node-red';
import type { TileBoard } from '../../recorder/tile-board';
import type { Tile, TileAnswer } from '../../topics/tile';
import type { Broker } from '../broker/broker';
import { alertsAbout, limitsFor } from './tile-alerts';

/** Days that are read before something else gets its turn: a few milliseconds. */
const AT_ONCE = 8;

/** @param token of the answer before; without it, or where tiles came or went since, the answer is whole */
export async function readTiles(
  RED: NodeAPI,
  board: TileBoard,
  broker: Pick<Broker, 'connected' | 'recorder'>,
  token = '',
): Promise<TileAnswer> {
  if (broker.recorder.loading) await broker.recorder.loading;
  const { version } = board;
  const [known, since] = token.split(' ');
  const whole = known !== version || !/^\d+$/.test(since ?? '');
  const { seq, tiles } = board.tiles(whole ? -1 : Number(since));
  const limits = whole ? limitsFor(RED) : undefined;
  const shown: Tile[] = [];
  for (const [place, tile] of tiles.entries()) {
    if (!limits) {
      shown.push(tile);
      continue;
    }
    if (place % AT_ONCE === AT_ONCE - 1) await setImmediate();
    const day = board.dayOf(tile);
    shown.push({ ...tile, ...limits(tile.topic), ...(day && { day }) });
  }
  return {
    whole,
    tiles: shown,
    alerts: alertsAbout(RED, new Set(board.topics)),
    leftOut: board.leftOut,
    connected: broker.connected,
    token: `${version} ${seq}`,
  };
}
