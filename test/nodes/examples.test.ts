import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { Aedes } from 'aedes';
import { connectAsync } from 'mqtt';
import type { Page } from 'playwright-core';
import { CROSSINGS } from '../editor/crossings';
import { type Editor, EditorBrowser } from '../editor/editor';
import type { Flow } from '../support/flows';
import { NODE_RED_VERSIONS, type NodeRed, PACKAGE_NAME, startNodeRed } from '../support/node-red';

const FOLDER = join(__dirname, '../../examples');
const EXAMPLES = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace(/\.json$/, ''));

/** Those that are imported where Dashboard 2.0 is installed: `test/editor/dashboard.test.ts`. */
const needsDashboard = (name: string): boolean => parsed(name).some(({ type }) => type.startsWith('ui-'));

const parsed = (name: string) => JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as Flow;

describe('examples', () => {
  it('are there', () => assert.ok(EXAMPLES.includes('first-messages')));

  for (const name of EXAMPLES) {
    it(`${name} holds no secret and no address of anybody`, () => {
      for (const node of parsed(name)) {
        assert.ok(!('credentials' in node), node.id);
        for (const secret of ['password', 'mqttPassword', 'user'])
          assert.ok(!(secret in node), `${node.id}: ${secret}`);
        if (node.type === 'dinox-broker') assert.deepEqual([node.jid, node.host], ['', '']);
      }
    });

    it(`${name} says what to do`, () => {
      const words = parsed(name)
        .filter(({ type }) => type === 'comment')
        .map((comment) => `${comment.name} ${comment.info}`)
        .join(' ');
      assert.match(words, /JID and password/);
    });
  }
});

