/** All behaviours, over all ways that messages take, side by side in one Node-RED. */
import type { ServersOfGeneration } from '../../support/table/targets';
import { Harness } from '../nodes-support';
import type { Behaviour } from './behaviour';
import { type Column, makeColumns, type Way } from './columns';
import { DEPLOYS } from './deploys';
import { MESSAGES } from './messages';
import { LOST_LINE, RIGHTS, WAITING } from './sessions';
import { Scene, Stage } from './stage';

export interface Cell {
  way: Way;
  version: string;
  /** What happens; undefined if it may not happen anywhere. */
  text: string | undefined;
  /** Why, then. */
  failure?: string;
}

export interface BehaviourRow {
  title: string;
  /** Kinds together, older servers before newer. */
  cells: Cell[];
}

export async function behaviourRows(servers: readonly ServersOfGeneration[]): Promise<BehaviourRow[]> {
  const harness = new Harness();
  try {
    const columns = await makeColumns(harness, servers);
    const stage = await Stage.start(harness, columns);
    const [first, ...others] = MESSAGES;
    const rows = first ? await tryOne(stage, columns, first) : [];
    const waiting = Promise.all(WAITING.map((one) => tryOne(stage, columns, one)));
    for (const one of [...others, ...RIGHTS]) rows.push(...(await tryOne(stage, columns, one)));
    rows.push(...(await waiting).flat());
    rows.push(...(await tryOne(stage, columns, LOST_LINE)));
    for (const one of DEPLOYS) {
      const scenes = columns.map((column) => new Scene(stage, column));
      await Promise.all(scenes.map((scene) => one.prepare(scene)));
      await one.happens(stage, scenes);
      rows.push(...(await rowsOf(scenes, one)));
    }
    return rows;
  } finally {
    await harness.end();
  }
}

const tryOne = (stage: Stage, columns: readonly Column[], one: Behaviour): Promise<BehaviourRow[]> =>
  rowsOf(
    columns.map((column) => new Scene(stage, column)),
    one,
  );

async function rowsOf(scenes: readonly Scene[], { titles, run }: Behaviour): Promise<BehaviourRow[]> {
  const found = await Promise.all(
    scenes.map(async (scene) => {
      const { way, version } = scene.column;
      try {
        const texts = await run(scene);
        return titles.map((_, at): Cell => ({ way, version, text: texts[at] }));
      } catch (error) {
        const failure = error instanceof Error ? error.message.slice(0, 2_000) : String(error);
        return titles.map((): Cell => ({ way, version, text: undefined, failure }));
      }
    }),
  );
  return titles.map((title, at) => ({ title, cells: found.flatMap((cells) => cells[at] ?? []) }));
}
