/**
 * `npm start`: Node-RED with this package, an MQTT broker, a simulated home and a phone, on this machine only, in one
 * process; beside it a private Prosody, where that is installed. Nothing of it is left after Ctrl-C but the user
 * directory `.cache/start` with the flow.
 *
 *   npm start -- [--port 1880] [--user-dir FOLDER] [--seed NUMBER]      PORT=1880 npm start
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startBroker } from './demo/broker.mjs';
import { buildPage, loadWorld } from './demo/bundle.mjs';
import { portOf } from './demo/port.mjs';
import { prepareUserDir } from './demo/user-dir.mjs';
import { ROOT } from './layout.mjs';

const HOST = '127.0.0.1';
const FLOWS_WITHIN_MS = 5_000;

/** What ends the start with a sentence instead of a stack. */
class StartError extends Error {}

function options() {
  const type = /** @type {const} */ ('string');
  let values;
  try {
    ({ values } = parseArgs({ options: { port: { type }, 'user-dir': { type }, seed: { type } } }));
  } catch (error) {
    throw new StartError(
      `${error.message}\nUse: npm start -- [--port NUMBER] [--user-dir FOLDER] [--seed NUMBER]`,
    );
  }
  const port = values.port ?? (process.env.PORT || '1880');
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new StartError(
      `The port must be a number from 0 to 65535, but it is "${port}". Use: npm start -- --port 1881`,
    );
  }
  const seed = values.seed === undefined ? Date.now() % 2 ** 32 : Number(values.seed);
  if (!Number.isInteger(seed))
    throw new StartError(`The seed must be a whole number, but it is "${values.seed}".`);
  return { port: Number(port), seed, userDir: resolve(values['user-dir'] ?? join(ROOT, '.cache', 'start')) };
}

