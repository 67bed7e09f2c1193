/**
 * First contact: an empty Node-RED, a mouse and a keyboard, in every Node-RED that the package promises to run in.
 *
 * The kinds of faults that it is for: *we begin where our files begin, a person begins with nothing* and *a type
 * written by hand is a guess about somebody else's program*. Every version does each journey once; the newest 4 also opens
 * every kind of node again after each step, and a dialog with every number of connections in every place.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Flow, node, tab } from '../support/flows';
import { EDITOR_AS_IT_IS, EVERY_NODE_RED, type NodeRed, startNodeRed } from '../support/node-red';
import { Canvas } from './canvas';
import { type Editor, EditorBrowser } from './editor';
import { ANSWERS, ASKED } from './red-answers';

/** What is typed into each kind of node. */
const TYPED = {
  'dinox-mqtt-in': { topic: 'home/sensors/#' },
  'dinox-mqtt-out': { topic: 'home/actuators/light/set' },
  'dinox-alert': { name: 'Freezer' },
  'dinox-history': { topic: 'home/sensors/+' },
  'dinox-ha-entity': { name: 'Window' },
  'dinox-bridge': { name: 'House' },
  'xmpp-in': { allow: 'anna@dinox.invalid' },
  'xmpp-out': { to: 'anna@dinox.invalid' },
} as const;
type Type = keyof typeof TYPED;
const TYPES = Object.keys(TYPED) as Type[];
/** A connection that is needed, one for chat, and one that may be left out. */
const ONE_OF_EACH_WAY: readonly Type[] = ['dinox-mqtt-in', 'xmpp-out', 'dinox-alert'];

const SOURCE = join(__dirname, '../../src/nodes');
/** What the help says and the editor does not show; the check that renders help compares as well. */
async function lostWords(markdown: string, html: string): Promise<string | undefined> {
  const check = (await import(join(__dirname, '../../scripts/check/words.mjs'))) as {
    lostWords(markdown: string, html: string): string | undefined;
  };
  return check.lostWords(markdown, html);
}

const BROKER = '$' + '{BROKER}';
const NONE = '_ADD_';
const ROW = 50;
type Place = 'flow' | 'group' | 'subflow';

const connection = (id: string) => ({
  id,
  type: 'dinox-broker',
  name: id,
  jid: `${id}@dinox.invalid`,
  autoConnect: false,
  configVersion: 1,
});

/** A flow with a group, and a subflow that is handed its connection. */
function flows(connections: number): Flow {
  return [
    tab(),
    {
      ...{ id: 'group', type: 'group', z: 'tab', name: 'G', style: {}, nodes: ['top', 'end'] },
      x: 294,
      y: 19,
      w: 372,
      h: 400,
    },
    node('comment', 'top', { g: 'group', x: 380, y: 40 }),
    node('comment', 'end', { g: 'group', x: 580, y: 380 }),
    {
      ...{
        id: 'sub',
        type: 'subflow',
        name: 'Sub',
        info: '',
        category: '',
        in: [{ x: 40, y: 500, wires: [{ id: 'inside' }] }],
        out: [],
        meta: {},
      },
      env: [{ name: 'BROKER', type: 'dinox-broker', value: '', ui: { type: 'conf-types' } }],
      color: '#DDAA99',
    },
    node('dinox-alert', 'inside', { z: 'sub', limit: '1', x: 480, y: 500, wires: [[], [], []] }),
    ...['one', 'two'].slice(0, connections).map(connection),
    node('dinox-mqtt-in', 'washer', {
      topic: 'zigbee2mqtt/Washer plug',
      broker: 'one',
      inputs: 0,
      x: 580,
      y: 880,
    }),
    node('dinox-mqtt-in', 'elsewhere', {
      topic: 'zigbee2mqtt/Elsewhere',
      broker: 'two',
      inputs: 0,
      x: 580,
      y: 940,
    }),
    node('dinox-mqtt-in', 'orphan-in', {
      topic: 'a',
      broker: 'deleted',
      qos: '1',
      inputs: 0,
      x: 580,
      y: 460,
      wires: [[]],
    }),
    node('dinox-mqtt-out', 'orphan-out', { topic: 'a', broker: 'deleted', x: 580, y: 520 }),
    node('xmpp-in', 'orphan-chat-in', { broker: 'deleted', allow: '', x: 580, y: 580, wires: [[], []] }),
    node('xmpp-out', 'orphan-chat-out', { broker: 'deleted', to: '', x: 580, y: 640, wires: [[], []] }),
    node('dinox-history', 'orphan-history', { broker: 'deleted', topic: 'a', x: 580, y: 760, wires: [[]] }),
    node('dinox-alert', 'orphan-alert', {
      broker: 'deleted',
      limit: '1',
      x: 580,
      y: 700,
      wires: [[], [], []],
    }),
  ];
}

