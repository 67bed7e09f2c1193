/**
 * Prosody's bridge, helped by the account's XMPP session: wildcards, last values and items of other types. Part of
 * nodes-prosody.test.ts.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FlowNode } from '../support/flows';
import type { Message, RunningFlow } from '../support/runtime';
import { type Generation, type Prosody, startProxy } from '../support/servers/index';
import { until } from './lasting-support';
import {
  complaints,
  dinoxBroker,
  dinoxIn,
  dinoxOut,
  flowOf,
  type Harness,
  logged,
  OTHER,
  OTHER_PASSWORD,
  online,
  type Partner,
  TLS,
  USER,
} from './nodes-support';
import { sent } from './nodes-wire';
import { items, type XmppPartner } from './nodes-xmpp';

const SERVICE = 'pubsub.localhost';

interface Bridge {
  server: Prosody;
  /** An MQTT client at the bridge. */
  partner: Partner;
  /** An administrator of the PubSub service. */
  xmpp: XmppPartner;
}

const seen = (messages: readonly (Message | undefined)[]): unknown[] =>
  messages.map((one) => [one?.topic, one?.payload, one?.retain]);

const isLate = (message: Message | undefined): boolean | undefined =>
  ((message?.pubsub ?? {}) as { late?: boolean }).late;

