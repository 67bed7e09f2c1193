/** Logins on ejabberd: the whole JID, one try with a wrong password, and client ids that two want. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Flow, FlowNode } from '../support/flows';
import { type Ejabberd, forEachGeneration, startEjabberd, startProxy } from '../support/servers/index';
import {
  CONNECT_MS,
  complaints,
  credentials,
  dinoxBroker,
  dinoxIn,
  dinoxOut,
  flowOf,
  Harness,
  logged,
  OTHER,
  OTHER_PASSWORD,
  PASSWORD,
  settled,
  stopped,
  TLS,
  USER,
  users,
} from './nodes-support';
import { connects, logins } from './nodes-wire';

const VERSIONS = ['5', '4'] as const;

forEachGeneration('logins on ejabberd', (generation) => {
  let server: Ejabberd;
  let topic: string;
  const harness = new Harness();

  before(async function () {
    this.timeout(60_000);
    server = await startEjabberd({ generation, users });
  });
  after(() => server?.stop());
  beforeEach(() => {
    topic = harness.topic();
  });
  afterEach(() => harness.end());

  /** With TLS, as the dialog's defaults have it; only the ports, which are not the default ones here, are typed. */
  const account = (properties: object = {}, id?: string): FlowNode =>
    dinoxBroker(
      {
        jid: `${USER}@localhost`,
        xmppService: `xmpp://localhost:${server.c2sPort}`,
        port: server.mqttTlsPort,
        tls: TLS,
        ...properties,
      },
      id,
    );
  /** Without TLS through a proxy, which is on this machine and so may be, to look at the packets. */
  const watched = async (properties: object = {}) => {
    const proxy = harness.keep(await startProxy({ target: { port: server.mqttPort } }));
    return { proxy, broker: account({ usetls: false, port: proxy.port, ...properties }) };
  };
  const watchedXmpp = async () => harness.keep(await startProxy({ target: { port: server.c2sPort } }));

  for (const version of VERSIONS) {
    describe(`MQTT ${version}`, () => {
      it('logs in with the full JID, also on a host that is not the default one', async () => {
        const { proxy, broker } = await watched({ jid: `${USER}@dinox.test`, protocolVersion: version });
        const flow = await harness.flow(flowOf(broker, dinoxOut()));
        await settled(flow, topic);
        assert.deepEqual(
          connects(proxy).map(({ username, protocolVersion }) => [username, protocolVersion]),
          [['anna@dinox.test', Number(version)]],
        );
      });

      it('stops at a wrong MQTT password after exactly one login, says so once, and tries when asked', async () => {
        // With the type typed nothing asks XMPP first, so that the refusal comes from the broker.
        const { proxy, broker } = await watched({
          host: '127.0.0.1',
          serverType: 'ejabberd',
          protocolVersion: version,
        });
        const flow = await harness.flow(
          flowOf(broker, dinoxIn('in', topic), dinoxOut()),
          { broker: { password: 'not-the-one' } },
          { mqttReconnectTime: 100 },
        );
        const status = await stopped(flow, 'in');
        assert.match(status.text ?? '', /reason\.login$/);
        await sleep(1_500);
        assert.equal(logins(proxy).length, 1);
        const errors = logged(flow, 'error');
        assert.equal(errors.length, 1, errors.join('\n'));
        assert.match(errors[0] ?? '', /refused the login as anna@localhost.*Check user name and password/);
        assert.doesNotMatch(flow.logged.map(({ text }) => text).join('\n'), /not-the-one/);
        // Somebody asks for a new try: one more, and no other.
        flow.send('out', { action: 'connect' });
        await flow.shows('in', 'yellow');
        await stopped(flow, 'in');
        await sleep(500);
        assert.equal(logins(proxy).length, 2);
      });

      it('connects two accounts with the same client id side by side', async () => {
        const { broker } = await watched({ protocolVersion: version, clientid: 'twin' });
        const bens = account(
          { jid: `${OTHER}@localhost`, protocolVersion: version, clientid: 'twin' },
          'broker2',
        );
        const flow = await harness.flow(
          flowOf(broker, bens, dinoxOut('out'), dinoxOut('out2', { broker: 'broker2' })),
          { ...credentials, broker2: { password: OTHER_PASSWORD } },
        );
        await settled(flow, topic, 'out');
        await settled(flow, topic, 'out2');
        await sleep(300);
        assert.equal(flow.node('broker').connected, true);
        assert.equal(flow.node('broker2').connected, true);
        assert.deepEqual(complaints(flow), []);
      });

      it('names a second client with the same id of the same account', async () => {
        const flow: Flow = flowOf(
          account({ protocolVersion: version, clientid: 'twin' }),
          dinoxIn('in', topic),
          dinoxOut(),
        );
        const running = await harness.flow(flow, credentials, { mqttReconnectTime: 100 });
        await settled(running, topic);
        // The other one comes from elsewhere, and comes back as often as it is thrown out.
        const twin = await harness.partner(`mqtt://127.0.0.1:${server.mqttPort}`, {
          username: `${USER}@localhost`,
          password: PASSWORD,
          clientId: 'twin',
          protocolVersion: version === '5' ? 5 : 4,
          reconnectPeriod: 50,
        });
        const found = await running.until(
          'the twin is named',
          () => complaints(running).find((text) => /Another client with the client id "twin"/.test(text)),
          CONNECT_MS,
        );
        assert.match(found, /Give each its own client id/);
        await twin.end();
      });
    });
  }

  it('stops at a wrong password after exactly one XMPP login, and says so once', async () => {
    const xmpp = await watchedXmpp();
    const { proxy, broker } = await watched({ xmppService: `xmpp://localhost:${xmpp.port}` });
    const flow = await harness.flow(
      flowOf(broker, dinoxIn('in', topic), dinoxOut()),
      { broker: { password: 'not-the-one' } },
      { mqttReconnectTime: 100 },
    );
    const status = await stopped(flow, 'in');
    assert.match(status.text ?? '', /reason\.login$/);
    await sleep(1_500);
    assert.equal(xmpp.accepted, 1);
    assert.deepEqual(logins(proxy), []);
    const errors = logged(flow, 'error');
    assert.equal(errors.length, 1, errors.join('\n'));
    assert.match(
      errors[0] ?? '',
      /anna@localhost cannot log in at xmpp:\/\/localhost.*Check the JID and the password/,
    );
  });

  it('names two broker nodes of one account with one client id at deploy', async () => {
    const one = account({ clientid: 'twin' });
    const two = account({ clientid: 'twin' }, 'broker2');
    const flow = await harness.flow(
      flowOf(one, two, dinoxOut('out'), dinoxOut('out2', { broker: 'broker2', wires: [] })),
      { ...credentials, broker2: { password: PASSWORD } },
    );
    const found = await flow.until('both are named', () => {
      const texts = complaints(flow).filter((text) => text.includes('would disconnect each other'));
      return texts.length >= 2 && texts;
    });
    assert.match(found.join('\n'), /The client id "twin" is also that of the broker node broker2/);
    assert.match(found.join('\n'), /broker node broker:/);
  });
});
