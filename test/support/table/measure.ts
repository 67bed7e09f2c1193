/** What a server really does, found out by speaking MQTT to it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Address, type ConnectOptions, type Login, PATIENCE, TableClient, type Version } from './client';

export interface Target {
  /** Row of the table: `ejabberd 23.01-1`. */
  name: string;
  type: 'ejabberd' | 'prosody' | 'mosquitto';
  port: number;
  webSocket?: Address;
  /** A login that the server accepts; absent where it knows none. */
  login?: Login;
  /** The server's form of a plain topic. */
  topic(plain: string): string;
  /** Sizes to try, in bytes, rising: some servers lose larger ones only now and then. */
  sizes: readonly number[];
}

/** One cell each. Undefined: could not be found out, because the server does not even confirm a subscription. */
export interface Measured {
  versions: Version[];
  /** CONNACK codes without a login, with a wrong password, and with the right one (MQTT 3.1.1). */
  login: { without: number | undefined; wrong: number | undefined; right: number | undefined };
  webSocket: boolean;
  /** Reads `clientId` taken over: what the first one sees. */
  takeover: string;
  receiveMaximum: number | undefined;
  topicAliasMaximum: number | undefined;
  /** Seconds that the server keeps a session when asked for a day; 0: none; undefined: it did not say. */
  sessionExpiry: number | undefined;
  sessionKept: boolean;
  will: boolean;
  subscribes: boolean;
  messages?: {
    acknowledged: number[];
    retained: boolean;
    largest: number;
  };
  filters?: {
    wildcards: boolean;
    shared: boolean;
    subscriptionIds: boolean;
    /** Copies of one message that matches two filters, on 3.1.1 and on 5 (undefined: no MQTT 5). */
    copies: { v4: number; v5: number | undefined };
    maxLevels: number;
    confirmsUnsubscribe: boolean;
  };
}

/** Most levels that are tried: a filter of 255 bytes holds that many. */
export const MAX_LEVELS = 250;
/** A day. */
const ASKED_SESSION = 86_400;

let names = 0;

export class Measurement {
  private readonly target: Target;
  /** The best of the versions that it speaks. */
  private version: Version = 4;

  constructor(target: Target) {
    this.target = target;
  }

  async run(): Promise<Measured> {
    const versions = await this.versions();
    this.version = versions.includes(5) ? 5 : 4;
    const first = await this.connect();
    const answer = await first.subscribe(this.topic());
    await first.end();
    const subscribes = Array.isArray(answer);
    const { receiveMaximum, topicAliasMaximum } = this.version === 5 ? (first.connack?.properties ?? {}) : {};
    const [login, webSocket, takeover, session, will, messages, filters] = await Promise.all([
      this.login(),
      this.webSocket(),
      this.takeover(),
      this.session(),
      subscribes ? this.will() : false,
      subscribes ? this.messages() : undefined,
      subscribes ? this.filters() : undefined,
    ]);
    return {
      versions,
      login,
      webSocket,
      takeover,
      receiveMaximum,
      topicAliasMaximum,
      ...session,
      will,
      subscribes,
      ...(messages && { messages }),
      ...(filters && { filters }),
    };
  }

  /** A topic of its own, in the server's form, with `levels` below it. */
  private topic(levels = ''): string {
    return this.target.topic(`table${++names}${levels}`);
  }

  private connect(options: ConnectOptions = {}, version = this.version): Promise<TableClient> {
    return TableClient.connect(this.target, version, { ...this.target.login, ...options });
  }

  private async versions(): Promise<Version[]> {
    const spoken: Version[] = [];
    for (const version of [3, 4, 5] as const) {
      const client = await this.connect({}, version);
      // A server that does not look at the version answers MQTT 5 without the list of properties.
      const isReal = version !== 5 || client.connack?.properties !== undefined;
      if (client.accepted && isReal) spoken.push(version);
      client.break();
    }
    return spoken;
  }

  private async login(): Promise<Measured['login']> {
    const code = async (options: ConnectOptions) => {
      const client = await TableClient.connect(this.target, 4, options);
      client.break();
      return client.code;
    };
    const known = this.target.login ?? { username: 'somebody', password: 'right' };
    return {
      without: await code({}),
      wrong: await code({ ...known, password: 'wrong' }),
      right: await code({ ...known }),
    };
  }

  private async webSocket(): Promise<boolean> {
    const { webSocket, login } = this.target;
    if (!webSocket) return false;
    const client = await TableClient.connect(webSocket, 4, { ...login });
    const { accepted } = client;
    client.break();
    return accepted;
  }

  private async takeover(): Promise<string> {
    const clientId = `table-twin-${++names}`;
    const one = await this.connect({ clientId });
    const two = await this.connect({ clientId });
    await one.wait(() => one.closed, 1_000);
    const farewell = one.packets.find((packet) => packet.cmd === 'disconnect');
    const code = farewell?.cmd === 'disconnect' ? farewell.reasonCode : undefined;
    const seen = code === undefined ? (one.closed ? 'closed' : 'both stay') : `DISCONNECT ${code}`;
    one.break();
    two.break();
    return seen;
  }

