/** The three nodes on ejabberd: one JID and one password are all that a person types. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FlowNode } from '../support/flows';
import { type Ejabberd, forEachGeneration, startEjabberd, startProxy } from '../support/servers/index';
import {
  brief,
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
  online,
  type Partner,
  settled,
  TLS,
  USER,
  users,
} from './nodes-support';
import { connects, sent } from './nodes-wire';

const VERSIONS = ['5', '4'] as const;

forEachGeneration('nodes on ejabberd', (generation) => {
  let server: Ejabberd;
  let ben: Partner;
  let topic: string;
  const harness = new Harness();
  const suite = new Harness();

  before(async function () {
    this.timeout(60_000);
    server = await startEjabberd({ generation, users });
    const login = { username: `${OTHER}@localhost`, password: OTHER_PASSWORD };
    ben = await suite.partner(`mqtt://127.0.0.1:${server.mqttPort}`, login);
  });
  after(async () => {
    await suite.end();
    await server?.stop();
  });
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

  it('brings messages in and out over TLS with a JID and a password, and says how it found the broker', async () => {
    await ben.subscribe(`${topic}/out`);
    const flow = await harness.flow(flowOf(account(), dinoxIn('in', `${topic}/in`), dinoxOut()));
    await settled(flow, topic);
    assert.equal(flow.node('broker').connected, true);
    await ben.publish(`${topic}/in`, '{"value":22.1,"unit":"°C"}');
    const [message] = await flow.messages('in-sink', 1);
    assert.deepEqual(message?.payload, { value: 22.1, unit: '°C' });
    assert.equal(message?.topic, `${topic}/in`);
    const { error } = await flow.call('out', { topic: `${topic}/out`, payload: { on: true }, qos: 2 });
    assert.equal(error, undefined);
    const [seen] = await ben.arrived(1, `${topic}/out`);
    assert.equal(seen?.payload, '{"on":true}');
    assert.deepEqual(complaints(flow), []);
    const said = logged(flow, 'info').join('\n');
    assert.match(said, new RegExp(`ejabberd ${server.version.replace(/[.+]/g, '\\$&')}`));
    assert.match(said, new RegExp(`mqtts://localhost:${server.mqttTlsPort}.*log in with the account's JID`));
  });

  for (const version of VERSIONS) {
    describe(`MQTT ${version}`, () => {
      it('sends and receives at QoS 0, 1 and 2', async () => {
        await ben.subscribe(`${topic}/#`);
        const flow = await harness.flow(
          flowOf(account({ protocolVersion: version }), dinoxIn('in', `${topic}/in`), dinoxOut()),
        );
        await settled(flow, topic);
        for (const qos of [0, 1, 2] as const) {
          const { error } = await flow.call('out', { topic: `${topic}/out`, payload: `${qos}`, qos });
          assert.equal(error, undefined);
          await ben.publish(`${topic}/in`, `in ${qos}`, { qos });
        }
        const out = await ben.arrived(3, `${topic}/out`);
        assert.deepEqual(out.map(({ payload, qos }) => [payload, qos]).sort(), [
          ['0', 0],
          ['1', 1],
          ['2', 2],
        ]);
        const inward = await flow.messages('in-sink', 3);
        assert.deepEqual(inward.map(({ payload, qos }) => [payload, qos]).sort(), [
          ['in 0', 0],
          ['in 1', 1],
          ['in 2', 2],
        ]);
        assert.deepEqual(complaints(flow), []);
      });

      it('keeps retained messages, also those of another account', async () => {
        await ben.publish(`${topic}/r/ben`, '"from ben"', { retain: true });
        const before = flowOf(account({ protocolVersion: version }), dinoxOut());
        const flow = await harness.flow(before);
        await settled(flow, topic);
        await flow.call('out', { topic: `${topic}/r/anna`, payload: '"from anna"', retain: true, qos: 1 });
        await flow.deploy(
          flowOf(account({ protocolVersion: version }), dinoxOut(), dinoxIn('in', `${topic}/r/+`)),
        );
        const got = await flow.messages('in-sink', 2);
        assert.deepEqual(got.map((message) => brief(message).slice(0, 2).concat(message.retain)).sort(), [
          [`${topic}/r/anna`, 'from anna', true],
          [`${topic}/r/ben`, 'from ben', true],
        ]);
      });

      it('brings a node that joins its retained message, and only to it', async () => {
        await ben.publish(`${topic}/r`, '"kept"', { retain: true });
        const first = [account({ protocolVersion: version }), dinoxOut(), dinoxIn('in', `${topic}/r`)];
        const flow = await harness.flow(flowOf(...first));
        await flow.messages('in-sink', 1);
        await flow.deploy(flowOf(...first, dinoxIn('late', `${topic}/r`), dinoxIn('wide', `${topic}/+`)));
        for (const id of ['late', 'wide']) await flow.messages(`${id}-sink`, 1);
        // Behind everything that the server had to send.
        await ben.publish(`${topic}/r`, '"live"');
        for (const id of ['in', 'late', 'wide']) {
          const got = await flow.messages(`${id}-sink`, 2);
          assert.deepEqual(
            got.map(({ payload, retain }) => [payload, retain]),
            [
              ['kept', true],
              ['live', false],
            ],
            id,
          );
        }
      });

      it('leaves a will that others receive when the line breaks', async () => {
        await ben.subscribe(`${topic}/will`);
        const { proxy, broker } = await watched({
          protocolVersion: version,
          willTopic: `${topic}/will`,
          willPayload: 'gone',
          willQos: '1',
          willRetain: 'false',
        });
        const flow = await harness.flow(flowOf(broker, dinoxOut()));
        await settled(flow, topic);
        proxy.cut();
        const [will] = await ben.arrived(1, `${topic}/will`);
        assert.equal(will?.payload, 'gone');
      });

      it('keeps a session over a broken line, and says how long ejabberd really keeps it', async () => {
        const { proxy, broker } = await watched({
          protocolVersion: version,
          cleansession: false,
          sessionExpiry: 86_400,
        });
        const flow = await harness.flow(
          flowOf(broker, dinoxIn('in', `${topic}/in`), dinoxOut()),
          credentials,
          {
            mqttReconnectTime: 200,
          },
        );
        await settled(flow, topic);
        const notices = logged(flow, 'warn').filter((text) => text.includes('session'));
        assert.equal(notices.length, 1);
        // MQTT 3.1.1 cannot ask for a length: there a session is to be kept for ever.
        assert.match(notices[0] ?? '', /ejabberd keeps the session for 300 s only/);
        if (version === '5') assert.match(notices[0] ?? '', /instead of the 86400 s asked for/);
        await proxy.refuse(true);
        proxy.cut();
        await flow.shows('in', 'yellow');
        await ben.publish(`${topic}/in`, '"meanwhile"');
        await proxy.refuse(false);
        const [message] = await flow.messages('in-sink', 1, CONNECT_MS);
        assert.equal(message?.payload, 'meanwhile');
      });

      it('refuses a filter of nine levels before it is sent, and the next one works', async () => {
        const { proxy, broker } = await watched({ protocolVersion: version });
        const flow = await harness.flow(
          flowOf(
            broker,
            dinoxIn('deep', `${topic}/2/3/4/5/6/7/8/9`),
            dinoxIn('eight', `${topic}/2/3/4/5/6/7/8`),
            dinoxOut(),
          ),
        );
        await settled(flow, topic);
        await flow.shows('deep', 'red');
        const [complaint, ...others] = complaints(flow);
        assert.match(
          complaint ?? '',
          /ejabberd takes topic filters of at most 8 levels.*has 9.*higher up with #/s,
        );
        assert.deepEqual(others, []);
        assert.deepEqual(
          sent(proxy, 'subscribe').flatMap(({ subscriptions }) => subscriptions.map((one) => one.topic)),
          [`${topic}/2/3/4/5/6/7/8`],
        );
        await ben.publish(`${topic}/2/3/4/5/6/7/8`, '1');
        await flow.messages('eight-sink', 1);
        // A PUBLISH may be deeper: only filters are bounded.
        await ben.subscribe(`${topic}/#`);
        await flow.call('out', { topic: `${topic}/2/3/4/5/6/7/8/9/10/11/12`, payload: 'deep', qos: 1 });
        await ben.arrived(1, `${topic}/2/3/4/5/6/7/8/9`);
        assert.equal((await flow.shows('eight', 'green')).fill, 'green');
      });

      it('refuses a nine-level filter of msg.action, and the next one works', async () => {
        const { proxy, broker } = await watched({ protocolVersion: version });
        const dynamic = dinoxIn('in', '', { inputs: 1, topicType: 'dynamic' });
        const flow = await harness.flow(flowOf(broker, dynamic, dinoxOut()));
        await settled(flow, topic);
        flow.send('in', { action: 'subscribe', topic: `${topic}/2/3/4/5/6/7/8/9` });
        await flow.until('the refusal', () => complaints(flow).some((text) => /at most 8 levels/.test(text)));
        await flow.call('in', { action: 'subscribe', topic: `${topic}/ok` });
        await settled(flow, topic);
        await ben.publish(`${topic}/ok`, '"good"');
        const [message] = await flow.messages('in-sink', 1);
        assert.equal(message?.payload, 'good');
        assert.equal(connects(proxy).length, 1, 'the connection was not lost over it');
      });

      it('refuses $share with the reason', async () => {
        const { proxy, broker } = await watched({ protocolVersion: version });
        const flow = await harness.flow(
          flowOf(broker, dinoxIn('shared', `$share/g/${topic}/#`), dinoxIn('in', `${topic}/in`), dinoxOut()),
        );
        await settled(flow, topic);
        const [complaint, ...others] = complaints(flow);
        assert.match(
          complaint ?? '',
          /ejabberd has no shared subscriptions.*Use the filter without \$share/s,
        );
        assert.deepEqual(others, []);
        await ben.publish(`${topic}/in`, '1');
        await flow.messages('in-sink', 1);
        assert.equal(connects(proxy).length, 1, 'ejabberd did not throw us out');
      });

      it('brings one message to each node where filters overlap', async () => {
        const filters: Record<string, string> = {
          all: `${topic}/#`,
          plus: `${topic}/+/temperature`,
          exact: `${topic}/kitchen/temperature`,
          same: `${topic}/kitchen/temperature`,
          other: `${topic}/cellar/#`,
        };
        const nodes = Object.entries(filters).map(([id, filter]) => dinoxIn(id, filter));
        const dynamic = dinoxIn('dynamic', '', { inputs: 1, topicType: 'dynamic' });
        const flow = await harness.flow(
          flowOf(account({ protocolVersion: version }), ...nodes, dynamic, dinoxOut()),
        );
        await online(flow, 'dynamic');
        const both = [`${topic}/kitchen/#`, `${topic}/+/temperature`];
        await flow.call('dynamic', { action: 'subscribe', topic: both });
        await settled(flow, topic);
        // Equal messages, too: the copies of one must not be taken for another one.
        for (const payload of ['20', '20', '21', '20']) {
          await ben.publish(`${topic}/kitchen/temperature`, payload);
        }
        await ben.publish(`${topic}/end`, '"end"');
        await flow.until('the end', () => flow.at('all-sink').at(-1)?.payload === 'end');
        await sleep(200);
        for (const id of ['plus', 'exact', 'same', 'dynamic']) {
          const values = flow.at(`${id}-sink`).map(({ payload }) => payload);
          assert.deepEqual(values, [20, 20, 21, 20], id);
        }
        const all = flow.at('all-sink').filter((message) => message.topic === `${topic}/kitchen/temperature`);
        assert.equal(all.length, 4);
        assert.equal(flow.at('other-sink').length, 0);
      });
    });
  }

  it('says nothing about a session that is kept as long as asked', async () => {
    const broker = account({ cleansession: false, sessionExpiry: 120 });
    const flow = await harness.flow(flowOf(broker, dinoxOut()));
    await settled(flow, topic);
    assert.deepEqual(complaints(flow), []);
  });

  it('speaks MQTT over a WebSocket with a path', async () => {
    await ben.subscribe(`${topic}/out`);
    const broker = account({
      host: `ws://localhost:${server.wsPort}${server.wsPath}`,
      port: '',
      usetls: false,
      tls: TLS,
    });
    const flow = await harness.flow(flowOf(broker, dinoxIn('in', `${topic}/in`), dinoxOut()));
    await settled(flow, topic);
    await ben.publish(`${topic}/in`, '1');
    await flow.messages('in-sink', 1);
    await flow.call('out', { topic: `${topic}/out`, payload: 'x', qos: 1 });
    await ben.arrived(1, `${topic}/out`);
    assert.deepEqual(complaints(flow), []);
    const said = logged(flow, 'info').join('\n');
    assert.match(said, new RegExp(`MQTT runs unencrypted.*ws://localhost:${server.wsPort}/mqtt`));
  });

  it('gives a publication that the server refuses to the catch node, and the next one passes', async () => {
    await ben.subscribe(`${topic}/out`);
    const flow = await harness.flow(flowOf(account({ protocolVersion: '5' }), dinoxOut()));
    await settled(flow, topic);
    const { error } = await flow.call('out', { topic: '$SYS/x', payload: '1', qos: 1 });
    assert.match(error ?? '', /did not take the message/);
    const good = await flow.call('out', { topic: `${topic}/out`, payload: '1', qos: 1 });
    assert.equal(good.error, undefined);
    await ben.arrived(1, `${topic}/out`);
  });
});
