/** What the suites share that run the three nodes against real servers. */
import assert from 'node:assert/strict';
import nodeRedTls from '@node-red/nodes/core/network/05-tls.js';
import mqtt, { type IClientOptions, type IClientPublishOptions, type MqttClient } from 'mqtt';
import { BROKER, type Credentials, type Flow, type FlowNode, node, sink, tab } from '../support/flows';
import {
  type LogEntry,
  type Message,
  type NodeModule,
  RunningFlow,
  type Status,
  Watched,
} from '../support/runtime';
import { certificates } from '../support/servers/index';

export const USER = 'anna';
export const PASSWORD = 'tr3ppe-Otter';
/** Another account on the same server. */
export const OTHER = 'ben';
export const OTHER_PASSWORD = 'K1rsche+baum';
export const users = { [USER]: PASSWORD, [OTHER]: OTHER_PASSWORD };
export const credentials: Credentials = { [BROKER]: { password: PASSWORD } };

/** Long enough for a login over XMPP on a busy machine. */
export const CONNECT_MS = 15_000;

/** A `dinox-broker` as our editor saves a new one. */
export function dinoxBroker(properties: object = {}, id = BROKER): FlowNode {
  return {
    id,
    type: 'dinox-broker',
    name: '',
    jid: '',
    serverType: 'auto',
    host: '',
    port: '',
    usetls: true,
    tls: '',
    useXmppCredentials: true,
    transport: 'auto',
    pubsubService: '',
    payloadType: 'json',
    allowUnencrypted: false,
    xmppService: '',
    protocolVersion: 'auto',
    clientid: '',
    queueMessages: 10000,
    queueBytes: 16777216,
    queueTtl: '1h',
    keepalive: 60,
    cleansession: true,
    sessionExpiry: 0,
    autoConnect: true,
    autoUnsubscribe: true,
    configVersion: 1,
    ...properties,
  };
}

export function dinoxIn(id: string, topic: string, properties: object = {}): FlowNode {
  const to = `${id}-sink`;
  return node('dinox-mqtt-in', id, {
    topic,
    qos: '2',
    datatype: 'auto-detect',
    broker: BROKER,
    nl: false,
    rap: true,
    rh: 0,
    inputs: 0,
    wires: [[to]],
    ...properties,
  });
}

export function dinoxOut(id = 'out', properties: object = {}): FlowNode {
  return node('dinox-mqtt-out', id, { topic: '', qos: '', retain: '', broker: BROKER, ...properties });
}

/** The name of the `tls-config` that {@link flowOf} adds. */
export const TLS = 'tls';

/** A core `tls-config` with the authority of the tests. */
export function tlsConfig(properties: object = {}): FlowNode {
  const { caFile } = certificates();
  return {
    id: TLS,
    type: 'tls-config',
    name: '',
    cert: '',
    key: '',
    ca: caFile,
    servername: '',
    verifyservercert: true,
    ...properties,
  };
}

/** A whole flow: the nodes, a tab, and for every `dinox-mqtt-in` a sink `<id>-sink` that records its messages. */
export function flowOf(...nodes: FlowNode[]): Flow {
  const sinks = nodes.filter(({ type }) => type === 'dinox-mqtt-in').map(({ id }) => sink(`${id}-sink`));
  const tls = nodes.some(({ type }) => type === 'tls-config') ? [] : [tlsConfig()];
  return [tab(), ...tls, ...nodes, ...sinks];
}

/** Starts a flow with our nodes. What still runs is stopped by {@link Harness.end}. */
async function startFlow(
  flow: Flow,
  secrets: Credentials,
  settings: Record<string, unknown>,
): Promise<RunningFlow> {
  const ours = require('../../src/index') as typeof import('../../src/index');
  const modules = [
    nodeRedTls,
    ours.registerDinoxBroker,
    ours.registerDinoxMqttIn,
    ours.registerDinoxMqttOut,
  ] as NodeModule[];
  return RunningFlow.start(modules, flow, secrets, settings);
}

export interface Arrived {
  topic: string;
  payload: string;
  qos: number;
  retain: boolean;
  /** Seconds of its lifetime that are left, where it has one. */
  expiry?: number | undefined;
}

/** An MQTT client beside the flow. */
export class Partner extends Watched {
  readonly seen: Arrived[] = [];
  /** Called for each message. */
  onMessage?: (topic: string, payload: string) => void;

  private readonly client: MqttClient;

  private constructor(client: MqttClient) {
    super();
    // Private in fact, so that a failed wait does not print it.
    this.client = client;
    client.on('message', (topic, payload, { qos, retain, properties }) => {
      const expiry = properties?.messageExpiryInterval;
      const lives = expiry === undefined ? {} : { expiry };
      this.seen.push({ topic, payload: payload.toString(), qos, retain, ...lives });
      this.onMessage?.(topic, payload.toString());
      this.changed();
    });
    client.on('error', () => {});
  }