export function bridgeSuite(harness: Harness, generation: Generation, open: () => Bridge): void {
  describe('helped by XMPP', () => {
    let topic: string;
    let bridge: Bridge;

    beforeEach(() => {
      bridge = open();
      topic = harness.topic();
    });

    const account = (properties: object = {}): FlowNode =>
      dinoxBroker({
        jid: `${USER}@localhost`,
        xmppService: `xmpp://localhost:${bridge.server.c2sPort}`,
        port: bridge.server.mqttTlsPort,
        tls: TLS,
        transport: 'mqtt',
        ...properties,
      });
    const started = async (...nodes: FlowNode[]): Promise<RunningFlow> => {
      const flow = await harness.flow(flowOf(...nodes));
      await online(flow, 'out');
      return flow;
    };
    const say = (name: string, payload: string, type = 'json'): Promise<unknown> =>
      bridge.partner.publish(`${SERVICE}/${type}/${topic}/${name}`, payload, { qos: 0 });

    it('brings the last value of each topic once and marked, and then every message once', async () => {
      await say('a', '1');
      await say('b', '2');
      const flow = await started(
        account(),
        dinoxIn('all', `${topic}/#`),
        dinoxIn('one', `${topic}/a`),
        dinoxOut(),
      );
      const last = await flow.messages('all-sink', 2);
      assert.deepEqual(seen(last).sort(), [
        [`${topic}/a`, 1, true],
        [`${topic}/b`, 2, true],
      ]);
      assert.deepEqual(seen(await flow.messages('one-sink', 1)), [[`${topic}/a`, 1, true]]);
      await say('a', '3');
      await say('b', '4');
      const came = await flow.messages('all-sink', 4);
      assert.deepEqual(seen(came.slice(2)), [
        [`${topic}/a`, 3, false],
        [`${topic}/b`, 4, false],
      ]);
      assert.deepEqual(came[2]?.pubsub, { service: SERVICE, type: 'json', node: `${topic}/a` });
      // A topic that is new is subscribed to before its own first message.
      await flow.call('out', { topic: `${topic}/c`, payload: 5 });
      assert.deepEqual(seen([(await flow.messages('all-sink', 5))[4]]), [[`${topic}/c`, 5, false]]);
      await flow.messages('one-sink', 2);
      assert.deepEqual([flow.at('all-sink').length, flow.at('one-sink').length], [5, 2]);
      assert.deepEqual(complaints(flow), []);
    });

    it('brings the last value to who subscribes late, until it is removed', async () => {
      const dynamic = dinoxIn('late', '', { inputs: 1, topicType: 'dynamic' });
      // Only an administrator may remove what the bridge keeps.
      const ben = account({ jid: `${OTHER}@localhost` });
      const flow = await harness.flow(flowOf(ben, dinoxIn('in', `${topic}/+`), dynamic, dinoxOut()), {
        broker: { password: OTHER_PASSWORD },
      });
      await online(flow, 'out');
      await flow.call('out', { topic: `${topic}/x`, payload: 7, retain: true });
      await flow.messages('in-sink', 1);
      await flow.call('late', { action: 'subscribe', topic: `${topic}/x` });
      assert.deepEqual(seen(await flow.messages('late-sink', 1)), [[`${topic}/x`, 7, true]]);
      await flow.call('late', { action: 'unsubscribe', topic: `${topic}/x` });
      assert.equal(
        (await flow.call('out', { topic: `${topic}/x`, payload: '', retain: true })).error,
        undefined,
      );
      assert.deepEqual(seen([(await flow.messages('in-sink', 2))[1]]), [[`${topic}/x`, '', false]]);
      await flow.call('late', { action: 'subscribe', topic: `${topic}/x` });
      await flow.call('out', { topic: `${topic}/x`, payload: 8 });
      const [, next] = await flow.messages('late-sink', 2);
      assert.deepEqual(seen([next]), [[`${topic}/x`, 8, false]]);
      assert.deepEqual(complaints(flow), []);
    });

    it('says whose right is missing where a value cannot be removed, and the next message passes', async () => {
      const flow = await started(account(), dinoxIn('in', `${topic}/x`), dinoxOut());
      await flow.call('out', { topic: `${topic}/x`, payload: 1 });
      await flow.messages('in-sink', 1);
      const { error } = await flow.call('out', { topic: `${topic}/x`, payload: '', retain: true });
      assert.match(error ?? 'no error', /may not publish to the node/);
      await flow.call('out', { topic: `${topic}/x`, payload: 2 });
      assert.equal((await flow.messages('in-sink', 2))[1]?.payload, 2);
    });

    it('reads an item of another type, which the bridge brings empty, in its place and in its own type', async () => {
      const flow = await started(
        account(),
        dinoxIn('in', `${topic}/#`, { datatype: 'utf8' }),
        dinoxIn('one', `${topic}/x`, { datatype: 'utf8' }),
        dinoxOut(),
      );
      await flow.call('out', { topic: `${topic}/x`, payload: '"json"' });
      await flow.messages('in-sink', 1);
      const { xmpp } = bridge;
      await xmpp.publish(`${topic}/x`, items.utf8('plain'));
      await flow.messages('in-sink', 2);
      await xmpp.publish(`${topic}/x`, items.json('1'));
      await flow.messages('in-sink', 3);
      await xmpp.publish(
        `${topic}/x`,
        "<geoloc xmlns='http://jabber.org/protocol/geoloc'><lat>48</lat></geoloc>",
      );
      await flow.messages('in-sink', 4);
      // From the second on they come whole over MQTT.
      for (const text of ['two', 'three', 'four']) {
        await xmpp.publish(`${topic}/x`, items.utf8(text));
        await flow.until(text, () => flow.at('in-sink').some(({ payload }) => payload === text));
      }
      const came = await flow.messages('in-sink', 7);
      const typed = came.map(({ payload, pubsub }) => [payload, (pubsub as { type: string }).type]);
      assert.deepEqual(typed, [
        ['"json"', 'json'],
        ['plain', 'utf8'],
        ['1', 'json'],
        ['<geoloc xmlns="http://jabber.org/protocol/geoloc"><lat>48</lat></geoloc>', 'xml'],
        ['two', 'utf8'],
        ['three', 'utf8'],
        ['four', 'utf8'],
      ]);
      await flow.messages('one-sink', 7);
      assert.deepEqual([flow.at('in-sink').length, flow.at('one-sink').length], [7, 7]);
      assert.deepEqual(complaints(flow), []);
    });

    it('reads a burst of items of another type, none lost that the node keeps, in their order', async () => {
      const { xmpp } = bridge;
      await say('x', '"first"');
      const flow = await started(account(), dinoxIn('in', `${topic}/x`, { datatype: 'utf8' }), dinoxOut());
      await flow.messages('in-sink', 1);
      const texts = Array.from({ length: 10 }, (_, n) => `t${n}`);
      for (const text of texts) await xmpp.publish(`${topic}/x`, items.utf8(text));
      await flow.until('the last', () => flow.at('in-sink').at(-1)?.payload === 't9');
      const came = flow.at('in-sink').map(({ payload }) => payload);
      assert.deepEqual(came, ['"first"', ...texts]);
    });

    it('reads after a lost line what came meanwhile, once and marked', async () => {
      const proxy = harness.keep(await startProxy({ target: { port: bridge.server.mqttPort } }));
      for (const name of ['same', 'new']) await say(name, '1');
      const flow = await started(
        account({ usetls: false, port: proxy.port }),
        dinoxIn('in', `${topic}/+`),
        dinoxIn('one', `${topic}/new`),
        dinoxOut(),
      );
      await flow.messages('in-sink', 2);
      await flow.messages('one-sink', 1);
      flow.received.length = 0;
      await proxy.refuse(true);
      proxy.cut();
      await flow.shows('in', 'yellow');
      await say('new', '2');
      await proxy.refuse(false);
      await flow.shows('in', 'green', 10_000);
      const [message] = await flow.messages('in-sink', 1);
      assert.deepEqual(seen([message]), [[`${topic}/new`, 2, false]]);
      assert.equal(isLate(message), true);
      await say('same', '3');
      assert.deepEqual(seen([(await flow.messages('in-sink', 2))[1]]), [[`${topic}/same`, 3, false]]);
      assert.equal(flow.at('one-sink').length, 1);
    });

    it('says why wildcards have to wait while XMPP is away; all else goes on, and they work by themselves', async function () {
      this.timeout(40_000);
      const { server } = bridge;
      const proxy = harness.keep(await startProxy({ target: { port: server.c2sPort } }));
      await proxy.refuse(true);
      await say('a', '1');
      const flow = await harness.flow(
        flowOf(
          account({
            xmppService: `xmpp://localhost:${proxy.port}`,
            host: '127.0.0.1',
            usetls: false,
            port: server.mqttPort,
            serverType: 'prosody',
            pubsubService: SERVICE,
          }),
          dinoxIn('all', `${topic}/#`),
          dinoxIn('one', `${topic}/a`),
          dinoxOut(),
        ),
      );
      await online(flow, 'one');
      await flow.shows('all', 'red', 10_000);
      assert.match(complaints(flow).join('\n'), /Wildcards need the account's XMPP session/);
      for (let tries = 0; tries < 40 && flow.at('one-sink').length === 0; tries++) {
        await flow.call('out', { topic: `${topic}/a`, payload: 2 });
        await sleep(50);
      }
      assert.notEqual(flow.at('one-sink').length, 0, 'messages need no XMPP');
      await proxy.refuse(false);
      await flow.shows('all', 'green', 30_000);
      const [last] = await flow.messages('all-sink', 1);
      assert.equal(last?.topic, `${topic}/a`);
      await say('a', '3');
      await flow.until('it hears', () => flow.at('all-sink').at(-1)?.payload === 3);
      await flow.until('the other too', () => flow.at('one-sink').at(-1)?.payload === 3);
    });

    it('asks nothing over XMPP where nobody subscribes, and lets go of what is not wanted any more', async function () {
      this.timeout(20_000);
      const proxy = harness.keep(await startProxy({ target: { port: bridge.server.mqttPort } }));
      await say('a', '1');
      const dynamic = dinoxIn('in', '', { inputs: 1, topicType: 'dynamic' });
      const flow = await started(account({ usetls: false, port: proxy.port }), dynamic, dinoxOut());
      await flow.call('out', { topic: `${topic}/a`, payload: 1 });
      const isLoggedIn = (): boolean => logged(flow, 'info').some((text) => /Chat: logged in/.test(text));
      assert.equal(isLoggedIn(), false);
      await flow.call('in', { action: 'subscribe', topic: `${topic}/#` });
      await flow.messages('in-sink', 1);
      assert.equal(isLoggedIn(), true);
      await flow.call('in', { action: 'unsubscribe', topic: `${topic}/#` });
      await until('the bridge is told', () => sent(proxy, 'unsubscribe').length > 0, 10_000);
      const told = sent(proxy, 'unsubscribe').flatMap(({ unsubscriptions }) => unsubscriptions);
      assert.deepEqual(told, [`${SERVICE}/json/${topic}/a`]);
    });

    for (const type of ['json', 'utf8', 'atom_title'] as const)
      it(`a flow over PubSub and an MQTT client see the same ${type}, and so does the flow moved to MQTT`, async () => {
        const { partner } = bridge;
        const [ours, theirs] =
          type === 'json'
            ? ['{"text":"22 °C, <b> & \\"quoted\\""}', '{"value":22.1}']
            : ['22 °C, <b> & "quoted"', 'Stube: <an> & "aus"'];
        const full = `${SERVICE}/${type}/${topic}`;
        // A node is made by an administrator of the service.
        const flowOver = (transport: string) =>
          flowOf(
            account({ jid: `${OTHER}@localhost`, transport, payloadType: type }),
            dinoxIn('in', topic, { datatype: 'utf8' }),
            dinoxOut(),
          );
        const flow = await harness.flow(flowOver('pubsub'), { broker: { password: OTHER_PASSWORD } });
        await online(flow, 'out');
        await partner.subscribe(full, 0);
        let came = 0;
        let arrived = 0;
        const bothWays = async (): Promise<void> => {
          const { error } = await flow.call('out', { topic, payload: ours, retain: true });
          assert.equal(error, undefined);
          const own = (await flow.messages('in-sink', came + 1)).at(-1);
          const there = (await partner.arrived(arrived + 1, full)).at(-1);
          assert.deepEqual(
            [own?.topic, own?.payload, there?.topic, there?.payload],
            [topic, ours, full, ours],
          );
          await partner.publish(full, theirs, { qos: 0 });
          const message = (await flow.messages('in-sink', came + 2)).at(-1);
          assert.deepEqual(seen([message]), [[topic, theirs, false]]);
          assert.equal((message?.pubsub as { type?: string } | undefined)?.type, type);
          assert.equal((await partner.arrived(arrived + 2, full)).at(-1)?.payload, theirs);
          came += 2;
          arrived += 2;
        };
        await bothWays();
        await flow.deploy(flowOver('mqtt'));
        await online(flow, 'in');
        // The last value, as who subscribes gets it.
        assert.deepEqual(seen([(await flow.messages('in-sink', came + 1)).at(-1)]), [[topic, theirs, true]]);
        came += 1;
        await bothWays();
        assert.deepEqual(complaints(flow), []);
      });

    // The wait between two looks is ten seconds at least.
    if (generation === 'debian13')
      it('finds topics that others make, and those that go', async function () {
        this.timeout(40_000);
        const { xmpp } = bridge;
        await say('there', '0');
        const flow = await started(account({ pubsubPoll: '10s' }), dinoxIn('in', `${topic}/#`), dinoxOut());
        // It comes with the first list.
        await flow.messages('in-sink', 1);
        await say('theirs', '1');
        const [, theirs] = await flow.messages('in-sink', 2, 20_000);
        assert.deepEqual(seen([theirs]), [[`${topic}/theirs`, 1, false]]);
        assert.equal(isLate(theirs), true);
        await say('theirs', '2');
        await flow.messages('in-sink', 3);
        await xmpp.pubsub('set', `<delete node='${topic}/theirs'/>`, true);
        assert.deepEqual(seen([(await flow.messages('in-sink', 4, 20_000))[3]]), [
          [`${topic}/theirs`, '', false],
        ]);
        assert.deepEqual(complaints(flow), []);
      });
  });
}
