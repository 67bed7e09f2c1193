/**
 * An alert in Home Assistant: somebody begins with an empty Node-RED, drags an alert, makes a connection to the broker
 * of a real Home Assistant, ticks one box and deploys. What is deleted there is shown again from the dialog.
 */
import assert from 'node:assert/strict';
import { type HomeAssistant, homeAssistantOf } from '../support/homeassistant/home-assistant';
import { type NodeRed, startNodeRed } from '../support/node-red';
import { type Mosquitto, startMosquitto } from '../support/servers/index';
import { Canvas } from './canvas';
import { type Editor, EditorBrowser } from './editor';

const INSTALL_MS = 600_000;
const WITHIN_MS = 30_000;

describe('an alert in Home Assistant, from an empty Node-RED', function () {
  this.timeout(90_000);
  let mosquitto: Mosquitto;
  let hass: HomeAssistant;
  let browser: EditorBrowser;
  let nodeRed: NodeRed;
  const started: NodeRed[] = [];
  let editor: Editor;
  let canvas: Canvas;
  let id = '';

  before(async function () {
    this.timeout(INSTALL_MS);
    mosquitto = await startMosquitto();
    hass = await homeAssistantOf(this, 'shown', { brokerPort: mosquitto.port });
    browser = await EditorBrowser.launch();
  });

  const begin = async (version: '4' | '5'): Promise<void> => {
    nodeRed = await startNodeRed({ version, linkPackage: true });
    started.push(nodeRed);
    editor = await browser.open(nodeRed.url);
    editor.page.setDefaultTimeout(20_000);
    canvas = new Canvas(editor.page);
  };

  after(async () => {
    await browser?.close();
    for (const one of started) await one.stop();
    await hass?.stop();
    await mosquitto?.stop();
  });

  /** The state of the entity as its API gives it; undefined: it is not there. */
  const stateThere = async (): Promise<string | undefined> =>
    (await hass.states()).find(({ entity_id }) => entity_id === 'number.guard_limit')?.state;
  const untilThere = async (isMeant: (state: string | undefined) => boolean): Promise<void> => {
    const end = Date.now() + WITHIN_MS;
    for (;;) {
      const state = await stateThere();
      if (isMeant(state)) return;
      if (Date.now() > end) throw new Error(`in Home Assistant the limit is ${state}`);
      await new Promise((done) => setTimeout(done, 250));
    }
  };

  const shows = async (): Promise<void> => {
    id = await canvas.drag('dinox-alert', 250, 100);
    await canvas.open(id, 'double click');
    await editor.node('limit').locator('xpath=following-sibling::*').locator('input').first().fill('25');
    await editor.node('name').fill('Guard');
    await editor.unfold('nodata', 'homeAssistant');
    await editor.typeNewBroker(canvas, mosquitto);
    await canvas.leave('#node-config-dialog-ok');
    await editor.node('showInHomeAssistant').check();
    await canvas.leave('#node-dialog-ok');
    await editor.deploy();
    await untilThere((state) => Number(state) === 25);
    assert.deepEqual(editor.errors.splice(0), []);
  };

  it('one tick and Deploy in Node-RED 4: Home Assistant shows it, and no longer without the node', async () => {
    await begin('4');
    await shows();
    await nodeRed.deploy([]);
    await untilThere((state) => state === undefined);
    await editor.close();
  });

  it('one tick and Deploy in Node-RED 5: Home Assistant shows it', async () => {
    await begin('5');
    await shows();
  });

  it('deleted there, the dialog says so, and shows it again', async () => {
    const { page } = editor;
    await hass.deleteDevice('DinoX');
    await untilThere((state) => state === undefined);
    const row = page.locator('.form-row', { has: page.locator('#node-input-showInHomeAssistant') });
    const again = row.locator('button');
    // It learns of that over the broker.
    for (let times = 0; times < 20; times++) {
      await canvas.open(id, 'keyboard');
      if (times === 0) await canvas.looksRight('#node-dialog-ok', 'an alert that was deleted there');
      await editor.unfold('homeAssistant');
      const isTold = await again.waitFor({ timeout: 1_000 }).then(
        () => true,
        () => false,
      );
      if (isTold) break;
      await canvas.leave('#node-dialog-cancel');
    }
    assert.match(String(await row.textContent()), /Somebody deleted the device/);
    await again.click();
    await untilThere((state) => Number(state) === 25);
    await row.locator('text=It is being shown again').waitFor();
    await canvas.leave('#node-dialog-cancel');
    assert.deepEqual(editor.errors.splice(0), []);
  });
});
