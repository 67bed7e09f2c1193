/** The texts of *Copy server configuration* are put into files, real servers start with them, and messages pass. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { inEnglish } from '../../src/base/english';
import { type ConfigurationFacts, serverConfiguration } from '../../src/servers/configuration/configuration';
import type { ServerType } from '../../src/servers/types';
import { BROKER } from '../support/flows';
import {
  certificates,
  forEachGeneration,
  freePort,
  startEjabberd,
  startMosquitto,
  startProsody,
} from '../support/servers/index';
import {
  credentials,
  dinoxBroker,
  dinoxIn,
  dinoxOut,
  flowOf,
  Harness,
  OTHER,
  OTHER_PASSWORD,
  online,
  PASSWORD,
  TLS,
  USER,
  users,
} from './nodes-support';

const JID = `${USER}@localhost`;

function partsOf(server: ServerType, more: Partial<ConfigurationFacts> = {}): string[] {
  const facts: ConfigurationFacts = {
    jid: JID,
    domain: 'localhost',
    pubsub: 'pubsub.localhost',
    transport: 'pubsub',
    mqtt: { host: 'localhost', port: 8883 },
    ...more,
  };
  return serverConfiguration(server, facts).map(({ text }) => inEnglish(text));
}

const isOpen = (port: number, host: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host });
    const end = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });

forEachGeneration('copied server configuration', (generation) => {
  const harness = new Harness();
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    await harness.end();
    await Promise.all(ends.splice(0).map((end) => end()));
  });

  it('Prosody: the account makes nodes over PubSub, a stranger does not', async function () {
    this.timeout(60_000);
    const [ports = '', component = ''] = partsOf('prosody');
    const server = await startProsody({ generation, users, pubsub: false, extra: ports, last: component });
    ends.push(() => server.stop());
    const account = { xmppService: `xmpp://localhost:${server.c2sPort}`, port: await freePort(), tls: TLS };
    const flow = await harness.flow(
      flowOf(
        dinoxBroker({ jid: JID, ...account }),
        dinoxIn('in', 'home/#'),
        dinoxOut(),
        dinoxBroker({ jid: `${OTHER}@localhost`, ...account }, 'stranger'),
        dinoxOut('theirs', { broker: 'stranger' }),
      ),
      { ...credentials, stranger: { password: OTHER_PASSWORD } },
    );
    await online(flow, 'in');
    await online(flow, 'theirs');
    const topic = harness.topic();
    assert.equal(
      (await flow.call('out', { topic: `home/${topic}`, payload: { value: 1 }, qos: 1 })).error,
      undefined,
    );
    const [message] = await flow.messages('in-sink', 1);
    assert.deepEqual(message?.payload, { value: 1 });
    const { error } = await flow.call('theirs', { topic: `home/${topic}/x`, payload: 1, qos: 1 });
    assert.match(String(error), /forbidden|may not/);
  });

  it("Prosody: the bridge's port is closed to the outside", async function () {
    this.timeout(60_000);
    const [ports = ''] = partsOf('prosody');
    // 127.0.0.2 stands for the outside.
    const everywhere = 'interfaces = { "127.0.0.1", "127.0.0.2" }\n';
    for (const [extra, outside] of [
      [everywhere, true],
      [everywhere + ports, false],
    ] as const) {
      const server = await startProsody({ generation, users, extra });
      ends.push(() => server.stop());
      assert.equal(await isOpen(server.c2sPort, '127.0.0.2'), true);
      for (const port of [server.mqttPort, server.mqttTlsPort]) {
        // It listens on one address after the other.
        const last = outside ? '127.0.0.2' : '127.0.0.1';
        for (let i = 0; i < 100 && !(await isOpen(port, last)); i++) await sleep(50);
        assert.equal(await isOpen(port, '127.0.0.1'), true);
        assert.equal(await isOpen(port, '127.0.0.2'), outside, extra);
      }
    }
  });

  it('Prosody: with the bridge in the same component, an MQTT client and the account meet', async function () {
    this.timeout(60_000);
    const [ports = '', component = ''] = partsOf('prosody', { transport: 'mqtt' });
    assert.match(component, /^ {4}modules_enabled = \{ "pubsub_mqtt" \}$/m);
    const bare = (text: string) => text.split('\n').filter((line) => !/^\s*--|modules_enabled/.test(line));
    assert.deepEqual(bare(component), bare(partsOf('prosody')[1] ?? ''));
    const server = await startProsody({
      ...{ generation, users, pubsub: false, bridge: 'good' },
      ...{ extra: ports, last: component },
    });
    ends.push(() => server.stop());
    const flow = await harness.flow(
      flowOf(
        dinoxBroker({
          jid: JID,
          xmppService: `xmpp://localhost:${server.c2sPort}`,
          tls: TLS,
          transport: 'pubsub',
        }),
        dinoxIn('in', 'home/x'),
        dinoxOut(),
      ),
      credentials,
    );
    await online(flow, 'in');
    const device = await harness.partner(`mqtt://127.0.0.1:${server.mqttPort}`);
    await device.subscribe('pubsub.localhost/json/home/x', 0);
    assert.equal((await flow.call('out', { topic: 'home/x', payload: 1, qos: 1 })).error, undefined);
    const [seen] = await device.arrived(1, 'pubsub.localhost/json/home/x');
    assert.equal(seen?.payload, '1');
    await device.publish('pubsub.localhost/json/home/x', '2', { qos: 0 });
    const came = await flow.messages('in-sink', 2);
    assert.deepEqual(
      came.map(({ payload }) => payload),
      [1, 2],
    );
  });

  for (const packageConfig of [false, true]) {
    const name = packageConfig ? "ejabberd, with Debian's own configuration" : 'ejabberd';
    it(`${name}: the account's messages pass, those of others do not`, async function () {
      this.timeout(60_000);
      const port = await freePort();
      const [file = '', modules = '', include = ''] = partsOf('ejabberd', {
        mqtt: { host: 'localhost', port },
      });
      const edit = (config: string, write: (name: string, text: string) => string): string => {
        const had = /^ {2}mod_mqtt: .*\n/m;
        assert.match(config, had);
        const inner = write('dinox.yml', file);
        // The line that the text leaves to who needs it.
        const rule = /^#( {4}access_createnode: .*\n)/m.exec(modules)?.[1];
        const hadRule = /^ {4}access_createnode: .*\n/m;
        assert.ok(rule);
        assert.match(config, hadRule);
        return `${config.replace(had, modules).replace(hadRule, rule)}\n${include.replace('/etc/ejabberd/dinox.yml', inner)}`;
      };
      const server = await startEjabberd({ generation, users, packageConfig, edit });
      ends.push(() => server.stop());
      const account = { xmppService: `xmpp://localhost:${server.c2sPort}`, port, tls: TLS };
      const flow = await harness.flow(
        flowOf(
          dinoxBroker({ jid: JID, ...account }),
          dinoxIn('in', 'home/#'),
          dinoxOut(),
          dinoxBroker({ jid: `${OTHER}@localhost`, ...account }, 'stranger'),
          dinoxOut('theirs', { broker: 'stranger' }),
          dinoxBroker({ jid: JID, ...account, transport: 'pubsub' }, 'nodes'),
          dinoxIn('node-in', 'home/#', { broker: 'nodes' }),
          dinoxOut('node-out', { broker: 'nodes' }),
          dinoxBroker({ jid: `${OTHER}@localhost`, ...account, transport: 'pubsub' }, 'nodes-stranger'),
          dinoxOut('their-node', { broker: 'nodes-stranger' }),
        ),
        {
          ...credentials,
          stranger: { password: OTHER_PASSWORD },
          nodes: { password: PASSWORD },
          'nodes-stranger': { password: OTHER_PASSWORD },
        },
      );
      await online(flow, 'in');
      await online(flow, 'theirs');
      assert.equal((await flow.call('out', { topic: 'home/x', payload: 21, qos: 1 })).error, undefined);
      await flow.messages('in-sink', 1);
      const { error } = await flow.call('theirs', { topic: 'home/x', payload: 22, qos: 1 });
      // How ejabberd refuses a topic to an account.
      assert.match(String(error), /did not take the message: Publish error: Topic Name invalid/);
      assert.deepEqual(
        flow.at('in-sink').map(({ payload }) => payload),
        [21],
      );
      // Nodes of its PubSub service are made by the same accounts.
      for (const id of ['node-in', 'their-node']) await online(flow, id);
      assert.equal((await flow.call('node-out', { topic: 'home/y', payload: 23, qos: 1 })).error, undefined);
      assert.equal((await flow.messages('node-in-sink', 1))[0]?.payload, 23);
      const refused = await flow.call('their-node', { topic: 'home/z', payload: 24, qos: 1 });
      assert.match(String(refused.error), /may not make it/);
    });
  }

  it('Mosquitto: a bridge carries messages to the broker of the account and back', async function () {
    this.timeout(60_000);
    const server = await startEjabberd({ generation, users });
    ends.push(() => server.stop());
    // The other Debian's folder has no /etc/hosts.
    const mqtt = { host: '127.0.0.1', port: server.mqttTlsPort ?? 0 };
    const [bridge = ''] = partsOf('mosquitto', { mqtt });
    const extraConfig = bridge
      .replace('remote_password PASSWORD', `remote_password ${PASSWORD}`)
      // The authority of these tests is no public one.
      .replace('bridge_capath /etc/ssl/certs', 'bridge_cafile CA');
    const house = await startMosquitto({ generation, extraConfig, files: { CA: certificates().ca } });
    ends.push(() => house.stop());
    const flow = await harness.flow(
      flowOf(
        dinoxBroker({
          jid: JID,
          xmppService: `xmpp://localhost:${server.c2sPort}`,
          port: server.mqttTlsPort,
          tls: TLS,
        }),
        dinoxIn('in', 'home/#'),
        dinoxOut(),
        dinoxBroker({ host: '127.0.0.1', port: house.port, usetls: false }, 'house'),
        dinoxIn('house-in', 'home/#', { broker: 'house' }),
        dinoxOut('house-out', { broker: 'house' }),
      ),
      { [BROKER]: { password: PASSWORD } },
    );
    await online(flow, 'in');
    await online(flow, 'house-in');
    const until = async (out: string, sink: string, topic: string): Promise<void> => {
      for (let i = 0; i < 50 && !flow.at(sink).some((message) => message.topic === topic); i++) {
        await flow.call(out, { topic, payload: 'x', qos: 1 });
        await sleep(100);
      }
      assert.ok(
        flow.at(sink).some((message) => message.topic === topic),
        `${topic} arrives at ${sink}`,
      );
    };
    await until('house-out', 'in-sink', 'home/sensors/from-house');
    await until('out', 'house-in-sink', 'home/actuators/from-server');
  });
});
