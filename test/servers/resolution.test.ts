/** From a JID to a broker, on real servers of both generations. */
import assert from 'node:assert/strict';
import {
  certificates,
  type Ejabberd,
  forEachGeneration,
  type Mosquitto,
  type Prosody,
  startEjabberd,
  startMosquitto,
  startProsody,
} from '../support/servers/index';
import { brief, codes, failure, find, PASSWORD, said, users } from './resolution-support';

forEachGeneration('resolution: ejabberd', (generation) => {
  let server: Ejabberd;
  let bare: Ejabberd;
  before(async function () {
    this.timeout(60_000);
    [server, bare] = await Promise.all([
      startEjabberd({ generation, users }),
      startEjabberd({ generation, users, modMqtt: false }),
    ]);
  });
  after(() => Promise.all([server?.stop(), bare?.stop()]));
  const ports = () => ({ xmpp: server.c2sPort, mqtt: server.mqttPort, mqtts: server.mqttTlsPort ?? 0 });

  it('finds the broker with TLS, and logs in as the account', async () => {
    const plan = await find({ ports: ports() });
    assert.equal(brief(plan), `ejabberd account mqtts://localhost:${server.mqttTlsPort} localhost`);
    assert.equal(plan.mqtt?.version, 5);
    assert.equal(plan.software, `ejabberd ${server.version}`);
    assert.deepEqual(plan.services, {
      pubsub: 'pubsub.localhost',
      muc: 'conference.localhost',
      upload: 'upload.localhost',
    });
    assert.deepEqual(plan.xmpp, {
      host: 'localhost',
      port: server.c2sPort,
      directTls: false,
      domain: 'localhost',
    });
    assert.deepEqual(codes(plan), []);
    assert.doesNotMatch(JSON.stringify(plan), new RegExp(PASSWORD));
  });

  it('takes clear text to a local address where nothing answers with TLS, and says so', async () => {
    const plan = await find({ ports: { ...ports(), mqtts: 1 } });
    assert.equal(brief(plan), `ejabberd account mqtt://localhost:${server.mqttPort} localhost`);
    assert.deepEqual(codes(plan), ['tls-fallback']);
  });

  it('does not take clear text where the other port breaks TLS', async () => {
    const error = await failure({ ports: { ...ports(), mqtts: server.c2sPort } });
    assert.equal(error.code, 'tls');
    assert.match(error.message, /accepts connections but no TLS/);
  });

  it('says what to switch on where mod_mqtt is missing', async () => {
    const plan = await find({ ports: { xmpp: bare.c2sPort } });
    assert.equal(brief(plan), 'ejabberd -');
    assert.match(said(plan), /mod_mqtt/);
  });

  it('stops at a wrong password', async () => {
    const error = await failure({ ports: ports(), secrets: { password: 'wrong-one' } });
    assert.equal(error.code, 'login');
    assert.equal(error.fatal, true);
    assert.match(
      error.message,
      /anna@localhost cannot log in.*refused the password.*Check the JID and the password/,
    );
    assert.doesNotMatch(JSON.stringify(error) + error.message, /wrong-one/);
  });

  it('finds it also where only MQTT can be reached', async () => {
    const plan = await find({ ports: { ...ports(), xmpp: 1 } });
    assert.equal(brief(plan), `ejabberd account mqtts://localhost:${server.mqttTlsPort} localhost`);
    assert.match(said(plan), /connection refused/);
  });

  it('looks at a WebSocket with its path, and lets XMPP say the type', async () => {
    const plan = await find({
      ports: ports(),
      question: { host: 'localhost', scheme: 'ws', port: server.wsPort ?? 0, path: server.wsPath },
    });
    assert.equal(brief(plan), `ejabberd account ws://localhost:${server.wsPort} localhost`);
    assert.equal(plan.mqtt?.endpoint.path, '/mqtt');
    assert.deepEqual(codes(plan), ['tls-off-local']);
  });

  it('names a domain that the server does not serve', async () => {
    const error = await failure({
      jid: 'anna@elsewhere.test',
      question: { xmppService: { host: 'localhost', port: server.c2sPort, directTls: false } },
      timeoutMs: 6_000,
    });
    assert.equal(error.code, 'wrong-domain', error.message);
    assert.equal(error.fatal, false);
    assert.match(error.message, /does not serve this domain/);
  });
});

