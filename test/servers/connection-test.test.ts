/** Test connection, the runtime half, against real servers. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { brokerConfig, type RawBroker, type RawCredentials } from '../../src/runtime/broker-config';
import { ConnectionTests, type TestView } from '../../src/runtime/connection-test';
import { loadMqtt } from '../../src/runtime/load-mqtt';
import { systemClock } from '../../src/time/clock';
import { systemLookups } from '../../src/xmpp/system-lookups';
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
const USERS = { anna: PASSWORD };
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
  return tests.start({ question, secrets, payloadType, tls });
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

async function tested(
  raw: RawBroker,
  credentials: RawCredentials = { password: PASSWORD },
): Promise<TestView> {
  const tests = testsAt();
  const view = await ended(tests, start(tests, raw, credentials));
  assert.ok(!JSON.stringify(view).includes(PASSWORD), 'the password is told to nobody');
  return view;
}

/** `name: verdict said`. */
const table = ({ abilities }: TestView): Record<string, string> =>
  Object.fromEntries(abilities.map(({ name, verdict, said }) => [name, `${verdict} ${said}`]));
const params = (view: TestView, name: string) => view.abilities.find((one) => one.name === name)?.params;
const story = ({ steps }: TestView): string =>
  steps.map(({ asked, answer, follows }) => `${asked}: ${answer} -> ${follows}`).join('\n');

forEachGeneration('connection test', (generation) => {
  let ejabberd: Ejabberd;
  let prosody: Prosody;
  let mosquitto: Mosquitto;

  before(async function () {
    this.timeout(120_000);
    [ejabberd, prosody, mosquitto] = await Promise.all([
      startEjabberd({ generation, users: USERS }),
      startProsody({ generation, users: USERS }),
      startMosquitto({ generation, users: USERS, extraConfig: 'max_packet_size 50000' }),
    ]);
  });
  after(() => Promise.all([ejabberd?.stop(), prosody?.stop(), mosquitto?.stop()]));

  const onEjabberd = (): RawBroker => ({
    jid: 'anna@localhost',
    host: '127.0.0.1',
    port: ejabberd.mqttTlsPort,
    xmppService: `xmpp://127.0.0.1:${ejabberd.c2sPort}`,
  });

  it('finds out what ejabberd can do', async function () {
    this.timeout(60_000);
    const view = await tested(onEjabberd());
    assert.equal(view.state, 'done', `${view.failure?.text}\n${story(view)}`);
    assert.match(view.found?.software ?? '', /^ejabberd 2\d\./);
    assert.deepEqual(table(view), {
      login: 'yes needed',
      versions: 'yes versions',
      qos: 'yes upTo',
      retained: 'yes works',
      wildcards: 'yes works',
      shared: 'no worksNot',
      size: 'yes noLimit',
      upload: 'yes at',
      rooms: 'yes at',
      pubsub: 'yes at',
    });
    assert.match(String(params(view, 'versions')?.versions), /^5, 3\.1\.1/);
    assert.deepEqual(params(view, 'login'), { user: 'anna@localhost' });
    assert.deepEqual(params(view, 'pubsub'), { jid: 'pubsub.localhost' });
  });

  it("finds out what Prosody's bridge cannot do", async function () {
    this.timeout(60_000);
    const view = await tested({
      jid: 'anna@localhost',
      host: '127.0.0.1',
      port: prosody.mqttTlsPort,
      xmppService: `xmpp://127.0.0.1:${prosody.c2sPort}`,
    });
    assert.equal(view.state, 'done', `${view.failure?.text}\n${story(view)}`);
    assert.deepEqual(table(view), {
      login: 'warning open',
      versions: 'limited versions',
      qos: 'limited upTo',
      retained: 'no worksNot',
      wildcards: 'no worksNot',
      shared: 'no worksNot',
      size: 'unknown cannotSay',
      upload: 'yes at',
      rooms: 'yes at',
      pubsub: 'yes at',
    });
    assert.deepEqual(params(view, 'qos'), { qos: 0 });
    assert.deepEqual(params(view, 'versions'), { versions: '3.1.1' });
  });

  it('tests a plain Mosquitto, and leaves nothing behind', async function () {
    this.timeout(60_000);
    const view = await tested(
      { host: '127.0.0.1', port: mosquitto.port, usetls: false },
      { user: 'anna', mqttPassword: PASSWORD },
    );
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

  it('says that the password is wrong, and asks nobody else with it', async function () {
    this.timeout(60_000);
    const view = await tested(onEjabberd(), { password: 'wrong' });
    assert.equal(view.state, 'failed');
    assert.equal(view.failure?.code, 'login');
    assert.doesNotMatch(story(view), /MQTT 5 to/);
  });

  it('says that nothing listens there', async function () {
    this.timeout(60_000);
    const view = await tested({ host: '127.0.0.1', port: await freePort(), usetls: false }, {});
    assert.equal(view.state, 'failed');
    assert.equal(view.failure?.code, 'network');
    assert.match(view.failure?.text ?? '', /nothing listens there/);
  });

  it('stops when it is told to, and forgets the rest', async function () {
    this.timeout(60_000);
    const tests = testsAt();
    const id = start(tests, onEjabberd(), { password: PASSWORD });
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
