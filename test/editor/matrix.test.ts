/**
 * Every Node-RED on every Node.js that the package promises to run in: it loads, somebody who begins with nothing gets a
 * connection, and a value goes through a flow and a real Mosquitto. `first-contact.test.ts` goes further, on fewer.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Flow, node } from '../support/flows';
import { MATRIX, type NodeRed, PACKAGE_NAME, startNodeRed } from '../support/node-red';
import { nodeRedInstallation } from '../support/node-red-versions';
import { type Mosquitto, startMosquitto } from '../support/servers/index';
import { Canvas } from './canvas';
import { type Editor, EditorBrowser } from './editor';

const MANIFEST = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as {
  'node-red': { nodes: Record<string, string> };
};
const TYPES = Object.keys(MANIFEST['node-red'].nodes);
const TOPIC = 'home/sensors/temperature/living_room';

/** A set of nodes as Node-RED lists it. */
interface NodeSet {
  readonly module: string;
  readonly types: readonly string[];
  readonly enabled: boolean;
  readonly err?: string;
}

describe('every Node-RED on every Node.js', function () {
  this.timeout(60_000);
  let mosquitto: Mosquitto;
  let browser: EditorBrowser;

  before(async () => {
    mosquitto = await startMosquitto();
    browser = await EditorBrowser.launch();
  });

  after(async () => {
    await browser?.close();
    await mosquitto?.stop();
  });

  for (const [version, major] of MATRIX) {
    describe(`Node-RED ${version} on Node.js ${major}`, () => {
      let nodeRed: NodeRed;
      let editor: Editor;

      before(async function () {
        this.timeout(180_000);
        const missing = await nodeRedInstallation(version, major).then(
          () => undefined,
          (error: Error) => error.message,
        );
        if (missing !== undefined) {
          process.stdout.write(`SKIPPED SUITE: Node-RED ${version} on Node.js ${major}: ${missing}\n`);
          this.skip();
        }
        // With the small code editor: `first-contact.test.ts` has each Node-RED's editor as it comes.
        nodeRed = await startNodeRed({ version, node: major, linkPackage: true });
      });

      after(async () => {
        await editor?.close();
        await nodeRed?.stop();
      });

      /** Without what an empty Node-RED of the tests warns of. */
      const complaints = () =>
        nodeRed
          .logLines('warn', 'error')
          .filter(({ text }) => !/^(Using unencrypted credentials|Projects disabled)/.test(text));

      it('loads: the nodes register, and the editor gets their HTML', async () => {
        assert.match(nodeRed.logs(), new RegExp(`Node\\.js +version: v${major}\\.`));
        const sets = ((await nodeRed.adminApi('GET', '/nodes')).json as NodeSet[]).filter(
          ({ module }) => module === PACKAGE_NAME,
        );
        assert.deepEqual(
          sets.filter(({ enabled, err }) => !enabled || err !== undefined),
          [],
        );
        assert.deepEqual(sets.flatMap(({ types }) => types).sort(), [...TYPES].sort());
        const { text } = await nodeRed.adminApi('GET', '/nodes', undefined, { Accept: 'text/html' });
        for (const type of TYPES) assert.ok(text.includes(`data-template-name="${type}"`), type);
        assert.deepEqual(complaints(), []);
      });

      it('first contact: a node and its connection, with the mouse, and it is connected', async () => {
        editor = await browser.open(nodeRed.url, { moving: true });
        editor.page.setDefaultTimeout(10_000);
        const canvas = new Canvas(editor.page);
        const id = await canvas.drag('dinox-mqtt-in', 250, 100);
        await canvas.open(id, 'double click');
        await editor.node('topic').fill(TOPIC);
        await editor.typeNewBroker(canvas, mosquitto);
        await canvas.leave('#node-config-dialog-ok');
        await canvas.leave('#node-dialog-ok');
        await editor.deploy();
        await nodeRed.until('connected', () => nodeRed.statusesOf(id).at(-1)?.fill === 'green');
        assert.deepEqual(editor.errors, [], 'the page has errors');
      });

      it('one flow: a value goes out, through Mosquitto, and comes in', async () => {
        const made = (await nodeRed.adminApi('GET', '/flows')).json.flows as Flow;
        const [input] = made.filter(({ type }) => type === 'dinox-mqtt-in');
        assert.ok(input, 'the node of the first contact');
        const { z, broker } = input;
        await nodeRed.deploy([
          ...made.map((one) => (one === input ? { ...one, wires: [['seen']] } : one)),
          node('inject', 'press', { z, props: [{ p: 'payload', v: '21.5', vt: 'num' }], wires: [['out']] }),
          node('dinox-mqtt-out', 'out', { z, broker, topic: TOPIC, qos: '1' }),
          node('debug', 'seen', { z, active: true, tosidebar: true, complete: 'payload' }),
        ]);
        await nodeRed.until('connected', () => nodeRed.statusesOf('out').at(-1)?.fill === 'green');
        await nodeRed.inject('press');
        const seen = await nodeRed.until('the value', () => nodeRed.comms.debugMessages().at(-1));
        assert.deepEqual([seen.id, seen.msg, seen.format], ['seen', '21.5', 'number']);
        assert.deepEqual(complaints(), []);
      });
    });
  }
});
