/**
 * The second package, as tarballs beside the first and Dashboard 2.0: the widget placed with the mouse, and the example,
 * seen in a real browser. A value, the line and the colour of an alert come live, and are there after a restart.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect, type MqttClient } from 'mqtt';
import { type Browser, chromium, type Page } from 'playwright-core';
import { chatUsers } from '../servers/chat-support';
import { OTHER, OTHER_PASSWORD } from '../servers/nodes-support';
import { ensureChromium } from '../support/chromium';
import type { Flow, FlowNode } from '../support/flows';
import { NODE_RED_VERSIONS, type NodeRed, startNodeRed } from '../support/node-red';
import { type Ejabberd, type Mosquitto, startEjabberd, startMosquitto } from '../support/servers/index';
import { Canvas } from './canvas';
import { type Editor, EditorBrowser } from './editor';
import { homeDashboardSuite } from './home-dashboard-suite';
import { AXE } from './in-page';

const REPOSITORY = join(__dirname, '../..');
const SECOND = join(REPOSITORY, 'packages/node-red-dashboard-2-dinox');
const DASHBOARD = '@flowfuse/node-red-dashboard@1.31.0';
const FREEZER = 'home/sensors/temperature/freezer';
const HOSTILE = 'home/sensors/<img src=x onerror=alert(1)>';
const DARK = {
  ...{ surface: '#20242b', primary: '#3fa9f5', bgPage: '#14171c', groupBg: '#1b1f26' },
  groupOutline: '#39404a',
};
const KEEP = process.env.DINOX_SCREENSHOTS;
const run = promisify(execFile);

/** The example with its connection filled in, and an alert about the freezer. */
function flows(port: number, colors?: object): Flow {
  const example = JSON.parse(readFileSync(join(SECOND, 'examples/dinox-tiles.json'), 'utf8')) as FlowNode[];
  return example.map((node) => ({
    ...node,
    ...(node.type === 'dinox-broker' && { host: '127.0.0.1', port: String(port), usetls: false }),
    ...(node.type === 'ui-theme' && colors && { colors }),
  }));
}

/** A user directory with the packages that are installed in `folder`: it takes npm a quarter of a minute. */
function userDirectory(folder: string, version: string): string {
  const userDir = join(folder, `user-${version}`);
  mkdirSync(userDir);
  copyFileSync(join(folder, 'package.json'), join(userDir, 'package.json'));
  symlinkSync(join(folder, 'node_modules'), join(userDir, 'node_modules'));
  return userDir;
}

async function pack(folder: string, from: string): Promise<string> {
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: from,
  });
  const [packed] = Object.values(JSON.parse(stdout) as Record<string, { filename: string }>);
  return join(folder, packed?.filename ?? '');
}

