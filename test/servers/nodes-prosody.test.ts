/** The three nodes on Prosody and its MQTT bridge: plain topics, and nothing that gets lost without a word. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrokerNode } from '../../src/nodes/dinox-broker/broker-runtime';
import { BROKER, type FlowNode } from '../support/flows';
import type { RunningFlow } from '../support/runtime';
import { forEachGeneration, type Prosody, startProsody, startProxy } from '../support/servers/index';
import { bridgeSuite } from './bridge-suite';
import {
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
  PASSWORD,
  type Partner,
  stopped,
  TLS,
  USER,
  users,
} from './nodes-support';
import { connects, sent, traces } from './nodes-wire';
import { items, XmppPartner } from './nodes-xmpp';

const SERVICE = 'pubsub.localhost';

function accountOf(server: Prosody, properties: object = {}): FlowNode {
  return dinoxBroker({
    jid: `${USER}@localhost`,
    xmppService: `xmpp://localhost:${server.c2sPort}`,
    port: server.mqttTlsPort,
    tls: TLS,
    ...properties,
  });
}

/**
 * Publishes until a node receives it: the bridge acknowledges nothing, so that this is the only sign that it knows
 * the subscription.
 */
async function heard(flow: RunningFlow, id: string, topic: string, payload = '"ready"'): Promise<void> {
  await online(flow, id);
  for (let attempt = 0; attempt < 40 && flow.at(`${id}-sink`).length === 0; attempt++) {
    await flow.call('out', { topic, payload });
    await sleep(50);
  }
  assert.notEqual(flow.at(`${id}-sink`).length, 0, `${id} hears nothing`);
  await sleep(50);
  flow.received.length = 0;
}

