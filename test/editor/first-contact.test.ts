/**
 * First contact: an empty Node-RED, a mouse and a keyboard, in every Node-RED that the package promises to run in.
 *
 * The kinds of faults that it is for: *we begin where our files begin, a person begins with nothing* and *a type
 * written by hand is a guess about somebody else's program*.
 */
import assert from 'node:assert/strict';
import { tab } from '../support/flows';
import { EVERY_NODE_RED, type NodeRed, startNodeRed } from '../support/node-red';
import { Canvas } from './canvas';
import { type Editor, EditorBrowser } from './editor';

const TYPES = ['dinox-mqtt-in', 'dinox-mqtt-out', 'dinox-alert', 'xmpp-in', 'xmpp-out'] as const;

describe('first contact', function () {
  this.timeout(60_000);
  let browser: EditorBrowser;

  before(async () => {
    browser = await EditorBrowser.launch();
  });

  after(async () => {
    await browser?.close();
  });

  for (const version of EVERY_NODE_RED) {
    describe(`with Node-RED ${version}`, () => {
      let nodeRed: NodeRed;
      let editor: Editor;
      let canvas: Canvas;

      before(async function () {
        this.timeout(180_000);
        nodeRed = await startNodeRed({ version, linkPackage: true, flows: [tab()] });
        editor = await browser.open(nodeRed.url);
        canvas = new Canvas(editor.page);
      });

      after(async () => {
        await editor?.close();
        await nodeRed?.stop();
      });

      afterEach(async function () {
        assert.deepEqual(editor.errors.splice(0), [], 'the page has errors');
        if (this.currentTest?.state === 'failed') await editor.load(nodeRed.url);
      });

      it('the editor answers as red.d.ts says', async () => {
        const said = (await editor.page.evaluate(`(() => {
          const name = (value) => value === null ? 'null' : Array.isArray(value) ? 'list of ' + value.length : typeof value;
          return {
            'node(unknown)': name(RED.nodes.node('unknown')),
            "node('')": name(RED.nodes.node('')),
            'node(null)': name(RED.nodes.node(null)),
            'node(undefined)': name(RED.nodes.node(undefined)),
            'node(_ADD_)': name(RED.nodes.node('_ADD_')),
          };
        })()`)) as Record<string, string>;
        assert.deepEqual(said, {
          'node(unknown)': 'undefined',
          "node('')": 'undefined',
          'node(null)': 'undefined',
          'node(undefined)': 'undefined',
          'node(_ADD_)': 'undefined',
        });
      });

      for (const type of TYPES) {
        it(`${type}, dragged from the palette with nothing set up, opens by double click`, async () => {
          const id = await canvas.drag(type, 200, 100);
          await canvas.doubleClick(id);
          await editor.settled('#node-dialog-ok');
          const tray = await editor.page.locator('.red-ui-tray').last().boundingBox();
          const { width } = editor.page.viewportSize() ?? { width: 0 };
          assert.ok(tray && tray.x >= 0 && tray.x + tray.width <= width + 1, JSON.stringify(tray));
          await editor.cancel();
          await editor.page.keyboard.press('Delete');
        });
      }
    });
  }
});
