/** What the long-running suites share: a connection as a flow has it, partners that come back, counting, memory. */

import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { systemClock } from '../../src/base/clock';
import { inEnglish } from '../../src/base/english';
import type { ServerType } from '../../src/servers/types';
import { BrokerClient } from '../../src/transport/connection/broker-client';
import type { ClientSettings } from '../../src/transport/connection/client-types';
import type { Proxy as Line } from '../support/servers/index';
import { packetsOf } from './nodes-wire';

/** `npm run test:long` runs all of it; else a short form of the same. */
export const LONG = process.env.DINOX_LONG === '1';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** Bytes of the JavaScript heap and of what hangs on it, after a collection. */
export function heap(): number {
  gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

export function mib(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MiB`;
}

/** A figure for `docs/nothing-lost.md`: in the output of the long form. */
export function figure(name: string, value: unknown): void {
  process.stdout.write(`      · ${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}\n`);
}

export async function until(what: string, look: () => unknown, ms = 20_000, every = 20): Promise<void> {
  const deadline = Date.now() + ms;
  while (!look()) {
    if (Date.now() > deadline) throw new Error(`not within ${ms} ms: ${what}`);
    await sleep(every);
  }
}

/** Cuts the line and refuses it by chance, for about a second. */
export async function shake(line: Line): Promise<void> {
  const end = Date.now() + 200 + Math.random() * 1_200;
  while (Date.now() < end) {
    await sleep(20 + Math.random() * 150);
    const dice = Math.random();
    if (dice < 0.4) line.cut();
    else if (dice < 0.6) {
      await line.refuse(true);
      line.cut();
    } else await line.refuse(false);
  }
}

export interface Login {
  user: string;
  password: string;
}

/** The connection behind a `dinox-broker`, without Node-RED. */
export function connection(
  port: number,
  serverType: ServerType,
  settings: Partial<ClientSettings>,
  login?: Login,
) {
  const reasons: string[] = [];
  const notices: string[] = [];
  const client: BrokerClient = new BrokerClient(
    {
      question: {
        serverType,
        host: '127.0.0.1',
        usetls: false,
        useXmppCredentials: false,
        transport: 'mqtt',
        protocolVersion: 5,
        allowUnencrypted: true,
      },
      secrets: login ? { user: login.user, mqttPassword: login.password } : {},
      tls: {},
      clientId: `lasting-${process.pid}-${port}`,
      keepalive: 60,
      cleanSession: true,
      payloadType: 'json',
      limits: { messages: 10_000, bytes: 16_777_216, ttl: 3_600_000 },
      reconnectMin: 50,
      connectTimeout: 3_000,
      ...settings,
    },
    {
      clock: systemClock,
      // Connections that hold for a second only would soon wait a minute for the next try.
      random: () => Math.random() / 100,
      findPlan: () =>
        Promise.resolve({
          serverType,
          mqtt: {
            endpoint: { protocol: 'mqtt' as const, host: '127.0.0.1', port },
            servername: '127.0.0.1',
            version: 5 as const,
            login: login ? ('typed' as const) : ('none' as const),
          },
          services: {},
          steps: [],
          notices: [],
          at: new Date(0).toISOString(),
        }),
      loadMqtt: () => Promise.resolve(mqtt as unknown as typeof import('mqtt')),
    },
    {
      state: ({ phase, reason }) => {
        if (reason && phase !== 'connected') reasons.push(`${phase}: ${reason.message}`);
      },
      queued: () => {},
      notice: ({ text }) => notices.push(inEnglish(text)),
      plan: () => {},
    },
  );
  return { client, reasons, notices };
}

/** Another client with a session that lasts: subscribes to numbers and publishes numbers, and comes back by itself. */
export class Peer {
  /** How often each number came. */
  readonly came = new Map<number, number>();
  /** Numbers that the broker confirmed. */
  readonly confirmed = new Set<number>();
  /** It is connected and subscribed. */
  ready = false;
  /** All that came, doubled ones included. */
  total = 0;

  private constructor(private readonly client: MqttClient) {}

  static async connect(
    port: number,
    filter: string,
    options: IClientOptions = {},
    qos: 1 | 2 = 1,
  ): Promise<Peer> {
    const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, {
      protocolVersion: 5,
      clean: false,
      clientId: `peer-${process.pid}-${port}`,
      properties: { sessionExpiryInterval: 3_600 },
      reconnectPeriod: 50,
      connectTimeout: 3_000,
      resubscribe: false,
      ...options,
    });
    client.setMaxListeners(0);
    client.on('error', () => {});
    const peer = new Peer(client);
    client.on('message', (_topic, payload) => {
      peer.total += 1;
      const number = Number.parseInt(payload.toString(), 10);
      peer.came.set(number, (peer.came.get(number) ?? 0) + 1);
    });
    client.on('connect', () => {
      client.subscribe(filter, { qos }, (error) => {
        peer.ready = !error;
      });
    });
    client.on('close', () => {
      peer.ready = false;
    });
    await until('the peer is there', () => peer.ready);
    return peer;
  }

  publish(topic: string, number: number): void {
    this.client.publish(topic, String(number), { qos: 1 }, (error) => {
      if (!error) this.confirmed.add(number);
    });
  }

  async end(): Promise<void> {
    await this.client.endAsync(true);
  }
}

/** What passed over a line at QoS 1, by the numbers in the payloads. */
export function passed(proxy: Line) {
  const [fromClient, fromServer] = [packetsOf(proxy), packetsOf(proxy, 'capturedFromServer')];
  /** Numbers that the client published and the server confirmed on the same connection. */
  const confirmed = new Set<number>();
  /** Numbers that the server delivered. */
  const delivered = new Set<number>();
  for (const [connection, packets] of fromClient.entries()) {
    const numbers = new Map<number, number>();
    for (const packet of packets)
      if (packet.cmd === 'publish')
        numbers.set(packet.messageId as number, Number(packet.payload.toString()));
    for (const packet of fromServer[connection] ?? []) {
      if (packet.cmd === 'puback') confirmed.add(numbers.get(packet.messageId as number) as number);
      if (packet.cmd === 'publish') delivered.add(Number(packet.payload.toString()));
    }
  }
  return { confirmed, delivered };
}
