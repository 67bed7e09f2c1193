/**
 * `npm run screenshots`: the pictures of `docs/images`, taken in a real browser on the simulated home of `npm start`. Needs
 * chromium (or `DINOX_CHROMIUM` with its path), and a font with emojis; takes some minutes. With `--only`, of one part:
 * editor and phone side by side (`demo`), *First alert* and the dialog of an alert (`guide`), the alerts tab, the palette,
 * the dialog *Take over*, or *history* (`history`). With `--examples`, of these examples' flows, as Import shows them; with
 * `--dashboard`, of Dashboard 2.0; with `--chat`, of bots, a bridge and a chat message.
 *
 *   npm run screenshots -- [--port NUMBER] [--seconds NUMBER] [--examples NAME,NAME]
 *     [--only demo|guide|alerts|palette|take-over|history] [--dashboard] [--chat]
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { ROOT } from './layout.mjs';
import { takeAlerts } from './screenshots/alerts.mjs';
import { takeChat } from './screenshots/chat.mjs';
import { takeDashboard } from './screenshots/dashboard.mjs';
import { takeDemo } from './screenshots/demo.mjs';
import { takeGuide } from './screenshots/guide.mjs';
import { takeHistory } from './screenshots/history.mjs';
import { takePalette } from './screenshots/palette.mjs';
import { takePhone } from './screenshots/phone.mjs';
import { takeTakeOver } from './screenshots/take-over.mjs';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '18999' },
    seconds: { type: 'string', default: '20' },
    only: { type: 'string', default: '' },
    examples: { type: 'string', default: '' },
    dashboard: { type: 'boolean', default: false },
    chat: { type: 'boolean', default: false },
  },
});
const IMAGES = join(ROOT, 'docs', 'images');
const userDir = mkdtempSync(join(tmpdir(), 'dinox-screenshots-'));

/** Starts the demo; resolves with its address. */
function startDemo() {
  const child = spawn(
    process.execPath,
    [join(ROOT, 'scripts', 'start.mjs'), '--port', values.port, '--user-dir', userDir, '--seed', '7'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ready = new Promise((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      const address = /http:\/\/\S+/.exec(output);
      if (address) resolve(address[0]);
    });
    child.once('exit', () => reject(new Error(`npm start ended: ${output}`)));
  });
  return { child, ready };
}

async function open(browser, url) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' });
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForFunction('window.RED?.nodes?.getType?.("dinox-broker")');
  await page.waitForFunction('!$("#red-ui-loading-progress").is(":visible")');
  await page.evaluate("RED.actions.invoke('dinox:show-sidebar')");
  await page.waitForSelector('.dxs-tile');
  return page;
}

/** The dialog of a new connection. */
async function takeConnection(page) {
  await page.setViewportSize({ width: 1_180, height: 840 });
  await page.evaluate("RED.editor.editConfig('', 'dinox-broker', '_ADD_', 'broker')");
  await page.waitForSelector('#node-config-input-jid', { state: 'visible' });
  await sleep(1_000);
  await page.fill('#node-config-input-jid', 'nodered@example.org');
  await page.fill('#node-config-input-password', 'correct horse!');
  await page.press('#node-config-input-password', 'Tab');
  await sleep(500);
  await page
    .locator('.red-ui-tray')
    .last()
    .screenshot({ path: join(IMAGES, 'dinox-broker.png') });
  await page.click('#node-config-dialog-cancel');
  await page.setViewportSize({ width: 1_280, height: 800 });
  console.log('docs/images/dinox-broker.png');
}

/** The dialog of the freezer's alert, over its day: `docs/images/dinox-alert.png`. */
async function takeAlert(page) {
  await page.setViewportSize({ width: 1_280, height: 900 });
  await page.evaluate("RED.editor.edit(RED.nodes.node('dinox-demo-alert'))");
  await page.waitForSelector('.dinox-chart-line');
  await sleep(1_500);
  await page
    .locator('.red-ui-tray')
    .last()
    .screenshot({ path: join(IMAGES, 'dinox-alert.png') });
  console.log('docs/images/dinox-alert.png');
}

/** What stands on the tab that is shown, with a margin, in pixels of the page. */
const DRAWN = `(() => {
  const boxes = [...document.querySelectorAll('.red-ui-flow-group-body, .red-ui-flow-node-group, .red-ui-flow-node')].map((one) => one.getBoundingClientRect());
  const [left, top] = ['left', 'top'].map((side) => Math.min(...boxes.map((box) => box[side])) - 15);
  const [right, bottom] = ['right', 'bottom'].map((side) => Math.max(...boxes.map((box) => box[side])) + 15);
  return { x: left, y: top, width: right - left, height: bottom - top };
})()`;

