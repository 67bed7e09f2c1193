/** The three nodes over XMPP PubSub, without any MQTT: what `table.test.ts` does not compare with other ways. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FlowNode } from '../support/flows';
import type { Message, RunningFlow } from '../support/runtime';
import {
  type Ejabberd,
  forEachGeneration,
  type Generation,
  type Prosody,
  startEjabberd,
  startProsody,
  startProxy,
} from '../support/servers/index';
import { XmppComponent } from '../support/xmpp-component';
import { until } from './lasting-support';
import {
  CONNECT_MS,
  complaints,
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
  stopped,
  TLS,
  users as two,
  USER,
} from './nodes-support';
import { items, XmppPartner } from './nodes-xmpp';
import { pubsubServiceSuite } from './pubsub-service-suite';

const SERVICE = 'pubsub.localhost';
/** An account that may create nothing on Prosody. */
const GUEST = 'carl';
const GUEST_PASSWORD = 'Gast-42';
const users = { ...two, [GUEST]: GUEST_PASSWORD };
/** Sessions end when their line is lost, so that events of the meantime are lost. */
const COMPONENT = { name: 'evil.localhost', secret: 'Geheim-9' };

const originOf = (
  message: Message | undefined,
): { type?: string; late?: boolean; service?: string; itemId?: string } => (message?.pubsub ?? {}) as object;

const SERVERS = {
  Prosody: (generation: Generation): Promise<Prosody> =>
    startProsody({
      generation,
      users,
      component: COMPONENT,
      extra: `admins = { "${USER}@localhost", "${OTHER}@localhost" }\nsmacks_hibernation_time = 1\nexpose_publisher = true`,
    }),
  ejabberd: (generation: Generation): Promise<Ejabberd> =>
    startEjabberd({ generation, users, component: COMPONENT }),
};

