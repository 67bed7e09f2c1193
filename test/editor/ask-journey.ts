import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MqttClient } from 'mqtt';
import type { NodeRed } from '../support/node-red';
import type { XmppPeer } from '../support/xmpp-peer';
import { Canvas } from './canvas';
import type { Editor } from './editor';

const KITCHEN = 'home/sensors/temperature/kitchen';
const LIGHT = 'home/light/living_room/set';

export interface AskJourney {
  nodeRed: NodeRed;
  editor: Editor;
  account: { jid: string; password: string };
  /** Anna's phone, and her address. */
  phone: XmppPeer;
  person: string;
  /** The house. */
  home: MqttClient;
}

/**
 * From an empty canvas to an answer on the phone: one node from the palette, a connection of two typed fields, the topics
 * that may be asked for, and a device that people can control.
 */
export async function askJourney({
  nodeRed,
  editor,
  account,
  phone,
  person,
  home,
}: AskJourney): Promise<void> {
  const { page } = editor;
  const canvas = new Canvas(page);
  const asked = await canvas.drag('xmpp-in', 150, 80);
  const seen = await canvas.drag('debug', 420, 80);
  await canvas.wire(asked, seen);
  await canvas.open(asked, 'double click');
  await page.click('#node-input-btn-broker-add');
  await canvas.looksRight('#node-config-dialog-ok', 'a new connection');
  await editor.broker('jid').fill(account.jid);
  await editor.broker('password').fill(account.password);
  await canvas.leave('#node-config-dialog-ok');
  await editor.node('allow').fill(person);
  await editor.unfold('answers');
  await editor.node('answerTopics').fill('home/sensors/#');
  await editor.unfold('actuators');
  for (const [field, value] of [
    ['name', 'light living room'],
    ['topic', LIGHT],
    ['allow', person],
  ] as const)
    await page.locator(`#dinox-rule-1-${field}`).fill(value);
  await editor.picture('ask-journey-dialog');
  await canvas.leave('#node-dialog-ok');
  assert.equal(await canvas.property(asked, 'answerTopics'), 'home/sensors/#');
  assert.equal(await canvas.property(asked, 'allow'), person);
  await editor.deploy();
  await nodeRed.until('it listens', () => nodeRed.statusesOf(asked).at(-1)?.fill === 'green', 30_000);

  // The chat is there before MQTT is: what is asked for has to be heard first.
  await nodeRed.until(
    'MQTT',
    () => nodeRed.logLines('info').some(({ text }) => /Connected to mqtts/.test(text)),
    30_000,
  );
  const orders: string[] = [];
  home.on('message', (topic, payload) => orders.push(`${topic} ${payload}`));
  await home.subscribeAsync(LIGHT);
  await home.publishAsync(KITCHEN, '{"value":21.3,"unit":"°C"}', { qos: 1, retain: true });
  const topics = new URL(
    `dinox/brokers/${await canvas.property(asked, 'broker')}/topics?q=${KITCHEN}`,
    editor.page.url(),
  );
  const isHeard = async () => ((await (await fetch(topics)).json()) as { rows: unknown[] }).rows.length > 0;
  while (!(await isHeard())) await sleep(50);
  await nodeRed.until('the phone', () => phone.ready);
  const bodies = (): string[] => phone.messages.map((one) => one.getChildText('body') ?? '').filter(Boolean);
  const say = (text: string, answer: RegExp): Promise<unknown> => {
    const count = bodies().length;
    phone.message(crypto.randomUUID(), account.jid, text);
    const found = () =>
      bodies()
        .slice(count)
        .some((body) => answer.test(body));
    return nodeRed.until(`${answer} to “${text}”`, found, 30_000);
  };
  await say('how warm is it in the kitchen?', new RegExp(`^${KITCHEN}: 21\\.3 °C`));
  await say('light living room on', /^✔ light living room ON$/);
  await nodeRed.until('the light', () => orders.includes(`${LIGHT} ON`));
  await say('help', /You can control: light living room/);
  const passed = page.locator('.red-ui-debug-msg-payload', { hasText: 'how warm is it in the kitchen?' });
  await passed.first().waitFor({ state: 'attached' });
  assert.deepEqual(editor.errors, []);
}
