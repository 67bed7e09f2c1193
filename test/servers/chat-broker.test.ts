/** The session behind a `dinox-broker`: opened by the first node that chats, shown under all of them, closed with them. */

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt from 'mqtt';
import type { NodeStatus } from 'node-red';
import { words } from '../../src/base/catalogue';
import { systemClock } from '../../src/base/clock';
import { inEnglish } from '../../src/base/english';
import type { Text } from '../../src/base/text';
import { Recorder } from '../../src/recorder/recorder';
import { Broker } from '../../src/runtime/broker/broker';
import { SubscriptionFaults } from '../../src/runtime/broker/subscription-faults';
import { chatStatus } from '../../src/runtime/chat/chat-status';
import type { RawBroker, RawCredentials } from '../../src/runtime/config/broker-config';
import { DeployWatcher } from '../../src/runtime/handover/deploy-watcher';
import { chatHandover, HandoverStore } from '../../src/runtime/handover/handover-store';
import type { RegisteredNode } from '../../src/runtime/node-contract';
import { XmppError } from '../../src/xmpp/errors';
import type { SessionState } from '../../src/xmpp/stanzas';
import { HostileXmpp, streamError } from '../support/hostile-xmpp';
import { certificates, type Prosody, startProsody, startProxy } from '../support/servers/index';
import { XmppPeer } from '../support/xmpp-peer';
import { ANNA, BOT, chatUsers, Ends, until } from './chat-support';

class Node implements RegisteredNode {
  readonly statuses: NodeStatus[] = [];
  constructor(readonly id: string) {}
  status(status: NodeStatus): void {
    this.statuses.push(status);
  }
  get shown(): string {
    const { fill, shape, text } = this.statuses.at(-1) as Exclude<NodeStatus, string>;
    return `${fill} ${shape} ${text}`;
  }
}

function phaseOf({ chat }: Broker): string {
  return chat.stanzas.state.phase;
}