forEachGeneration('nodes on Prosody', (generation) => {
  let server: Prosody;
  let partner: Partner;
  let xmpp: XmppPartner;
  let topic: string;
  const harness = new Harness();
  const suite = new Harness();

  before(async function () {
    this.timeout(60_000);
    // A node that the bridge made takes nothing from an ordinary account.
    server = await startProsody({ generation, users, extra: `admins = { "${OTHER}@localhost" }` });
    partner = await suite.partner(`mqtt://127.0.0.1:${server.mqttPort}`);
    xmpp = suite.keep(await XmppPartner.connect(server.c2sTlsPort, OTHER, OTHER_PASSWORD));
  });
  after(async () => {
    await suite.end();
    await server?.stop();
  });
  beforeEach(() => {
    topic = harness.topic();
  });
  afterEach(() => harness.end());

  const account = (properties: object = {}) => accountOf(server, properties);
  /** Without an account, so that nothing comes over XMPP. */
  const alone = (properties: object = {}) =>
    dinoxBroker({
      host: '127.0.0.1',
      port: server.mqttPort,
      usetls: false,
      serverType: 'prosody',
      pubsubService: SERVICE,
      ...properties,
    });
  const watched = async (properties: object = {}) => {
    const proxy = harness.keep(await startProxy({ target: { port: server.mqttPort } }));
    return { proxy, broker: account({ usetls: false, port: proxy.port, ...properties }) };
  };

  it('finds PubSub and the bridge over TLS, and speaks plain topics both ways', async () => {
    await partner.subscribe(`${SERVICE}/json/${topic}/out`);
    const flow = await harness.flow(flowOf(account(), dinoxIn('in', `${topic}/in`), dinoxOut()));
    await heard(flow, 'in', `${topic}/in`);
    await partner.publish(`${SERVICE}/json/${topic}/in`, '{"value":22.1}', { qos: 0 });
    const [message] = await flow.messages('in-sink', 1);
    assert.equal(message?.topic, `${topic}/in`);
    assert.deepEqual(message?.payload, { value: 22.1 });
    assert.deepEqual(message?.pubsub, { service: SERVICE, type: 'json', node: `${topic}/in` });
    const { error } = await flow.call('out', { topic: `${topic}/out`, payload: { on: true } });
    assert.equal(error, undefined);
    const [seen] = await partner.arrived(1, `${SERVICE}/json/${topic}/out`);
    assert.equal(seen?.payload, '{"on":true}');
    assert.match(await xmpp.lastItem(`${topic}/out`), /urn:xmpp:json:0.*on/);
    assert.deepEqual(complaints(flow), []);
    const said = logged(flow, 'info').join('\n');
    assert.match(said, new RegExp(`Prosody ${server.version.slice(0, 4)}.*${SERVICE}`));
  });

  it('brings items that were published over XMPP', async () => {
    const flow = await harness.flow(flowOf(account(), dinoxIn('in', topic), dinoxOut()));
    await heard(flow, 'in', topic);
    await xmpp.publish(topic, items.json('[1,2]'));
    const [message] = await flow.messages('in-sink', 1);
    assert.deepEqual(message?.payload, [1, 2]);
    assert.equal(message?.topic, topic);
  });

  it('is explored by its PubSub nodes: what is there, what comes, and flows notice nothing', async () => {
    const other = `${SERVICE}/utf8/${topic}/other`;
    await partner.publish(`${SERVICE}/json/${topic}/there`, '21.5', { qos: 0 });
    const flow = await harness.flow(
      flowOf(account(), dinoxIn('in', topic), dinoxIn('utf8', other), dinoxOut()),
    );
    await heard(flow, 'in', topic);
    await heard(flow, 'utf8', other, 'ready');
    const { watcher, recorder } = (flow.node(BROKER) as unknown as BrokerNode).dinox;
    const text = (name: string): string | undefined => recorder.last(`${topic}/${name}`)?.payload.toString();
    /** As an editor that looks: it asks again and again. */
    const seen = async (value: string, meanwhile = (): unknown => undefined): Promise<void> => {
      for (let tries = 0; tries < 200 && text('there') !== value; tries++) {
        watcher.explore();
        await meanwhile();
        await sleep(100);
      }
      assert.equal(text('there'), value, JSON.stringify(watcher.state));
    };
    await seen('21.5');
    assert.deepEqual(watcher.state, { phase: 'on', filters: ['#'] });
    await seen('22', () => partner.publish(`${SERVICE}/json/${topic}/there`, '22', { qos: 0 }));
    flow.received.length = 0;
    await flow.call('out', { topic: other, payload: 'still there' });
    const [message] = await flow.messages('utf8-sink', 1);
    assert.equal(message?.payload, 'still there');
    assert.equal(flow.received.length, 1);
    watcher.stopExploring();
    assert.deepEqual(watcher.state, { phase: 'off' });
    assert.deepEqual(complaints(flow), []);
  });

  it('recognises topics that are typed in full, also of another payload type', async () => {
    const flow = await harness.flow(
      flowOf(
        account(),
        dinoxIn('json', `${SERVICE}/json/${topic}/a`),
        dinoxIn('utf8', `${SERVICE}/utf8/${topic}/b`, { datatype: 'utf8' }),
        dinoxOut(),
      ),
    );
    await heard(flow, 'json', `${topic}/a`);
    await heard(flow, 'utf8', `${SERVICE}/utf8/${topic}/b`, 'ready');
    // What is plain text is no JSON: the type of the topic counts, not that of the account.
    const { error } = await flow.call('out', { topic: `${SERVICE}/utf8/${topic}/b`, payload: 'plain text' });
    assert.equal(error, undefined);
    const [message] = await flow.messages('utf8-sink', 1);
    assert.equal(message?.payload, 'plain text');
    assert.deepEqual(message?.pubsub, { service: SERVICE, type: 'utf8', node: `${topic}/b` });
  });

  for (const type of ['json', 'utf8', 'atom_title'] as const) {
    it(`carries payloads as ${type}`, async () => {
      const value = type === 'json' ? '{"text":"22 °C, <b> & \\"quoted\\""}' : '22 °C, <b> & "quoted"';
      const flow = await harness.flow(
        flowOf(account({ payloadType: type }), dinoxIn('in', topic, { datatype: 'utf8' }), dinoxOut()),
      );
      await heard(flow, 'in', topic);
      const { error } = await flow.call('out', { topic, payload: value });
      assert.equal(error, undefined);
      const [message] = await flow.messages('in-sink', 1);
      const got = message?.payload as string;
      assert.deepEqual(type === 'json' ? JSON.parse(got) : got, type === 'json' ? JSON.parse(value) : value);
      assert.deepEqual(message?.pubsub, { service: SERVICE, type, node: topic });
      await xmpp.publish(topic, items[type](type === 'json' ? '7' : 'seven'));
      const [, second] = await flow.messages('in-sink', 2);
      assert.equal(second?.payload, type === 'json' ? '7' : 'seven');
      assert.deepEqual(complaints(flow), []);
    });
  }

  it('refuses what the bridge would garble or drop, and the next good message passes', async () => {
    const { proxy, broker } = await watched();
    const flow = await harness.flow(flowOf(broker, dinoxIn('in', topic), dinoxOut()));
    await heard(flow, 'in', topic);
    const before = sent(proxy, 'publish').length;
    const utf8 = `${SERVICE}/utf8/${topic}`;
    const cases: [object, RegExp][] = [
      [{ topic, payload: 'not json' }, /"not json" is not valid JSON.*choose the payload type utf8/],
      [{ topic, payload: '' }, /empty payload is no JSON/],
      [{ topic, payload: Buffer.from([0x22, 0xff, 0xfe, 0x22]) }, /not UTF-8 text.*base64/],
      [{ topic: utf8, payload: 'bell \u0007' }, /control character that XML forbids/],
      [{ topic: utf8, payload: 'end \uffff' }, /control character that XML forbids/],
      [{ topic: `${topic}/${'x'.repeat(250)}`, payload: '1' }, /its bridge takes 255/],
    ];
    for (const [message, expected] of cases) {
      const { error } = await flow.call('out', { ...message });
      assert.match(error ?? 'no error', expected);
    }
    const { error } = await flow.call('out', { topic, payload: '"good"' });
    assert.equal(error, undefined);
    const [message] = await flow.messages('in-sink', 1);
    assert.equal(message?.payload, 'good');
    assert.equal(sent(proxy, 'publish').length - before, 1, 'nothing of it was sent');
  });

  it('names an item of another type where no account can read it, and the next one passes', async () => {
    const flow = await harness.flow(flowOf(alone(), dinoxIn('in', topic), dinoxOut()), {});
    await heard(flow, 'in', topic);
    await xmpp.publish(topic, items.utf8('not for you'));
    const text = await flow.until('the reason', () => complaints(flow)[0]);
    assert.match(
      text,
      /empty payload.*not of the type json.*Choose the payload type that its publisher uses/,
    );
    await xmpp.publish(topic, items.json('1'));
    const [message] = await flow.messages('in-sink', 1);
    assert.equal(message?.payload, 1);
    assert.equal(complaints(flow).length, 1);
  });

  it('shows under the node that it hears nothing until a value came, over a deploy too ("it works", said before it works)', async () => {
    const flows = flowOf(alone(), dinoxIn('in', topic), dinoxOut());
    const flow = await harness.flow(flows, {});
    const shown = () => JSON.stringify(flow.statusesOf('in').at(-1) ?? {});
    await heard(flow, 'in', topic);
    await xmpp.publish(topic, items.utf8('not for you'));
    await flow.until('the reason under the node', () => /"red".*payload/.test(shown()));
    const before = flow.statusesOf('in').length;
    await flow.deploy(flows, 'full', {});
    const isSettled = (): boolean => flow.statusesOf('in').length > before && !shown().includes('"yellow"');
    await flow.until('it is connected again', isSettled, 15_000);
    // The bridge has confirmed the subscription by then.
    await sleep(300);
    assert.match(shown(), /"red".*payload/, 'the deploy proves nothing');
    await xmpp.publish(topic, items.json('1'));
    await flow.until('it hears', () => /"green"/.test(shown()));
  });

  it('lowers QoS 1 and 2 with one notice, and calls done', async () => {
    const { proxy, broker } = await watched();
    const flow = await harness.flow(flowOf(broker, dinoxIn('in', topic), dinoxOut()));
    await heard(flow, 'in', topic);
    for (const qos of [1, 2, 1]) {
      const { error } = await flow.call('out', { topic, payload: qos, qos });
      assert.equal(error, undefined);
    }
    await flow.messages('in-sink', 3);
    assert.deepEqual([...new Set(sent(proxy, 'publish').map(({ qos }) => qos))], [0]);
    const notices = complaints(flow);
    assert.equal(notices.length, 1, notices.join('\n'));
    assert.match(notices[0] ?? '', /Prosody takes messages at QoS 0 at most/);
  });

  it('says once each what else the bridge cannot do', async () => {
    const broker = account({
      willTopic: `${topic}/will`,
      willPayload: '"gone"',
      cleansession: false,
    });
    const flow = await harness.flow(flowOf(broker, dinoxIn('in', topic), dinoxOut()));
    await heard(flow, 'in', topic);
    await flow.call('out', { topic, payload: 1, retain: true });
    await flow.call('out', { topic, payload: 2, retain: true, contentType: 'text/plain' });
    await flow.messages('in-sink', 2);
    const notices = complaints(flow);
    for (const expected of [/keeps no sessions/, /no message properties/, /\bwill\b/]) {
      assert.equal(
        notices.filter((text) => expected.test(text)).length,
        1,
        `${expected}\n${notices.join('\n')}`,
      );
    }
    assert.equal(notices.length, 3, notices.join('\n'));
  });

  it('refuses wildcards and $share with the reason where there is no account, and the next filter works', async () => {
    const proxy = harness.keep(await startProxy({ target: { port: server.mqttPort } }));
    const flow = await harness.flow(
      flowOf(
        alone({ port: proxy.port }),
        dinoxIn('hash', `${topic}/#`),
        dinoxIn('plus', `${topic}/+`),
        dinoxIn('share', `$share/g/${topic}/x`),
        dinoxIn('good', `${topic}/x`),
        dinoxOut(),
      ),
      {},
    );
    await heard(flow, 'good', `${topic}/x`);
    for (const id of ['hash', 'plus', 'share']) assert.equal(flow.statusesOf(id).at(-1)?.fill, 'red', id);
    const texts = complaints(flow);
    assert.equal(texts.filter((text) => /knows no wildcards.*Subscribe to each topic/.test(text)).length, 2);
    assert.equal(texts.filter((text) => /no shared subscriptions/.test(text)).length, 1);
    assert.deepEqual(
      sent(proxy, 'subscribe').flatMap(({ subscriptions }) => subscriptions.map((one) => one.topic)),
      [`${SERVICE}/json/${topic}/x`],
    );
  });

  it('subscribes and unsubscribes by message, although the bridge never answers UNSUBSCRIBE', async () => {
    const dynamic = dinoxIn('in', '', { inputs: 1, topicType: 'dynamic' });
    const flow = await harness.flow(flowOf(account(), dynamic, dinoxIn('other', topic), dinoxOut()));
    await heard(flow, 'other', topic);
    for (let round = 0; round < 2; round++) {
      assert.equal((await flow.call('in', { action: 'subscribe', topic: `${topic}/d` })).error, undefined);
      await heard(flow, 'in', `${topic}/d`);
      assert.equal((await flow.call('in', { action: 'unsubscribe', topic: `${topic}/d` })).error, undefined);
      await flow.call('out', { topic: `${topic}/d`, payload: '"unheard"' });
    }
    await flow.call('out', { topic, payload: '"end"' });
    await flow.until('the end', () => flow.at('other-sink').at(-1)?.payload === 'end');
    assert.equal(flow.at('in-sink').length, 0);
    assert.deepEqual(complaints(flow), []);
  });

  it('never sends a user name or a password to the bridge', async () => {
    const secrets = { broker: { password: PASSWORD, user: 'mqtt-user', mqttPassword: 'mqtt-s3cret' } };
    const { proxy, broker } = await watched();
    const host = { host: '127.0.0.1', useXmppCredentials: false };
    for (const properties of [{}, host, { ...host, serverType: 'prosody', pubsubService: SERVICE }]) {
      const flow = await harness.flow(
        flowOf({ ...broker, ...properties }, dinoxIn('in', topic), dinoxOut()),
        secrets,
      );
      await heard(flow, 'in', topic);
      await flow.stop();
    }
    const bytes = proxy.captured().toString('latin1');
    for (const trace of [...traces(PASSWORD), ...traces('mqtt-s3cret'), 'mqtt-user', `${USER}@`]) {
      assert.ok(!bytes.includes(trace), trace);
    }
    assert.equal(connects(proxy).length, 3);
    for (const { username, password } of connects(proxy))
      assert.deepEqual([username, password], [undefined, undefined]);
  });

  it('works without an account where host, type and service are typed', async () => {
    const flow = await harness.flow(flowOf(alone(), dinoxIn('in', topic), dinoxOut()), {});
    await heard(flow, 'in', topic);
    await flow.call('out', { topic, payload: '1' });
    const [message] = await flow.messages('in-sink', 1);
    assert.equal(message?.topic, topic);
  });

  bridgeSuite(harness, generation, () => ({ server, partner, xmpp }));
});

