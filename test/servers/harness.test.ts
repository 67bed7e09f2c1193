/** The harness itself: every server of every generation starts, does its work, breaks when told, and goes away. */
import assert from 'node:assert/strict';
import { promises as dns } from 'node:dns';
import { connect as connectTcp, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { connectAsync, type IClientOptions } from 'mqtt';
import {
  accepts,
  certificates,
  ensureServers,
  forEachGeneration,
  freePorts,
  GENERATIONS,
  killServers,
  type RestartableServer,
  runningServers,
  startBlackhole,
  startDnsmasq,
  startEjabberd,
  startMosquitto,
  startNonLocalHost,
  startProsody,
  startProxy,
  stripStartTls,
  swallowAddress,
} from '../support/servers';

const USERS = { ada: 'pässword & <1>', bob: 'b' };
/** On Prosody only admins may make nodes. */
const ADMINS = 'admins = { "ada@localhost"; "ada@dinox.test" }';
const ca = () => certificates().ca;

/** Publishes to a topic and resolves with what a subscription to it brings. */
async function roundTrip(url: string, topic: string, options: IClientOptions = {}): Promise<string> {
  const client = await connectAsync(url, { reconnectPeriod: 0, ...options }, false);
  try {
    const arrived = new Promise<string>((resolve) =>
      client.once('message', (_topic, text) => resolve(String(text))),
    );
    await client.subscribeAsync(topic);
    await client.publishAsync(topic, '{"n":1}');
    return await arrived;
  } finally {
    await client.endAsync(true);
  }
}

/** Just enough XMPP to see that a server lets an account in. */
class XmppProbe {
  private text = '';
  private socket: Socket;

  constructor(
    socket: Socket,
    private readonly domain: string,
  ) {
    this.socket = this.watch(socket);
  }

  static async startTls(port: number, domain: string): Promise<XmppProbe> {
    const probe = new XmppProbe(connectTcp(port, '127.0.0.1'), domain);
    assert.match(await probe.openStream(), /<starttls/);
    await probe.ask("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", /<proceed/);
    probe.socket.removeAllListeners('data');
    probe.socket = probe.watch(connectTls({ socket: probe.socket, servername: domain, ca: ca() }));
    return probe;
  }

  static directTls(port: number, domain: string): XmppProbe {
    return new XmppProbe(connectTls({ host: '127.0.0.1', port, servername: domain, ca: ca() }), domain);
  }

  private watch(socket: Socket): Socket {
    return socket
      .on('error', (error) => {
        this.text += String(error);
      })
      .on('data', (chunk) => {
        this.text += chunk;
      });
  }

  openStream(): Promise<string> {
    const header = `<?xml version='1.0'?><stream:stream to='${this.domain}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>`;
    return this.ask(header, /<\/stream:features>/);
  }

  /** Sends and waits for an answer; resolves with all that came since. */
  async ask(text: string, answer: RegExp): Promise<string> {
    this.text = '';
    this.socket.write(text);
    for (let waited = 0; !answer.test(this.text); waited += 20) {
      if (waited > 5_000) throw new Error(`no ${answer} in ${this.text}`);
      await sleep(20);
    }
    return this.text;
  }

  async login(user: string, password: string): Promise<void> {
    await this.openStream();
    const initial = Buffer.from(`\0${user}\0${password}`).toString('base64');
    await this.ask(
      `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${initial}</auth>`,
      /<success/,
    );
    await this.openStream();
    await this.ask("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", /<jid>/);
  }

  close(): void {
    this.socket.destroy();
  }
}

/** Logs in with STARTTLS and direct TLS on both hosts, and uses PubSub and upload. */
async function checkXmpp(
  server: { c2sPort: number; c2sTlsPort: number; hosts: readonly string[] },
  upload = true,
) {
  for (const host of server.hosts) {
    const probes = [
      await XmppProbe.startTls(server.c2sPort, host),
      XmppProbe.directTls(server.c2sTlsPort, host),
    ];
    for (const probe of probes) await probe.login('ada', USERS.ada);
    const [probe] = probes;
    assert(probe);
    await probe.ask(
      `<iq type='set' id='p' to='pubsub.${host}'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='harness'><item><json xmlns='urn:xmpp:json:0'>{}</json></item></publish></pubsub></iq>`,
      /<iq[^>]*type=['"]result/,
    );
    if (upload) {
      const slot = await probe.ask(
        `<iq type='get' id='u' to='upload.${host}'><request xmlns='urn:xmpp:http:upload:0' filename='a.txt' size='3' content-type='text/plain'/></iq>`,
        /<\/slot>/,
      );
      const [put, get] = ['put', 'get'].map(
        (kind) => new RegExp(`<${kind} url=['"]([^'"]+)`).exec(slot)?.[1],
      );
      const authorization = /name=['"]Authorization['"]>([^<]+)/.exec(slot)?.[1];
      assert(put && get, slot);
      const headers = { 'content-type': 'text/plain', ...(authorization && { authorization }) };
      assert.equal((await fetch(put, { method: 'PUT', body: 'abc', headers })).status, 201);
      assert.equal(await (await fetch(get)).text(), 'abc');
    }
    for (const each of probes) each.close();
  }
}

/** Asserts that neither a port nor a process of it is left. */
async function assertGone(server: RestartableServer, ports: readonly number[]) {
  const before = runningServers().length;
  await server.stop();
  assert.equal(runningServers().length, before - 1);
  for (const port of ports) assert.equal(await accepts(port), false, `port ${port} is still open`);
}

describe('server harness', function () {
  this.timeout(120_000);

  before('install', async function () {
    this.timeout(600_000);
    const found = await ensureServers();
    for (const generation of GENERATIONS) console.log(generation, JSON.stringify(found[generation].versions));
  });

  after('nothing is left running', async () => assert.deepEqual(await killServers(), []));

  it('hands out ports that differ', async () => {
    const ports = await freePorts(20);
    assert.equal(new Set(ports).size, 20);
  });

  it('starts all servers of all generations at once', async function () {
    const found = await ensureServers();
    const started = Date.now();
    const servers = await Promise.all(
      GENERATIONS.filter((generation) => found[generation].available).flatMap((generation) => [
        startMosquitto({ generation, tls: true, websockets: true }),
        startEjabberd({ generation, users: USERS }),
        startProsody({ generation, users: USERS, extra: ADMINS }),
      ]),
    );
    console.log(`      ${servers.length} servers in ${Date.now() - started} ms`);
    await Promise.all(servers.map((server) => server.stop()));
    if (servers.length === 0) this.skip();
  });

  forEachGeneration('mosquitto', (generation) => {
    it('speaks MQTT 5 and 3.1.1 over TCP, TLS and WebSocket, and asks for a password', async () => {
      const server = await startMosquitto({
        generation,
        tls: true,
        websockets: true,
        users: { u: 'p:q' },
        maxQos: 1,
      });
      const login = { username: 'u', password: 'p:q' };
      assert.equal(
        await roundTrip(`mqtt://127.0.0.1:${server.port}`, 'a/b', { ...login, protocolVersion: 5 }),
        '{"n":1}',
      );
      await roundTrip(`mqtts://127.0.0.1:${server.tlsPort}`, 'a/b', {
        ...login,
        protocolVersion: 4,
        ca: ca(),
      });
      await roundTrip(`ws://127.0.0.1:${server.wsPort}`, 'a/b', { ...login, protocolVersion: 5 });
      await assert.rejects(
        roundTrip(`mqtt://127.0.0.1:${server.port}`, 'a/b', { username: 'u', password: 'x' }),
      );
      await assertGone(server, [server.port]);
    });

    it('comes back after a crash, listens on ::1, shows the certificate it was given', async () => {
      const cert = certificates().expired;
      const server = await startMosquitto({ generation, cert, ipv6: true });
      await server.kill();
      assert.equal(await accepts(server.port, '::1'), false);
      await server.restart();
      await roundTrip(`mqtt://[::1]:${server.port}`, 'a/b');
      await assert.rejects(roundTrip(`mqtts://[::1]:${server.tlsPort}`, 'a/b', { ca: ca() }), /expired/);
      await server.stop();
    });

    it('rejects with the log when it does not start', async () => {
      await assert.rejects(startMosquitto({ generation, extraConfig: 'no_such_option 1' }), /no_such_option/);
    });
  });

  forEachGeneration('ejabberd', (generation) => {
    it('lets accounts in over MQTT and XMPP', async () => {
      const server = await startEjabberd({ generation, users: USERS });
      const login = { username: 'ada@localhost', password: USERS.ada, clientId: 'x' };
      assert.equal(
        await roundTrip(`mqtt://127.0.0.1:${server.mqttPort}`, 'a/b', { ...login, protocolVersion: 5 }),
        '{"n":1}',
      );
      await roundTrip(`mqtts://127.0.0.1:${server.mqttTlsPort}`, 'a/b', {
        ...login,
        protocolVersion: 4,
        ca: ca(),
      });
      await roundTrip(`ws://127.0.0.1:${server.wsPort}${server.wsPath}`, 'a/b', {
        ...login,
        username: 'ada@dinox.test',
      });
      await checkXmpp(server);
      await server.kill();
      await server.restart();
      await server.register('carl', 'c');
      await roundTrip(`mqtt://127.0.0.1:${server.mqttPort}`, 'a/b', {
        username: 'carl@localhost',
        password: 'c',
      });
      await roundTrip(`mqtt://127.0.0.1:${server.mqttPort}`, 'a/b', login);
      await assertGone(server, [server.c2sPort, server.mqttPort]);
    });

    it("runs with Debian's own configuration", async () => {
      const server = await startEjabberd({ generation, users: USERS, packageConfig: true });
      await roundTrip(`mqtt://127.0.0.1:${server.mqttPort}`, 'a/b', {
        username: 'bob@localhost',
        password: 'b',
      });
      await checkXmpp(server, false);
      await assertGone(server, [server.c2sPort, server.mqttPort]);
    });

    it('runs without mod_mqtt', async () => {
      const server = await startEjabberd({ generation, modMqtt: false });
      assert.equal(await accepts(server.mqttPort), false);
      await server.stop();
    });
  });

  forEachGeneration('prosody', (generation) => {
    const topic = 'pubsub.localhost/json/x';

    it('lets accounts in over XMPP, and everybody over the bridge', async () => {
      const server = await startProsody({ generation, users: USERS, extra: ADMINS });
      assert.match(server.bridgeVersion ?? '', /hg2025/);
      assert.equal(
        await roundTrip(`mqtt://127.0.0.1:${server.mqttPort}`, topic, { protocolVersion: 4 }),
        '{"n":1}',
      );
      await roundTrip(`mqtts://127.0.0.1:${server.mqttTlsPort}`, topic, { protocolVersion: 4, ca: ca() });
      await roundTrip(`mqtt://127.0.0.1:${server.mqttPort}`, 'pubsub.dinox.test/json/x', {
        protocolVersion: 4,
      });
      await checkXmpp(server);
      await server.kill();
      await server.restart();
      await server.register('carl', 'c');
      const probe = await XmppProbe.startTls(server.c2sPort, 'localhost');
      await probe.login('carl', 'c');
      probe.close();
      await assertGone(server, [server.c2sPort, server.mqttPort]);
    });

    it("runs with Debian's own configuration", async () => {
      const server = await startProsody({ generation, users: USERS, packageConfig: true, extra: ADMINS });
      await roundTrip(`mqtt://127.0.0.1:${server.mqttPort}`, topic, { protocolVersion: 4 });
      await checkXmpp(server);
      await assertGone(server, [server.c2sPort, server.mqttPort]);
    });

    it('has no bridge, or no PubSub either, when asked for that', async () => {
      const servers = await Promise.all([
        startProsody({ generation, bridge: 'none' }),
        startProsody({ generation, pubsub: false }),
      ]);
      for (const server of servers) {
        assert.equal(server.bridgeVersion, undefined);
        assert.equal(await accepts(server.mqttPort), false);
        await server.stop();
      }
    });

    it("never confirms a subscription with Debian 12's broken bridge", async () => {
      const server = await startProsody({ generation, bridge: 'broken' });
      assert.match(server.bridgeVersion ?? '', /hg2023/);
      const url = `mqtt://127.0.0.1:${server.mqttPort}`;
      const client = await connectAsync(url, { protocolVersion: 4, reconnectPeriod: 0 });
      client.on('error', () => {});
      const confirmed = client.subscribeAsync(topic).then(
        () => true,
        () => false,
      );
      assert.equal(await Promise.race([confirmed, sleep(1_500, 'silence')]), 'silence');
      await client.endAsync(true);
      await server.stop();
    });
  });

  it('makes certificates that are what they say', async () => {
    const { good, otherName, expired, selfSigned } = certificates();
    for (const [cert, expected] of [
      [good, undefined],
      [otherName, 'ERR_TLS_CERT_ALTNAME_INVALID'],
      [expired, 'CERT_HAS_EXPIRED'],
      [selfSigned, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ] as const) {
      const server = await startMosquitto({ cert });
      const code = await new Promise<string | undefined>((resolve) => {
        const socket = connectTls({
          host: '127.0.0.1',
          port: server.tlsPort,
          servername: 'a.dinox.test',
          ca: ca(),
        });
        socket.once('secureConnect', () => resolve(socket.destroy() && undefined));
        socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
      });
      assert.equal(code, expected);
      await server.stop();
    }
  });

  it('answers DNS as told', async () => {
    const name = '_xmpp-client._tcp.dinox.test';
    const server = await startDnsmasq({
      srv: [
        { name, target: 'a.dinox.test', port: 5222, priority: 10, weight: 5 },
        { name, target: 'b.dinox.test', port: 5223, priority: 20, weight: 0 },
        { name: '_mqtt._tcp.dinox.test', target: '.', port: 0 },
      ],
      a: { 'a.dinox.test': '127.0.0.1' },
      aaaa: { 'a.dinox.test': '::1', 'b.dinox.test': ['::1', 'fd00::1'] },
    });
    const resolver = new dns.Resolver({ timeout: 1_000, tries: 1 });
    resolver.setServers([server.address]);
    const records = (await resolver.resolveSrv(name)).sort((one, other) => one.priority - other.priority);
    assert.deepEqual(
      records.map((record) => [record.name, record.port, record.priority, record.weight]),
      [
        ['a.dinox.test', 5222, 10, 5],
        ['b.dinox.test', 5223, 20, 0],
      ],
    );
    const [nothing] = await resolver.resolveSrv('_mqtt._tcp.dinox.test');
    assert.match(nothing?.name ?? 'none', /^\.?$/);
    assert.deepEqual(await resolver.resolve4('a.dinox.test'), ['127.0.0.1']);
    assert.deepEqual((await resolver.resolve6('b.dinox.test')).sort(), ['::1', 'fd00::1']);
    await assert.rejects(resolver.resolveSrv('_mqtt._tcp.elsewhere.test'), { code: 'ENOTFOUND' });
    await assert.rejects(resolver.resolve4('example.org'), { code: 'ENOTFOUND' });
    await server.stop();
  });

  it('breaks lines', async () => {
    const server = await startMosquitto();
    const proxy = await startProxy({ target: server });
    const url = `mqtt://127.0.0.1:${proxy.port}`;
    assert.equal(await roundTrip(url, 'a/secret'), '{"n":1}');
    assert(proxy.captured(0).includes('a/secret'));
    assert(proxy.capturedFromServer().includes('{"n":1}'));

    const client = await connectAsync(url, { reconnectPeriod: 0 });
    client.on('error', () => {});
    await client.subscribeAsync('t');
    proxy.delay(200);
    const before = Date.now();
    await client.publishAsync('t', 'x', { qos: 1 });
    assert(Date.now() - before >= 400);
    proxy.delay(0);

    proxy.stall(true);
    const stalled = client.publishAsync('t', 'x', { qos: 1 });
    assert.equal(await Promise.race([stalled, sleep(200, 'silence')]), 'silence');
    proxy.stall(false);
    await stalled;

    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
    proxy.cut();
    await closed;
    assert.equal(proxy.connections, 0);
    await client.endAsync(true);

    const held = await connectAsync(url, { reconnectPeriod: 0 });
    held.on('error', () => {});
    proxy.hold(true);
    const unanswered = held.publishAsync('t', 'x', { qos: 1 }).catch(() => 'closed');
    assert.equal(await Promise.race([unanswered, sleep(300, 'silence')]), 'silence');
    assert(held.connected);
    await assert.rejects(connectAsync(url, { reconnectPeriod: 0, connectTimeout: 300 }, false));
    proxy.hold(false);
    await roundTrip(url, 'a');
    await held.endAsync(true);

    await proxy.refuse(true);
    assert.equal(await accepts(proxy.port), false);
    await proxy.refuse(false);
    await roundTrip(url, 'a');
    await proxy.stop();
    assert.equal(await accepts(proxy.port), false);
    await server.stop();
  });

  it('strips STARTTLS', async () => {
    const server = await startProsody();
    const proxy = await startProxy({ target: { port: server.c2sPort }, transform: stripStartTls() });
    const probe = new XmppProbe(connectTcp(proxy.port, '127.0.0.1'), 'localhost');
    assert.doesNotMatch(await probe.openStream(), /starttls/);
    probe.close();
    await proxy.stop();
    await server.stop();
  });

  it('has addresses that never answer', async () => {
    const blackhole = await startBlackhole();
    assert.equal(await accepts(blackhole.port), true);
    const options = { reconnectPeriod: 0, connectTimeout: 300 };
    await assert.rejects(connectAsync(`mqtt://127.0.0.1:${blackhole.port}`, options, false));
    await blackhole.stop();

    const swallowing = await swallowAddress();
    const before = Date.now();
    assert.equal(await accepts(swallowing.port), false);
    assert(Date.now() - before >= 900, 'it was refused instead of swallowed');
    await swallowing.stop();
  });

  it('has an address that is not local', async function () {
    const remote = await startNonLocalHost();
    if ('unavailable' in remote) {
      if (process.env.CI) throw new Error(remote.unavailable);
      console.log(`      SKIPPED: ${remote.unavailable}`);
      return this.skip();
    }
    const server = await startMosquitto();
    await remote.relay(1883, server);
    assert.equal(await roundTrip(`mqtt://${remote.address}:1883`, 'a'), '{"n":1}');
    const before = Date.now();
    assert.equal(await accepts(1883, remote.swallows), false);
    assert(Date.now() - before >= 900, 'it was refused instead of swallowed');
    await remote.stop();
    await server.stop();
  });
});
