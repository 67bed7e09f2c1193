/**
 * The examples for Dashboard 2.0 on the simulated home, with a day behind it: `docs/images/dashboard….png`. Installs
 * Dashboard into a folder that is deleted at the end.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { connectAsync } from 'mqtt';
import { startBroker } from '../demo/broker.mjs';
import { createHome } from '../demo/home.mjs';
import { ROOT } from '../layout.mjs';

const DASHBOARD = '@flowfuse/node-red-dashboard@1.31.0';
const SECOND = join(ROOT, 'packages', 'node-red-dashboard-2-dinox');
const BROKER = 'dinox-house-broker';
const MINUTE = 60_000;
const DARK = {
  surface: '#20242b',
  primary: '#3fa9f5',
  bgPage: '#14171c',
  groupBg: '#1b1f26',
  groupOutline: '#39404a',
};

const DARK_CHART = {
  ...{ textColor: ['#c5cad3'], textColorDefault: false },
  ...{ gridColor: ['#39404a'], gridColorDefault: false },
};

const example = (folder, name) => JSON.parse(readFileSync(join(folder, 'examples', `${name}.json`), 'utf8'));

/** Both examples on one connection. */
function flowsFor(port, theme) {
  const house = example(ROOT, 'smart-home-dashboard');
  const tiles = example(SECOND, 'dinox-tiles').filter(
    ({ type }) => !/^(tab|ui-base|ui-theme|global-config|dinox-broker|dinox-alert|dinox-mqtt-in)$/.test(type),
  );
  return [...house, ...tiles].map((node) => ({
    ...node,
    ...(node.type === 'dinox-broker' && { host: '127.0.0.1', port: String(port), usetls: false }),
    ...(node.broker && { broker: BROKER }),
    ...(node.type === 'ui-page' && { ui: 'dinox-house-base', theme: 'dinox-house-theme' }),
    ...(node.z && { z: 'dinox-house-tab' }),
    ...(node.type === 'ui-theme' && theme && { colors: theme }),
    ...(node.type === 'ui-chart' && theme && DARK_CHART),
    // Chat needs an account.
    ...(node.type === 'xmpp-in' && { d: true }),
  }));
}

/** Writes what the connection would have recorded in the day before. */
async function recordDay(userDir) {
  const { outputFiles = [] } = await build({
    absWorkingDir: ROOT,
    stdin: {
      contents: `export { systemClock } from './src/base/clock'; export { History } from './src/history/history';
        export { HistoryStore } from './src/history/store/history-store';
        export { dataFolder, recordedValuesFile, recorderFolder } from './src/storage/user-dir';`,
      resolveDir: ROOT,
    },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
  });
  const file = join(userDir, 'day.cjs');
  writeFileSync(file, outputFiles[0]?.text ?? '');
  const { History, HistoryStore, systemClock, dataFolder, recordedValuesFile, recorderFolder } =
    createRequire(file)(file);
  const history = new History({ clock: systemClock });
  const folder = recorderFolder(dataFolder(userDir));
  mkdirSync(folder, { recursive: true });
  const store = new HistoryStore({
    ...{ history, folder, id: BROKER, clock: systemClock },
    events: { aside: () => {}, failed: (error) => console.error(error), recovered: () => {} },
  });
  await store.load();
  const from = Date.now() - 24 * 60 * MINUTE;
  writeFileSync(
    recordedValuesFile(dataFolder(userDir), BROKER),
    JSON.stringify({ version: 1, since: from, topics: [] }),
  );
  // In this day the freezer fails once, and works again at its end.
  const home = createHome({ seed: 14, hour: new Date(from).getHours() });
  for (let minute = 0; minute < 24 * 60; minute++) {
    for (const { topic, payload } of home.step(MINUTE)) {
      const { value } = JSON.parse(payload);
      if (typeof value === 'number') history.record(topic, from + minute * MINUTE, value);
    }
  }
  await store.close();
}

