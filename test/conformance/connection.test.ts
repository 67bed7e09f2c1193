/** The connection as a flow sees it: status, CONNECT packet, login, environment variables. */
import assert from 'node:assert/strict';
import { BROKER, broker, type Flow, tab } from '../support/flows';
import type { RunningFlow } from '../support/runtime';
import { certificates, startMosquitto } from '../support/servers';
import { bothWays, phases, wire } from './connection-flow';
import { conformance, sharedMosquitto } from './context';

/** A property that Node-RED replaces by an environment variable. */
function fromEnv(name: string): string {
  return `\${${name}}`;
}

const UP = ['red ring', 'yellow ring', 'green dot'];

conformance('connection: status', (context, version) => {
  it('in and out show red, yellow, green on the way up, and `connected` follows', async () => {
    const { port, prefix } = context();
    const flow = await context().load(bothWays(port, version, `${prefix}/x`));
    assert.equal(flow.node(BROKER).connected, false);

    for (const id of ['in', 'out', 'control']) await flow.shows(id, 'green');

    assert.equal(flow.node(BROKER).connected, true);
    for (const id of ['in', 'out', 'control']) {
      assert.deepEqual(phases(flow.statusesOf(id)), UP);
      assert.match(flow.statusesOf(id).at(-1)?.text ?? '', /connected/);
    }
  });

  it('a lost line shows red or yellow until it is back', async () => {
    const { prefix } = context();
    const line = await wire(context());
    const flow = await context().load(bothWays(line.port, version, `${prefix}/x`));
    await flow.shows('in', 'green');

    line.refuse(true);
    line.cut();
    await flow.shows('in', 'yellow');
    assert.equal(flow.node(BROKER).connected, false);
    line.refuse(false);
    await flow.shows('in', 'green', 8_000);

    assert.equal(flow.node(BROKER).connected, true);
    assert.deepEqual(
      phases(flow.statusesOf('in')).filter((phase) => phase !== 'red ring'),
      ['yellow ring', 'green dot', 'yellow ring', 'green dot'],
    );
  }).timeout(12_000);

  it('nobody at the port: yellow, and green as soon as somebody is', async () => {
    const { prefix } = context();
    const line = await wire(context());
    line.refuse(true);
    const flow = await context().load(bothWays(line.port, version, `${prefix}/x`));
    await line.until('a first attempt', () => line.connections > 0);

    line.refuse(false);
    await flow.shows('in', 'green', 8_000);

    assert.deepEqual(phases(flow.statusesOf('in')).slice(0, 2), ['red ring', 'yellow ring']);
  }).timeout(12_000);
});

conformance('connection: the CONNECT packet', (context, version) => {
  it('says what the broker config and its credentials say', async () => {
    const { prefix } = context();
    const line = await wire(context());
    const flow = await context().load(
      bothWays(line.port, version, prefix, {
        clientid: `${prefix}/me`,
        keepalive: '33',
        cleansession: false,
        sessionExpiry: '120',
        userProps: '{"site":"home"}',
        willTopic: `${prefix}/will`,
        willPayload: 'gone',
        willQos: '1',
        willRetain: 'true',
        willMsg: {
          contentType: 'text/plain',
          userProps: '{"a":"b"}',
          respTopic: 'r',
          correl: 'c',
          expiry: '30',
          delay: '1',
        },
      }),
      { [BROKER]: { user: 'anna', password: 'geheim' } },
    );
    await flow.shows('in', 'green');

    const [packet] = line.sent('connect');
    const { clientId, keepalive, clean, protocolVersion, username, password, properties, will } =
      packet ?? {};
    assert.deepEqual(
      { clientId, keepalive, clean, protocolVersion, username, password: String(password) },
      {
        clientId: `${prefix}/me`,
        keepalive: 33,
        clean: false,
        protocolVersion: version,
        username: 'anna',
        password: 'geheim',
      },
    );
    assert.deepEqual(
      { topic: will?.topic, payload: String(will?.payload), qos: will?.qos, retain: will?.retain },
      { topic: `${prefix}/will`, payload: 'gone', qos: 1, retain: true },
    );
    if (version === 4) return;
    assert.equal(properties?.sessionExpiryInterval, 120);
    assert.deepEqual({ ...properties?.userProperties }, { site: 'home' });
    const { userProperties, ...others } = will?.properties ?? {};
    assert.deepEqual({ ...userProperties }, { a: 'b' });
    assert.deepEqual(others, {
      willDelayInterval: 1,
      messageExpiryInterval: 30,
      contentType: 'text/plain',
      responseTopic: 'r',
      correlationData: Buffer.from('c'),
    });
  });

  it('without a client id, will or credentials', async () => {
    const { prefix } = context();
    const line = await wire(context());
    const flow = await context().load(bothWays(line.port, version, prefix));
    await flow.shows('in', 'green');

    const [packet] = line.sent('connect');
    assert.ok(packet?.clientId);
    const { clean, keepalive, username, password, will } = packet;
    assert.deepEqual(
      { clean, keepalive, username, password, will },
      {
        clean: true,
        keepalive: 60,
        username: undefined,
        password: undefined,
        will: undefined,
      },
    );
  });

  it('settings that a flow file leaves out have core’s defaults', async () => {
    const { prefix } = context();
    const line = await wire(context());
    const bare = { id: BROKER, type: 'mqtt-broker', broker: '127.0.0.1', port: String(line.port) };
    const [tabNode, , ...rest] = bothWays(line.port, version, prefix);
    const flow = await context().load([tabNode as Flow[0], bare, ...rest]);
    await flow.shows('in', 'green');

    const [packet] = line.sent('connect');
    assert.deepEqual([packet?.protocolVersion, packet?.clean, packet?.keepalive], [4, true, 60]);
  });
});

