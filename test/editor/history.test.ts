/**
 * A day of values without an alert, from nothing: the node is dragged, wired and filled in with mouse and keyboard, a
 * value goes through a real Mosquitto that no other node receives, and the answer is there after a restart as well. The
 * same for what an alert has recorded, its past alerts included.
 */
import assert from 'node:assert/strict';
import { connectAsync, type MqttClient } from 'mqtt';
import type { Locator } from 'playwright-core';
import { type Flow, node } from '../support/flows';
import { NODE_RED_VERSIONS, type NodeRed, startNodeRed } from '../support/node-red';
import { type Mosquitto, startMosquitto } from '../support/servers/index';
import { readsPastAlertsInGerman, usesAlertsTab } from './alerts-tab';
import { Canvas } from './canvas';
import { type Editor, EditorBrowser } from './editor';
import { choosesWeek, recordWeek, seesWeek, splitWeek } from './week';

const TOPIC = 'home/sensors/temperature/living_room';

describe('a history from an empty Node-RED', function () {
  this.timeout(120_000);
  let mosquitto: Mosquitto;
  let client: MqttClient;
  let browser: EditorBrowser;

  before(async () => {
    mosquitto = await startMosquitto();
    client = await connectAsync(`mqtt://${mosquitto.host}:${mosquitto.port}`);
    browser = await EditorBrowser.launch();
  });

  after(async () => {
    await browser?.close();
    await client?.endAsync(true);
    await mosquitto?.stop();
  });

  for (const version of NODE_RED_VERSIONS) {
    describe(`Node-RED ${version}`, () => {
      let nodeRed: NodeRed;
      let editor: Editor;
      let canvas: Canvas;
      const ids = { press: '', history: '', seen: '' };

      before(async function () {
        this.timeout(180_000);
        nodeRed = await startNodeRed({ version, linkPackage: true });
        editor = await browser.open(nodeRed.url, { dark: version === '5' });
        editor.page.setDefaultTimeout(10_000);
        canvas = new Canvas(editor.page);
      });

      after(async () => {
        await editor?.close();
        await nodeRed?.stop();
      });

      const centre = async (place: Locator): Promise<{ x: number; y: number }> => {
        const box = await place.boundingBox();
        assert.ok(box);
        return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
      };
      /** Presses the button on the canvas and gives the payload that comes out of the history. */
      const ask = async (): Promise<unknown> => {
        const before = nodeRed.comms.debugMessages().length;
        const button = editor.page.locator(`[id="${ids.press}"] .red-ui-flow-node-button-button`);
        // A canvas that is still being drawn moves away from under the mouse: then nothing is injected.
        for (let isPressed = false, tries = 0; !isPressed; tries++) {
          assert.ok(tries < 5, 'the button cannot be pressed');
          const injected = editor.page.waitForResponse((response) => /\/inject\//.test(response.url()), {
            timeout: 3_000,
          });
          const { x, y } = await centre(button);
          await editor.page.mouse.click(x, y);
          isPressed = await injected.then(
            () => true,
            () => false,
          );
        }
        const { msg } = await nodeRed.until('an answer', () => nodeRed.comms.debugMessages()[before]);
        return typeof msg === 'string' && /^[[{]/.test(msg) ? JSON.parse(msg) : msg;
      };
      /** Publishes until it is recorded: the subscription may be on its way, and one value in a second is read. */
      const publish = async (payload: string, value: number): Promise<void> => {
        const broker = ((await nodeRed.adminApi('GET', '/flows')).json.flows as Flow).find(
          ({ type }) => type === 'dinox-broker',
        );
        for (let seen: unknown; seen !== value; await editor.page.waitForTimeout(200)) {
          await client.publishAsync(TOPIC, payload);
          const path = `/dinox/brokers/${broker?.id}/topics?q=${TOPIC}`;
          seen = (await nodeRed.adminApi('GET', path)).json.rows[0]?.number;
        }
        await editor.page.waitForTimeout(1_200);
      };
      const pressed = (id: string): Promise<void> => nodeRed.injectOnceThere(id);
      const values = (answer: unknown) => (answer as { y: number }[]).map(({ y }) => y).sort((a, b) => a - b);

      it('the node is dragged, wired and filled in; its topic is recorded though no node receives it', async () => {
        const { page } = editor;
        ids.press = await canvas.drag('inject', 130, 80);
        ids.history = await canvas.drag('dinox-history', 330, 80);
        ids.seen = await canvas.drag('debug', 530, 80);
        await canvas.wire(ids.press, ids.history);
        await canvas.wire(ids.history, ids.seen);
        await canvas.open(ids.history, 'double click');
        assert.equal(await page.locator('#node-input-alert').isVisible(), false);
        await editor.node('topic').fill(TOPIC);
        await editor.node('from').fill('yesterday');
        assert.match(await editor.reasonFor('node-input-from'), /such as 6h/);
        await editor.node('from').fill('24h');
        assert.equal(await editor.reasonFor('node-input-from'), '');
        await editor.node('from').fill('7d');
        await editor.typeNewBroker(canvas, mosquitto);
        await choosesWeek(editor);
        await canvas.leave('#node-config-dialog-ok');
        await editor.picture(`history-${version}-dialog`);
        await canvas.leave('#node-dialog-ok');
        await editor.deploy();
        await nodeRed.until('connected', () => nodeRed.statusesOf(ids.history).at(-1)?.fill === 'green');
        for (const value of [21.5, 24]) await publish(JSON.stringify({ value, unit: '°C' }), value);
        assert.deepEqual(values(await ask()), [21.5, 24]);
        assert.deepEqual(editor.errors.splice(0), [], 'the page has errors');
      });

      it('after a restart of Node-RED the answer comes from the disk: a week of it, in the sidebar too', async () => {
        const { flows } = (await nodeRed.adminApi('GET', '/flows')).json as { flows: Flow };
        const broker = flows.find(({ type }) => type === 'dinox-broker');
        await nodeRed.stop();
        await recordWeek(nodeRed.userDir, broker?.id ?? '', TOPIC);
        await nodeRed.restart();
        await editor.load(nodeRed.url);
        const { recent, before } = splitWeek(await ask());
        assert.deepEqual(values(recent), [21.5, 24]);
        assert.ok((before[0]?.x ?? Infinity) < Date.now() - 6 * 86_400_000, 'it reaches back');
        const all = before.map(({ y }) => Number(y));
        assert.deepEqual([Math.min(...all), Math.max(...all)], [7, 13]);
        await seesWeek(editor, TOPIC, `history-${version}-week`);
        await nodeRed.until('connected', () => nodeRed.statusesOf(ids.history).at(-1)?.fill === 'green');
        await publish('19', 19);
        assert.deepEqual(
          values(splitWeek(await ask()).recent),
          [19, 24],
          'least and largest of the same part',
        );
      });

      it('an alert is read: chosen in the dialog, its values and its past alerts, over a restart', async () => {
        const alert = await canvas.drag('dinox-alert', 330, 200);
        await canvas.open(alert, 'double click');
        await editor.page
          .locator('#node-input-limit + .red-ui-typedInput-container input')
          .first()
          .fill('25');
        await canvas.leave('#node-dialog-ok');
        await canvas.open(ids.history, 'double click');
        await editor.page.selectOption('#dinox-history-source', 'alert');
        assert.equal(await editor.node('broker').isVisible(), false);
        assert.equal(await editor.node('alert').inputValue(), alert, 'the only alert is chosen');
        await editor.node('what').selectOption('alerts');
        assert.equal(await editor.node('format').inputValue(), 'table', 'no chart of alerts');
        await editor.node('topic').fill('');
        await editor.picture(`history-${version}-dialog-alert`);
        await canvas.leave('#node-dialog-ok');
        await editor.deploy();
        const flows = (await nodeRed.adminApi('GET', '/flows')).json.flows as Flow;
        const stored = flows.find(({ id }) => id === ids.history);
        assert.deepEqual([stored?.broker, stored?.alert], ['', alert]);
        const { z } = stored as Flow[number];
        const value = (id: string, payload: string, topic = 'freezer'): Flow[number] =>
          node('inject', id, {
            ...{ z, topic, wires: [[alert]] },
            props: [
              { p: 'payload', v: payload, vt: 'num' },
              { p: 'topic', vt: 'str' },
            ],
          });
        const hostile = '<img src=x onerror=alert(1)>';
        await nodeRed.deploy([
          ...flows,
          ...[value('warm', '30'), value('warmer', '31'), value('cold', '10')],
          ...[value('hostile', '40', hostile), value('healed', '0', hostile)],
          ...[value('topical', '40', TOPIC), value('topicalCold', '0', TOPIC)],
        ]);
        for (const id of ['warm', 'cold']) await pressed(id);
        await editor.load(nodeRed.url);
        for (const moment of ['at once', 'after a restart']) {
          if (moment !== 'at once') {
            await nodeRed.restart();
            await editor.load(nodeRed.url);
          }
          const rows = (await ask()) as Record<string, unknown>[];
          assert.deepEqual(
            rows.map(({ key, state, severity, acked }) => ({ key, state, severity, acked })),
            [{ key: 'freezer', state: 'normal', severity: 'warning', acked: null }],
            moment,
          );
          assert.match(String(rows[0]?.text), /freezer: 30 is above 25$/);
          assert.ok(String(rows[0]?.until) > String(rows[0]?.since));
        }
        await nodeRed.deploy(
          ((await nodeRed.adminApi('GET', '/flows')).json.flows as Flow).map((one) =>
            one.id === ids.history ? { ...one, what: 'values', format: 'array' } : one,
          ),
        );
        await editor.load(nodeRed.url);
        const points = (await ask()) as { min: number; max: number; count: number }[];
        assert.deepEqual(
          points.filter(({ count }) => count > 0).map(({ min, max }) => [min, max]),
          [[10, 30]],
        );
        await usesAlertsTab(editor, pressed, { topic: TOPIC, alert, picture: `alerts-${version}` });
        const german = await browser.open(nodeRed.url, { language: 'de', dark: version === '5' });
        await readsPastAlertsInGerman(german, `alerts-${version}-past-de`);
        assert.deepEqual(german.errors.splice(0), [], 'the German page has errors');
        await german.page.close();
        assert.deepEqual(nodeRed.logLines('error', 'fatal'), []);
        assert.deepEqual(editor.errors.splice(0), [], 'the page has errors');
      });
    });
  }
});
