/**
 * What is measured runs in here, a process of its own for each: a Node-RED without an editor, MQTT.js alone, or a chat.
 * Obeys the parent process; `child.ts` starts it.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const options = JSON.parse(process.argv[2]);

// Nothing outlives the bench.
process.on('disconnect', () => process.exit(1));

if (options.mode === 'node-red') await runNodeRed(options);
else if (options.mode === 'chat') await (await import('./chat-worker.mjs')).chat(options);
else if (options.mode === 'pubsub') await (await import('./pubsub-worker.mjs')).pubsub(options);
else if (options.mode === 'receive') receiveAlone(options);
else publishAlone(options);

/** Answers `{deploy: flows}` and `{memory: true}`; the flow's own nodes obey the rest. */
async function runNodeRed({ userDir, nodesDir }) {
  const began = process.hrtime.bigint();
  const cpu = process.cpuUsage();
  const { createServer } = require('node:http');
  const RED = require('node-red');
  const settings = {
    httpAdminRoot: false,
    httpNodeRoot: false,
    userDir,
    flowFile: 'flows.json',
    credentialSecret: false,
    ...(nodesDir ? { nodesDir: [nodesDir] } : {}),
    logging: { console: { level: 'error', metrics: false, audit: false } },
    telemetry: { enabled: false },
  };
  // The types know neither `telemetry` nor a deploy without credentials.
  RED.init(createServer(), /** @type {any} */ (settings));
  const flows = new Promise((resolve) => RED.events.once('flows:started', resolve));
  await RED.start();
  await flows;
  process.on(
    'message',
    async (/** @type {{ stop?: true, deploy?: object[], type?: string, memory?: true }} */ message) => {
      if (message.stop) {
        await RED.stop();
        process.exit(0);
      }
      if (message.deploy) {
        const deployBegan = process.hrtime.bigint();
        const deployCpu = process.cpuUsage();
        const deploy = { flows: { flows: message.deploy }, deploymentType: message.type ?? 'full' };
        await RED.runtime.flows.setFlows(/** @type {any} */ (deploy));
        process.send?.({ deployed: spent(deployBegan, deployCpu) });
      }
      if (message.memory) process.send?.({ memory: memory() });
    },
  );
  process.send?.({ started: { ...spent(began, cpu), ...memory() } });
}

/** In milliseconds. */
function spent(began, cpu) {
  const { user, system } = process.cpuUsage(cpu);
  return { wall: Number(process.hrtime.bigint() - began) / 1e6, cpu: (user + system) / 1_000 };
}

/** In bytes, after a collection. */
function memory() {
  global.gc?.();
  global.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heap: heapUsed + external };
}

function receiveAlone({ port, version, topic }) {
  const arrivals = require('./nodes/counter.js')();
  const client = require('mqtt').connect(`mqtt://127.0.0.1:${port}`, { protocolVersion: version });
  client.on('message', () => arrivals.count());
  client.on('connect', () => client.subscribe(topic, () => process.send?.({ started: {} })));
  process.on('message', ({ stop }) => stop && process.exit(0));
}

function publishAlone({ port, version, qos }) {
  const client = require('mqtt').connect(`mqtt://127.0.0.1:${port}`, { protocolVersion: version });
  client.on('connect', () => process.send?.({ started: {} }));
  process.on('message', ({ publish, stop }) => {
    if (stop) process.exit(0);
    if (publish === undefined) return;
    const cpu = process.cpuUsage();
    const began = process.hrtime.bigint();
    let left = publish;
    let underway = 0;
    let scheduled = false;
    const done = (error) => {
      if (error) throw error;
      underway -= 1;
      if (left === 0 && underway === 0) {
        const { wall, cpu: used } = spent(began, cpu);
        process.send?.({ batch: { cpu: (used * 1_000) / publish, wall: (wall * 1_000) / publish } });
      } else if (!scheduled) {
        scheduled = true;
        setImmediate(more);
      }
    };
    const more = () => {
      scheduled = false;
      while (left > 0 && underway < 1_000) {
        left -= 1;
        underway += 1;
        client.publish('bench/out/value', JSON.stringify({ value: 21.5, unit: 'C', n: 1 }), { qos }, done);
      }
    };
    more();
  });
}
