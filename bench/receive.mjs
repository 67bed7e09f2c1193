/**
 * CPU per received message: MQTT.js alone, the platform's floor, core's `mqtt in`, and ours, each with its number of
 * subscribed nodes. Every node has a topic of its own; messages go round them.
 */
import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';

const ROOT = join(import.meta.dirname, '..');
const TYPES = {
  core: { broker: 'mqtt-broker', in: 'mqtt in' },
  ours: { broker: 'dinox-broker', in: 'dinox-mqtt-in' },
};

/** @param {{variant: string, filters: number, port: number, version: number, messages: number, payload: string}} options */
export async function measureReceive({ variant, filters, port, version, messages, payload }) {
  const userDir = mkdtempSync(join(tmpdir(), 'dinox-bench-'));
  const link = join(userDir, 'node_modules', '@dinox');
  mkdirSync(link, { recursive: true });
  symlinkSync(ROOT, join(link, 'node-red-dinox'));
  writeFileSync(join(userDir, 'flows.json'), JSON.stringify(flowOf(variant, filters, port, version)));
  const child = fork(
    join(import.meta.dirname, 'worker.mjs'),
    [JSON.stringify({ variant, port, version, userDir })],
    {
      execArgv: [
        '--expose-gc',
        ...(process.env.BENCH_PROFILE ? ['--cpu-prof', '--cpu-prof-dir', process.env.BENCH_PROFILE] : []),
      ],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    },
  );
  const publisher = mqtt.connect(`mqtt://127.0.0.1:${port}`, { protocolVersion: 4 });
  try {
    const signs = { mqttjs: ['started'], floor: ['flow', 'ready'], core: ['flow'], ours: ['flow'] }[variant];
    await Promise.all(signs.map((sign) => answer(child, sign)));
    if (variant === 'core' || variant === 'ours') await subscribed(publisher, child, filters);
    const topics = Array.from({ length: filters }, (_, index) => `bench/${index}/value`);
    await batch(child, publisher, topics, Math.min(messages, 5_000), payload);
    return await batch(child, publisher, topics, messages, payload);
  } finally {
    child.send({ stop: true });
    publisher.end(true);
    await new Promise((resolve) => child.once('exit', resolve));
    rmSync(userDir, { recursive: true, force: true });
  }
}

function flowOf(variant, filters, port, version) {
  const nodes = [
    { id: 'tab', type: 'tab', label: 'bench' },
    { id: 'sink', z: 'tab', type: 'bench-sink', x: 1, y: 1, wires: [] },
  ];
  if (variant === 'floor') {
    nodes.push({
      id: 'floor',
      z: 'tab',
      type: 'bench-floor',
      topic: 'bench/#',
      port,
      version,
      x: 1,
      y: 1,
      wires: [['sink']],
    });
  }
  const types = TYPES[variant];
  if (!types) return nodes;
  nodes.push({
    id: 'broker',
    type: types.broker,
    broker: '127.0.0.1',
    port: String(port),
    protocolVersion: String(version),
    usetls: false,
    clientid: '',
    keepalive: '60',
    cleansession: true,
  });
  for (let index = 0; index < filters; index++) {
    const common = {
      z: 'tab',
      topic: `bench/${index}/value`,
      qos: '0',
      datatype: 'json',
      broker: 'broker',
      nl: false,
      rap: true,
      rh: 0,
      inputs: 0,
    };
    nodes.push({ id: `in${index}`, type: types.in, ...common, x: 1, y: 1, wires: [['sink']] });
  }
  return nodes;
}

function answer(child, name) {
  return new Promise((resolve, reject) => {
    const listen = (message) => {
      if (message[name] === undefined) return;
      child.off('message', listen);
      resolve(message[name]);
    };
    child.on('message', listen);
    child.once('exit', (code) => reject(new Error(`the worker ended with ${code}`)));
  });
}

/** Waits until the last node's subscription stands, by asking it until it answers. */
async function subscribed(publisher, child, filters) {
  let there = false;
  const done = answer(child, 'batch').then(() => {
    there = true;
  });
  child.send({ expect: 2 });
  while (!there) {
    publisher.publish(`bench/${filters - 1}/value`, '{"ready":true}');
    await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 100))]);
  }
  await new Promise((resolve) => setTimeout(resolve, 300));
}

async function batch(child, publisher, topics, messages, payload) {
  const result = answer(child, 'batch');
  child.send({ expect: messages });
  for (let sent = 0; sent < messages; sent++) {
    publisher.publish(topics[sent % topics.length], payload);
    if (sent % 500 === 499) await new Promise((resolve) => setImmediate(resolve));
  }
  return result;
}
