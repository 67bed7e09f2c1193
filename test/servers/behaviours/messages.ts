/** What messages do: there and back, kept, matched by wildcards, refused. What never may happen fails. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Behaviour, behaviour } from './behaviour';
import type { Scene } from './stage';

const values = (messages: readonly { payload?: unknown }[]): unknown[] =>
  messages.map(({ payload }) => payload);

/** Tries what a server may refuse; then a good message has to pass. */
async function tried(scene: Scene, topic: string, payload: unknown, more = {}): Promise<string> {
  const error = await scene.tries(topic, payload, { qos: 1, ...more });
  await scene.publish(`${scene.topic}/ready-in`, '"good"');
  return error === undefined ? 'taken' : 'refused';
}

/** Sends a payload, and looks at what comes of it. */
async function carried(scene: Scene, payload: unknown, isSame: (came: unknown) => boolean): Promise<string> {
  const { topic } = scene;
  await scene.subscribe('in', topic);
  const before = scene.at('in', topic).length;
  if ((await tried(scene, topic, payload)) === 'refused') return 'refused';
  const came = (await scene.came('in', topic, before + 1)).at(-1)?.payload;
  return isSame(came) ? 'yes' : 'garbled';
}

/** Subscribes to a filter that may be refused; another one then has to work. */
async function filtered(scene: Scene, filter: string): Promise<string> {
  await scene.call('in', { action: 'subscribe', topic: filter });
  await scene.subscribe('in', scene.topic);
  // Prosody's bridge does not repeat the filter.
  const isRefused = (text: string): boolean => text.includes(scene.topic) || /no shared/.test(text);
  return scene.complaints().some(isRefused) ? 'refused' : 'taken';
}

export const MESSAGES: Behaviour[] = [
  // First: what is lowered is said once for a connection.
  behaviour('QoS that is confirmed to a flow', async (scene) => {
    for (const qos of [2, 1, 2]) await scene.publish(scene.topic, qos, { qos });
    const notices = scene.complaints();
    const most = notices.map((text) => /at QoS (\d) at most/.exec(text)?.[1]).filter(Boolean);
    assert.ok(most.length === notices.length && most.length <= 1, notices.join('\n'));
    return most.length === 0 ? '2' : `${most[0]}; more is lowered, said once`;
  }),
  behaviour('A flow gets what another client publishes', async (scene) => {
    const { topic, column } = scene;
    await column.ben.make(topic);
    await scene.subscribe('in', topic);
    await column.ben.publish(topic, '{"value":22.1,"unit":"°C"}');
    const [message] = await scene.came('in', topic, 1);
    assert.deepEqual(message?.payload, { value: 22.1, unit: '°C' });
    assert.equal((await scene.whatCame('in', topic)).length, 1);
    return 'yes';
  }),
  behaviour('Another client gets what a flow publishes', async (scene) => {
    const { topic, column } = scene;
    await scene.publish(topic, '"first"');
    await column.twin.watch(topic);
    await scene.publish(topic, { on: true, text: '<b> & "x"' }, { qos: 1 });
    const sent = '{"on":true,"text":"<b> & \\"x\\""}';
    assert.ok(await scene.comes(() => column.twin.seen(topic).includes(sent)));
    assert.equal(column.twin.seen(topic).filter((payload) => payload === sent).length, 1);
    return 'yes';
  }),
  behaviour('A flow gets what it publishes itself', async (scene) => {
    const { topic } = scene;
    await scene.subscribe('in', topic);
    for (const n of [1, 2, 3]) await scene.publish(topic, n);
    assert.deepEqual(values(await scene.came('in', topic, 3)), [1, 2, 3]);
    assert.equal((await scene.whatCame('in', topic)).length, 3);
    return 'yes';
  }),
  behaviour('A retained message, to who subscribes later', async (scene) => {
    const { topic } = scene;
    for (const n of [1, 2]) await scene.publish(topic, n, { retain: true });
    await scene.subscribe('late', topic);
    const came = await scene.whatShouldCome('late', topic);
    if (came.length === 0) return 'no';
    assert.deepEqual(
      came.map(({ payload, retain }) => [payload, retain]),
      [[2, true]],
    );
    return 'once, marked';
  }),
  behaviour('One that is not retained', async (scene) => {
    const { topic } = scene;
    await scene.publish(topic, 1);
    await scene.subscribe('late', topic);
    return (await scene.whatCame('late', topic)).length === 0 ? 'does not come' : 'comes too';
  }),
  behaviour('An empty retained message clears the topic', async (scene) => {
    const { topic } = scene;
    await scene.subscribe('in', topic);
    await scene.publish(topic, 1, { retain: true });
    await scene.came('in', topic, 1);
    const error = await scene.tries(topic, '', { retain: true });
    if (error !== undefined) return 'refused';
    assert.deepEqual(values(await scene.came('in', topic, 2)), [1, '']);
    await scene.subscribe('late', topic);
    assert.deepEqual(await scene.whatCame('late', topic), []);
    return 'yes';
  }),
  behaviour('`+` and `#`: last values of the topics that are there', async (scene) => {
    const { topic } = scene;
    for (const n of [1, 2]) await scene.publish(`${topic}/${n}/x`, n, { retain: true });
    // A list of nodes is taken for true for two seconds.
    await sleep(2_100);
    await scene.subscribe('late', [`${topic}/+/x`, `${topic}/1/#`]);
    if (scene.refusals().length > 0) return 'refused';
    for (const n of [1, 2]) await scene.whatShouldCome('late', `${topic}/${n}/x`);
    for (const n of [1, 2]) {
      const came = scene.at('late', `${topic}/${n}/x`);
      assert.ok(came.length <= 2, `${came.length} copies`);
      if (came.length === 0) return 'no';
      for (const { payload, retain } of came) assert.deepEqual([payload, retain], [n, true]);
    }
    return 'yes';
  }),
  behaviour('`#`: a new topic of the flow itself', async (scene) => {
    const { topic } = scene;
    await scene.subscribe('in', `${topic}/#`);
    await scene.publish(`${topic}/new`, 1);
    if (scene.refusals().length > 0) return '–';
    assert.deepEqual(values(await scene.came('in', `${topic}/new`, 1)), [1]);
    return 'at once';
  }),
  behaviour('JSON of 200 kB', (scene) =>
    carried(scene, { text: 'x'.repeat(200_000) }, (came) => JSON.stringify(came).length > 2e5),
  ),
  behaviour('Text that is no JSON', (scene) => carried(scene, '22 °C, <b>', (came) => came === '22 °C, <b>')),
  behaviour('Bytes that are no UTF-8', (scene) => {
    const bytes = Buffer.from([0x22, 0xff, 0xfe, 0x22]);
    return carried(scene, bytes, (came) => Buffer.isBuffer(came) && came.equals(bytes));
  }),
  behaviour('A message that is empty and not retained', (scene) => carried(scene, '', (came) => came === '')),
  behaviour('A topic with a wildcard, to publish to', (scene) => tried(scene, `${scene.topic}/+`, 1)),
  behaviour('A topic of 1,100 bytes', (scene) => tried(scene, `${scene.topic}/${'x'.repeat(1_100)}`, 1)),
  behaviour('A filter of nine levels', (scene) => filtered(scene, `${scene.topic}/2/3/4/5/6/7/8/9`)),
  behaviour('A shared subscription (`$share`)', (scene) => filtered(scene, `$share/g/${scene.topic}/x`)),
];