function build() {
  const { status } = spawnSync(process.execPath, [join(ROOT, 'scripts', 'build.mjs')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new StartError('The package could not be built; the reason stands above.');
}

/** A browser that comes before Node-RED asks again in a second. */
function wait(_request, response) {
  response.writeHead(503, { 'Content-Type': 'text/plain; charset=utf-8', 'Retry-After': '1', Refresh: '1' });
  response.end('Node-RED is starting …\n');
}

/** Takes the port before anything else starts. */
async function listen(port) {
  const server = createServer(wait);
  await new Promise((done, fail) => {
    server.once('error', fail).listen(port, HOST, () => done(undefined));
  }).catch((error) => {
    if (error.code === 'EADDRINUSE') {
      throw new StartError(
        `Port ${port} is taken: another program, perhaps another Node-RED, listens there.\n` +
          `Stop that one, or choose another port: npm start -- --port ${port + 1}`,
      );
    }
    if (error.code === 'EACCES') {
      throw new StartError(
        `Port ${port} is not allowed for you. Choose one above 1023: npm start -- --port 1880`,
      );
    }
    throw error;
  });
  return server;
}

function settings(userDir, secret, port) {
  return {
    userDir,
    flowFile: 'flows.json',
    flowFilePretty: true,
    credentialSecret: secret,
    uiHost: HOST,
    uiPort: port,
    httpAdminRoot: '/',
    httpNodeRoot: '/',
    dinox: { home: { topics: ['home/sensors/temperature/+', 'home/sensors/#', 'zigbee2mqtt/+'] } },
    telemetry: { enabled: false, updateNotification: false },
    editorTheme: {
      tours: false,
      projects: { enabled: false },
      page: { title: 'DinoX for Node-RED', scripts: [join(ROOT, 'scripts', 'demo', 'editor.js')] },
    },
    logging: {
      console: { level: 'off' },
      demo: { level: 'warn', metrics: false, audit: false, handler: () => say },
    },
  };
}

/** Errors, and what nodes warn of. Node-RED's own warnings at a first start (no credentials yet) help nobody. */
function say({ level, type, name, id, msg }) {
  const isError = level <= 20;
  if (isError || type)
    console.error(
      `[${isError ? 'error' : 'warn'}] ${type ? `[${type}:${name || id}] ` : ''}${msg?.stack ?? msg}`,
    );
}

async function main() {
  const { port, seed, userDir } = options();
  const server = await listen(port);
  /** Undoes what was started, last first. */
  const ends = [() => closeServer(server)];
  const end = endOnce(ends);
  process.on('SIGINT', () => end(0));
  process.on('SIGTERM', () => end(0));
  try {
    build();
    const world = await loadWorld();
    mkdirSync(userDir, { recursive: true });
    const lock = world.folderLock(userDir);
    if (!lock.acquire()) {
      throw new StartError(
        `Another npm start uses ${userDir}. Stop that one, or choose another folder: npm start -- --user-dir FOLDER`,
      );
    }
    ends.push(async () => lock.release());
    const broker = await startBroker({ seed });
    ends.push(() => broker.close());
    const chat = await world.startChat();
    ends.push(() => chat.close());
    await world.beginWeek(userDir, broker, {
      ...{ broker: 'dinox-demo-broker', alert: 'dinox-demo-alert' },
      topic: 'home/sensors/temperature/freezer',
    });
    const phone = new world.Phone(chat);
    const routes = world.phoneRoutes(phone, await buildPage());
    ends.push(async () => {
      routes.close();
      await phone.close();
    });
    phone.start();
    const isTheirs = await startNodeRed(server, userDir, routes, environment(userDir, broker, chat), ends);
    broker.begin();
    const kept = isTheirs
      ? ` Your changed flow was kept; delete ${join(userDir, 'flows.json')} for the original one.`
      : '';
    const url = `http://${HOST}:${portOf(server)}/`;
    const lines = [
      `DinoX for Node-RED is ready: ${url}  (Ctrl-C ends it)${kept}`,
      `Your phone, over ${PHONES[chat.server]}: ${url}phone/`,
      `The house as tiles: ${url}dinox/home/`,
      ...(chat.failure === undefined ? [] : [`Prosody did not start: ${chat.failure}`]),
    ];
    console.log(lines.join('\n'));
  } catch (error) {
    report(error);
    await end(1);
  }
}

const PHONES = {
  prosody: 'XMPP (a private Prosody)',
  small: 'XMPP (a small server in this process; with Prosody installed, that)',
};

/** What the flow names as `${…}`: it is other at each start, while the flow stays the same. */
function environment(userDir, broker, chat) {
  const ca = join(userDir, 'chat-ca.pem');
  writeFileSync(ca, chat.ca);
  return {
    DINOX_DEMO_PORT: String(broker.port),
    DINOX_DEMO_CHAT: `xmpps://${HOST}:${chat.port}`,
    DINOX_DEMO_CA: ca,
    DINOX_DEMO_PASSWORD: chat.passwordOf('home'),
  };
}

/** @returns true if the flow is one that somebody has changed */
async function startNodeRed(server, userDir, routes, env, ends) {
  Object.assign(process.env, env);
  const flows = join(ROOT, 'scripts', 'demo', 'flows.json');
  const { secret, isTheirs } = prepareUserDir(userDir, ROOT, flows, {
    'dinox-demo-broker': { password: '${DINOX_DEMO_PASSWORD}' },
  });
  const RED = createRequire(import.meta.url)('node-red');
  RED.init(server, settings(userDir, secret, portOf(server)));
  server.off('request', wait);
  server.on('request', (request, response) => {
    // What is no page of the editor may be one of a flow, or of a dashboard.
    if (!routes.handle(request, response))
      RED.httpAdmin(request, response, () => RED.httpNode(request, response));
  });
  ends.push(() => RED.stop());
  // It starts them by itself, later; never, if one of somebody's own nodes is missing.
  const started = new Promise((done) => RED.events.once('flows:started', done));
  await RED.start();
  await Promise.race([started, sleep(FLOWS_WITHIN_MS, undefined, { ref: false })]);
  return isTheirs;
}

/** Ends everything, once however often it is asked for, and in five seconds at most. */
function endOnce(ends) {
  let ending;
  return (code) => {
    ending ??= (async () => {
      setTimeout(() => process.exit(code), 5_000).unref();
      for (const one of ends.reverse()) await Promise.resolve(one()).catch(() => {});
      process.exit(code);
    })();
    return ending;
  };
}

function closeServer(server) {
  return new Promise((done) => {
    server.close(done);
    server.closeAllConnections();
  });
}

function report(error) {
  console.error(error instanceof StartError ? error.message : error);
}

main().catch((error) => {
  report(error);
  process.exitCode = 1;
});
