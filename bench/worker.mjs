/** A Node-RED without an editor that runs the flow of one variant; or MQTT.js alone. Started by `run.mjs`. */
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const { variant, port, version, userDir } = JSON.parse(process.argv[2]);

if (variant === 'mqttjs') await runClient();
else await runNodeRed();

async function runNodeRed() {
  const RED = require('node-red');
  const server = createServer();
  RED.init(server, {
    httpAdminRoot: false,
    httpNodeRoot: false,
    userDir,
    flowFile: 'flows.json',
    credentialSecret: false,
    nodesDir: [join(import.meta.dirname, 'nodes')],
    logging: { console: { level: 'warn', metrics: false, audit: false } },
    telemetry: { enabled: false },
  });
  await RED.start();
  process.on('message', async (message) => {
    if (message.stop) {
      await RED.stop();
      process.exit(0);
    }
    if (message.memory) {
      global.gc?.();
      process.send({ memory: process.memoryUsage() });
    }
  });
}

async function runClient() {
  const mqtt = require('mqtt');
  const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { protocolVersion: version });
  let expected = 0;
  let seen = 0;
  let cpu;
  let began = 0n;
  client.on('message', () => {
    if (expected === 0) return;
    seen += 1;
    if (seen === 1) {
      cpu = process.cpuUsage();
      began = process.hrtime.bigint();
    } else if (seen === expected) {
      const { user, system } = process.cpuUsage(cpu);
      expected = 0;
      const wall = Number(process.hrtime.bigint() - began) / 1_000;
      process.send({ batch: { cpu: (user + system) / (seen - 1), wall: wall / (seen - 1), seen } });
    }
  });
  process.on('message', (message) => {
    if (message.expect !== undefined) [expected, seen] = [message.expect, 0];
    if (message.stop) process.exit(0);
  });
  client.on('connect', () => client.subscribe('bench/#', () => process.send({ started: true })));
}
