/** Test connection, the runtime half, against a plain broker; with accounts it is tried in the editor's tests. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { systemClock } from '../../src/base/clock';
import { inEnglish } from '../../src/base/english';
import { systemLookups } from '../../src/discovery/system-lookups';
import { loadMqtt } from '../../src/runtime/broker/load-mqtt';
import { brokerConfig, type RawBroker, type RawCredentials } from '../../src/runtime/config/broker-config';
import { ConnectionTests, type TestView } from '../../src/runtime/connection-test/connection-test';
import { HostileXmpp, STREAM, streamError } from '../support/hostile-xmpp';
import { assertReadable, assertStepReadable, storyOf } from '../support/readable';
import {
  certificates,
  type Ejabberd,
  forEachGeneration,
  freePort,
  type Mosquitto,
  type Prosody,
  startEjabberd,
  startMosquitto,
  startProsody,
} from '../support/servers/index';
import { TableClient } from '../support/table/client';

const PASSWORD = 'zebra-9-geheim';
const LOGIN = { user: 'anna', mqttPassword: PASSWORD };
const tls = { ca: certificates().ca };

function testsAt(): ConnectionTests {
  return new ConnectionTests({
    clock: systemClock,
    random: (bytes) => randomBytes(bytes).toString('hex'),
    lookups: (settings) => systemLookups({ tls: settings }),
    loadMqtt,
  });
}

function start(tests: ConnectionTests, raw: RawBroker, credentials: RawCredentials): string {
  const config = brokerConfig(
    { usetls: true, protocolVersion: 'auto', configVersion: 1, ...raw },
    credentials,
  );
  assert.deepEqual(config.problems, []);
  const { question, secrets, payloadType } = config;
  const { trusted: pins } = config;
  return tests.start({ question, secrets, payloadType, tls: { ...tls, pins } });
}

/** The whole test, as the dialog sees it in the end. */
async function ended(tests: ConnectionTests, id: string): Promise<TestView> {
  for (;;) {
    const view = tests.view(id, 0);
    assert.ok(view);
    if (view.state !== 'running') return view;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function tested(raw: RawBroker, credentials: RawCredentials): Promise<TestView> {
  const tests = testsAt();
  const view = await ended(tests, start(tests, raw, credentials));
  assert.ok(!JSON.stringify(view).includes(PASSWORD), 'the password is told to nobody');
  return view;
}

/** `name: verdict said`. */
const table = ({ abilities }: TestView): Record<string, string> =>
  Object.fromEntries(abilities.map(({ name, verdict, said }) => [name, `${verdict} ${said}`]));
const params = (view: TestView, name: string) => view.abilities.find((one) => one.name === name)?.params;
const story = ({ steps }: TestView): string => {
  for (const step of steps) assertStepReadable(step);
  return storyOf(steps);
};

forEachGeneration('connection test over PubSub', (generation) => {
  let prosody: Prosody;
  let ejabberd: Ejabberd;
  before(async function () {
    this.timeout(120_000);
    const users = { anna: PASSWORD, bob: PASSWORD };
    [prosody, ejabberd] = await Promise.all([
      startProsody({ generation, users, extra: 'admins = { "anna@localhost" }' }),
      startEjabberd({ generation, users }),
    ]);
  });
  after(() => Promise.all([prosody?.stop(), ejabberd?.stop()]));

  const at = ({ c2sPort }: { c2sPort: number }, more: RawBroker = {}): RawBroker => ({
    jid: 'anna@localhost',
    xmppService: `xmpp://localhost:${c2sPort}`,
    ...more,
  });
  const account = { password: PASSWORD };

  it('takes the bridge at a local address, and says why', async function () {
    this.timeout(60_000);
    const view = await tested(at(prosody, { port: prosody.mqttTlsPort }), account);
    assert.equal(view.state, 'done', story(view));
    assert.equal(view.found?.where, `mqtts://localhost:${prosody.mqttTlsPort}`);
    assert.equal(table(view).transport, 'yes bridgeLocal');
    assert.deepEqual([table(view).wildcards, table(view).retained], ['yes besideXmpp', 'yes besideXmpp']);
    assert.equal(table(view).pubsub, 'yes at');
  });

  it('takes PubSub where no bridge answers, and tries what it can do', async function () {
    this.timeout(60_000);
    const view = await tested(at(prosody, { port: await freePort() }), account);
    assert.equal(view.state, 'done', story(view));
    assert.equal(view.found?.where, 'xmpp:pubsub.localhost');
    const { transport, login, qos, retained, wildcards, nodes } = table(view);
    assert.deepEqual(
      [transport, login, qos, retained, wildcards, nodes],
      ['yes bridgeAbsent', 'yes overXmpp', 'yes upTo', 'yes works', 'yes works', 'yes mayCreate'],
    );
    assert.match(story(view), /MQTT or XMPP PubSub: Prosody offers no MQTT bridge here/);
    const again = await tested(at(prosody, { transport: 'pubsub' }), account);
    const listed = (seen: TestView) => /The nodes of the service: nodes found: (\d+)/.exec(story(seen))?.[1];
    assert.equal(listed(again), listed(view), 'nothing is left behind');
    assert.ok(listed(view), story(view));
  });

  it('says that an account may not create nodes', async function () {
    this.timeout(60_000);
    const view = await tested(at(prosody, { jid: 'bob@localhost', transport: 'pubsub' }), account);
    assert.equal(view.state, 'done', story(view));
    assert.equal(table(view).nodes, 'warning mayNotCreate');
    assert.equal(table(view).retained, undefined, 'nothing was tried');
    assert.match(story(view), /forbidden/);
  });

  it('tests the PubSub of ejabberd where it was chosen, and never takes it by itself', async function () {
    this.timeout(60_000);
    const view = await tested(at(ejabberd, { transport: 'pubsub' }), account);
    assert.equal(view.state, 'done', story(view));
    assert.equal(table(view).transport, 'yes overPubsub');
    assert.equal(table(view).retained, 'yes works');
    const auto = await tested(at(ejabberd, { port: await freePort() }), account);
    assert.equal(auto.failure?.code, 'no-mqtt', story(auto));
  });

  it('says that a typed service is none', async function () {
    this.timeout(60_000);
    const raw = at(prosody, { transport: 'pubsub', pubsubService: 'conference.localhost' });
    const view = await tested(raw, account);
    assert.equal(view.state, 'failed');
    assert.equal(view.failure?.code, 'config', story(view));
  });
});

forEachGeneration('connection test', (generation) => {
  let mosquitto: Mosquitto;

  before(async function () {
    this.timeout(120_000);
    mosquitto = await startMosquitto({
      generation,
      users: { anna: PASSWORD },
      extraConfig: 'max_packet_size 50000',
    });
  });
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(() => Promise.all(ends.splice(0).map((end) => end())));
  after(() => mosquitto?.stop());

  const house = (): RawBroker => ({ host: '127.0.0.1', port: mosquitto.port, usetls: false });

  it('tests a plain Mosquitto, and leaves nothing behind', async function () {
    this.timeout(60_000);
    const view = await tested(house(), LOGIN);
    assert.equal(view.state, 'done', `${view.failure?.text}\n${story(view)}`);
    assert.deepEqual(table(view), {
      login: 'yes needed',
      versions: 'yes versions',
      qos: 'yes upTo',
      retained: 'yes works',
      wildcards: 'yes works',
      shared: 'yes works',
      size: 'yes bytes',
    });
    assert.deepEqual(params(view, 'size'), { bytes: 50_000 });
    const after = await TableClient.connect(mosquitto, 4, { username: 'anna', password: PASSWORD });
    await after.subscribe('#');
    await after.publish('end', 'x');
    await after.wait(() => after.messages.some(({ topic }) => topic === 'end'), 10_000);
    assert.deepEqual(
      after.messages.map(({ topic }) => topic),
      ['end'],
      'no retained message is left',
    );
    after.break();
  });

  it('says that the password is wrong, and tries nothing more', async function () {
    this.timeout(60_000);
    const view = await tested(house(), { ...LOGIN, mqttPassword: 'wrong' });
    assert.equal(view.state, 'failed');
    assert.equal(view.failure?.code, 'broker-login');
    assert.equal(view.abilities.length, 0, story(view));
  });

  it('says that nothing listens there', async function () {
    this.timeout(60_000);
    const view = await tested({ host: '127.0.0.1', port: await freePort(), usetls: false }, {});
    assert.equal(view.state, 'failed');
    assert.equal(view.failure?.code, 'network');
    assert.match(inEnglish(view.failure?.text ?? ''), /nothing listens there/);
  });

  describe('says that it works only where the account can chat ("it works", said before it works)', () => {
    const at = (port: number): RawBroker => ({
      ...house(),
      jid: 'anna@localhost',
      xmppService: `xmpps://localhost:${port}`,
    });
    const login = { ...LOGIN, password: PASSWORD };
    const chatOf = async (port: number, credentials: RawCredentials = login) => {
      const view = await tested(at(port), credentials);
      assert.equal(view.state, 'partly', `${JSON.stringify(view.failure)}\n${story(view)}`);
      assert.equal(table(view).retained, 'yes works', 'MQTT was looked at all the same');
      assert.ok(view.chat);
      return view.chat;
    };

    it('refused, a missing password, another server in its place', async function () {
      this.timeout(60_000);
      assert.equal((await chatOf(await freePort())).code, 'network');
      assert.equal((await chatOf(await freePort(), LOGIN)).code, 'password');
      const hostile = await HostileXmpp.start();
      ends.push(() => hostile.stop());
      const elsewhere =
        "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>other.test:5222</see-other-host></stream:error></stream:stream>";
      const cases: [error: string, code: string, text: RegExp][] = [
        [streamError('host-unknown'), 'host-unknown', /does not serve this domain/],
        [elsewhere, 'protocol', /another host.*"other\.test:5222"/],
        ['', 'protocol', /no login method/],
      ];
      for (const [error, code, text] of cases) {
        hostile.answer = (what) => (what === 'stream' && error !== '' ? STREAM + error : undefined);
        hostile.mechanisms = ['X-NONE'];
        const chat = await chatOf(hostile.port);
        assert.equal(chat.code, code);
        assert.match(inEnglish(chat.text), text);
        assertReadable(chat.text);
      }
    });

    it('a certificate that does not hold is shown with its fingerprint; trusted by it, it holds, for MQTT too', async function () {
      this.timeout(60_000);
      const [own, broker] = await Promise.all([
        startProsody({ generation, users: { anna: PASSWORD }, cert: certificates().selfSigned }),
        startMosquitto({ generation, cert: certificates().selfSigned }),
      ]);
      ends.push(() => Promise.all([own.stop(), broker.stop()]));
      const { certificate } = await chatOf(own.c2sTlsPort);
      assert.equal(certificate?.where, `xmpps://localhost:${own.c2sTlsPort}`);
      assert.match(certificate?.names ?? '', /^localhost, dinox\.test/);
      const secured = { ...at(own.c2sTlsPort), usetls: true, port: broker.tlsPort, host: 'localhost' };
      const untrusted = await tested(secured, { password: PASSWORD });
      assert.equal(untrusted.failure?.code, 'tls');
      assert.equal(untrusted.failure?.certificate?.fingerprint, certificate?.fingerprint);
      // Without an account nothing is looked for, and the certificate is shown all the same.
      const plain = await tested({ host: 'localhost', port: broker.tlsPort, usetls: true }, {});
      assert.equal(plain.failure?.certificate?.fingerprint, certificate?.fingerprint);
      const view = await tested({ ...secured, trusted: certificate?.fingerprint }, { password: PASSWORD });
      assert.equal(view.state, 'done', `${JSON.stringify(view.failure ?? view.chat)}\n${story(view)}`);
      assert.equal(view.found?.software, 'Mosquitto', "not the account's server");
      const refused = await tested(
        { ...at(own.c2sTlsPort), trusted: certificate?.fingerprint },
        { ...LOGIN, password: 'wrong' },
      );
      assert.deepEqual([refused.state, refused.chat?.code], ['partly', 'login'], story(refused));
      assert.deepEqual(
        view.notices.map(({ text }) => /is trusted by its fingerprint/.test(inEnglish(text))),
        [true, true],
      );
    });
  });

  it('stops when it is told to, and forgets the rest', async function () {
    this.timeout(60_000);
    const tests = testsAt();
    const id = start(tests, house(), LOGIN);
    assert.equal(tests.view(id, 0)?.state, 'running');
    assert.ok(tests.cancel(id));
    const view = tests.view(id, 0);
    assert.deepEqual(
      { state: view?.state, failure: view?.failure },
      { state: 'cancelled', failure: undefined },
    );
    assert.ok(!tests.cancel('another'));
  });
});