for (const version of NODE_RED_VERSIONS) {
  describe(`examples in Node-RED ${version}`, function () {
    this.timeout(60_000);
    let nodeRed: NodeRed;
    let browser: EditorBrowser;
    let editor: Editor;

    before(async function () {
      this.timeout(180_000);
      nodeRed = await startNodeRed({ version, linkPackage: true });
      browser = await EditorBrowser.launch();
      editor = await browser.open(nodeRed.url);
    });

    after(async () => {
      await browser?.close();
      await nodeRed?.stop();
    });

    for (const name of EXAMPLES.filter((one) => !needsDashboard(one))) {
      it(`${name} is offered under Import, and deployed as it is it says what is missing, without an error`, async () => {
        const { status, json } = await nodeRed.adminApi(
          'GET',
          `/library/examples/flows/${PACKAGE_NAME}/${name}`,
        );
        assert.equal(status, 200);
        assert.deepEqual(json, parsed(name));

        // Flows of the example before, and nothing that has been said of them.
        await editor.page.evaluate('RED.nodes.clear(); RED.history.clear()');
        await editor.page.evaluate(`RED.nodes.import(${JSON.stringify(json)})`);
        const faulty = await editor.page.evaluate(
          '(() => { const found = []; RED.nodes.eachNode((node) => { RED.editor.validateNode(node); if (!node.valid) found.push(...node.validationErrors); }); RED.nodes.eachConfig((node) => { RED.editor.validateNode(node); if (!node.valid) found.push(node.type); }); return [...new Set(found)]; })()',
        );
        assert.deepEqual(
          [...(faulty as string[])].sort(),
          ['broker', 'dinox-broker'],
          'only the account is missing',
        );
        await editor.page.evaluate('RED.nodes.dirty(true)');
        await editor.deploy();
        const [tab] = parsed(name).filter(({ type }) => type === 'tab');
        await editor.page.evaluate(`RED.workspaces.show(${JSON.stringify(tab?.id)})`);
        assert.deepEqual(
          await editor.page.evaluate(CROSSINGS),
          [],
          'wires that cross a node, nodes that overlap',
        );
        assert.deepEqual(editor.errors.splice(0), []);

        const ours = parsed(name).filter(({ type }) => /^(dinox-mqtt|dinox-history|xmpp)/.test(type));
        for (const { id } of ours) {
          const shown = await nodeRed.until(`a status of ${id}`, () => nodeRed.statusesOf(id).at(-1));
          assert.deepEqual(shown, { fill: 'grey', shape: 'ring', text: 'not configured: type a JID' });
        }
        assert.deepEqual(nodeRed.logLines('fatal', 'error', 'warn').filter(isOurs), []);
      });
    }

    it('imported nodes use the connection that is there, empty or typed; where there are two, a person chooses', async () => {
      const { page } = editor;
      const connections = () =>
        page.evaluate(
          'RED.nodes.filterNodes({}).flatMap((n) => n.broker ?? []).filter((id, i, all) => all.indexOf(id) === i)',
        );
      const there = () =>
        page.evaluate(
          "(() => { const ids = []; RED.nodes.eachConfig(({ type, id }) => { if (type === 'dinox-broker') ids.push(id); }); return ids; })()",
        );
      await page.evaluate('RED.nodes.clear(); RED.history.clear()');
      await importText(page, 'first-messages');
      await importText(page, 'value-to-chat');
      assert.deepEqual(await connections(), ['dinox-first-broker'], 'one that is still empty');
      assert.deepEqual(await there(), ['dinox-first-broker']);
      await page.locator('.red-ui-notification', { hasText: 'use your connection' }).first().waitFor();

      await page.keyboard.press('Control+z');
      await page.waitForFunction(
        "RED.nodes.workspace('dinox-value-tab') === null || !RED.nodes.workspace('dinox-value-tab')",
      );
      assert.deepEqual(
        [await connections(), await there()],
        [['dinox-first-broker'], ['dinox-first-broker']],
      );
      await page.keyboard.press('Control+y');
      await page.waitForFunction("RED.nodes.node('dinox-value-in')");
      assert.deepEqual(
        [await connections(), await there()],
        [['dinox-first-broker'], ['dinox-first-broker']],
      );

      await page.evaluate("RED.nodes.node('dinox-first-broker').jid = 'bot@example.org'");
      await importText(page, 'relay-mqtt3-mqtt5');
      assert.equal(((await there()) as string[]).length, 3, 'an example between two servers');
      await page.evaluate("RED.nodes.node('dinox-relay-old').jid = 'old@example.org'");
      await importText(page, 'power-peak');
      assert.ok(((await there()) as string[]).includes('dinox-power-broker'));
      assert.deepEqual(editor.errors.splice(0), []);
    });

    it('first-messages passes its message once a broker is typed', async () => {
      const { port, close } = await embeddedBroker();
      try {
        const flow = parsed('first-messages').map((node) =>
          node.type === 'dinox-broker'
            ? { ...node, host: '127.0.0.1', port: String(port), usetls: false }
            : node,
        );
        await nodeRed.deploy(flow);
        const isGreen = (id: string) => nodeRed.statusesOf(id).at(-1)?.fill === 'green';
        await nodeRed.until(
          'both are connected',
          () => isGreen('dinox-first-in') && isGreen('dinox-first-out'),
        );
        await nodeRed.inject('dinox-first-inject');
        const message = await nodeRed.until('the message comes back', () =>
          nodeRed.comms.debugMessages().find(({ id }) => id === 'dinox-first-debug'),
        );
        assert.deepEqual(JSON.parse(String(message.msg)), { value: 22.1, unit: '°C' });
        assert.deepEqual(nodeRed.logLines('fatal', 'error').filter(isOurs), []);
      } finally {
        await nodeRed.deploy([]);
        await close();
      }
    });

    it('history-web-page shows a chart and a CSV of a topic that no other node receives', async () => {
      const { port, close } = await embeddedBroker();
      try {
        const flow = parsed('history-web-page').map((node) =>
          node.type === 'dinox-broker'
            ? { ...node, host: '127.0.0.1', port: String(port), usetls: false }
            : node,
        );
        await nodeRed.deploy(flow);
        await nodeRed.until(
          'it is connected',
          () => nodeRed.statusesOf('dinox-history-svg-read').at(-1)?.fill === 'green',
        );
        const get = (path: string) => fetch(`${nodeRed.url}${path}`);
        const nothing = await get('/temperature.svg');
        assert.equal(nothing.status, 404);
        assert.match(await nothing.text(), /Nothing has been recorded for home\/sensors/);
        let answer = nothing;
        for (let tries = 0; answer.status !== 200 && tries < 50; tries++) {
          await nodeRed.inject('dinox-history-value');
          answer = await get('/temperature.svg');
        }
        assert.match(answer.headers.get('content-type') ?? '', /^image\/svg\+xml/);
        assert.match(await answer.text(), /^<svg .*max 21\.5 °C/);
        const csv = await get('/temperature.csv');
        assert.match(csv.headers.get('content-type') ?? '', /^text\/csv/);
        assert.match(
          await csv.text(),
          /^time,min,max,mean,last,count\r\n(?:.*\r\n)*.*,21\.5,21\.5,21\.5,21\.5,/,
        );
        assert.match(await (await get('/temperature')).text(), /<img src="temperature\.svg"/);
        assert.deepEqual(nodeRed.logLines('fatal', 'error').filter(isOurs), []);
      } finally {
        await nodeRed.deploy([]);
        await close();
      }
    });

    // Last: what it presses is there for whatever comes after it.
    if (version === NODE_RED_VERSIONS.at(-1))
      it('each does something within ten seconds of being pressed', async () => {
        const { port, close } = await embeddedBroker();
        const published: string[] = [];
        const listener = await connectAsync(`mqtt://127.0.0.1:${port}`);
        try {
          await listener.subscribeAsync('#');
          listener.on('message', (topic) => published.push(topic));
          for (const name of EXAMPLES.filter((one) => !needsDashboard(one))) {
            // What asks the internet does so elsewhere, and what a bot says of itself is not because of a button.
            const flow = parsed(name).filter(({ type }) => type !== 'http request');
            const buttons = flow.filter(({ type }) => type === 'inject');
            if (buttons.length === 0) continue;
            await nodeRed.deploy(
              flow.map((one) =>
                one.type === 'dinox-broker'
                  ? { ...one, host: '127.0.0.1', port: String(port), usetls: false, botStatus: false }
                  : one,
              ),
            );
            const ids = flow.map(({ id }) => id);
            const overMqtt = flow.filter(({ type }) => /^dinox-(mqtt|history)/.test(type));
            await nodeRed.until(`${name} is connected`, () =>
              overMqtt.every(({ id }) => nodeRed.statusesOf(id).at(-1)?.fill === 'green'),
            );
            const seen = (): number =>
              published.length +
              nodeRed.comms.debugMessages().length +
              ids.reduce((sum, id) => sum + nodeRed.statusesOf(id).length, 0);
            const before = seen();
            for (const { id } of buttons) await nodeRed.injectOnceThere(id);
            await nodeRed.until(`${name} does something`, () => seen() > before, 10_000);
          }
        } finally {
          await listener.endAsync(true);
          await nodeRed.deploy([]);
          await close();
        }
      });
  });
}

/** Pastes an example into Node-RED's import dialog, as a new flow. */
async function importText(page: Page, name: string): Promise<void> {
  await page.keyboard.press('Control+i');
  const text = page.locator('#red-ui-clipboard-dialog-import-text');
  await text.fill(JSON.stringify(parsed(name)));
  // Node-RED looks at what was typed when a key comes up.
  await text.press('End');
  await page.locator('#red-ui-clipboard-dialog-ok').click();
  await text.waitFor({ state: 'hidden' });
}

/** Node-RED's own remarks at a first start are not about the example. */
const isOurs = ({ text }: { text: string }): boolean => !/Projects disabled|credentials/i.test(text);

async function embeddedBroker(): Promise<{ port: number; close: () => Promise<void> }> {
  const { Aedes: Broker } = await import('aedes');
  const aedes: Aedes = await Broker.createBroker();
  const server: Server = createServer(aedes.handle);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      await new Promise<void>((done) => aedes.close(done));
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}