async function startNodeRed(folder, port, flows) {
  const userDir = mkdtempSync(join(folder, 'user-'));
  for (const [name, target] of [
    ['@flowfuse', join(folder, 'node_modules', '@flowfuse')],
    ['@dinox/node-red-dinox', ROOT],
    ['@dinox/node-red-dashboard-2-dinox', SECOND],
  ]) {
    const link = join(userDir, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(target, link);
  }
  await recordDay(userDir);
  writeFileSync(join(userDir, 'flows.json'), JSON.stringify(flows));
  writeFileSync(
    join(userDir, 'package.json'),
    JSON.stringify({
      name: 'pictures',
      dependencies: {
        '@dinox/node-red-dashboard-2-dinox': '*',
        '@dinox/node-red-dinox': '*',
        '@flowfuse/node-red-dashboard': '*',
      },
    }),
  );
  writeFileSync(
    join(userDir, 'settings.js'),
    "module.exports = { flowFile: 'flows.json', credentialSecret: 'pictures', uiHost: '127.0.0.1' };",
  );
  const main = createRequire(import.meta.url).resolve('node-red/red.js');
  const child = spawn(process.execPath, [main, '-u', userDir, '-p', String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk) => /Started flows/.test(String(chunk)) && resolve(undefined));
    child.once('exit', () => reject(new Error('Node-RED ended')));
  });
  return child;
}

/** What light and heating say. */
async function say(port) {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`);
  const kept = { retain: true, qos: /** @type {const} */ (1) };
  await client.publishAsync('home/actuators/light/living_room', 'ON', kept);
  await client.publishAsync('home/actuators/thermostat/living_room', '{"value":21,"unit":"°C"}', kept);
  await client.endAsync();
}

/** Opens a page of the dashboard, of a width, as soon as it shows what it is about. */
async function take(browser, url, name, { width, height = 900, path, ready }) {
  const context = await browser.newContext({
    ...{ viewport: { width, height }, locale: 'en-US', deviceScaleFactor: width < 500 ? 2 : 1 },
    serviceWorkers: 'block',
  });
  const page = await context.newPage();
  await page.goto(`${url}/dashboard/${path}`);
  for (const selector of ready) await page.waitForSelector(selector, { state: 'attached', timeout: 120_000 });
  // Gauge and chart are drawn in a second.
  await sleep(3_000);
  const bottom = await page.evaluate(
    "Math.ceil(Math.max(...[...document.querySelectorAll('.nrdb-ui-group, .v-card')].map((one) => one.getBoundingClientRect().bottom)))",
  );
  await page.setViewportSize({ width, height: bottom + 12 });
  await sleep(1_500);
  await page.screenshot({ path: join(ROOT, 'docs', 'images', `${name}.png`) });
  await context.close();
  console.log(`docs/images/${name}.png`);
}

const HOUSE = {
  path: 'house',
  ready: [
    '#sections path:nth-child(3)',
    '[_echarts_instance_][aria-label*="freezer"]',
    '.nrdb-ui-switch input:checked',
  ],
};

/** @param port of the Node-RED that is started */
export async function takeDashboard(browser, port) {
  const folder = mkdtempSync(join(tmpdir(), 'dinox-dashboard-'));
  const url = `http://127.0.0.1:${port}`;
  let broker;
  let child;
  const end = async () => {
    const running = child;
    child = undefined;
    if (running) {
      const ended = new Promise((resolve) => running.once('exit', resolve));
      running.kill('SIGTERM');
      await ended;
    }
    await broker?.close();
    broker = undefined;
  };
  try {
    writeFileSync(join(folder, 'package.json'), '{}');
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', DASHBOARD], {
      cwd: folder,
    });
    for (const dark of [false, true]) {
      broker = await startBroker({ seed: 7 });
      broker.begin();
      await say(broker.port);
      child = await startNodeRed(folder, port, flowsFor(broker.port, dark ? DARK : undefined));
      const ending = dark ? '-dark' : '';
      await take(browser, url, `dashboard${ending}`, { width: 1_100, ...HOUSE });
      if (!dark) await take(browser, url, 'dashboard-phone', { width: 390, ...HOUSE });
      await take(browser, url, `dashboard-tiles${ending}`, {
        ...{ width: dark ? 390 : 1_100, path: 'tiles' },
        ready: ['.dinox-tiles .line[d^="M"]'],
      });
      await end();
    }
  } finally {
    await end();
    rmSync(folder, { recursive: true, force: true });
  }
}
