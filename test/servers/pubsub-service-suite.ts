/**
 * What others, and the service itself, do to the nodes of a flow over PubSub, and what is said of it. Part of
 * nodes-pubsub.test.ts.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FlowNode } from '../support/flows';
import type { Message, RunningFlow } from '../support/runtime';
import type { Ejabberd, Prosody } from '../support/servers/index';
import { XmppComponent } from '../support/xmpp-component';
import { LONG, until } from './lasting-support';
import {
  complaints,
  dinoxIn,
  dinoxOut,
  flowOf,
  type Harness,
  logged,
  OTHER,
  online,
  PASSWORD,
  USER,
} from './nodes-support';
import { items, XmppPartner } from './nodes-xmpp';

export interface PubsubService {
  server: Prosody | Ejabberd;
  /** Another account, which may create nodes. */
  ben: XmppPartner;
  component: { name: string; secret: string };
  /** An account that may create nothing on Prosody. */
  guest: { jid: string; password: string };
  /** A connection of the account over PubSub. */
  account(properties?: object): FlowNode;
  /** Ben makes a node that everybody may read. */
  benMakes(node: string, settings: Record<string, string>): Promise<void>;
}

const seen = (messages: readonly (Message | undefined)[]): unknown[] =>
  messages.map((one) => [one?.topic, one?.payload, one?.retain]);

const count = (flow: RunningFlow, pattern: RegExp): number =>
  complaints(flow).filter((text) => pattern.test(text)).length;

