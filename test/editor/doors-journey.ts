/** A second alert of the guide: doors behind a wildcard, which say only `true` and `false`, up to the message on the phone. */
import assert from 'node:assert/strict';
import type english from '../../src/plugins/dinox-sidebar/locales/en-US.json';
import type { Flow } from '../support/flows';
import type { NodeRed } from '../support/node-red';
import type { Editor } from './editor';

/** Texts in the language of the editor. */
export type Words = Pick<(typeof english)['dinox-sidebar'], 'guide' | 'alert' | 'detail'>;

export interface DoorsJourney {
  nodeRed: NodeRed;
  /** At the end of the guide. */
  editor: Editor;
  /** Publishes JSON. */
  send(topic: string, payload: object): Promise<unknown>;
  /** Texts that came to the phone. */
  received(): string[];
  recipient: string;
  version: string;
  words: Words;
}

const DOORS = ['doors/front', 'doors/back'];

/** What zigbee2mqtt says of a door. */
const door = (contact: boolean) => ({ battery: 81, contact, humidity: 41, linkquality: 90, tamper: false });

export async function doorsJourney(place: DoorsJourney): Promise<void> {
  const { nodeRed, editor, send, received, recipient, version, words } = place;
  const { page } = editor;
  const { guide } = words;
  for (const topic of DOORS) await send(topic, door(true));
  await page.click(`text=${guide.done.another}`);
  for (const topic of DOORS)
    await page.waitForSelector(`.dxg-choice:has-text("${topic}")`, { timeout: 45_000 });
  // From now on somebody looks, and their pace is known.
  for (const number of [1, 2, 3]) {
    await send('doors/front', { number, ...door(true) });
    await page.locator('.dxg-choice', { hasText: `"number":${number}` }).waitFor();
  }
  await page.fill('#dinox-guide-topic', 'doors/+');
  await page.click(`.dxg-choice:has-text("${guide.topic.use.replace('__topic__', 'doors/+')}")`);
  const field = page.getByLabel(words.detail.field, { exact: true });
  const condition = page.getByLabel(words.alert.condition, { exact: true });
  await field.waitFor();
  const offered = async () => [
    await condition.inputValue(),
    await page.inputValue('#dinox-guide-limit'),
    await page.inputValue('#dinox-guide-holdFor'),
  ];
  assert.equal(await field.inputValue(), 'contact', 'the door, and not its battery');
  assert.deepEqual(await offered(), ['equals', 'false', '10m']);
  assert.equal(await page.textContent('label[for=dinox-guide-limit]'), guide.limit.state);
  await page.getByText(guide.limit.usual.open).waitFor();
  await editor.picture(`${version}-first-doors`);
  for (const [measured, ...usual] of [
    ['linkquality', 'above', '', ''],
    ['battery', 'below', '20', ''],
    ['humidity', 'above', '65', ''],
    ['tamper', 'equals', '', ''],
  ] as const) {
    await field.selectOption(measured);
    assert.deepEqual(await offered(), usual, measured);
  }
  await condition.selectOption('nodata');
  assert.equal(await page.inputValue('#dinox-guide-noDataAfter'), '5m');
  await field.selectOption('contact');
  assert.equal(await condition.inputValue(), 'nodata', 'what was chosen stays');
  await condition.selectOption('equals');
  assert.deepEqual(await offered(), ['equals', 'false', '10m']);
  // Nobody waits ten minutes here.
  await page.fill('#dinox-guide-holdFor', '1s');
  await page.click('.dxg-next');
  await page.click(`summary:has-text("${guide.receiver.type}")`);
  await page.fill('#dinox-guide-receiver', recipient);
  await page.click(`text=${guide.receiver.use}`);
  await page.locator('.dxg-said', { hasText: /doors\/(front|back) (is open|ist offen)/ }).waitFor();
  await editor.picture(`${version}-first-doors-place`);
  await page.click('.dxg-next');
  await page.click(`button:has-text("${guide.proof.arrived}")`);
  await send('doors/front', door(true));
  await page.waitForSelector(`text=${guide.done.runs}`);
  const flow = JSON.parse(await editor.exported()) as Flow;
  const alert = flow.find(({ property }) => property === 'payload.contact') as Record<string, unknown>;
  assert.deepEqual(
    ['condition', 'limit', 'holdFor'].map((one) => alert[one]),
    ['equals', 'false', '1s'],
  );
  assert.ok(flow.some(({ type, topic }) => type === 'dinox-mqtt-in' && topic === 'doors/+'));
  await send('doors/back', door(false));
  await nodeRed.until(
    'the door that is open',
    () => received().some((text) => /#\d+ doors\/back (is open|ist offen)$/m.test(text)),
    30_000,
  );
}
