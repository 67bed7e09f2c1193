import { setTimeout as sleep } from 'node:timers/promises';
import * as mqtt from 'mqtt';
import { systemClock } from '../../../../src/base/clock';
import type { Notice, Plan, Question } from '../../../../src/discovery/types';
import { BrokerClient } from '../../../../src/transport/connection/broker-client';
import type {
  ClientSettings,
  ClientState,
  ClientTools,
} from '../../../../src/transport/connection/client-types';
import { ScriptBroker } from '../script-broker';

const QUESTION: Question = {
  serverType: 'auto',
  usetls: false,
  useXmppCredentials: true,
  transport: 'auto',
  protocolVersion: 'auto',
  allowUnencrypted: false,
};

const clients: BrokerClient[] = [];
/** The broker of the test that runs. */
export let broker: ScriptBroker;

/** Another one, for a test that has ended its own. */
export async function startAnotherBroker(): Promise<void> {
  broker = await ScriptBroker.start();
}

/** Gives each test of a suite a broker, and ends its clients. */
export function withBroker(): void {
  beforeEach(async () => {
    broker = await ScriptBroker.start();
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.end(new Error('over'))));
    await broker.end();
  });
}

interface SetUp {
  settings?: Partial<ClientSettings>;
  question?: Partial<Question>;
  plan?: Partial<Plan>;
  mqtt?: Partial<NonNullable<Plan['mqtt']>>;
  random?: number;
  findPlan?: ClientTools['findPlan'];
  lastWords?: ClientTools['lastWords'];
}

export function setUp(how: SetUp = {}) {
  const states: ClientState[] = [];
  const notices: Notice[] = [];
  const queued: number[] = [];
  const searches: boolean[] = [];
  const plan: Plan = {
    serverType: 'mosquitto',
    mqtt: {
      endpoint: { protocol: 'mqtt', host: '127.0.0.1', port: broker.port },
      servername: '127.0.0.1',
      login: 'typed',
      ...how.mqtt,
    },
    services: {},
    steps: [],
    notices: [],
    at: '2026-01-01T00:00:00.000Z',
    ...how.plan,
  };
  const settings: ClientSettings = {
    question: { ...QUESTION, ...how.question },
    secrets: { user: 'u', mqttPassword: 'p' },
    tls: {},
    clientId: 'dinox-1',
    keepalive: 60,
    cleanSession: true,
    payloadType: 'json',
    limits: { messages: 100, bytes: 1_000_000, ttl: 60_000 },
    reconnectMin: 10,
    connectTimeout: 2_000,
    ...how.settings,
  };
  const tools: ClientTools = {
    clock: systemClock,
    random: () => how.random ?? 0,
    findPlan: (asked, signal, fresh) => {
      searches.push(fresh);
      return how.findPlan ? how.findPlan(asked, signal, fresh) : Promise.resolve(plan);
    },
    loadMqtt: () => Promise.resolve(mqtt),
    lastWords: how.lastWords,
  };
  const client = new BrokerClient(settings, tools, {
    state: (state) => void states.push(state),
    queued: (count) => void queued.push(count),
    notice: (notice) => void notices.push(notice),
    plan: () => {},
  });
  clients.push(client);
  const publish = (payload: string, qos: 0 | 1 | 2 = 0): { results: (Error | undefined)[] } => {
    const results: (Error | undefined)[] = [];
    client.publish({ topic: 't', payload, qos, retain: false }, (error) => results.push(error));
    return { results };
  };
  return {
    client,
    settings,
    plan,
    states,
    notices,
    queued,
    searches,
    publish,
    phases: () => states.map(({ phase }) => phase),
  };
}

export async function until(what: string, look: () => boolean, ms = 5_000): Promise<void> {
  const end = Date.now() + ms;
  while (!look()) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await sleep(5);
  }
}

export const connected = (client: BrokerClient) =>
  new Promise<void>((resolve, reject) => client.connect((error) => (error ? reject(error) : resolve())));

export function setUpPublish(client: BrokerClient): { results: (Error | undefined)[] } {
  const results: (Error | undefined)[] = [];
  client.publish({ topic: 't', payload: 'waits', qos: 1, retain: false }, (error) => results.push(error));
  return { results };
}
