import type { Node, NodeAPI, NodeDef } from 'node-red';
import type { OpenTiles, TileAccess } from '../../../src/runtime/tiles/tile-access';

/** The part of Dashboard's `ui-group` that is used. */
interface Group extends Node {
  register(node: Node, config: object, events: { onSocket: Record<string, unknown> }): void;
}

/** A `dinox-broker`; an old package has no tiles. */
interface BrokerNode extends Node {
  dinoxTiles?: TileAccess;
}

interface Definition extends NodeDef {
  readonly group?: string;
  readonly broker?: string;
  /** Filters, one a line. */
  readonly topics?: string;
}

type Answer = (answer: object) => void;

/** Questions that are answered at the same time, of all browsers. */
const MAX_READING = 50;
/** Milliseconds from an answer to the next question of the same browser. A widget asks every two seconds. */
const LEAST_PAUSE = 500;

/**
 * `ui-dinox-tiles`: a widget whose browsers ask for the tiles of a connection, over Dashboard's socket, by the event
 * `dinox-tiles` with the node's id and the token of the answer before. It has no input and no output.
 */
export function registerUiDinoxTiles(RED: NodeAPI, now: () => number = () => performance.now()): void {
  function UiDinoxTiles(this: Node, def: Definition): void {
    RED.nodes.createNode(this, def);
    const say = (key: string): string => RED._(`ui-dinox-tiles.status.${key}`);
    const fail = (key: string): void => {
      this.error(say(`${key}Long`));
      this.status({ fill: 'red', shape: 'ring', text: say(key) });
    };
    const group = RED.nodes.getNode(def.group ?? '') as Partial<Group> | null;
    const broker = RED.nodes.getNode(def.broker ?? '') as BrokerNode | null;
    const filters = String(def.topics ?? '')
      .split('\n')
      .map((filter) => filter.trim())
      .filter(Boolean);
    let tiles: OpenTiles | undefined;
    let reading = 0;
    /** By socket, when it may ask again: whoever asks without a pause must not keep others from their tiles. */
    const free = new WeakMap<object, number>();
    const ask = (given: unknown, id: unknown, token: unknown, answer: unknown): void => {
      if (id !== this.id || typeof answer !== 'function') return;
      const reply = answer as Answer;
      const socket = typeof given === 'object' && given !== null ? given : this;
      if (!tiles || reading >= MAX_READING || now() < (free.get(socket) ?? 0)) {
        reply({ fault: tiles ? 'busy' : 'closed' });
        return;
      }
      reading += 1;
      free.set(socket, Number.POSITIVE_INFINITY);
      tiles
        .read(typeof token === 'string' ? token : undefined)
        .then(reply, () => reply({ fault: 'failed' }))
        .finally(() => {
          reading -= 1;
          free.set(socket, now() + LEAST_PAUSE);
        })
        // Its browser is gone.
        .catch(() => {});
    };
    this.on('close', (removed: boolean, done: () => void) => {
      const open = tiles;
      tiles = undefined;
      (open?.close(removed) ?? Promise.resolve())
        .catch((error: Error) => this.error(error.message))
        .then(done);
    });
    if (!group?.register) {
      fail('group');
      return;
    }
    try {
      // A copy: Dashboard takes properties away from what it gets.
      group.register(this, { ...def }, { onSocket: { 'dinox-tiles': ask } });
    } catch (error) {
      // Its page or its base is missing.
      this.warn(error instanceof Error ? error.message : String(error));
      fail('group');
      return;
    }
    if (!broker) fail('broker');
    else if (broker.dinoxTiles?.version !== 1) fail('version');
    else if (filters.length === 0) fail('topics');
    else {
      try {
        tiles = broker.dinoxTiles.open(this, filters);
      } catch (error) {
        this.error(error instanceof Error ? error.message : String(error));
        this.status({ fill: 'red', shape: 'ring', text: say('filter') });
      }
    }
  }

  RED.nodes.registerType('ui-dinox-tiles', UiDinoxTiles as never);
}