/** The flow of an example, `docs/images/example-NAME.png`. */
async function takeExample(page, name) {
  const flow = JSON.parse(readFileSync(join(ROOT, 'examples', `${name}.json`), 'utf8'));
  const connections = flow.filter(({ type }) => type === 'dinox-broker');
  // What is imported uses the connection that the flows have, unless it needs several.
  const isOurs = ({ id }) => connections.length === 1 && id === connections[0].id;
  const imported = flow
    .filter((node) => !isOurs(node))
    .map((node) => (isOurs({ id: node.broker }) ? { ...node, broker: 'dinox-demo-broker' } : node));
  await page.evaluate(`RED.nodes.import(${JSON.stringify(imported)})`);
  const tab = flow.find(({ type }) => type === 'tab').id;
  await page.evaluate(`RED.workspaces.show('${tab}')`);
  await page.evaluate("$('.red-ui-notification').remove(); RED.view.select({ nodes: [] })");
  await sleep(1_000);
  const path = join(IMAGES, `example-${name}.png`);
  await page.screenshot({ path, clip: await page.evaluate(DRAWN) });
  console.log(`docs/images/example-${name}.png`);
}

async function takeExamples(page, names) {
  await page.setViewportSize({ width: 2_000, height: 1_050 });
  for (const name of names) {
    await takeExample(page, name);
    if (name === 'ask-the-home') await takeAnswers(page);
  }
}

/** Examples whose flow a page of the manual shows; *ask-the-home* shows its dialog. */
function examplesShown() {
  const folder = join(ROOT, 'docs');
  const pages = readdirSync(folder).filter((name) => name.endsWith('.md'));
  const texts = pages.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
  const shown = [...texts.matchAll(/images\/example-([\w-]+)\.png/g)].map(([, name]) => name);
  return [...new Set([...shown, 'ask-the-home'])];
}

/** The dialog of the example *ask-the-home*, with a topic and an entity that people can control. */
async function takeAnswers(page) {
  const told = [
    {
      ...{
        name: 'heating',
        topic: 'home/actuators/heating/living_room/set',
        payload: '{"target": {{value}}}',
      },
      ...{ allow: 'anna@example.org', qos: '1', retain: false },
    },
    { name: 'light kitchen', entity: 'light.0x00158d0003a1b2', allow: 'anna@example.org ben@example.org' },
  ];
  await page.setViewportSize({ width: 1_280, height: 2_700 });
  await page.evaluate(`RED.nodes.node('dinox-ask-in').actuators = ${JSON.stringify(told)}`);
  await page.evaluate("RED.editor.edit(RED.nodes.node('dinox-ask-in'))");
  await page.waitForSelector('#dinox-actuators', { state: 'attached' });
  await page.evaluate(`for (const part of document.querySelectorAll('.dinox-form details'))
    part.open = ['answers', 'actuators'].includes(part.dataset.section)`);
  await sleep(1_500);
  const [first, last] = await Promise.all(
    ['answers', 'actuators'].map((name) => page.locator(`details[data-section=${name}]`).boundingBox()),
  );
  const clip = { ...first, x: first.x - 10, y: first.y - 10, width: first.width + 20 };
  clip.height = last.y + last.height - clip.y + 10;
  await page.screenshot({ path: join(IMAGES, 'ask-the-home.png'), clip });
  await page.click('#node-dialog-cancel');
  console.log('docs/images/ask-the-home.png');
}

async function flowsAt(url) {
  return (await fetch(new URL('flows', url), { headers: { Accept: 'application/json' } })).json();
}

