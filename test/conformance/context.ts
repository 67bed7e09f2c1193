/** What every conformance suite stands on: the two implementations, one Mosquitto, and tidying up after each test. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import nodeRedTls from '@node-red/nodes/core/network/05-tls.js';
import nodeRedMqtt from '@node-red/nodes/core/network/10-mqtt.js';
import { type Credentials, type Flow, withTypes } from '../support/flows';
import { withTexts } from '../support/labels';
import { type NodeModule, RunningFlow } from '../support/runtime';
import { type Generation, type Mosquitto, startMosquitto } from '../support/servers';
import { Observer } from './observer';

export interface Implementation {
  name: 'core' | 'ours';
  /** Core's node types → those of this implementation. All that is exchanged in a flow. */
  types: Readonly<Record<string, string>>;
  modules(): Promise<NodeModule[]>;
}

export const CORE: Implementation = {
  name: 'core',
  types: {},
  modules: async () => [nodeRedTls, nodeRedMqtt],
};

export const OURS: Implementation = {
  name: 'ours',
  types: { 'mqtt in': 'dinox-mqtt-in', 'mqtt out': 'dinox-mqtt-out', 'mqtt-broker': 'dinox-broker' },
  async modules() {
    const ours = require('../../src/index') as typeof import('../../src/index');
    const modules = [
      ours.registerDinoxBroker,
      ours.registerDinoxMqttIn,
      ours.registerDinoxMqttOut,
    ] as NodeModule[];
    return [nodeRedTls, ...modules.map(withTexts)];
  },
};

const brokers = new Map<Generation, Promise<Mosquitto>>();

/** The Mosquitto that all suites of this process share; it ends with the process. */
export function sharedMosquitto(generation: Generation = 'debian12'): Promise<Mosquitto> {
  const running =
    brokers.get(generation) ?? startMosquitto({ generation, extraConfig: 'set_tcp_nodelay true' });
  brokers.set(generation, running);
  return running;
}

let topics = 0;

/** What a test works with; made anew for each. */
export class Context {
  /** Every topic of a test begins with this, so that no test sees another one's messages. */
  readonly prefix = `test/${process.pid}/${++topics}`;
  private readonly closers: (() => Promise<void>)[] = [];

  constructor(
    readonly implementation: Implementation,
    readonly version: 4 | 5,
    /** Port of the shared Mosquitto. */
    readonly port: number,
  ) {}

  /** Runs `end` after the test; what came last ends first. */
  after(end: () => Promise<void>): void {
    this.closers.unshift(end);
  }

  /** Starts a flow that is written with core's types, with those of this implementation. */
  async load(
    flow: Flow,
    credentials?: Credentials,
    settings?: Record<string, unknown>,
  ): Promise<RunningFlow> {
    const modules = await this.implementation.modules();
    const running = await RunningFlow.start(modules, this.types(flow), credentials, settings);
    this.after(() => running.stop());
    return running;
  }

  /** The flow with the types of this implementation, for a later deploy. */
  types(flow: Flow): Flow {
    return withTypes(flow, this.implementation.types);
  }

  /**
   * Resolves once the broker has the flow's subscriptions; green only says that the connection is there. The flow
   * needs an `mqtt out` named `own`: what it publishes goes behind the SUBSCRIBE packets on the same line.
   */
  async subscribed(flow: RunningFlow): Promise<void> {
    await flow.shows('own', 'green');
    await flow.call('own', { topic: `${this.prefix}-subscribed`, payload: '', qos: 1 });
  }

  /** An independent client that sees everything below `prefix`. */
  async observer(port = this.port): Promise<Observer> {
    const observer = await Observer.connect(port, `${this.prefix}/#`);
    this.after(() => observer.end());
    return observer;
  }

  /** A folder that goes with the test. */
  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'conformance-'));
    this.after(() => rm(folder, { recursive: true }));
    return folder;
  }

  async end(): Promise<void> {
    for (const end of this.closers.splice(0)) await end();
  }
}

/** Defines tests for one implementation and one protocol version. `context()` is only valid inside a test. */
export function suite(
  title: string,
  implementation: Implementation,
  version: 4 | 5,
  define: (context: () => Context) => void,
  generation: Generation = 'debian12',
): void {
  const where = generation === 'debian12' ? '' : `, ${generation}`;
  describe(`${title} [${implementation.name}, MQTT ${version}${where}]`, () => {
    let context: Context;
    let port: number;
    before(async function () {
      this.timeout(120_000);
      port = (await sharedMosquitto(generation)).port;
    });
    beforeEach(() => {
      context = new Context(implementation, version, port);
    });
    afterEach(() => context.end());
    define(() => context);
  });
}

/** Defines the same tests for core's nodes and ours, for MQTT 3.1.1 and 5. */
export function conformance(title: string, define: (context: () => Context, version: 4 | 5) => void): void {
  for (const implementation of [CORE, OURS]) {
    for (const version of [4, 5] as const) {
      suite(title, implementation, version, (context) => define(context, version));
    }
  }
}