describe('chat behind a dinox-broker', () => {
  let server: Prosody;
  const ends = new Ends();
  before(async function () {
    this.timeout(60_000);
    server = await startProsody({ users: chatUsers });
  });
  afterEach(() => ends.all());
  after(() => server?.stop());

  function make(raw: RawBroker = {}, credentials: RawCredentials = { password: BOT.password }) {
    const logged: string[] = [];
    const log = (level: string) => (said: Text) => void logged.push(`${level}: ${inEnglish(said)}`);
    const broker = new Broker({
      id: 'broker',
      raw: {
        configVersion: 1,
        jid: `${BOT.user}@localhost`,
        xmppService: `xmpp://127.0.0.1:${server.c2sPort}`,
        usetls: true,
        ...raw,
      },
      credentials,
      clientId: 'dinox-0123456789abcdef',
      tls: { ca: certificates().ca },
      reconnectMin: 50,
      tools: {
        clock: systemClock,
        random: () => 0,
        findPlan: () => Promise.reject(new Error('nobody asked for MQTT')),
        loadMqtt: async () => mqtt as unknown as typeof import('mqtt'),
      },
      queueFile: undefined,
      sentFile: undefined,
      shown: { installation: 'test', id: 'broker', name: '', file: undefined },
      recorder: new Recorder(systemClock),
      handovers: new HandoverStore(systemClock),
      inboundHandovers: new HandoverStore(systemClock),
      chatHandover: chatHandover(systemClock),
      faults: new SubscriptionFaults(),
      deploys: new DeployWatcher(new EventEmitter(), systemClock),
      log: { info: log('info'), warn: log('warn'), error: log('error') },
      read: inEnglish,
      translate: (key, values) => (values ? `${key}(${Object.values(values).join()})` : key),
      changed: () => {},
    });
    ends.add({ end: () => broker.close(true) });
    return { broker, logged };
  }

  it('has one status for each state', () => {
    const translate = (key: string, values?: object) =>
      values ? `${key}(${Object.values(values).join()})` : key;
    const reason = new XmppError('tls', words('a long text for the log'));
    const online: SessionState = { phase: 'online', jid: 'a@b/c', resumed: false, where: 'x' };
    for (const [state, queued, shown] of [
      [{ phase: 'idle' }, 0, 'red ring node-red:common.status.disconnected'],
      [{ phase: 'idle' }, 2, 'red ring status.disconnected (status.queued(2))'],
      [{ phase: 'connecting' }, 0, 'yellow ring node-red:common.status.connecting'],
      [{ phase: 'connecting', reason }, 0, 'yellow ring status.again(reason.tls)'],
      [{ phase: 'waiting', at: 0, reason }, 3, 'yellow ring status.again(reason.tls) (status.queued(3))'],
      [online, 0, 'green dot node-red:common.status.connected'],
      [online, 3, 'green dot status.connected (status.queued(3))'],
      [{ phase: 'stopped', reason }, 0, 'red dot reason.tls'],
    ] as [SessionState, number, string][]) {
      const node = new Node('x');
      node.status(chatStatus(state, queued, translate));
      assert.equal(node.shown, shown);
    }
  });

  it('opens with the first node, shows its state under all, logs it once, and closes with the last', async () => {
    const { broker, logged } = make();
    const [one, two] = [new Node('one'), new Node('two')];
    assert.equal(phaseOf(broker), 'idle');
    broker.chat.register(one);
    broker.chat.register(two);
    await until('both are green', () => [one, two].every(({ shown }) => shown.startsWith('green')));
    assert.equal(one.shown, 'green dot node-red:common.status.connected');
    assert.deepEqual(
      one.statuses.map((status) => (status as { fill: string }).fill),
      ['red', 'yellow', 'green'],
    );
    assert.deepEqual(logged, [
      `info: Chat: logged in as bot@localhost/dinox-0123456789abcdef at xmpp://127.0.0.1:${server.c2sPort}`,
    ]);
    assert.equal(broker.client.state.phase, 'idle', 'MQTT is not opened for chat');
    await broker.chat.deregister(one, true);
    assert.equal(phaseOf(broker), 'online');
    await broker.chat.deregister(two, true);
    assert.equal(phaseOf(broker), 'idle');
    broker.chat.register(one);
    await until('it is back', () => phaseOf(broker) === 'online');
  });

  it('a deploy: what was handed over in the last moment is sent before it closes', async () => {
    const anna = ends.add(new XmppPeer({ port: server.c2sTlsPort, ...ANNA }));
    const { broker } = make();
    broker.chat.register(new Node('one'));
    await until('all are there', () => anna.ready && phaseOf(broker) === 'online');
    const xml = await broker.chat.stanzas.load();
    const done: (Error | undefined)[] = [];
    const message = xml('message', { to: 'anna@localhost', type: 'chat' }, xml('body', {}, 'bye'));
    broker.chat.stanzas.send(message, (error) => done.push(error));
    await broker.close(false);
    assert.deepEqual(done.map(String), ['undefined']);
    await until('it arrived', () => anna.messages.length > 0);
    broker.chat.stanzas.send(message, (error) => done.push(error));
    assert.match(String(done[1]), /the dinox-broker node was closed/);
  });

  it('a line that is lost: yellow with the reason, what waits is counted, the log says it once', async () => {
    const proxy = ends.add(await startProxy({ target: { port: server.c2sPort } }));
    const { broker, logged } = make({ xmppService: `xmpp://127.0.0.1:${proxy.port}`, resource: 'küche' });
    const node = new Node('one');
    broker.chat.register(node);
    await until('it is online', () => phaseOf(broker) === 'online');
    await proxy.refuse(true);
    proxy.cut();
    await until('it is yellow', () => node.shown.startsWith('yellow'));
    const xml = await broker.chat.stanzas.load();
    let done = 0;
    for (let count = 0; count < 15; count++) {
      const message = xml('message', { to: 'anna@localhost' }, xml('body', {}, 'x'));
      broker.chat.stanzas.send(message, (error) => {
        assert.ifError(error);
        done += 1;
      });
    }
    const counted = 'status.again(reason.network) (status.queued(10))';
    await until('it says how many wait', () =>
      node.statuses.some((status) => (status as { text: string }).text === counted),
    );
    await until('it was refused twice', () => logged.filter((text) => text.startsWith('warn')).length >= 2);
    await sleep(300);
    const warnings = logged.filter((text) => text.startsWith('warn'));
    assert.equal(new Set(warnings).size, warnings.length, warnings.join('\n'));
    assert.match(
      warnings.at(-1) ?? '',
      /^warn: bot@localhost: xmpp:\/\/127\.0\.0\.1:\d+: connection refused/,
    );
    await proxy.refuse(false);
    await until('all are done', () => done === 15);
    await until('it is green', () => node.shown === 'green dot node-red:common.status.connected');
  });

  it('a new session with a message under way: it waits, goes out, and the status says so no longer', async () => {
    const hostile = ends.add(await HostileXmpp.start());
    let silent = true;
    hostile.answer = (what, text) =>
      what === 'r' && silent && hostile.heard.join().includes('id="m1"') && text ? '' : undefined;
    const { broker } = make({ xmppService: `xmpps://127.0.0.1:${hostile.port}`, presence: 'none' });
    const node = new Node('one');
    broker.chat.register(node);
    await until('it is online', () => phaseOf(broker) === 'online');
    const xml = await broker.chat.stanzas.load();
    const done: unknown[] = [];
    const message = xml('message', { to: 'anna@localhost', id: 'm1' }, xml('body', {}, 'x'));
    broker.chat.stanzas.send(message, (error) => done.push(error));
    await until('it is under way', () => hostile.heard[0]?.includes('id="m1"'));
    hostile.say(streamError('system-shutdown'));
    await until('it is sent again', () => hostile.heard[1]?.includes('id="m1"'));
    silent = false;
    await until('it is done', () => done.length === 1);
    assert.deepEqual([done, node.shown], [[undefined], 'green dot node-red:common.status.connected']);
  });

  it('a refused password: red, said once as an error, and not tried again', async () => {
    const { broker, logged } = make({}, { password: 'wrong-one' });
    const node = new Node('one');
    broker.chat.register(node);
    await until('it is red', () => node.shown === 'red dot reason.login');
    await sleep(300);
    assert.equal(logged.length, 1);
    assert.match(
      logged[0] ?? '',
      /^error: bot@localhost: .*refused the password.*there is no automatic retry/,
    );
    assert.doesNotMatch(logged.join(), /wrong-one/);
  });

  for (const [what, raw, credentials, shown, says] of [
    [
      'no JID',
      { jid: '', host: 'localhost' },
      {},
      'grey ring status.unconfigured',
      /type a JID and its password/,
    ],
    ['no password', {}, {}, 'red dot status.problem(password)', /needs the password of bot@localhost/],
    [
      'a wrong priority',
      { priority: '200' },
      {},
      'red dot status.problem(priority)',
      /priority: This must be a whole number from -128 to 127/,
    ],
    [
      'a wrong presence',
      { presence: 'asleep' },
      {},
      'red dot status.problem(presence)',
      /presence: This must be one of/,
    ],
    [
      'a wrong resource',
      { resource: 'a\u0001b' },
      {},
      'red dot status.problem(resource)',
      /no control characters/,
    ],
  ] as const) {
    it(`${what}: a clear error for everybody, and nobody is connected to`, async () => {
      const { broker, logged } = make(raw, credentials);
      const node = new Node('one');
      broker.chat.register(node);
      assert.equal(node.shown, shown);
      const { stanzas } = broker.chat;
      assert.equal(stanzas.state.phase, 'stopped');
      const xml = await stanzas.load();
      const done: string[] = [];
      stanzas.send(xml('message'), (error) => done.push(String(error)));
      assert.match(done[0] ?? '', says);
      await assert.rejects(stanzas.ask(xml('iq')), says);
      assert.ok(
        logged.some((text) => text.startsWith('error: ') && says.test(text)),
        logged.join('\n'),
      );
      await broker.chat.deregister(node, true);
    });
  }
});