conformance('connection: login', (context, version) => {
  it('user and password of the credentials get in', async () => {
    const mosquitto = await startMosquitto({ users: { anna: 'geheim' } });
    context().after(() => mosquitto.stop());
    const { prefix } = context();
    const credentials = { [BROKER]: { user: 'anna', password: 'geheim' } };
    const flow = await context().load(bothWays(mosquitto.port, version, `${prefix}/x`), credentials);
    await flow.shows('in', 'green');

    const completion = await flow.call('out', { topic: `${prefix}/x`, payload: 'x', qos: 1 });
    const [msg] = await flow.messages('received', 1);

    assert.deepEqual([completion.error, msg?.payload], [undefined, 'x']);
  });
});

conformance('connection: environment variables', (context, version) => {
  it('of the process in the broker config, of the tab in a node', async () => {
    const { port, prefix } = context();
    const env = [{ name: 'TOPIC', value: `${prefix}/x`, type: 'str' }];
    process.env.DINOX_TEST_PORT = String(port);
    context().after(async () => void delete process.env.DINOX_TEST_PORT);
    const [, , ...rest] = bothWays('', version, fromEnv('TOPIC'));
    const flow = await context().load([tab({ env }), broker(fromEnv('DINOX_TEST_PORT'), version), ...rest]);
    await flow.shows('in', 'green');

    await flow.call('out', { topic: `${prefix}/x`, payload: 'x' });

    await flow.messages('received', 1);
  });
});

conformance('connection: other lines', (context, version) => {
  const roundTrip = async (flow: RunningFlow): Promise<void> => {
    await flow.shows('in', 'green');
    await flow.call('out', { topic: `${context().prefix}/x`, payload: 'x', qos: 1 });
    assert.deepEqual(
      (await flow.messages('received', 1)).map((msg) => msg.payload),
      ['x'],
    );
  };

  it('TLS with a tls-config that names the authority', async () => {
    const mosquitto = await startMosquitto({ tls: true });
    context().after(() => mosquitto.stop());
    const { prefix } = context();
    const authority = {
      id: 'tls',
      type: 'tls-config',
      name: '',
      cert: '',
      key: '',
      ca: certificates().caFile,
      verifyservercert: true,
    };
    const nodes = bothWays(mosquitto.tlsPort as number, version, `${prefix}/x`, { usetls: true, tls: 'tls' });

    await roundTrip(await context().load([...nodes, authority]));
  });

  it('TLS with a tls-config that switches verification off', async () => {
    const mosquitto = await startMosquitto({ cert: certificates().selfSigned });
    context().after(() => mosquitto.stop());
    const { prefix } = context();
    const careless = {
      id: 'tls',
      type: 'tls-config',
      name: '',
      cert: '',
      key: '',
      ca: '',
      verifyservercert: false,
    };
    const nodes = bothWays(mosquitto.tlsPort as number, version, `${prefix}/x`, { usetls: true, tls: 'tls' });

    await roundTrip(await context().load([...nodes, careless]));
  });

  it('a WebSocket, as an address with a path', async () => {
    const mosquitto = await startMosquitto({ websockets: true });
    context().after(() => mosquitto.stop());
    const { prefix } = context();
    const address = `ws://127.0.0.1:${mosquitto.wsPort}/mqtt`;

    await roundTrip(await context().load(bothWays('', version, `${prefix}/x`, { broker: address })));
  });

  it('IPv6', async () => {
    const mosquitto = await startMosquitto({ ipv6: true });
    context().after(() => mosquitto.stop());
    const { prefix } = context();

    await roundTrip(
      await context().load(bothWays(mosquitto.port, version, `${prefix}/x`, { broker: '::1' })),
    );
  });

  if (version === 5) return;

  for (const [title, properties] of [
    ['protocolVersion 3', { protocolVersion: '3' }],
    ['compatmode', { compatmode: true }],
    ['compatmode as text', { compatmode: 'true' }],
  ] as const) {
    it(`MQTT 3.1 with ${title}`, async () => {
      const line = await wire(context());
      const { prefix } = context();
      const flow = await context().load(
        bothWays(line.port, version, `${prefix}/x`, { ...properties, clientid: 'short' }),
      );

      await roundTrip(flow);
      const [packet] = line.sent('connect');
      assert.deepEqual([packet?.protocolVersion, packet?.protocolId], [3, 'MQIsdp']);
    });
  }
});

describe('conformance', () => {
  it('runs on a Mosquitto of Debian 12', async () => {
    assert.match((await sharedMosquitto()).version, /^2\.0\.11/);
  });
});