forEachGeneration('resolution: Prosody', (generation) => {
  let bridge: Prosody;
  let pubsubOnly: Prosody;
  let neither: Prosody;
  before(async function () {
    this.timeout(60_000);
    [bridge, pubsubOnly, neither] = await Promise.all([
      startProsody({ generation, users }),
      startProsody({ generation, users, bridge: 'none' }),
      startProsody({ generation, users, pubsub: false }),
    ]);
  });
  after(() => Promise.all([bridge?.stop(), pubsubOnly?.stop(), neither?.stop()]));
  const ports = (server: Prosody) => ({
    xmpp: server.c2sPort,
    mqtt: server.mqttPort,
    mqtts: server.mqttTlsPort,
  });

  it('finds the bridge, and gives it no password', async () => {
    const plan = await find({ ports: ports(bridge) });
    assert.equal(brief(plan), `prosody none mqtts://localhost:${bridge.mqttTlsPort} localhost`);
    assert.equal(plan.mqtt?.version, 4);
    assert.equal(plan.software, `Prosody ${bridge.version.replace(/-.*/, '')}`);
    assert.equal(plan.services.pubsub, 'pubsub.localhost');
    assert.equal(plan.transport?.why, 'local');
    assert.match(said(plan), /bridge answers at the local address \S+ and confirms subscriptions/);
    assert.deepEqual(codes(plan), []);
  });

  it('tells the bridge by MQTT alone, and assumes its PubSub service', async () => {
    const plan = await find({ ports: { ...ports(bridge), xmpp: 1 } });
    assert.equal(brief(plan), `prosody none mqtts://localhost:${bridge.mqttTlsPort} localhost`);
    assert.deepEqual(codes(plan), ['pubsub-assumed']);
  });

  it('PubSub without a bridge: takes that, and says why', async () => {
    const plan = await find({ ports: ports(pubsubOnly) });
    assert.equal(brief(plan), 'prosody pubsub pubsub.localhost');
    assert.deepEqual(plan.transport, { why: 'absent' });
    assert.match(said(plan), /Prosody offers no MQTT bridge here -> carry messages over the account's XMPP/);
  });

  it('PubSub without a bridge, and MQTT asked for: says how to have the bridge', async () => {
    const plan = await find({ ports: ports(pubsubOnly), question: { transport: 'mqtt' } });
    assert.equal(brief(plan), 'prosody -');
    assert.equal(plan.services.pubsub, 'pubsub.localhost');
    assert.match(said(plan), /Choose the transport PubSub[\s\S]*modules_enabled = \{ "pubsub_mqtt" \}/);
  });

  it('neither: says what to switch on', async () => {
    const plan = await find({ ports: ports(neither) });
    assert.equal(brief(plan), 'prosody -');
    assert.equal(plan.services.pubsub, undefined);
    assert.match(said(plan), /PubSub is enough, and is not enabled/);
  });

  it('stops at a wrong password', async () => {
    const error = await failure({ ports: ports(bridge), secrets: { password: 'wrong-one' } });
    assert.equal(error.code, 'login');
    assert.match(error.message, /not-authorized/);
  });
});

forEachGeneration('resolution: Mosquitto', (generation) => {
  let open: Mosquitto;
  let closed: Mosquitto;
  let prosody: Prosody;
  before(async function () {
    this.timeout(60_000);
    [open, closed, prosody] = await Promise.all([
      startMosquitto({ generation, tls: true }),
      startMosquitto({ generation, tls: true, users: { someone: 'else' } }),
      startProsody({ generation, users }),
    ]);
  });
  after(() => Promise.all([open?.stop(), closed?.stop(), prosody?.stop()]));

  it('beside an XMPP server, open: no login', async () => {
    const plan = await find({
      ports: { xmpp: prosody.c2sPort },
      question: { host: '127.0.0.1', port: open.tlsPort ?? 0 },
    });
    assert.equal(brief(plan), `mosquitto none mqtts://127.0.0.1:${open.tlsPort} 127.0.0.1`);
    assert.equal(plan.mqtt?.version, 5);
    assert.doesNotMatch(said(plan), /XMPP/);
  });

  it('beside an XMPP server, with a login: the account, or what was typed', async () => {
    const question = { host: 'localhost', port: closed.tlsPort ?? 0 };
    assert.match(brief(await find({ question })), /^mosquitto account mqtts/);
    const secrets = { password: PASSWORD, user: 'someone', mqttPassword: 'else' };
    assert.match(brief(await find({ question, secrets })), /^mosquitto typed mqtts/);
  });

  it('beside Prosody, several brokers: the bridge of the account first, the others are named', async () => {
    const plan = await find({
      ports: { xmpp: prosody.c2sPort, mqtts: prosody.mqttTlsPort, mqtt: open.port },
    });
    assert.equal(brief(plan), `prosody none mqtts://localhost:${prosody.mqttTlsPort} localhost`);
    const typed = await find({
      ports: { xmpp: prosody.c2sPort, mqtts: prosody.mqttTlsPort, mqtt: open.port },
      question: { usetls: false },
    });
    assert.equal(brief(typed), `mosquitto none mqtt://localhost:${open.port} localhost`);
  });

  it('without a JID: at once, or with TLS where there is TLS', async () => {
    const question = { host: '127.0.0.1' };
    const started = Date.now();
    const direct = await find({ jid: '', secrets: {}, question: { ...question, usetls: false, port: 4 } });
    assert.equal(brief(direct), 'mosquitto none mqtt://127.0.0.1:4 127.0.0.1');
    assert.ok(Date.now() - started < 50);
    const both = { mqtt: open.port, mqtts: open.tlsPort ?? 0 };
    const secure = await find({ jid: '', secrets: {}, question, ports: both });
    assert.equal(brief(secure), `mosquitto none mqtts://127.0.0.1:${open.tlsPort} 127.0.0.1`);
    const plain = await find({ jid: '', secrets: { user: 'u' }, question, ports: { mqtt: closed.port } });
    assert.equal(brief(plain), `mosquitto typed mqtt://127.0.0.1:${closed.port} 127.0.0.1`);
    assert.deepEqual(codes(plain), ['tls-fallback']);
  });
});

describe('resolution: the probe', () => {
  it('knows the bridge that Debian 12 ships, which never confirms a subscription', async function () {
    this.timeout(60_000);
    const server = await startProsody({ users, bridge: 'broken' });
    try {
      const ports = { xmpp: server.c2sPort, mqtts: server.mqttTlsPort, mqtt: server.mqttPort };
      const chosen = await find({ ports, question: { transport: 'mqtt' } });
      assert.equal(brief(chosen), `prosody none mqtt://localhost:${server.mqttPort} localhost`);
      assert.match(said(chosen), /MQTT 5 was answered as 3\.1\.1/);
      const plan = await find({ ports });
      assert.equal(brief(plan), 'prosody pubsub pubsub.localhost');
      assert.match(said(plan), /does not confirm subscriptions/);
    } finally {
      await server.stop();
    }
  });

  it('reaches a broker over IPv6', async function () {
    this.timeout(60_000);
    const server = await startMosquitto({ ipv6: true, tls: true, cert: certificates().good });
    try {
      const plan = await find({ question: { host: '::1', port: server.tlsPort ?? 0 } });
      assert.equal(brief(plan), `mosquitto none mqtts://::1:${server.tlsPort} ::1`);
      const plain = await find({ question: { host: '::1', usetls: false, port: server.port } });
      assert.deepEqual(codes(plain), ['tls-off-local']);
    } finally {
      await server.stop();
    }
  });
});
