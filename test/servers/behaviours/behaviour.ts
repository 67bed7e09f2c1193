import type { Scene, Stage } from './stage';

/** Something that people rely on, tried over every way that messages take. */
export interface Behaviour {
  /** Rows of the page. */
  titles: readonly string[];
  /** Resolves with the cells. @throws where something happens that may not happen anywhere */
  run(scene: Scene): Promise<string[]>;
}

/** A behaviour of one row. */
export function behaviour(title: string, run: (scene: Scene) => Promise<string>): Behaviour {
  return { titles: [title], run: async (scene) => [await run(scene)] };
}

/** Something that happens to all columns at once, and what each sees of it. */
export interface Upheaval extends Behaviour {
  prepare(scene: Scene): Promise<void>;
  happens(stage: Stage, scenes: readonly Scene[]): Promise<void>;
}