  /** @param url `mqtt://127.0.0.1:1883` */
  static async connect(url: string, options: IClientOptions = {}): Promise<Partner> {
    return new Partner(await mqtt.connectAsync(url, { reconnectPeriod: 0, protocolVersion: 4, ...options }));
  }

  /** False for ever once the connection is lost. */
  get connected(): boolean {
    return this.client.connected;
  }

  async subscribe(filter: string, qos: 0 | 1 | 2 = 2): Promise<void> {
    await this.client.subscribeAsync(filter, { qos });
  }

  async publish(topic: string, payload: string | Buffer, options: IClientPublishOptions = {}): Promise<void> {
    await this.client.publishAsync(topic, payload, { qos: 1, ...options });
  }

  /** Resolves with all that came on topics with this beginning as soon as there are `count`. */
  arrived(count: number, topic = '', ms?: number): Promise<Arrived[]> {
    const on = () => this.seen.filter((message) => message.topic.startsWith(topic));
    return this.until(`${count} messages on ${topic || 'any topic'}`, () => on().length >= count && on(), ms);
  }

  /** @param abruptly as if the line were cut; else it says goodbye, and the server knows at once. */
  async end(abruptly = true): Promise<void> {
    await this.client.endAsync(abruptly);
  }
}

let topics = 0;

/** What a test works with: flows, partners and proxies that end with it. Make one for each suite. */
export class Harness {
  private ends: (() => Promise<unknown>)[] = [];

  /** A topic of this test's own, one level deep. */
  topic(): string {
    return `t${process.pid}x${++topics}`;
  }

  after(end: () => Promise<unknown>): void {
    this.ends.unshift(end);
  }

  keep<T extends { stop(): Promise<unknown> } | { end(): Promise<unknown> }>(thing: T): T {
    this.after(() => ('stop' in thing ? thing.stop() : thing.end()));
    return thing;
  }

  async flow(
    flow: Flow,
    secrets: Credentials = credentials,
    settings: Record<string, unknown> = {},
  ): Promise<RunningFlow> {
    return this.keep(await startFlow(flow, secrets, settings));
  }

  async partner(url: string, options?: IClientOptions): Promise<Partner> {
    return this.keep(await Partner.connect(url, options));
  }

  async end(): Promise<void> {
    const ends = this.ends;
    this.ends = [];
    for (const end of ends) await end();
  }
}

/** Resolves once this node shows green. */
export async function online(flow: RunningFlow, id: string): Promise<void> {
  await flow.shows(id, 'green', CONNECT_MS);
}

/**
 * Resolves once the server has worked off all that the flow's connection sent before: a server answers the
 * packets of one connection in order, so that an acknowledged message comes behind all subscriptions.
 */
export async function settled(flow: RunningFlow, topic: string, out = 'out'): Promise<void> {
  await online(flow, out);
  const { error } = await flow.call(out, { topic: `${topic}/settled`, payload: 'settled', qos: 1 });
  assert.equal(error, undefined);
}

/** Resolves with the status of a node that has given up: a red dot, where a red ring says "not connected". */
export function stopped(flow: RunningFlow, id: string): Promise<Status> {
  return flow.until(
    `${id} stops`,
    () => {
      const last = flow.statusesOf(id).at(-1);
      return last?.fill === 'red' && last.shape === 'dot' && last;
    },
    CONNECT_MS,
  );
}

/** The log's entries of all nodes, at these levels. */
export function logged(flow: RunningFlow, ...levels: LogEntry['level'][]): string[] {
  return flow.logged
    .filter(({ node: id, level }) => id !== undefined && levels.includes(level))
    .map(({ text }) => text);
}

/** Warnings and errors of nodes; the notices that belong to an unencrypted local line are infos, so not here. */
export function complaints(flow: RunningFlow): string[] {
  return flow.complaints().map(({ text }) => text);
}

/** What of a message tests compare. */
export function brief({ topic, payload, qos, retain }: Message): unknown[] {
  return [topic, payload, qos, retain];
}

/** Starts a flow with a node `in` on this topic and a node `out`, and sees a message go out and come in. */
export async function works(
  harness: Harness,
  topic: string,
  broker: FlowNode,
  secrets: Credentials = {},
  more: { nodes?: FlowNode[]; settings?: Record<string, unknown> } = {},
): Promise<RunningFlow> {
  const nodes = [broker, dinoxIn('in', topic), dinoxOut(), ...(more.nodes ?? [])];
  const flow = await harness.flow(flowOf(...nodes), secrets, more.settings);
  await settled(flow, topic);
  const { error } = await flow.call('out', { topic, payload: { n: 1 }, qos: 2 });
  assert.equal(error, undefined);
  const [message] = await flow.messages('in-sink', 1);
  assert.deepEqual([message?.topic, message?.payload, message?.qos], [topic, { n: 1 }, 2]);
  return flow;
}
