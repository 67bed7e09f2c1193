/**
 * What the sidebar costs: 5,000 topics at 1,000 messages a second, in a Node-RED of its own. The runtime's CPU while
 * nobody looks, while an editor shows them, and while it is hidden again; in the browser, while one scrolls, the CPU
 * of the page's main thread for a frame, the longest frame, and how many took more than 50 ms (long animation frames,
 * as the browser itself tells them: on a machine that does nothing else).
 *
 *   node bench/sidebar.mjs [seconds]        needs mosquitto and chromium, and `npm run build` before
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const SECONDS = Number(process.argv[2] ?? 20);
const TOPICS = 5_000;
const RATE = 1_000;
const FRAMES = 200;
const PORTS = { mqtt: 21_883, http: 21_880 };
const URL = `http://127.0.0.1:${PORTS.http}/`;

const folder = mkdtempSync(join(tmpdir(), 'dinox-bench-sidebar-'));
const children = [];

function start(command, args) {
  const child = spawn(command, args, { stdio: 'ignore' });
  children.push(child);
  return child;
}

function startMosquitto() {
  const config = join(folder, 'mosquitto.conf');
  const lines = [`listener ${PORTS.mqtt} 127.0.0.1`, 'allow_anonymous true', 'log_dest none', ''];
  writeFileSync(config, lines.join('\n'));
  start('mosquitto', ['-c', config]);
}

async function startNodeRed() {
  const scope = join(folder, 'node_modules', '@dinox');
  mkdirSync(scope, { recursive: true });
  symlinkSync(ROOT, join(scope, 'node-red-dinox'));
  const settings = {
    uiHost: '127.0.0.1',
    uiPort: PORTS.http,
    flowFile: 'flows.json',
    credentialSecret: false,
    telemetry: { enabled: false, updateNotification: false },
    editorTheme: { tours: false },
  };
  const broker = { id: 'house', type: 'dinox-broker', broker: '127.0.0.1', port: String(PORTS.mqtt) };
  writeFileSync(join(folder, 'settings.js'), `module.exports = ${JSON.stringify(settings)};`);
  writeFileSync(
    join(folder, 'flows.json'),
    JSON.stringify([{ ...broker, protocolVersion: '5', watch: 'load/#' }]),
  );
  const child = start(process.execPath, [require.resolve('node-red/red.js'), '--userDir', folder]);
  for (let tries = 0; tries < 240; tries++) {
    const answer = await fetch(`${URL}dinox/brokers`).then(
      (response) => response.json(),
      () => undefined,
    );
    if (answer?.brokers?.[0]?.phase === 'connected') return child.pid;
    await sleep(250);
  }
  throw new Error('Node-RED does not connect');
}

/** Publishes round the topics; gives what ends it. */
async function publish() {
  const client = require('mqtt').connect(`mqtt://127.0.0.1:${PORTS.mqtt}`);
  await new Promise((resolve) => client.once('connect', resolve));
  let sent = 0;
  const send = () => {
    const value = Math.round(1_000 * Math.random()) / 10;
    client.publish(
      `load/room${sent % 50}/device${sent % TOPICS}/value`,
      JSON.stringify({ value, unit: '°C' }),
    );
    sent += 1;
  };
  while (sent < TOPICS) send();
  let due = Date.now();
  const timer = setInterval(() => {
    for (; due <= Date.now(); due += 10) for (let i = 0; i < RATE / 100; i++) send();
  }, 10);
  return () => {
    clearInterval(timer);
    client.end(true);
  };
}

/** CPU of a process so far, in milliseconds (Linux). */
function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function measure(pid, what) {
  const cpu = cpuOf(pid);
  const began = Date.now();
  await sleep(SECONDS * 1_000);
  const share = (100 * (cpuOf(pid) - cpu)) / (Date.now() - began);
  console.log(`${what}: ${share.toFixed(1)} % of a core in the runtime`);
}

async function scroll(page, what) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const cpu = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration').value * 1_000;
  };
  const before = await cpu();
  const { longest, long } = await page.evaluate(`new Promise((done) => {
    const list = document.querySelector('.dxs-topics .dxs-list');
    const long = [];
    const observer = new PerformanceObserver((seen) => long.push(...seen.getEntries().map(({ duration }) => duration)));
    observer.observe({ type: 'long-animation-frame' });
    let frames = 0;
    let longest = 0;
    let last;
    const step = (now) => {
      if (last !== undefined) longest = Math.max(longest, now - last);
      last = now;
      list.scrollTop += 120;
      frames += 1;
      if (frames < ${FRAMES}) requestAnimationFrame(step);
      else setTimeout(() => done({ longest, long }), 200);
    };
    requestAnimationFrame(step);
  })`);
  const each = ((await cpu()) - before) / FRAMES;
  const slow =
    long.length === 0 ? 'none' : `${long.length} (${long.map((ms) => Math.round(ms)).join(', ')} ms)`;
  console.log(
    `${what}: ${each.toFixed(1)} ms of CPU a frame while scrolling, from frame to frame ${Math.round(longest)} ms at most; over 50 ms: ${slow}`,
  );
}

async function main() {
  let end = () => {};
  let browser;
  try {
    startMosquitto();
    const pid = await startNodeRed();
    end = await publish();
    await sleep(3_000);
    await measure(pid, 'nobody looks');
    browser = await chromium.launch({
      executablePath: process.env.DINOX_CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu'],
    });
    const page = await browser.newPage({ viewport: { width: 1_200, height: 900 }, locale: 'en-US' });
    await page.goto(URL);
    await page.waitForFunction('window.RED?.nodes?.getType?.("dinox-broker")');
    await page.waitForFunction('!$("#red-ui-loading-progress").is(":visible")');
    await page.evaluate("RED.actions.invoke('dinox:show-sidebar')");
    await page.waitForSelector('.dxs-tile');
    await sleep(5_000);
    let answers = 0;
    page.on('response', (response) => {
      if (response.url().includes('/topics?')) answers += 1;
    });
    await measure(pid, 'an editor looks');
    console.log(`${(answers / SECONDS).toFixed(1)} answers a second`);
    await scroll(page, 'tiles');
    await page.click('.dxs-menu-button');
    await page.click('.dxs-layout-tree');
    await page.fill('.dxs-topics-tools .dxs-search', 'room1/');
    await scroll(page, 'tree');
    await page.evaluate("RED.sidebar.show('info')");
    await sleep(1_000);
    await measure(pid, 'hidden');
  } finally {
    await browser?.close();
    end();
    for (const child of children) child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