describe('first contact', function () {
  this.timeout(120_000);
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
      const isThorough = version === '4';

      before(async function () {
        this.timeout(180_000);
        nodeRed = await startNodeRed({ version, linkPackage: true, settings: EDITOR_AS_IT_IS });
        editor = await browser.open(nodeRed.url, {
          language: version === '4' ? 'de' : 'en-US',
          moving: version !== '4.0',
        });
        editor.page.setDefaultTimeout(10_000);
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

      const chosen = () => editor.page.locator('#node-input-broker').inputValue();
      const stored = async () => (await nodeRed.adminApi('GET', '/flows')).json.flows as Flow;
      const begin = async (connections: number): Promise<void> => {
        // Away from the page: core's debug sidebar breaks where a deploy by somebody else adds flows.
        await editor.page.goto('about:blank');
        await nodeRed.deploy(flows(connections));
        await editor.load(nodeRed.url);
      };
      const type = async (kind: Type): Promise<void> => {
        for (const [property, text] of Object.entries(TYPED[kind])) await editor.node(property).fill(text);
        if (kind !== 'dinox-alert') return;
        const limit = '#node-input-limit + .red-ui-typedInput-container input';
        await editor.page.locator(limit).first().fill('25');
      };
      /** One of each kind, by mouse, into a place; of those that share their way to a connection, the others once. */
      const dragAll = async (place: Place): Promise<[Type, string][]> => {
        const kinds = isThorough ? TYPES : ONE_OF_EACH_WAY;
        await canvas.show(place === 'subflow' ? 'sub' : 'tab');
        const made: [Type, string][] = [];
        for (const [row, kind] of kinds.entries()) {
          const id = await canvas.drag(
            kind,
            place === 'group' ? 480 : 130,
            60 + row * ROW,
            place === 'group',
          );
          made.push([kind, id]);
          assert.equal(await canvas.property(id, 'g'), place === 'group' ? 'group' : undefined, kind);
        }
        return made;
      };

      // The dialogs choose in one way (`form.chooseOnlyConnection`): one kind in each place, all kinds in turn.
      let turn = 0;
      /** What the dialog of a new node chooses, where that was not seen above. */
      const chooseInEveryPlace = async (connections: 0 | 1 | 2): Promise<void> => {
        for (const place of ['flow', 'group', 'subflow'] as const) {
          // Those that every version does.
          if (['flow', 'group', 'subflow'][connections] === place) continue;
          const kind = TYPES[turn++ % TYPES.length] as Type;
          await canvas.show(place === 'subflow' ? 'sub' : 'tab');
          const id = await canvas.drag(kind, place === 'group' ? 480 : 130, 60, place === 'group');
          await canvas.open(id, connections === 1 ? 'keyboard' : 'double click');
          // In the subflow what is handed down is one more.
          const only = { flow: 'one', group: 'one', subflow: NONE }[place];
          const handed = place === 'subflow' && connections === 0 ? BROKER : NONE;
          assert.equal(await chosen(), connections === 1 ? only : handed, kind);
          await canvas.leave('#node-dialog-cancel');
        }
      };

      it('the editor answers as red.d.ts says', async () => {
        assert.deepEqual(await editor.page.evaluate(ASKED), ANSWERS);
      });

      it('the editor shows every word of the help', async () => {
        const language = version === '4' ? 'de' : 'en-US';
        for (const kind of ['dinox-broker', ...TYPES]) {
          const source = await readFile(join(SOURCE, kind, `help.${language}.md`), 'utf8');
          const shown = await editor.page.evaluate(`RED.nodes.getNodeHelp('${kind}')`);
          assert.equal(await lostWords(source, String(shown)), undefined, kind);
        }
      });

      it('with nothing: each is opened, filled, deployed, copied, undone, exported and imported', async () => {
        const { page } = editor;
        const made: [Type, string][] = [];
        for (const [row, kind] of TYPES.entries()) {
          made.push([kind, await canvas.drag(kind, 250, 60 + row * ROW)]);
        }
        for (const [kind, id] of made) {
          await canvas.open(id, 'double click');
          assert.equal(await chosen(), NONE, kind);
          await type(kind);
          await canvas.leave('#node-dialog-ok');
        }
        // The first connection of all, made in the dialog that wants one; it is the only one for those that follow.
        let only = '';
        for (const [kind, id] of made) {
          await canvas.open(id, 'keyboard');
          if (only === '') {
            await page.click('#node-input-btn-broker-add');
            await canvas.looksRight('#node-config-dialog-ok', 'a new connection');
            await editor.broker('jid').fill('nodered@dinox.invalid');
            await editor.broker('password').fill('sesam');
            await canvas.leave('#node-config-dialog-ok');
            only = await chosen();
            assert.match(only, /^[0-9a-f.]+$/);
          }
          // An alert can do without, and its dialog was left without.
          if (kind === 'dinox-alert') await page.selectOption('#node-input-broker', only, { force: true });
          assert.equal(await chosen(), only, `${kind}: the only connection is chosen`);
          await canvas.leave('#node-dialog-ok');
        }
        await editor.deploy();
        const running = await stored();
        for (const [kind, id] of made) {
          const one = running.find((other) => other.id === id);
          assert.deepEqual({ ...one, broker: only, ...TYPED[kind] }, one);
          // The flow that runs has it for each kind.
          if (kind !== 'dinox-mqtt-in') continue;
          await canvas.open(id, 'double click');
          for (const [property, text] of Object.entries(TYPED[kind])) {
            assert.equal(await editor.node(property).inputValue(), text);
          }
          await canvas.leave('#node-dialog-cancel');
        }

        const before = await canvas.ids();
        const copies = async (): Promise<Flow> => {
          const all = JSON.parse(await editor.exported()) as Flow;
          return all.filter(({ id, type }) => !before.includes(id) && TYPES.includes(type as Type));
        };
        const all = async (what: string): Promise<void> => {
          const found = await copies();
          for (const kind of TYPES) {
            const copy = found.find((other) => other.type === kind);
            assert.deepEqual({ ...copy, broker: only, ...TYPED[kind] }, copy, `${what}: ${kind}`);
          }
          assert.equal(found.length, TYPES.length, what);
        };
        await canvas.clickAt(500, 500);
        await page.keyboard.press('Control+a');
        await page.keyboard.press('Control+c');
        await page.keyboard.press('Control+v');
        await canvas.dropAt(550, 260);
        await all('copied');
        await page.keyboard.press('Control+z');
        assert.deepEqual(await copies(), [], 'undone');

        await page.keyboard.press('Control+a');
        await page.keyboard.press('Control+e');
        const exported = page.locator('#red-ui-clipboard-dialog-export-text');
        await exported.waitFor({ state: 'attached' });
        await page.waitForFunction("$('#red-ui-clipboard-dialog-export-text').val().includes('xmpp-out')");
        const text = await exported.inputValue();
        assert.ok(!text.includes('sesam'), 'no secret leaves with an export');
        await page.click('#red-ui-clipboard-dialog-cancel');
        await exported.waitFor({ state: 'hidden' });
        // Somebody else gets it, who has none of these.
        let theirs = text;
        for (const [at, { id }] of (JSON.parse(text) as Flow).entries()) {
          theirs = theirs.replaceAll(id, `a1b2c3d4e5f6071${at}`);
        }
        await page.keyboard.press('Control+i');
        await page.fill('#red-ui-clipboard-dialog-import-text', theirs);
        // Until 4.1 only a key makes the editor look at the text.
        await page.press('#red-ui-clipboard-dialog-import-text', 'End');
        await page.click('#red-ui-clipboard-dialog-ok');
        await canvas.dropAt(550, 260);
        const imported = await copies();
        assert.notEqual(imported[0]?.broker, only);
        only = String(imported[0]?.broker);
        await all('imported');
        assert.equal(await canvas.property(only, 'jid'), 'nodered@dinox.invalid');
      });

      // The oldest has the editor of the newest 4: what could differ is what it loads.
      if (version === '4.0') return;

      describe('with one connection', () => {
        before(() => begin(1));

        it('in a group: it is chosen, and leaves with Done', async () => {
          for (const [kind, id] of await dragAll('group')) {
            await canvas.open(id, 'double click');
            assert.equal(await chosen(), 'one', kind);
            await canvas.leave('#node-dialog-ok');
            assert.equal(await canvas.property(id, 'broker'), 'one', kind);
          }
        });

        it('what was typed stays: a topic that is offered is taken with an arrow key, not with Tab or Enter', async () => {
          const { page } = editor;
          const topic = editor.node('topic');
          const offered = page.locator('.red-ui-autoComplete-container a');
          await canvas.open('orphan-in', 'double click');
          await page.selectOption('#node-input-broker', 'one', { force: true });
          for (const key of ['Tab', 'Enter']) {
            await topic.fill('');
            await topic.pressSequentially('zigbee2mqtt/');
            await offered.first().waitFor();
            assert.deepEqual(
              await offered.allTextContents(),
              ['zigbee2mqtt/Washer plug'],
              'of this connection',
            );
            await page.keyboard.press(key);
            await offered.first().waitFor({ state: 'hidden' });
            assert.equal(await topic.inputValue(), 'zigbee2mqtt/', key);
            assert.equal(await topic.evaluate((field) => field.matches(':focus')), key === 'Enter');
          }
          await topic.fill('');
          await topic.pressSequentially('zigbee');
          await offered.first().waitFor();
          await page.keyboard.press('ArrowDown');
          await page.keyboard.press('Enter');
          assert.equal(await topic.inputValue(), 'zigbee2mqtt/Washer plug');
          await canvas.leave('#node-dialog-cancel');
        });

        it('a connection that is gone: its nodes open, change and close', async () => {
          const orphans = ['in', 'out', 'chat-in', 'chat-out', 'alert', 'history'].map(
            (one) => `orphan-${one}`,
          );
          for (const id of orphans) {
            await canvas.open(id, 'double click');
            await editor.node('name').fill('Renamed');
            await canvas.leave('#node-dialog-ok');
            assert.equal(await canvas.property(id, 'name'), 'Renamed');
          }
        });

        if (isThorough) it('in every other place it is chosen, too', () => chooseInEveryPlace(1));
      });

      it(`with two connections and ${BROKER}, in a subflow: none is guessed, and each change is taken`, async () => {
        await begin(2);
        const [source] = (await editor.page.evaluate(
          "RED.nodes.filterLinks({ target: { id: 'inside' } }).map(({ source }) => source.type)",
        )) as string[];
        assert.equal(source, 'subflow', 'as red.d.ts says');
        for (const [kind, id] of await dragAll('subflow')) {
          await canvas.open(id, 'double click');
          assert.equal(await chosen(), NONE, kind);
          await editor.page.selectOption('#node-input-broker', BROKER, { force: true });
          await type(kind);
          await canvas.leave('#node-dialog-ok');
          assert.equal(await canvas.property(id, 'broker'), BROKER, kind);
          if (!ONE_OF_EACH_WAY.includes(kind) || (!isThorough && kind !== 'dinox-mqtt-in')) continue;
          await canvas.open(id, 'keyboard');
          assert.equal(await chosen(), BROKER, kind);
          await editor.node('name').fill('Inside');
          await canvas.leave('#node-dialog-ok');
        }
        await editor.deploy();
        if (isThorough) await chooseInEveryPlace(2);
      });

      if (!isThorough) return;
      it('no connection, in every place: its dialog opens, and none is chosen', async () => {
        await begin(0);
        await chooseInEveryPlace(0);
      });
    });
  }
});
