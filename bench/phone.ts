/**
 * What waiting for a wake-up costs a phone: bytes an hour over TLS and the time to the wake-up, for a subscriber of
 * `dinox/notifications/<account>` and for one that polls. On a real Mosquitto and ejabberd; figures for docs/chat.md.
 *
 *   npx tsx bench/phone.ts [--seconds 190]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import mqtt, { type MqttClient } from 'mqtt';
import {
  certificates,
  type Proxy as ProxyLine,
  startEjabberd,
  startMosquitto,
  startProxy,
} from '../test/support/servers/index';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '190' } } });
const IDLE_MS = Number(values.seconds) * 1_000;
const WAKE_UPS = 30;
const POLL_MINUTES = [1, 5, 15] as const;
const ACCOUNT = 'anna@localhost';
const TOPIC = `dinox/notifications/${ACCOUNT}`;
const PASSWORD = 'tr3ppe-Otter';

const wakeUp = (id: number): string =>
  JSON.stringify({
    ...{ id: `id${id}`, title: 'home/freezer', text: 'The freezer is at -9 °C', severity: 'critical' },
    ...{
      topic: 'home/freezer',
      time: new Date().toISOString(),
      expires: new Date(Date.now() + 300_000).toISOString(),
    },
  });

const bytesOf = (line: ProxyLine): number => line.captured().length + line.capturedFromServer().length;
const median = (list: number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1] ?? 0;

async function measure(name: string, port: number, plainPort: number, login: object): Promise<void> {
  const line = await startProxy({ target: { port } });
  const connect = (clientId: string, keepalive: number): Promise<MqttClient> =>
    mqtt.connectAsync(`mqtts://localhost:${line.port}`, {
      ...{ ca: certificates().ca, protocolVersion: 5, clean: false, clientId, keepalive, reconnectPeriod: 0 },
      properties: { sessionExpiryInterval: 3_600 },
      ...login,
    });
  const sender = await mqtt.connectAsync(`mqtt://127.0.0.1:${plainPort}`, { protocolVersion: 5, ...login });
  const publish = (id: number) => sender.publishAsync(TOPIC, wakeUp(id), { qos: 1 });

  // Push: connected all the time, a ping of the protocol every keepalive.
  const phone = await connect('phone', 60);
  await phone.subscribeAsync(TOPIC, { qos: 1 });
  await sleep(1_000);
  const before = bytesOf(line);
  const began = Date.now();
  await sleep(IDLE_MS);
  const idle = ((bytesOf(line) - before) / (Date.now() - began)) * 3_600_000;
  const times: number[] = [];
  const awake = bytesOf(line);
  for (let id = 0; id < WAKE_UPS; id++) {
    const sent = performance.now();
    const came = new Promise<void>((resolve) => phone.once('message', () => resolve()));
    await Promise.all([publish(id), came]);
    times.push(performance.now() - sent);
    await sleep(50);
  }
  const each = (bytesOf(line) - awake) / WAKE_UPS;
  await phone.endAsync();

  // Polling: a session that the server keeps, a connection every few minutes that takes what has waited.
  const poller = await connect('poller', 60);
  await poller.subscribeAsync(TOPIC, { qos: 1 });
  await poller.endAsync();
  const costs: number[] = [];
  for (let n = 0; n < 5; n++) {
    const start = bytesOf(line);
    const once = await connect('poller', 60);
    await sleep(200);
    await once.endAsync();
    costs.push(bytesOf(line) - start);
  }
  await sender.endAsync();
  await line.stop();
  console.log(
    `${name}: push ${Math.round(idle)} bytes/h idle, ${Math.round(each)} bytes a wake-up, ${median(times).toFixed(1)} ms (median of ${WAKE_UPS}), longest ${Math.max(...times).toFixed(1)} ms`,
  );
  for (const minutes of POLL_MINUTES)
    console.log(
      `${name}: a poll every ${minutes} min ${Math.round((median(costs) * 60) / minutes)} bytes/h (${median(costs)} each), ${minutes * 30} s on average`,
    );
}

async function main(): Promise<void> {
  const mosquitto = await startMosquitto({ tls: true });
  const ejabberd = await startEjabberd({ users: { anna: PASSWORD } });
  try {
    await Promise.all([
      measure('Mosquitto', mosquitto.tlsPort ?? 0, mosquitto.port, {}),
      measure('ejabberd', ejabberd.mqttTlsPort ?? 0, ejabberd.mqttPort, {
        username: ACCOUNT,
        password: PASSWORD,
      }),
    ]);
  } finally {
    await mosquitto.stop();
    await ejabberd.stop();
  }
}

void main().then(() => process.exit(0));