for (const name of ['Prosody', 'ejabberd'] as const) {
  forEachGeneration(`nodes over PubSub on ${name}`, (generation) => {
    let server: Prosody | Ejabberd;
    let ben: XmppPartner;
    let topic: string;
    const harness = new Harness();
    const suite = new Harness();

    before(async function () {
      this.timeout(60_000);
      server = await SERVERS[name](generation);
      ben = suite.keep(await XmppPartner.connect(server.c2sTlsPort, OTHER, OTHER_PASSWORD));
    });
    after(async () => {
      await suite.end();
      await server?.stop();
    });
    beforeEach(() => {
      topic = harness.topic();
    });
    afterEach(() => harness.end());

    const account = (properties: object = {}): FlowNode =>
      dinoxBroker({
        jid: `${USER}@localhost`,
        xmppService: `xmpp://localhost:${server.c2sPort}`,
        tls: TLS,
        transport: 'pubsub',
        ...properties,
      });
    /** Others may read and publish. */
    const open = (properties: object = {}): FlowNode =>
      account({ nodeAccess: 'open', nodePublish: 'open', ...properties });
    const started = async (...nodes: FlowNode[]): Promise<RunningFlow> => {
      const flow = await harness.flow(flowOf(...nodes));
      await online(flow, 'out');
      return flow;
    };
    const publish = async (flow: RunningFlow, message: object): Promise<void> => {
      const { error } = await flow.call('out', { ...message });
      assert.equal(error, undefined);
    };
    /** Publishes until the node hears it: it is subscribed then. */
    const hears = async (flow: RunningFlow, on: string, id = 'in'): Promise<void> => {
      for (let tries = 0; tries < 40 && flow.at(`${id}-sink`).length === 0; tries++) {
        await publish(flow, { topic: on, payload: '"ready"' });
        await sleep(50);
      }
      assert.notEqual(flow.at(`${id}-sink`).length, 0, `${id} hears nothing`);
      await sleep(50);
      flow.received.length = 0;
    };

    /** Ben makes a node that everybody may read. */
    const benMakes = async (node: string, settings: Record<string, string>): Promise<void> => {
      const fields = Object.entries({ access_model: 'open', ...settings }).map(
        ([field, value]) => `<field var='pubsub#${field}'><value>${value}</value></field>`,
      );
      const config = `<configure><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/pubsub#node_config</value></field>${fields.join('')}</x></configure>`;
      assert.match(await ben.pubsub('set', `<create node='${node}'/>${config}`), /type=['"]result/);
    };

    it('publishes to a node and receives from it, and the node is the account’s alone', async () => {
      const flow = await started(account(), dinoxIn('in', `${topic}/x`), dinoxOut());
      await publish(flow, { topic: `${topic}/x`, payload: { value: 22.1 }, qos: 1 });
      const [message] = await flow.messages('in-sink', 1);
      assert.deepEqual(message?.payload, { value: 22.1 });
      assert.deepEqual([message?.topic, message?.retain], [`${topic}/x`, false]);
      const { itemId, publisher, ...origin } = (message?.pubsub ?? {}) as Record<string, string>;
      assert.match(publisher ?? USER, new RegExp(`^${USER}`));
      assert.deepEqual(origin, { service: SERVICE, type: 'json', node: `${topic}/x` });
      assert.match(itemId ?? '', /^nr-[0-9a-f]{16}-\d+$/);
      const guest = harness.keep(await XmppPartner.connect(server.c2sTlsPort, GUEST, GUEST_PASSWORD));
      assert.match(await guest.lastItem(`${topic}/x`), /forbidden|closed-node/);
      assert.deepEqual(complaints(flow), []);
    });

    for (const type of ['json', 'utf8', 'atom_title'] as const) {
      it(`carries payloads as ${type}, to and from a client that knows no MQTT`, async () => {
        const value = type === 'json' ? '{"text":"22 °C, <b> & \\"quoted\\""}' : '22 °C, <b> & "quoted"';
        const flow = await started(
          open({ payloadType: type }),
          dinoxIn('in', topic, { datatype: 'utf8' }),
          dinoxOut(),
        );
        await publish(flow, { topic, payload: value, retain: true });
        const [message] = await flow.messages('in-sink', 1);
        assert.equal(message?.payload, value);
        const seen = await ben.lastItem(topic);
        assert.match(
          seen,
          { json: /urn:xmpp:json:0/, utf8: /prosody\.im\/protocol\/data/, atom_title: /Atom/ }[type],
        );
        assert.match(seen, /22 °C, &lt;b&gt; &amp;/);
        await ben.publish(topic, items[type](type === 'json' ? '7' : 'seven'));
        const [, second] = await flow.messages('in-sink', 2);
        assert.equal(second?.payload, type === 'json' ? '7' : 'seven');
        assert.equal(originOf(second).type, type);
        assert.deepEqual(complaints(flow), []);
      });
    }

    it('brings an item of another type in its own, and one of no known type as XML text', async () => {
      const flow = await started(open(), dinoxIn('in', topic, { datatype: 'utf8' }), dinoxOut());
      await hears(flow, topic);
      await ben.publish(topic, items.utf8('plain'));
      await ben.publish(topic, "<geoloc xmlns='http://jabber.org/protocol/geoloc'><lat>48</lat></geoloc>");
      const [text, xml] = await flow.messages('in-sink', 2);
      assert.deepEqual([text?.payload, originOf(text).type], ['plain', 'utf8']);
      assert.match(String(xml?.payload), /^<geoloc .*<lat>48<\/lat><\/geoloc>$/);
      assert.equal(originOf(xml).type, 'xml');
    });

    it('reads what a node announces without its payload', async () => {
      await benMakes(topic, { persist_items: '1', deliver_payloads: '0' });
      const flow = await started(open(), dinoxIn('in', topic), dinoxOut());
      await ben.publish(topic, items.json('"first"'));
      await flow.messages('in-sink', 1);
      for (const value of [1, 2, 3]) await ben.publish(topic, items.json(`${value}`));
      const came = await flow.messages('in-sink', 4);
      assert.deepEqual(
        came.map(({ payload }) => payload),
        ['first', 1, 2, 3],
      );
      assert.deepEqual(complaints(flow), []);
    });

    it('takes topics in the form of the bridge, with another payload type', async () => {
      const full = `${SERVICE}/utf8/${topic}`;
      const flow = await started(open(), dinoxIn('in', full, { datatype: 'utf8' }), dinoxOut());
      await publish(flow, { topic: full, payload: 'not JSON' });
      const [message] = await flow.messages('in-sink', 1);
      assert.deepEqual([message?.topic, message?.payload], [topic, 'not JSON']);
    });

    it('refuses what no item can hold, and the next good message passes', async () => {
      const flow = await started(account(), dinoxIn('in', topic), dinoxOut());
      const cases: [object, RegExp][] = [
        [{ topic, payload: 'not json' }, /"not json" is not valid JSON/],
        [{ topic, payload: '' }, /empty payload is no JSON.*retain/],
        [{ topic, payload: Buffer.from([0x22, 0xff, 0xfe, 0x22]) }, /not UTF-8/],
        [{ topic: `${SERVICE}/utf8/${topic}`, payload: 'bell \u0007' }, /control character/],
        [{ topic: `${topic}/${'x'.repeat(1_023)}`, payload: '1' }, /a PubSub node may have 1023/],
        [{ topic, payload: 'x'.repeat(300_000) }, /bytes/],
      ];
      for (const [message, expected] of cases) {
        const { error } = await flow.call('out', { ...message });
        assert.match(error ?? 'no error', expected);
      }
      await publish(flow, { topic, payload: '"good"' });
      const [message] = await flow.messages('in-sink', 1);
      assert.equal(message?.payload, 'good');
    });

    it('says whose right is missing, in the done of that message alone', async () => {
      await ben.pubsub('set', `<create node='${topic}/ben'/>`);
      const carl = { jid: `${GUEST}@localhost` };
      const flow = await harness.flow(flowOf(account(carl), dinoxOut()), {
        broker: { password: GUEST_PASSWORD },
      });
      await online(flow, 'out');
      const denied = await flow.call('out', { topic: `${topic}/ben`, payload: 1, qos: 1 });
      assert.match(denied.error ?? 'no error', /may not publish to the node/);
      const missing = await flow.call('out', { topic: `${topic}/none`, payload: 1, qos: 1 });
      if (name === 'ejabberd') assert.equal(missing.error, undefined);
      else assert.match(missing.error ?? 'no error', /is not there, and this account may not make it/);
    });

    it('says once that a node keeps what its first message decided', async () => {
      const flow = await started(account(), dinoxOut());
      await publish(flow, { topic: `${topic}/none`, payload: 1 });
      for (const payload of [2, 3]) await publish(flow, { topic: `${topic}/none`, payload, retain: true });
      await publish(flow, { topic: `${topic}/last`, payload: 1, retain: true });
      for (const payload of [2, 3]) await publish(flow, { topic: `${topic}/last`, payload });
      const notices = complaints(flow);
      assert.equal(notices.filter((text) => /keeps no items/.test(text)).length, 1, notices.join('\n'));
      assert.equal(notices.filter((text) => /keeps its last item/.test(text)).length, 1);
      assert.equal(notices.length, 2);
    });

    if (name === 'Prosody' && generation === 'debian13')
      it('shows how far it is where many nodes are subscribed to slowly', async function () {
        this.timeout(60_000);
        const all = Array.from({ length: 60 }, (_, n) => `${topic}/${n}`);
        for (const node of all) await benMakes(node, { persist_items: '1' });
        const proxy = harness.keep(await startProxy({ target: { port: server.c2sPort } }));
        const flow = await harness.flow(
          flowOf(
            account({ xmppService: `xmpp://localhost:${proxy.port}` }),
            dinoxOut(),
            dinoxIn('in', `${topic}/own`),
          ),
        );
        await online(flow, 'out');
        proxy.delay(600);
        await flow.deploy(
          flowOf(
            account({ xmppService: `xmpp://localhost:${proxy.port}` }),
            dinoxOut(),
            dinoxIn('in', `${topic}/own`),
            dinoxIn('many', `${topic}/#`),
          ),
        );
        const shown = (): string[] => flow.statusesOf('many').map(({ text }) => text ?? '');
        const isSaid = (): boolean => shown().some((text) => text.includes('subscribing'));
        await flow.until('it is said', isSaid, 20_000);
        proxy.delay(0);
        await flow.until('it is over', () => shown().at(-1)?.includes('subscribing') === false, 20_000);
        assert.equal(flow.statusesOf('many').at(-1)?.fill, 'green');
      });

    it('refuses $share and a filter that is too long, and the next filter works', async () => {
      const flow = await started(
        account(),
        dinoxIn('share', `$share/g/${topic}`),
        dinoxIn('long', `${topic}/${'x'.repeat(1_100)}`),
        dinoxIn('in', topic),
        dinoxOut(),
      );
      await publish(flow, { topic, payload: 1 });
      await flow.messages('in-sink', 1);
      for (const id of ['share', 'long']) assert.equal(flow.statusesOf(id).at(-1)?.fill, 'red', id);
      const texts = complaints(flow).join('\n');
      assert.match(texts, /no shared subscriptions/);
      assert.match(texts, /a PubSub node may have 1023/);
    });

    it('says that a node may not be read, and the next filter works', async () => {
      const config = `<configure><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/pubsub#node_config</value></field><field var='pubsub#access_model'><value>whitelist</value></field></x></configure>`;
      assert.match(await ben.pubsub('set', `<create node='${topic}/ben'/>${config}`), /type=['"]result/);
      const flow = await harness.flow(
        flowOf(account({ jid: `${GUEST}@localhost` }), dinoxIn('in', `${topic}/ben`), dinoxOut()),
        { broker: { password: GUEST_PASSWORD } },
      );
      const text = await flow.until('the reason', () => complaints(flow)[0], CONNECT_MS);
      assert.match(text, /may not subscribe to the node/);
      assert.equal(flow.statusesOf('in').at(-1)?.fill, 'red');
    });

    it('says what is wrong with the service: none, not there, something else', async () => {
      const cases: [string, RegExp][] = [
        ['nothere.localhost', /PubSub service nothere\.localhost cannot be used/],
        ['conference.localhost', /is no PubSub service, but conference\/text/],
      ];
      for (const [pubsubService, expected] of cases) {
        const flow = await harness.flow(flowOf(account({ pubsubService }), dinoxOut()));
        await flow.shows('out', 'red', CONNECT_MS).catch(() => undefined);
        await flow.until(
          'the reason',
          () => logged(flow, 'error', 'warn').some((text) => expected.test(text)),
          10_000,
        );
        await flow.stop();
      }
      const wrong = await harness.flow(flowOf(account(), dinoxOut()), { broker: { password: 'wrong' } });
      await stopped(wrong, 'out');
      assert.match(logged(wrong, 'error').join('\n'), /password|not-authorized/);
    });

    it('uses the personal nodes of the account, which need no service and no rights', async () => {
      const carl = { jid: `${GUEST}@localhost`, pubsubService: `${GUEST}@localhost` };
      const dynamic = dinoxIn('late', '', { inputs: 1, topicType: 'dynamic' });
      const flow = await harness.flow(
        flowOf(account(carl), dinoxIn('in', `${topic}/#`), dynamic, dinoxOut()),
        {
          broker: { password: GUEST_PASSWORD },
        },
      );
      await online(flow, 'out');
      for (const payload of [1, 2])
        await publish(flow, { topic: `${topic}/x`, payload, retain: true, qos: 1 });
      const came = await flow.messages('in-sink', 2);
      assert.deepEqual(
        came.map((one) => [one.topic, one.payload, one.retain]),
        [1, 2].map((payload) => [`${topic}/x`, payload, false]),
      );
      assert.equal(originOf(came[0]).service, `${GUEST}@localhost`);
      await flow.call('late', { action: 'subscribe', topic: `${topic}/+` });
      const [last] = await flow.messages('late-sink', 1);
      assert.deepEqual([last?.payload, last?.retain], [2, true]);
      await publish(flow, { topic: `${topic}/x`, payload: '', retain: true, qos: 1 });
      assert.equal((await flow.messages('in-sink', 3))[2]?.payload, '');
      await publish(flow, { topic: `${topic}/x`, payload: 3, retain: true });
      await flow.messages('in-sink', 4);
      await flow.messages('late-sink', 3);
      const both = [flow.at('in-sink'), flow.at('late-sink')].map((all) => all.map(({ payload }) => payload));
      assert.deepEqual(both, [
        [1, 2, '', 3],
        [2, '', 3],
      ]);
      assert.deepEqual(complaints(flow), []);
    });

    it('delivers an item that somebody else publishes under an id of ours', async () => {
      const flow = await started(open(), dinoxIn('in', topic), dinoxOut());
      await publish(flow, { topic, payload: 1, retain: true });
      const [own] = await flow.messages('in-sink', 1);
      const { itemId } = originOf(own);
      const item = `<publish node='${topic}'><item id='${itemId}'>${items.json('2')}</item></publish>`;
      const answer = await ben.pubsub('set', item);
      // ejabberd says that an id belongs to its publisher.
      if (name === 'ejabberd') assert.match(answer, /forbidden/);
      else assert.equal((await flow.messages('in-sink', 2))[1]?.payload, 2);
    });

    it('goes on after a cut line without losing or repeating anything', async () => {
      const proxy = harness.keep(await startProxy({ target: { port: server.c2sPort } }));
      const flow = await started(
        account({ xmppService: `xmpp://localhost:${proxy.port}` }),
        dinoxIn('in', topic),
        dinoxOut(),
      );
      await hears(flow, topic);
      const sent = Array.from({ length: 100 }, (_, n) => ({ topic, payload: n, qos: 1 }));
      for (const [n, message] of sent.entries()) {
        flow.send('out', message);
        if (n % 30 === 20) {
          await sleep(20);
          proxy.cut();
        }
      }
      await flow.until(
        'all are confirmed',
        () => sent.every((one) => flow.completionsOf(one).length === 1),
        15_000,
      );
      for (const one of sent) assert.equal(flow.completionsOf(one)[0]?.error, undefined);
      await flow.until('the last', () => flow.at('in-sink').some(({ payload }) => payload === 99), 5_000);
      const came = flow.at('in-sink').map(({ payload }) => payload);
      assert.equal(new Set(came).size, came.length, `twice: ${came}`);
    });

    it('reads after an absence what is new, and brings it once, marked', async () => {
      const proxy = harness.keep(await startProxy({ target: { port: server.c2sPort } }));
      const flow = await started(
        open({ xmppService: `xmpp://localhost:${proxy.port}` }),
        dinoxIn('in', `${topic}/#`),
        dinoxIn('one', `${topic}/new`),
        dinoxOut(),
      );
      for (const node of ['same', 'new'])
        await publish(flow, { topic: `${topic}/${node}`, payload: 1, retain: true });
      await flow.messages('in-sink', 2);
      await proxy.refuse(true);
      proxy.cut();
      await flow.shows('in', 'yellow');
      await sleep(1_500);
      if ('api' in server) await server.api('kick_user', { user: USER, host: 'localhost' });
      await ben.publish(`${topic}/new`, items.json('2'));
      flow.received.length = 0;
      await proxy.refuse(false);
      await flow.shows('in', 'green', 10_000);
      const [message] = await flow.messages('in-sink', 1, 10_000);
      await flow.messages('one-sink', 1);
      assert.deepEqual([message?.topic, message?.payload, message?.retain], [`${topic}/new`, 2, false]);
      assert.equal(originOf(message).late, true);
      await ben.publish(`${topic}/same`, items.json('3'));
      const [, next] = await flow.messages('in-sink', 2);
      assert.deepEqual([next?.topic, next?.payload], [`${topic}/same`, 3]);
      assert.equal(originOf(next).late, undefined);
      assert.equal(flow.at('one-sink').length, 1);
    });

    it('subscribes and unsubscribes by message, and tells the service', async function () {
      this.timeout(15_000);
      const me = harness.keep(await XmppPartner.connect(server.c2sTlsPort, USER, PASSWORD));
      const dynamic = dinoxIn('in', '', { inputs: 1, topicType: 'dynamic' });
      const flow = await started(account(), dynamic, dinoxOut());
      await publish(flow, { topic, payload: 0 });
      await flow.call('in', { action: 'subscribe', topic });
      await hears(flow, topic);
      const mine = (): Promise<string> => me.pubsub('get', `<subscriptions node='${topic}'/>`);
      assert.match(await mine(), /subscription=['"]subscribed/);
      await flow.call('in', { action: 'unsubscribe', topic });
      await publish(flow, { topic, payload: 1 });
      for (let tries = 0; tries < 100 && /subscription=['"]subscribed/.test(await mine()); tries++)
        await sleep(100);
      assert.doesNotMatch(await mine(), /subscription=['"]subscribed/);
      assert.equal(flow.at('in-sink').length, 0);
    });

    it('takes every name of a node for a name, and a large item', async () => {
      const names = [
        '__proto__',
        'constructor',
        '<b>&"\'',
        `${'/'.repeat(name === 'ejabberd' ? 999 : 60)}x`,
      ].map((one) => `${topic}/${one}`);
      const flow = await started(account({ payloadType: 'utf8' }), dinoxIn('in', `${topic}/#`), dinoxOut());
      for (const name of names) await publish(flow, { topic: name, payload: name, retain: true });
      const came = await flow.messages('in-sink', names.length);
      assert.deepEqual(
        came.map((one) => [one.topic, one.payload]),
        names.map((name) => [name, name]),
      );
      await publish(flow, { topic: `${topic}/large`, payload: 'x'.repeat(200_000) });
      const large = (await flow.messages('in-sink', names.length + 1)).at(-1);
      assert.equal(String(large?.payload).length, 200_000);
      const deep = await flow.call('out', { topic: `${topic}${'/'.repeat(999)}`, payload: 1, retain: true });
      if (name === 'Prosody') assert.match(deep.error ?? 'no error', /its name is too long/);
      else assert.equal(deep.error, undefined);
    });

    it("has the bot's status as an item, and says goodbye; there is no will", async () => {
      const status = `dinox/bots/status/${topic}`;
      const bot = account({ botStatus: true, botId: topic, botName: 'Bot' });
      const flow = await started(bot, dinoxIn('in', 'dinox/bots/status/+'), dinoxOut());
      const own = () => flow.at('in-sink').findLast((message) => message.topic === status);
      const online = (await flow.until('its status', own)).payload as Record<string, unknown>;
      assert.deepEqual([online.id, online.name, online.status], [topic, 'Bot', 'online']);
      await flow.stop();
      const next = await started(account(), dinoxIn('in', status), dinoxOut());
      const [last] = await next.messages('in-sink', 1);
      assert.deepEqual([(last?.payload as { status?: string } | undefined)?.status], ['offline']);
    });

    it('believes no event but those of its own service, for nodes that it subscribed to', async () => {
      const flow = await started(account(), dinoxIn('in', `${topic}/#`), dinoxOut());
      await publish(flow, { topic: `${topic}/x`, payload: 0 });
      await flow.messages('in-sink', 1);
      const evil = new XmppComponent({ port: server.componentPort, ...COMPONENT });
      harness.after(async () => evil.end());
      await until('the component is there', () => evil.ready);
      const event = (from: string, node: string, content: string, type = 'headline'): void =>
        evil.write(
          `<message from='${from}' to='${USER}@localhost' type='${type}'><event xmlns='http://jabber.org/protocol/pubsub#event'>${content.replaceAll('NODE', node)}</event></message>`,
        );
      const item = (n: number | string): string =>
        `<items node='NODE'><item id='e${n}'><json xmlns='urn:xmpp:json:0'>${n}</json></item></items>`;
      event('evil.localhost', `${topic}/x`, item(666));
      event(`${SERVICE}/x`, `${topic}/x`, item(666));
      event(`${USER}@localhost`, `${topic}/x`, item(666));
      event(SERVICE, `${topic}/unknown`, item(666));
      event(SERVICE, `${topic}/x`, item(666), 'error');
      event(SERVICE, `${topic}/x`, "<items/><items node=''/><purge/><delete/><configuration node='NODE'/>x");
      // This component may speak for any address, the service's too: what it says then is believed.
      // No server takes 10,000 items in one stanza. One server shows what we do with them.
      const count = name === 'Prosody' && generation === 'debian13' ? 10_000 : 2_000;
      for (let first = 1; first < count; first += 2_000) {
        const many = Array.from({ length: 2_000 }, (_, n) => item(first + n).replace(/<\/?items[^>]*>/g, ''));
        event(SERVICE, `${topic}/x`, `<items node='NODE'>${many.join('')}</items>`);
      }
      const came = await flow.messages('in-sink', count + 1, 40_000);
      assert.deepEqual(
        came.map(({ payload }) => payload),
        Array.from({ length: count + 1 }, (_, n) => n),
      );
      const large = 'x'.repeat(256_000);
      event(SERVICE, `${topic}/x`, item('large').replace('large<', `"${large}"<`));
      await flow.until('the large one', () => flow.at('in-sink').at(-1)?.payload === large);
      await publish(flow, { topic: `${topic}/x`, payload: -1 });
      await flow.until('the next good one', () => flow.at('in-sink').at(-1)?.payload === -1);
    });

    pubsubServiceSuite(harness, name, generation, () => ({
      server,
      ben,
      component: COMPONENT,
      guest: { jid: `${GUEST}@localhost`, password: GUEST_PASSWORD },
      account,
      benMakes,
    }));
  });
}