describe('widget for Dashboard 2.0', function () {
  this.timeout(240_000);
  let folder: string;
  let mosquitto: Mosquitto;
  let ejabberd: Ejabberd;
  let editors: EditorBrowser;
  let client: MqttClient;
  let browser: Browser;
  const send = (topic: string, payload: string): Promise<unknown> =>
    client.publishAsync(topic, payload, { qos: 1, retain: true });

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dinox-dashboard-'));
    const tarballs = [await pack(folder, REPOSITORY), await pack(folder, SECOND)];
    writeFileSync(join(folder, 'package.json'), '{}');
    await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...tarballs, DASHBOARD], {
      cwd: folder,
    });
    [mosquitto, ejabberd, editors] = await Promise.all([
      startMosquitto(),
      startEjabberd({ users: { ...chatUsers, [OTHER]: OTHER_PASSWORD } }),
      EditorBrowser.launch(),
    ]);
    client = connect(`mqtt://127.0.0.1:${mosquitto.port}`);
    browser = await chromium.launch({
      executablePath: await ensureChromium(),
      args: ['--no-sandbox', '--disable-gpu'],
    });
  });
  after(async () => {
    await browser?.close();
    await editors?.close();
    await ejabberd?.stop();
    await client?.endAsync(true);
    await mosquitto?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const version of NODE_RED_VERSIONS) {
    describe(`Node-RED ${version}`, () => {
      let nodeRed: NodeRed;
      let page: Page;
      const errors: string[] = [];
      const tile = (topic: string) =>
        page.locator('.dinox-tiles .tile', { has: page.locator('.topic', { hasText: topic }) });
      /** What axe finds serious or critical in the tiles. */
      const axe = async (): Promise<void> => {
        await page.evaluate(AXE);
        const found = await page.evaluate(
          "axe.run('.dinox-widget', { resultTypes: ['violations'] }).then(({ violations }) => violations.filter(({ impact }) => /serious|critical/.test(impact)).map(({ id, nodes }) => id + ': ' + nodes.map(({ html, failureSummary }) => html + failureSummary)))",
        );
        assert.deepEqual(found, []);
      };
      const open = async (): Promise<void> => {
        await page?.context().close();
        const context = await browser.newContext({
          viewport: { width: 1_000, height: 800 },
          locale: 'en-US',
        });
        page = await context.newPage();
        page.on('pageerror', (error) => errors.push(String(error.stack)));
        await page.goto(`${nodeRed.url}/dashboard/tiles`);
      };

      before(async () => {
        nodeRed = await startNodeRed({
          version,
          userDir: userDirectory(folder, version),
          flows: flows(mosquitto.port),
        });
      });
      after(async () => {
        await page?.context().close();
        await nodeRed?.stop();
      });

      it('shows what comes, as text, with the line and the colour of the alert', async () => {
        await send(FREEZER, '{"value":-18.5,"unit":"°C"}');
        await send(HOSTILE, '<b>1</b>');
        await open();
        await tile(FREEZER).waitFor();
        assert.equal(await tile(FREEZER).locator('.value').textContent(), '-18.5');
        assert.equal(await tile(FREEZER).locator('.unit').textContent(), '°C');
        assert.equal(await tile('onerror').locator('.value').textContent(), '<b>1</b>');
        assert.equal(await page.locator('.dinox-tiles img, .dinox-tiles b').count(), 0);
        await send(FREEZER, '{"value":-4.25,"unit":"°C"}');
        await page.locator('.tile[data-level="warning"] .value', { hasText: '-4.25' }).waitFor();
        assert.equal(await tile(FREEZER).locator('.badge').textContent(), 'Warning');
        await page.reload();
        await page.locator('.tile .line[d^="M"]').first().waitFor({ state: 'attached' });
        if (KEEP) await page.screenshot({ path: `${KEEP}/dashboard-${version}.png` });
        await axe();
        assert.deepEqual(errors, []);
      });

      it('is filled after a restart of Node-RED, before a new value comes, in a dark theme', async () => {
        await client.publishAsync(FREEZER, '', { qos: 1, retain: true });
        await send(FREEZER, '{"value":-3,"unit":"°C"}');
        await client.publishAsync(FREEZER, '', { qos: 1, retain: true });
        await nodeRed.deploy(flows(mosquitto.port, DARK));
        await nodeRed.restart();
        await open();
        await tile(FREEZER).waitFor();
        await tile(FREEZER).locator('.line[d^="M"]').waitFor({ state: 'attached' });
        await page.locator('.dinox-widget.dinox-dark').waitFor();
        await axe();
        if (KEEP) await page.screenshot({ path: `${KEEP}/dashboard-dark-${version}.png` });
      });

      it('says what is missing, and nothing crashes: no group, no connection, no topics', async () => {
        const all = flows(mosquitto.port);
        const widget = all.find(({ type }) => type === 'ui-dinox-tiles') as FlowNode;
        const without = (id: string, change: object) => ({ ...widget, id, ...change }) as FlowNode;
        await nodeRed.deploy([
          ...all,
          without('no-group', { group: 'gone' }),
          without('no-broker', { broker: '' }),
          without('no-topics', { topics: ' \n' }),
          without('bad-topics', { topics: 'a#' }),
        ]);
        for (const [id, words] of [
          ['no-group', 'no group'],
          ['no-broker', 'connection missing'],
          ['no-topics', 'no topics'],
          ['bad-topics', 'filter not valid'],
        ] as const)
          await nodeRed.until(words, () => nodeRed.statusesOf(id).at(-1)?.text === words);
        await page.waitForTimeout(500);
        assert.equal((await nodeRed.adminApi('GET', '/settings')).status, 200);
        await nodeRed.deploy(all);
      });

      it('is placed with the mouse, and has a dialog', async () => {
        const editor: Editor = await editors.open(nodeRed.url, {});
        try {
          const id = await new Canvas(editor.page).drag('ui-dinox-tiles', 200, 300);
          await editor.page.evaluate(`RED.editor.edit(RED.nodes.node('${id}'))`);
          await editor.page.waitForSelector('#node-input-topics', { state: 'visible' });
          await editor.page.fill('#node-input-topics', 'home/#');
          assert.match(
            (await editor.page.locator('.red-ui-tray').last().textContent()) ?? '',
            /Connection.*Topics/s,
          );
          assert.equal(
            await editor.page.locator('.red-ui-tray label', { hasText: 'ui-dinox-tiles.' }).count(),
            0,
          );
          await editor.page.click('#node-dialog-ok');
          assert.deepEqual(editor.errors, []);
        } finally {
          await editor.close();
        }
      });

      homeDashboardSuite(() => ({ version, nodeRed, mosquitto, ejabberd, client, browser, editors }));
    });
  }
});
