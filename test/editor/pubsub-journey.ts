import assert from 'node:assert/strict';
import english from '../../src/nodes/dinox-broker/locales/en-US.json';
import type { NodeRed } from '../support/node-red';
import { Canvas } from './canvas';
import type { Editor } from './editor';

const { note: NOTE } = english['dinox-broker'];
const TOPIC = 'home/pubsub/journey';

/**
 * From the palette to a value over PubSub: a connection of two typed fields, a sender and a receiver, placed and wired
 * by mouse. Prosody has no bridge that could be found here.
 */
export async function pubsubJourney(
  nodeRed: NodeRed,
  editor: Editor,
  account: { jid: string; password: string },
  name: string,
): Promise<void> {
  const { page } = editor;
  const canvas = new Canvas(page);
  const inject = await canvas.drag('inject', 130, 60);
  const out = await canvas.drag('dinox-mqtt-out', 380, 60);
  const receiver = await canvas.drag('dinox-mqtt-in', 130, 160);
  const debug = await canvas.drag('debug', 380, 160);
  await wire(editor, inject, out);
  await wire(editor, receiver, debug);

  await canvas.open(receiver, 'double click');
  await editor.node('topic').fill('home/pubsub/+');
  await page.click('#node-input-btn-broker-add');
  await canvas.looksRight('#node-config-dialog-ok', 'a new connection');
  await editor.broker('jid').fill(account.jid);
  await editor.broker('password').fill(account.password);
  await fieldsFollowTheTransport(editor, name);
  await canvas.leave('#node-config-dialog-ok');
  await canvas.leave('#node-dialog-ok');
  await canvas.open(out, 'double click');
  await editor.node('topic').fill(TOPIC);
  await canvas.leave('#node-dialog-ok');
  await editor.deploy();

  for (const id of [receiver, out])
    await nodeRed.until(`${id} is connected`, () =>
      nodeRed.statusesOf(id).some(({ fill }) => fill === 'green'),
    );
  await page.locator(`[id="${inject}"] .red-ui-flow-node-button-button`).click();
  // Nobody announces a new node, and a publication of one's own makes the directory look at once.
  const arrived = page.locator('.red-ui-debug-msg-topic', { hasText: TOPIC });
  await arrived.first().waitFor({ state: 'attached', timeout: 30_000 });
  await editor.picture(`${name}-arrived`);
  const said = nodeRed
    .logLines('info')
    .filter(({ text }) => text.includes('Prosody offers no MQTT bridge here'));
  assert.equal(said.length, 1, 'the log says once why it is PubSub');
}

/** Drags from the output of a node to the input of another. */
async function wire({ page }: Editor, from: string, to: string): Promise<void> {
  const middle = async (id: string, port: string): Promise<{ x: number; y: number }> => {
    const box = await page
      .locator(`[id="${id}"] .red-ui-flow-port-${port} .red-ui-flow-port`)
      .first()
      .boundingBox();
    assert.ok(box, `${id} has an ${port}`);
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  };
  const start = await middle(from, 'output');
  const end = await middle(to, 'input');
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  await page.mouse.move(end.x - 20, end.y, { steps: 4 });
  await page.mouse.move(end.x, end.y, { steps: 2 });
  await page.mouse.up();
}

async function fieldsFollowTheTransport(editor: Editor, name: string): Promise<void> {
  const { page } = editor;
  const shown = (...fields: string[]) => Promise.all(fields.map((field) => editor.broker(field).isVisible()));
  const nodes = ['nodeAccess', 'nodePublish', 'nodeMaxItems', 'pubsubPoll'];
  const mqtt = [
    'host',
    'port',
    'useXmppCredentials',
    'protocolVersion',
    'clientid',
    'keepalive',
    'cleansession',
  ];
  await editor.unfold();
  assert.deepEqual(
    await shown(...nodes),
    [false, false, false, false],
    'not before it is known to be PubSub',
  );
  assert.ok(await page.getByText(NOTE.transportAuto).isVisible());
  assert.ok((await shown(...mqtt)).every(Boolean));
  await editor.broker('transport').selectOption('pubsub');
  assert.deepEqual(await shown(...nodes), [true, true, true, true]);
  assert.ok(
    (await shown(...mqtt)).every((one) => !one),
    'what is of MQTT only is hidden',
  );
  for (const wrong of ['0', 'abc', '1s']) {
    await editor.broker('pubsubPoll').fill(wrong);
    assert.match(
      await editor.reasonFor('node-config-input-pubsubPoll'),
      /time between 10s and 1h, but it is/,
      wrong,
    );
  }
  await editor.broker('pubsubPoll').fill('10s');
  assert.equal(await editor.reasonFor('node-config-input-pubsubPoll'), '');
  await editor.broker('presence').selectOption('none');
  assert.ok(await page.getByText(NOTE.notReceiving).isVisible());
  await page.locator('details[data-section=xmpp]').scrollIntoViewIfNeeded();
  await editor.picture(`${name}-dialog`);
  await editor.broker('presence').selectOption('available');
  assert.ok(!(await page.getByText(NOTE.notReceiving).isVisible()));
  // `auto` comes to the same by itself.
  await editor.broker('transport').selectOption('auto');
  await serverConfiguration(editor, name);
}

/** *Copy server configuration* names the account, as typed and not yet deployed, and copies. */
async function serverConfiguration(editor: Editor, name: string): Promise<void> {
  const { page } = editor;
  await page.click('#dinox-configuration-button');
  const area = page.locator('#dinox-configuration textarea');
  await area.nth(1).waitFor({ state: 'visible' });
  const component = await area.nth(1).inputValue();
  assert.match(component, /Component "pubsub\.dinox\.test" "pubsub"/);
  assert.match(component, /admins = \{ "bot@dinox\.test" \}/);
  await page.locator('#dinox-configuration button').nth(1).click();
  assert.match((await page.locator('#dinox-configuration [role=status]').nth(1).textContent()) ?? '', /\./);
  await page.locator('#dinox-configuration').scrollIntoViewIfNeeded();
  await editor.picture(`${name}-configuration`);
  await page.locator('#dinox-configuration select').selectOption('ejabberd');
  assert.match(await area.nth(0).inputValue(), /- "bot@dinox\.test"/);
}