export function pubsubServiceSuite(
  harness: Harness,
  name: 'Prosody' | 'ejabberd',
  generation: string,
  open: () => PubsubService,
): void {
  describe('with others beside it', () => {
    let topic: string;
    let service: PubsubService;

    beforeEach(() => {
      service = open();
      topic = harness.topic();
    });

    const started = async (...nodes: FlowNode[]): Promise<RunningFlow> => {
      const flow = await harness.flow(flowOf(...nodes));
      await online(flow, 'out');
      return flow;
    };
    const publish = async (flow: RunningFlow, message: object): Promise<void> => {
      assert.equal((await flow.call('out', { qos: 1, ...message })).error, undefined);
    };

    it('names the publisher where the service does, and hears of a purge and a deletion', async () => {
      const { ben, account, benMakes } = service;
      // ejabberd tells of neither by itself.
      const told = { itemreply: 'publisher', notify_delete: '1' };
      for (const node of ['x', 'y'])
        await benMakes(`${topic}/${node}`, { persist_items: '1', ...(name === 'ejabberd' && told) });
      await ben.publish(`${topic}/x`, items.json('1'));
      const flow = await started(account(), dinoxIn('in', `${topic}/+`), dinoxOut());
      await flow.messages('in-sink', 1);
      await ben.publish(`${topic}/x`, items.json('2'));
      await ben.publish(`${topic}/y`, items.json('3'));
      const came = await flow.messages('in-sink', 3);
      assert.deepEqual(seen(came), [
        [`${topic}/x`, 1, true],
        [`${topic}/x`, 2, false],
        [`${topic}/y`, 3, false],
      ]);
      const publisher = (came[1]?.pubsub as { publisher?: string } | undefined)?.publisher;
      assert.match(publisher ?? 'no publisher', new RegExp(`^${OTHER}@localhost`));
      assert.match(await ben.pubsub('set', `<purge node='${topic}/x'/>`, true), /type=['"]result/);
      assert.deepEqual(seen([(await flow.messages('in-sink', 4))[3]]), [[`${topic}/x`, '', false]]);
      assert.match(await ben.pubsub('set', `<delete node='${topic}/y'/>`, true), /type=['"]result/);
      assert.deepEqual(seen([(await flow.messages('in-sink', 5))[4]]), [[`${topic}/y`, '', false]]);
      // A purged node is still there.
      await ben.publish(`${topic}/x`, items.json('4'));
      assert.deepEqual(seen([(await flow.messages('in-sink', 6))[5]]), [[`${topic}/x`, 4, false]]);
      assert.deepEqual(complaints(flow), []);
    });

    it('two on one account both receive, and one that unsubscribes does not end what the other hears', async function () {
      this.timeout(40_000);
      const { ben, account, benMakes } = service;
      await benMakes(`${topic}/x`, { persist_items: '1' });
      // Each connection has a session of its own, as that of another Node-RED.
      const other = { broker: 'other' };
      const two = [account(), dinoxIn('in', `${topic}/+`), dinoxOut()];
      const flow = await harness.flow(
        flowOf(...two, { ...account(), id: 'other' }, dinoxIn('other-in', `${topic}/x`, other)),
        { broker: { password: PASSWORD }, other: { password: PASSWORD } },
      );
      for (const id of ['in', 'other-in']) await online(flow, id);
      const hears = (payload: number, id = 'in'): Promise<unknown> =>
        flow.until(`${id} hears ${payload}`, () => flow.at(`${id}-sink`).at(-1)?.payload === payload);
      await ben.publish(`${topic}/x`, items.json('1'));
      for (const id of ['in', 'other-in']) await hears(1, id);
      const me = harness.keep(await XmppPartner.connect(service.server.c2sTlsPort, USER, PASSWORD));
      const isSubscribed = async (): Promise<boolean> =>
        /subscription=['"]subscribed/.test(await me.pubsub('get', `<subscriptions node='${topic}/x'/>`));
      assert.ok(await isSubscribed());
      await flow.deploy(
        flowOf(...two, { ...account(), id: 'other' }, dinoxIn('other-in', `${topic}/y`, other)),
      );
      // The subscription is the account's, so it ends for both, until the other one hears of that.
      let isStill = true;
      for (let tries = 0; tries < 250 && isStill; tries++) {
        await sleep(30);
        isStill = await isSubscribed();
      }
      assert.ok(!isStill, 'the service was told');
      await ben.publish(`${topic}/x`, items.json('2'));
      await hears(2);
      await ben.publish(`${topic}/x`, items.json('3'));
      await hears(3);
      assert.ok(await isSubscribed());
      assert.deepEqual(
        flow.at('in-sink').map(({ payload }) => payload),
        [1, 2, 3],
      );
    });

    it('says once what cannot be had: a will, a node of a wildcard, the events without a presence', async () => {
      const { ben, account, benMakes, guest } = service;
      await benMakes(`${topic}/closed`, { persist_items: '1', access_model: 'whitelist' });
      await benMakes(`${topic}/closed2`, { persist_items: '1', access_model: 'whitelist' });
      await benMakes(`${topic}/open`, { persist_items: '1' });
      await ben.publish(`${topic}/open`, items.json('1'));
      const will = { willTopic: `${topic}/will`, willPayload: 'gone', willQos: '0' };
      const flow = await harness.flow(
        flowOf(
          account({ jid: guest.jid, ...will, presence: 'none' }),
          dinoxIn('in', `${topic}/+`),
          dinoxOut(),
        ),
        { broker: { password: guest.password } },
      );
      await flow.messages('in-sink', 1);
      // Prosody 13 does not even list what one may not read.
      const denied = name === 'Prosody' && generation === 'debian13' ? 0 : 1;
      await flow.until('all is said', () => complaints(flow).length >= 2 + denied);
      assert.equal(count(flow, /match a filter with wildcards and may not be read.*closed/), denied);
      assert.equal(count(flow, /PubSub has no will/), 1);
      assert.equal(count(flow, /only to a session with a presence and a priority of 0/), 1);
      assert.equal(complaints(flow).length, 2 + denied);
    });

    // ejabberd takes them all.
    if (name === 'Prosody')
      it('says that the service refuses the settings of a new node, and the next flow has others', async () => {
        const { account } = service;
        const flow = await started(account({ nodeAccess: 'presence' }), dinoxOut());
        const { error } = await flow.call('out', { topic: `${topic}/x`, payload: 1, qos: 1 });
        assert.match(error ?? 'no error', /does not take the settings for the new node/);
        await flow.deploy(flowOf(account(), dinoxOut()));
        await online(flow, 'out');
        await publish(flow, { topic: `${topic}/x`, payload: 1 });
      });

    if (name === 'ejabberd' && generation === 'debian13')
      it('where the list is cut, sees the own nodes, says so once, and takes no missing name for a deleted one', async function () {
        this.timeout(60_000);
        const { ben, account, benMakes, server } = service;
        const many = Array.from({ length: 105 }, (_, n) => `${topic}/b/${n}`);
        for (const node of many) await benMakes(node, { persist_items: '1' });
        harness.after(async () => {
          for (const node of many) await ben.pubsub('set', `<delete node='${node}'/>`, true);
        });
        const first = await started(account(), dinoxOut());
        for (const n of [1, 2, 3])
          await publish(first, { topic: `${topic}/own/${n}`, payload: n, retain: true });
        await first.stop();
        const listed = await ben.nodes();
        assert.equal(listed.length, 100);
        const hidden = many.find((node) => !listed.includes(node));
        assert.ok(hidden);
        await ben.publish(hidden, items.json('"hidden"'));
        const flow = await started(
          account({ pubsubPoll: '10s' }),
          dinoxIn('in', `${topic}/own/+`),
          dinoxIn('all', `${topic}/#`),
          dinoxIn('named', hidden),
          dinoxOut(),
        );
        const own = [1, 2, 3].map((n) => [`${topic}/own/${n}`, n, true]);
        assert.deepEqual(seen(await flow.messages('in-sink', 3)).sort(), own);
        assert.deepEqual(seen(await flow.messages('named-sink', 1)), [[hidden, 'hidden', true]]);
        // The next look finds what another session of the account made.
        const me = harness.keep(await XmppPartner.connect(server.c2sTlsPort, USER, PASSWORD));
        await me.pubsub('set', `<create node='${topic}/own/4'/>`);
        await me.publish(`${topic}/own/4`, items.json('4'));
        assert.equal((await flow.messages('in-sink', 4, 15_000))[3]?.payload, 4);
        // The node that no list names is still subscribed to, and nobody said that it is gone.
        await ben.publish(hidden, items.json('"more"'));
        await flow.messages('named-sink', 2);
        assert.deepEqual(seen(flow.at('named-sink')).slice(1), [[hidden, 'more', false]]);
        assert.deepEqual(
          flow.at('all-sink').filter(({ payload }) => payload === ''),
          [],
        );
        assert.equal(count(flow, /lists only 100 nodes/), 1);
        assert.equal(complaints(flow).length, 1);
      });

    // It waits 15 s for an answer; what is said then has its unit test, too (service.test.ts).
    if (LONG && name === 'Prosody' && generation === 'debian13')
      it('says that a service does not answer, and works when it does', async function () {
        this.timeout(60_000);
        const { server, account, component } = service;
        const silent = new XmppComponent({ port: server.componentPort, ...component });
        harness.after(async () => silent.end());
        await until('the component is there', () => silent.ready);
        const flow = await harness.flow(
          flowOf(account({ pubsubService: component.name }), dinoxIn('in', topic), dinoxOut()),
        );
        const said = (): boolean =>
          logged(flow, 'error', 'warn').some((text) => /PubSub service .* does not answer/.test(text));
        await flow.until('it is said', said, 25_000);
        assert.match(silent.text, /disco#info/);
        await flow.deploy(flowOf(account(), dinoxIn('in', topic), dinoxOut()));
        await online(flow, 'out');
        await publish(flow, { topic, payload: 1 });
        await flow.messages('in-sink', 1);
      });
  });
}
