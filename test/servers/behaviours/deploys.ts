/** Deploys, which happen to all columns at once. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Upheaval } from './behaviour';
import type { Scene } from './stage';

/** Milliseconds between two messages that another client publishes. */
const EVERY_MS = 10;

let numbers = 0;

/** Numbers that were published on the scene's fixed topic, in order. */
type Published = Map<Scene, number[]>;

async function publish({ column, fixed }: Scene, sent: number[]): Promise<void> {
  sent.push(++numbers);
  await column.ben.publish(fixed, `${sent.at(-1)}`, false);
}

/** What came but for what a new node gets of what the topic keeps, marked as such. */
const live = (scene: Scene): unknown[] =>
  scene
    .at('fixed', scene.fixed)
    .filter(({ retain }) => retain !== true)
    .map(({ payload }) => payload);

function deploy(what: string, type: 'nodes' | 'full'): Upheaval {
  const published: Published = new Map();
  return {
    titles: [
      `What others publish during a deploy of ${what}`,
      `Other sessions of the account, during a deploy of ${what}`,
    ],
    prepare: (scene) => scene.column.twin.watch(scene.fixed),
    async happens(stage, scenes) {
      let isOver = false;
      const publishing = scenes.map(async (scene) => {
        const sent: number[] = [];
        published.set(scene, sent);
        for (; !isOver; await sleep(EVERY_MS)) await publish(scene, sent);
        await scene.shows('green');
        // After a deploy of everything nobody knows when the topic is subscribed again.
        const isHeard = (): boolean => live(scene).at(-1) === sent.at(-1);
        do await publish(scene, sent);
        while (!(await scene.comes(isHeard, 200)));
      });
      await sleep(200);
      await stage.deploy(type, type);
      isOver = true;
      await Promise.all(publishing);
    },
    async run(scene) {
      const { column, fixed } = scene;
      const sent = published.get(scene) ?? [];
      const ours = (payloads: readonly unknown[]): number[] =>
        payloads.map(Number).filter((n) => sent.includes(n));
      const found = new Set(ours(scene.at('fixed', fixed).map(({ payload }) => payload)));
      const came = ours(live(scene));
      assert.equal(new Set(came).size, came.length, `twice: ${came}`);
      assert.equal(came.at(-1), sent.at(-1));
      const seen = (): number[] => ours(column.twin.seen(fixed));
      assert.ok(await scene.comes(() => seen().length >= sent.length));
      assert.deepEqual(seen(), sent);
      assert.ok(column.twin.isUndisturbed);
      return [found.size === sent.length ? 'all of it, once' : 'some is lost', 'undisturbed'];
    },
  };
}

export const DEPLOYS: Upheaval[] = [deploy('changed nodes', 'nodes'), deploy('everything', 'full')];