function post(url, path, body) {
  return fetch(new URL(path, url), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** Devices as the sidebar shows them, and an entity that is found by a part of its name. */
async function takeHomeAssistant(page, url) {
  const flows = await flowsAt(url);
  const { id: z } = flows.find(({ type }) => type === 'tab');
  const entity = {
    ...{ id: 'dinox-demo-entity', type: 'dinox-ha-entity', z, x: 200, y: 900, wires: [[]] },
    ...{ broker: 'dinox-demo-broker', mode: 'entities', entities: [], names: {}, prefix: 'homeassistant' },
  };
  await post(url, 'flows', [...flows, entity]);
  await load(page);
  await page.click('#dinox-sidebar-tab-devices');
  const row = page.locator('.dxs-devices .dxs-line:visible', { hasText: 'Humidity' });
  await row.last().waitFor();
  // The values of what is seen come a moment later.
  await page.waitForFunction("/\\d ?%/.test($('.dxs-devices .dxs-line:visible').text())");
  await page.setViewportSize({ width: 1_280, height: 560 });
  await sleep(1_500);
  const sidebar = page.locator('.dinox-sidebar').first();
  await sidebar.screenshot({ path: join(IMAGES, 'ha-devices.png') });
  await page.setViewportSize({ width: 1_280, height: 520 });
  await page.evaluate("RED.editor.edit(RED.nodes.node('dinox-demo-entity'))");
  await page.waitForFunction("/known/.test($('#dinox-entities-state').text())");
  // The first question makes the states known, the second one shows them.
  for (const typed of ['kitche', 'n']) {
    await page.locator('#node-input-search').pressSequentially(typed);
    await sleep(1_500);
  }
  await page.waitForSelector('.red-ui-autoComplete-container a:visible');
  await page
    .locator('.red-ui-tray')
    .last()
    .screenshot({ path: join(IMAGES, 'ha-entity.png') });
  console.log('docs/images/ha-devices.png, docs/images/ha-entity.png');
}

async function load(page) {
  await page.reload();
  await page.waitForFunction('window.RED?.nodes?.getType?.("dinox-broker")');
  await page.waitForFunction('!$("#red-ui-loading-progress").is(":visible")');
  await page.evaluate("RED.actions.invoke('dinox:show-sidebar')");
}

const launch = () =>
  chromium.launch({
    executablePath: process.env.DINOX_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });

async function takeDashboards() {
  const browser = await launch();
  await takeDashboard(browser, Number(values.port) + 1).finally(() => browser.close());
}

async function main() {
  if (values.dashboard) return takeDashboards();
  const { child, ready } = startDemo();
  let browser;
  try {
    const url = await ready;
    browser = await launch();
    const isPart =
      ['alerts', 'palette', 'take-over', 'history'].includes(values.only) ||
      values.examples !== '' ||
      values.chat;
    if (!isPart && values.only !== 'guide') await takeDemo(browser, url);
    if (values.only === 'demo') return;
    if (!isPart) await takeGuide(browser, url);
    const page = await open(browser, url);
    const publish = (topic, payload) =>
      post(url, 'dinox/brokers/dinox-demo-broker/publish', { topic, payload });
    const takeChart = async () =>
      takeHistory(browser, url, await flowsAt(url), (flows) => post(url, 'flows', flows));
    const parts = {
      guide: takeAlert,
      palette: takePalette,
      alerts: () => takeAlerts(page, publish),
      'take-over': takeTakeOver,
      history: takeChart,
    };
    if (parts[values.only]) {
      await parts[values.only](page);
      return;
    }
    if (values.examples) {
      await takeExamples(page, values.examples.split(','));
      return;
    }
    if (values.chat) {
      await takeChat(page, url);
      return;
    }
    // Everything of the home, not only what the flow receives.
    await page.click('.dxs-menu-button');
    await page.click('.dxs-menu-item:has-text("Explore")');
    await sleep(Number(values.seconds) * 1_000);
    await takeConnection(page);
    await takePalette(page);
    await load(page);
    await takePhone(browser, url);
    await load(page);
    await page.waitForSelector('.dxs-tile');
    await page.waitForFunction(
      "[...document.querySelectorAll('.dxs-tile .dxs-spark-line')].some((one) => one.getAttribute('d'))",
    );
    await sleep(1_500);
    await page.screenshot({ path: join(IMAGES, 'sidebar.png') });
    await page.fill('.dxs-topics-tools .dxs-search', 'freezer');
    const tile = page.locator('.dxs-tile[aria-label^="home/sensors/temperature/freezer,"]');
    await tile.click();
    await page.waitForSelector('.dxs-detail .dinox-chart svg');
    await page.locator('.dxs-actions .dxs-button', { hasText: 'Alert' }).click();
    await page.waitForSelector('.dinox-limit');
    await sleep(1_500);
    await page
      .locator('.dinox-sidebar')
      .first()
      .screenshot({ path: join(IMAGES, 'sidebar-topic.png') });
    await takeAlert(page);
    console.log('docs/images/sidebar.png, docs/images/sidebar-topic.png');
    await takeHomeAssistant(page, url);
    await load(page);
    await takeAlerts(page, publish);
    await load(page);
    await takeChat(page, url);
    await takeTakeOver(page);
    await takeChart();
    await load(page);
    await takeExamples(page, examplesShown());
    await takeDashboards();
  } finally {
    await browser?.close();
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
    rmSync(userDir, { recursive: true, force: true });
  }
}

await main();