forEachGeneration('nodes on a Prosody that lacks something', (generation) => {
  let pubsubOnly: Prosody;
  let neither: Prosody;
  let broken: Prosody;
  const harness = new Harness();

  before(async function () {
    this.timeout(60_000);
    [pubsubOnly, neither, broken] = await Promise.all([
      startProsody({ generation, users, bridge: 'none' }),
      startProsody({ generation, users, pubsub: false }),
      startProsody({ generation, users, bridge: 'broken' }),
    ]);
  });
  after(() => Promise.all([pubsubOnly?.stop(), neither?.stop(), broken?.stop()]));
  afterEach(() => harness.end());

  it('names the bridge that is missing, and how to switch it on', async () => {
    const broker = accountOf(pubsubOnly, { transport: 'mqtt' });
    const flow = await harness.flow(flowOf(broker, dinoxIn('in', 'a'), dinoxOut()));
    await stopped(flow, 'in');
    const errors = logged(flow, 'error').join('\n');
    assert.match(errors, /offers no MQTT/);
    assert.match(errors, /has PubSub \(pubsub\.localhost\) but no MQTT bridge/);
    assert.match(errors, /modules_enabled = \{ "pubsub_mqtt" \}/);
    assert.match(logged(flow, 'info').join('\n'), /XMPP login of anna@localhost.*Prosody/);
  });

  it('goes over PubSub by itself where there is no bridge, and says why once', async () => {
    const flow = await harness.flow(flowOf(accountOf(pubsubOnly), dinoxIn('in', 'a'), dinoxOut()));
    await online(flow, 'in');
    const lines = logged(flow, 'info').filter((line) => line.includes('Prosody offers no MQTT bridge here'));
    assert.equal(lines.length, 1, logged(flow, 'info').join('\n'));
  });

  it('names PubSub that is missing, and how to switch it on', async () => {
    const flow = await harness.flow(flowOf(accountOf(neither), dinoxIn('in', 'a'), dinoxOut()));
    await stopped(flow, 'in');
    const errors = logged(flow, 'error').join('\n');
    assert.match(errors, /offers no MQTT/);
    assert.match(errors, /Component "pubsub\.localhost" "pubsub"\n {4}admins = \{ "anna@localhost" \}/);
    // A port that anybody may write to is no advice.
    assert.doesNotMatch(errors, /pubsub_mqtt/);
  });

  it("names Debian 12's broken bridge within 12 s, with its probable cause", async function () {
    this.timeout(40_000);
    const broker = accountOf(broken, { usetls: false, port: broken.mqttPort, transport: 'mqtt' });
    const flow = await harness.flow(flowOf(broker, dinoxIn('in', 'a/b'), dinoxOut()), credentials);
    await online(flow, 'out');
    const start = Date.now();
    const text = await flow.until('the reason', () => complaints(flow)[0], 12_000);
    assert.ok(Date.now() - start < 12_000);
    assert.match(text, /a\/b" was not confirmed within 10 s/);
    assert.match(text, /mod_pubsub_mqtt.*older than January 2024.*install a newer one/);
    assert.equal(flow.statusesOf('in').at(-1)?.fill, 'red');
  });
});