  private async session(): Promise<Pick<Measured, 'sessionExpiry' | 'sessionKept'>> {
    const clientId = `table-session-${++names}`;
    const properties = this.version === 5 ? { properties: { sessionExpiryInterval: ASKED_SESSION } } : {};
    const one = await this.connect({ clientId, clean: false, ...properties });
    await one.subscribe(this.topic(), 1);
    one.break();
    await one.wait(() => one.closed, 1_000);
    await sleep(100);
    const two = await this.connect({ clientId, clean: false, ...properties });
    const sessionKept = two.connack?.sessionPresent === true;
    const said = one.connack?.properties?.sessionExpiryInterval;
    two.break();
    // An end, so that nothing is kept for a day.
    (await this.connect({ clientId, clean: true })).break();
    return {
      sessionKept,
      sessionExpiry: sessionKept ? (said ?? (properties.properties && ASKED_SESSION)) : 0,
    };
  }

  private async will(): Promise<boolean> {
    const topic = this.topic();
    const observer = await this.connect();
    await observer.subscribe(topic);
    const will = { topic, payload: Buffer.from('"gone"'), qos: 0 as const, retain: false };
    const client = await this.connect({ will });
    client.break();
    const seen = await observer.wait(() => observer.messages.length > 0);
    await observer.end();
    return seen;
  }

  private async messages(): Promise<NonNullable<Measured['messages']>> {
    const topic = this.topic();
    const acknowledged: number[] = [];
    for (const qos of [0, 1, 2]) {
      const client = await this.connect();
      await client.subscribe(topic, qos);
      const done = await client.publish(topic, '"x"', qos);
      const arrived = await client.wait(() => client.messages.some((message) => message.qos === qos));
      if (done && arrived) acknowledged.push(qos);
      client.break();
    }
    const keeper = await this.connect();
    await keeper.publish(topic, '"kept"', 0, true);
    await keeper.subscribe(topic);
    const retained = await keeper.wait(() => keeper.messages.some((message) => message.retain));
    if (retained) await keeper.publish(topic, '', 0, true);
    await keeper.end();
    return { acknowledged, retained, largest: await this.largest() };
  }

  private async largest(): Promise<number> {
    const topic = this.topic();
    const client = await this.connect();
    await client.subscribe(topic, 0);
    let largest = 0;
    for (const size of this.target.sizes) {
      await client.publish(topic, `"${'x'.repeat(size - 2)}"`);
      if (!(await client.wait(() => client.messages.some(({ payload }) => payload.length === size), 10_000)))
        break;
      largest = size;
    }
    await client.end();
    return largest;
  }

  private async filters(): Promise<NonNullable<Measured['filters']>> {
    const v5 = this.version === 5;
    return {
      wildcards: await this.wildcards(),
      shared: await this.shared(),
      subscriptionIds: v5 && (await this.subscriptionIds()),
      copies: { v4: await this.copies(4), v5: v5 ? await this.copies(5) : undefined },
      maxLevels: await this.maxLevels(),
      confirmsUnsubscribe: await this.confirmsUnsubscribe(),
    };
  }

  private async wildcards(): Promise<boolean> {
    const topic = this.topic();
    const client = await this.connect();
    await client.subscribe(`${topic}/+`);
    await client.subscribe(`${topic}/x/#`);
    for (const below of ['one', 'x/two']) await client.publish(`${topic}/${below}`, '1');
    const seen = await client.wait(() => client.messages.length >= 2);
    await client.end();
    return seen;
  }

  /** Two in one group share what one would get. */
  private async shared(): Promise<boolean> {
    const topic = this.topic();
    const clients = [await this.connect(), await this.connect()];
    for (const client of clients) await client.subscribe(`$share/group/${topic}`, 1);
    const sender = await this.connect();
    for (let n = 0; n < 4; n++) await sender.publish(topic, `${n}`);
    await sleep(PATIENCE / 3);
    const counts = clients.map((client) => client.messages.length);
    for (const client of [...clients, sender]) client.break();
    return counts.every((count) => count > 0) && counts.reduce((sum, count) => sum + count) === 4;
  }

  private async subscriptionIds(): Promise<boolean> {
    const topic = this.topic();
    const client = await this.connect();
    await client.subscribe(topic, 0, 7);
    await client.publish(topic, '1');
    await client.wait(() => client.messages.length > 0);
    const id = client.messages[0]?.properties?.subscriptionIdentifier;
    client.break();
    return [id].flat().includes(7);
  }

  private async copies(version: Version): Promise<number> {
    const topic = this.topic();
    const client = await this.connect({}, version);
    for (const [index, filter] of [`${topic}/#`, `${topic}/+`].entries()) {
      await client.subscribe(filter, 0, version === 5 ? index + 1 : undefined);
    }
    await client.publish(`${topic}/x`, '1');
    await client.wait(() => client.messages.length > 1, PATIENCE / 3);
    client.break();
    return client.messages.length;
  }

  private async maxLevels(): Promise<number> {
    let [good, bad] = [1, MAX_LEVELS + 1];
    while (bad - good > 1) {
      const levels = (good + bad) >> 1;
      if (await this.takes(levels)) good = levels;
      else bad = levels;
    }
    return good;
  }

  private async takes(levels: number): Promise<boolean> {
    const client = await this.connect();
    const codes = await client.subscribe(this.target.topic(['a', ...Array(levels - 1).fill('b')].join('/')));
    client.break();
    return Array.isArray(codes) && codes.every((code) => code < 128);
  }

  private async confirmsUnsubscribe(): Promise<boolean> {
    const topic = this.topic();
    const client = await this.connect();
    await client.subscribe(topic);
    const answered = await client.unsubscribe(topic);
    client.break();
    return answered;
  }
}
