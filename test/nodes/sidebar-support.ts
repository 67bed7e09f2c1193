/** A Node-RED with a login and its admin API below a path of its own, a Mosquitto, and users of all kinds. */
import { connect, type MqttClient } from 'mqtt';
import { type Flow, mqttIn, node, tab, withTypes } from '../support/flows';
import { type AdminAnswer, type NodeRed, startNodeRed } from '../support/node-red';
import { type Mosquitto, startMosquitto } from '../support/servers/mosquitto';

export const ROOT = '/red';
/** `pw`, as bcrypt writes it. */
const HASH = '$2b$04$DpsahZ4riYwp9gTL0ewcw.i2ImlH6IiHoJqg1QRaJfdtxll6iXiaG';
export const SECRET = 'sesam-4711-geheim';
const TYPES = { 'mqtt-broker': 'dinox-broker', 'mqtt in': 'dinox-mqtt-in', 'mqtt out': 'dinox-mqtt-out' };

/** @param moved host and port of a connection that keeps its queue; by default nothing answers there */
export function sidebarFlow(port: number, moved = { broker: 'localhost', port: '1' }): Flow {
  return withTypes(
    [
      tab(),
      node('junction', 'nowhere', { wires: [[]] }),
      {
        id: 'house',
        type: 'dinox-broker',
        name: 'House',
        broker: '127.0.0.1',
        port: String(port),
        protocolVersion: '5',
        watch: 'watched/#',
      },
      mqttIn('in', 'home/+/temperature', 'nowhere', { broker: 'house' }),
      // An alert and a connection that run twice, in the two instances of a subflow.
      { id: 'sub', type: 'subflow', name: 'Alarm', in: [{ x: 1, y: 1, wires: [{ id: 'inner' }] }], out: [] },
      node('dinox-alert', 'inner', {
        z: 'sub',
        name: 'Oven',
        condition: 'above',
        limit: '20',
        wires: [[], [], []],
      }),
      { id: 'inside', type: 'dinox-broker', name: 'Own', z: 'sub', broker: '127.0.0.1', port: String(port) },
      node('subflow:sub', 'kitchen', { name: 'Kitchen', wires: [] }),
      node('subflow:sub', 'bath', { wires: [] }),
      { id: 'moved', type: 'dinox-broker', name: 'Moved', queuePersist: true, ...moved },
      node('mqtt out', 'gate', { topic: 'gate/open', qos: '1', broker: 'moved', wires: [] }),
      node('inject', 'open', {
        props: [{ p: 'payload' }],
        payload: 'now',
        payloadType: 'str',
        wires: [['gate']],
      }),
      node('inject', 'hot', {
        props: [{ p: 'payload' }, { p: 'topic', vt: 'str' }],
        ...{ payload: '30', payloadType: 'num', topic: 't', wires: [['kitchen']] },
      }),
      ...[
        ['warm', '30'],
        ['warmer', '31'],
        ['cold', '10'],
      ].map(([id = '', payload]) =>
        node('inject', id, {
          props: [{ p: 'payload' }, { p: 'topic', vt: 'str' }],
          ...{ payload, payloadType: 'num', topic: 'u', wires: [['kitchen']] },
        }),
      ),
    ],
    TYPES,
  );
}

/** Rows of an answer are looked at without types. */
// biome-ignore lint/suspicious/noExplicitAny: the rows of an answer.
type Row = any;

export class SidebarPlace {
  mosquitto!: Mosquitto;
  nodeRed!: NodeRed;
  publisher!: MqttClient;
  readonly tokens: Record<string, string> = {};
  private last = '';

  async start(): Promise<void> {
    this.mosquitto = await startMosquitto();
    const user = (username: string, permissions: string | string[]) => ({
      username,
      password: HASH,
      permissions,
    });
    this.nodeRed = await startNodeRed({
      version: '4',
      linkPackage: true,
      flows: sidebarFlow(this.mosquitto.port),
      credentials: { house: { user: 'somebody', password: SECRET } },
      settings: {
        httpAdminRoot: ROOT,
        dinox: { metrics: { topics: ['meter/+'] }, home: { topics: ['phone/#', 'not#good'] } },
        adminAuth: {
          type: 'credentials',
          users: [
            user('reader', ['dinox.read']),
            user('writer', ['dinox.read', 'dinox.write']),
            user('stranger', ['flows.read']),
            user('deployer', ['flows.write']),
            user('everyReader', 'read'),
            user('prometheus', ['dinox.metrics']),
            user('admin', '*'),
          ],
        },
      },
    });
    for (const username of [
      'reader',
      'writer',
      'stranger',
      'deployer',
      'everyReader',
      'prometheus',
      'admin',
    ]) {
      const answer = await this.nodeRed.adminApi('POST', `${ROOT}/auth/token`, {
        client_id: 'node-red-admin',
        grant_type: 'password',
        scope: '',
        username,
        password: 'pw',
      });
      this.tokens[username] = answer.json.access_token;
    }
    this.publisher = connect(`mqtt://127.0.0.1:${this.mosquitto.port}`);
    await this.until('a connection', async () => {
      const { json, text } = await this.get('/dinox/brokers');
      this.last = text;
      return json?.brokers?.[0]?.phase === 'connected';
    });
  }

  async stop(): Promise<void> {
    await this.publisher?.endAsync(true);
    await this.nodeRed?.stop();
    await this.mosquitto?.stop();
  }

  as(
    user: string | undefined,
    method: string,
    path: string,
    body?: unknown,
    headers: object = {},
  ): Promise<AdminAnswer> {
    return this.nodeRed.adminApi(method, `${ROOT}${path}`, body, {
      ...(user === undefined ? {} : { Authorization: `Bearer ${this.tokens[user]}` }),
      ...headers,
    });
  }

  get(path: string, user = 'reader'): Promise<AdminAnswer> {
    return this.as(user, 'GET', path);
  }

  send(topic: string, payload: string, retain = false): Promise<unknown> {
    return this.publisher.publishAsync(topic, payload, { qos: 1, retain });
  }

  /** Asks until the answer is what is waited for. */
  async until<T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const found = await ask();
      if (found !== undefined && found !== false) return found;
      if (Date.now() > deadline)
        throw new Error(`not in time: ${what} ${this.last} ${this.nodeRed.logs().slice(-1500)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  row(topic: string): Promise<Row> {
    return this.until(`a row for ${topic}`, async () => {
      const { json } = await this.get('/dinox/brokers/house/topics?since=0&limit=2000');
      return json?.rows?.find((one: { topic: string }) => one.topic === topic);
    });
  }
}
