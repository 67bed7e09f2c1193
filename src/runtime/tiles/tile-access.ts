import type { NodeAPI } from 'node-red';
import { TileBoard } from '../../recorder/tile-board';
import { checkFilter } from '../../topics/check';
import type { TileAnswer } from '../../topics/tile';
import type { Broker } from '../broker/broker';
import type { RegisteredNode } from '../node-contract';
import { readError, textReader } from '../translator';
import { readTiles } from './tile-reader';

/**
 * `dinoxTiles` of a `dinox-broker` node: what other packages may rely on. Fields may be added; another meaning would be
 * version 2. docs/dashboard.md describes it.
 */
export interface TileAccess {
  readonly version: 1;
  /**
   * Shows the connection's state under a node, opens the connection, and records the topics of these filters until
   * `close`.
   * @throws Error for a filter that is none, in the language of the process
   */
  open(node: RegisteredNode & { warn(said: string): void }, filters: readonly string[]): OpenTiles;
}

export interface OpenTiles {
  /** @param token of the answer before, for what has changed since */
  read(token?: string): Promise<TileAnswer & { now: number }>;
  /** @param removed the node was removed from the flow */
  close(removed: boolean): Promise<void>;
}

export function tileAccess(RED: NodeAPI, broker: Broker): TileAccess {
  const read = textReader(RED);
  return {
    version: 1,
    open(node, filters) {
      try {
        for (const filter of filters) checkFilter(filter);
      } catch (error) {
        throw readError(error, read);
      }
      const refused = (reason: Error): void => node.warn(readError(reason, read).message);
      const stops = broker.usable ? filters.map((filter) => broker.watcher.watch(filter, refused)) : [];
      const board = new TileBoard(broker.recorder, broker.names, filters, Date.now);
      broker.register(node);
      return {
        read: async (token) => ({ now: Date.now(), ...(await readTiles(RED, board, broker, token)) }),
        close: async (removed) => {
          for (const stop of stops) stop();
          await broker.deregister(node, removed);
        },
      };
    },
  };
}
