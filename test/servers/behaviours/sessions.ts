/** Rights, topics that others make and take away, lost lines, deploys, and other sessions of the same account. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Message } from '../../support/runtime';
import { type Behaviour, behaviour } from './behaviour';
import { type Scene, SOON } from './stage';

/** The longest wait for a look at the nodes: it is ten seconds here, longer while nothing changes. */
const LOOK_MS = 25_000;
/** Filters are given up a little after nobody wants them any more. */
const UNSUBSCRIBED_MS = 4_500;

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n + 1);

export const RIGHTS: Behaviour[] = [
  behaviour('Others read what a flow publishes', async (scene) => {
    const { topic, column } = scene;
    await scene.publish(topic, '"first"', { retain: true });
    await column.carl.watch(topic).catch(() => undefined);
    await scene.publish(topic, '"secret"', { retain: true });
    return (await scene.comes(() => column.carl.seen(topic).includes('"secret"'), SOON)) ? 'yes' : 'no';
  }),
  behaviour('Others write to a topic that a flow made', async (scene) => {
    const { topic, column } = scene;
    await scene.subscribe('in', topic);
    await scene.publish(topic, '"mine"');
    await scene.came('in', topic, 1);
    await column.carl.publish(topic, '"theirs"').catch(() => undefined);
    const isTaken = (): boolean => scene.at('in', topic).some(({ payload }) => payload === 'theirs');
    return (await scene.comes(isTaken, SOON)) ? 'yes' : 'no';
  }),
];

/** Those that take long by waiting; they run beside all others. */
export const WAITING: Behaviour[] = [
  behaviour('`#`: a new topic of another client', async (scene) => {
    const { topic, column } = scene;
    await scene.subscribe('in', `${topic}/#`);
    if (scene.refusals().length > 0) return '–';
    await column.ben.make(`${topic}/new`);
    await column.ben.publish(`${topic}/new`, '1');
    const isFast = await scene.comes(() => scene.at('in', `${topic}/new`).length > 0, SOON);
    const [message] = await scene.came('in', `${topic}/new`, 1, LOOK_MS);
    assert.equal(message?.payload, 1);
    if (!isFast) assert.equal((message?.pubsub as { late?: boolean } | undefined)?.late, true);
    await column.ben.publish(`${topic}/new`, '2');
    await scene.came('in', `${topic}/new`, 2);
    return isFast ? 'at once' : 'at the next look';
  }),
  behaviour('`#`: a topic that another client takes away', async (scene) => {
    const { topic, column } = scene;
    await column.ben.make(topic);
    await scene.subscribe('in', `${topic}/#`);
    if (scene.refusals().length > 0) return '–';
    await column.ben.publish(topic, '1');
    await scene.came('in', topic, 1);
    await column.ben.remove(topic).catch(() => undefined);
    const isEmpty = () => scene.at('in', topic).at(-1)?.payload === '';
    if (await scene.comes(isEmpty, SOON)) return 'an empty message';
    return (await scene.comes(isEmpty, LOOK_MS)) ? 'an empty message, at the next look' : 'nothing';
  }),
  behaviour('Unsubscribing, to another session with the same subscription', async (scene) => {
    const { topic, column } = scene;
    await column.ben.make(topic);
    await scene.subscribe('in', topic);
    await column.twin.watch(topic);
    await scene.unsubscribe('in', topic);
    await sleep(UNSUBSCRIBED_MS);
    await column.ben.publish(topic, '"after"');
    const goesOn = await scene.comes(() => column.twin.seen(topic).includes('"after"'), SOON);
    assert.equal(scene.at('in', topic).length, 0);
    return goesOn ? 'undisturbed' : 'ends its subscription too';
  }),
  behaviour('Another session hears what only the flow subscribed to', async (scene) => {
    const { topic, column } = scene;
    await column.ben.make(topic);
    await scene.subscribe('in', topic);
    await column.ben.publish(topic, '1');
    await scene.came('in', topic, 1);
    return (await scene.comes(() => column.twin.seen(topic).length > 0, SOON)) ? 'yes' : 'no';
  }),
];

/** Waits until the line is there again, with all that it had to do. */
async function lineIsBack(scene: Scene): Promise<void> {
  await scene.column.line.refuse(false);
  await scene.shows('green');
}

function absence(came: readonly Message[], all: readonly number[]): string {
  const found = came.map(({ payload }) => payload);
  if (isDeepStrictEqual(found, all)) return 'all of it';
  if (found.length === 0) return 'lost';
  assert.deepEqual(found, [all.at(-1)]);
  const [last] = came;
  return last?.retain === true ? 'the last value, as a retained one' : 'the last value';
}

export const LOST_LINE: Behaviour = {
  titles: [
    'What a flow publishes while the line is lost',
    'What others publish while the line is lost',
    'Other sessions of the account, while the line is lost',
  ],
  async run(scene) {
    const { column } = scene;
    const [inward, outward] = [`${scene.topic}/in`, `${scene.topic}/out`];
    await column.ben.make(inward);
    await scene.subscribe('in', inward);
    await scene.publish(outward, 0);
    for (const topic of [inward, outward]) await column.twin.watch(topic);
    await column.line.refuse(true);
    column.line.cut();
    await scene.shows('yellow');
    const sent = numbers(10).map((n) => ({ topic: outward, payload: n, qos: 1 }));
    for (const message of sent) scene.send(message);
    for (const n of [1, 2]) await column.ben.publish(inward, `${n}`);
    await lineIsBack(scene);
    assert.ok(await scene.comes(() => sent.every((one) => scene.completions(one).length > 0)));
    for (const one of sent)
      assert.deepEqual(
        scene.completions(one).map(({ error }) => error),
        [undefined],
      );
    const seen = () => column.twin.seen(outward).filter((payload) => payload !== '0');
    assert.ok(await scene.comes(() => seen().length >= sent.length));
    assert.deepEqual(seen(), numbers(10).map(String));
    const missed = absence(await scene.whatShouldCome('in', inward), [1, 2]);
    await column.ben.publish(inward, '3');
    await scene.comes(() => column.twin.seen(inward).includes('3'));
    assert.deepEqual(column.twin.seen(inward), ['1', '2', '3']);
    assert.ok(column.twin.isUndisturbed);
    return ['all of it, once', missed, 'undisturbed'];
  },
};
