/**
 * Bridges between a Mosquitto and a room on a Prosody: two in one house (one of them in a Node-RED of its own), with
 * MQTT 5 and 3.1.1, beside DinoX's own bridge, under a flood, and thrown out of the room.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import nodeRedTls from '@node-red/nodes/core/network/05-tls.js';
import { BROKER, type FlowNode, node, tab } from '../support/flows';
import { withTexts } from '../support/labels';
import { type NodeRed, type NodeRedVersion, startNodeRed } from '../support/node-red';
import { type NodeModule, RunningFlow } from '../support/runtime';
import { type Mosquitto, type Prosody, startMosquitto, startProsody } from '../support/servers/index';
import { ChatPartner, SLOW_MS } from './chat-out-support';
import {
  dinoxBroker,
  Harness,
  logged,
  OTHER,
  OTHER_PASSWORD,
  PASSWORD,
  type Partner,
  TLS,
  tlsConfig,
  USER,
  users,
} from './nodes-support';

const HUMAN = 'carl';
const HUMAN_PASSWORD = 'Mensch-7';
const CARL = `${HUMAN}@localhost`;
const MUC = 'http://jabber.org/protocol/muc';

describe('dinox-bridge', function () {
  this.timeout(3 * SLOW_MS);
  let mosquitto: Mosquitto;
  let prosody: Prosody;
  let carl: ChatPartner;
  let second: NodeRed | undefined;
  let watcher: Partner;
  let room = '';
  let t = '';
  let count = 0;
  const harness = new Harness();

  before(async () => {
    mosquitto = await startMosquitto();
    prosody = await startProsody({ users: { ...users, [HUMAN]: HUMAN_PASSWORD }, bridge: 'none' });
    carl = await ChatPartner.connect(prosody, HUMAN, HUMAN_PASSWORD);
  });
  beforeEach(async () => {
    t = harness.topic();
    watcher = await harness.partner(`mqtt://127.0.0.1:${mosquitto.port}`, { protocolVersion: 5 });
    await watcher.subscribe(`${t}/#`);
    await watcher.subscribe('dinox/bridge/#');
    // A room that carl owns.
    const { xml } = carl;
    room = `bridge${++count}@conference.localhost`;
    await carl.join(room, HUMAN);
    const form = xml('x', { xmlns: 'jabber:x:data', type: 'submit' });
    const made = await carl.ask(`own${count}`, 'set', room, xml('query', { xmlns: `${MUC}#owner` }, form));
    assert.equal(made.attrs.type, 'result', made.toString());
  });
  afterEach(async () => {
    await harness.end();
    await second?.stop();
    second = undefined;
  });
  after(async () => {
    await carl?.end();
    await prosody?.stop();
    await mosquitto?.stop();
  });

  const broker = (user: string, properties: object = {}): FlowNode =>
    dinoxBroker({
      ...{ jid: `${user}@localhost`, xmppService: `xmpp://127.0.0.1:${prosody.c2sPort}`, tls: TLS },
      ...{ host: '127.0.0.1', port: String(mosquitto.port), usetls: false, useXmppCredentials: false },
      ...{ serverType: 'mosquitto', protocolVersion: '5', ...properties },
    });
  const bridge = (...rules: object[]): FlowNode => node('dinox-bridge', 'bridge', { broker: BROKER, rules });
  /** Both ways between everything below the test's topic and the room, in which everybody may write. */
  const both = (more: object = {}) => ({
    ...{
      to: room,
      kind: 'groupchat',
      filter: `${t}/#`,
      topic: `${t}/said`,
      allow: room,
      rate: '600',
      ...more,
    },
  });
  const start = async (
    rules: object[],
    properties: object = {},
    roomPasswords = '',
  ): Promise<RunningFlow> => {
    const ours = require('../../src/index') as typeof import('../../src/index');
    const own = [ours.registerDinoxBroker, ours.registerDinoxBridge].map((one) =>
      withTexts(one as NodeModule),
    );
    const modules = [nodeRedTls as NodeModule, ...own];
    const flow = [tab(), tlsConfig(), broker(USER, properties), bridge(...rules)];
    const credentials = { [BROKER]: { password: PASSWORD }, bridge: { roomPasswords } };
    return harness.keep(await RunningFlow.start(modules, flow, credentials));
  };
  const works = async (flow: RunningFlow): Promise<RunningFlow> => {
    await flow.shows('bridge', 'green', SLOW_MS);
    return flow;
  };
  const startSecond = async (
    version: NodeRedVersion,
    rules: object[],
    properties: object = {},
  ): Promise<void> => {
    second = await startNodeRed({
      version,
      linkPackage: true,
      flows: [tab(), tlsConfig(), broker(OTHER, properties), bridge(...rules)],
      credentials: { [BROKER]: { password: OTHER_PASSWORD } },
    });
    await second.until(
      'both are there',
      () => second?.statusesOf('bridge').at(-1)?.fill === 'green',
      SLOW_MS,
    );
  };
  const say = (body: string, to = room): Promise<void> =>
    carl.send(
      carl.xml(
        'message',
        { to, type: to === room ? 'groupchat' : 'chat', id: `c${++count}` },
        carl.xml('body', {}, body),
      ),
    );
  /** What was said in the room, as `nick: text`, without what carl said himself. */
  const inRoom = (): string[] =>
    carl.said
      .filter(({ attrs }) => String(attrs.from).startsWith(`${room}/`) && attrs.from !== `${room}/${HUMAN}`)
      .map((one) => `${String(one.attrs.from).slice(room.length + 1)}: ${one.getChildText('body')}`);
  const onMqtt = (topic: string): string[] =>
    watcher.seen.filter((one) => one.topic === topic).map(({ payload }) => payload);
  const heard = (line: string, times = 1) =>
    carl.until(`${times} × ${line}`, () => inRoom().filter((one) => one === line).length >= times, SLOW_MS);
  const published = (topic: string, payload: string, times = 1) =>
    watcher.until(
      `${times} × ${payload} on ${topic}`,
      () => onMqtt(topic).filter((one) => one === payload).length >= times,
      SLOW_MS,
    );

  /** Nothing more is said in the room for a second and a half. */
  const quiet = async (): Promise<void> => {
    for (let before = -1, tries = 0; before !== inRoom().length; tries++) {
      assert.ok(tries < 20, `it goes round: ${inRoom().slice(-5).join(' | ')}`);
      before = inRoom().length;
      await sleep(1_500);
    }
  };

  it('two bridges of one pair carry everything once each, and nothing goes round (MQTT 5)', async () => {
    const flow = await works(await start([both()]));
    await startSecond('5', [both()]);
    await watcher.publish(`${t}/x`, '22.1');
    await Promise.all([heard(`${USER}: [${t}/x] 22.1`), heard(`${OTHER}: [${t}/x] 22.1`)]);
    await say('hello');
    await published(`${t}/said`, 'hello', 2);
    // Whatever went round would come before what is sent now.
    await watcher.publish(`${t}/x`, 'end');
    await Promise.all([heard(`${USER}: [${t}/x] end`), heard(`${OTHER}: [${t}/x] end`)]);
    await say('fin');
    await published(`${t}/said`, 'fin', 2);
    assert.equal(inRoom().length, 4, inRoom().join('\n'));
    assert.deepEqual(onMqtt(`${t}/said`), ['hello', 'hello', 'fin', 'fin']);
    const [report] = onMqtt(`dinox/bridge/${room}/in`);
    const { time, id, ...said } = JSON.parse(report ?? '{}') as Record<string, string>;
    assert.deepEqual(said, { from: `${room}/${HUMAN}`, body: 'hello', type: 'groupchat' });
    assert.ok(id && Date.parse(time ?? '') > 0);
    assert.match(logged(flow, 'warn').join('\n'), /writes to a topic that a rule brings into the same chat/);
  });

  it('nothing goes round where no mark travels (MQTT 3.1.1)', async () => {
    await works(await start([both()], { protocolVersion: '4' }));
    await startSecond('4', [both({ direction: 'toChat' })], { protocolVersion: '4' });
    await say('hello');
    await published(`${t}/said`, 'hello');
    // The other one's own rule brings it into the room, once.
    await heard(`${OTHER}: [${t}/said] hello`);
    await watcher.publish(`${t}/x`, 'end');
    await Promise.all([heard(`${USER}: [${t}/x] end`), heard(`${OTHER}: [${t}/x] end`)]);
    await say('fin');
    await published(`${t}/said`, 'fin');
    await heard(`${OTHER}: [${t}/said] fin`);
    assert.equal(inRoom().length, 4, inRoom().join('\n'));
    assert.deepEqual(onMqtt(`${t}/said`), ['hello', 'fin']);
  });

  it('two bridges both ways come to an end where no mark travels, too (MQTT 3.1.1)', async () => {
    await works(await start([both()], { protocolVersion: '4' }));
    await startSecond('5', [both()], { protocolVersion: '4' });
    await say('hello');
    await published(`${t}/said`, 'hello');
    await watcher.publish(`${t}/x`, '22.1');
    await Promise.all([heard(`${USER}: [${t}/x] 22.1`), heard(`${OTHER}: [${t}/x] 22.1`)]);
    await quiet();
    // What one writes may reach the other before the room says it: then that one says it as well, once.
    assert.ok(inRoom().length <= 4, inRoom().join('\n'));
    // Then it takes what the room says for what it has carried itself.
    assert.match(onMqtt(`${t}/said`).join(), /^hello(,hello)?$/);
  });

  for (const alias of [undefined, 'Kitchen'])
    it(`DinoX’s own bridge beside it carries each message once${alias ? ', under a name of its own' : ''}`, async () => {
      await works(await start([both({ format: 'full' })]));
      const dinox = harness.keep(await ChatPartner.connect(prosody, OTHER, OTHER_PASSWORD));
      await dinox.join(room, 'dinox');
      const { xml } = dinox;
      // As DinoX does it: whatever comes below its filter is said in the room, at once and without a mark.
      const device = await harness.partner(`mqtt://127.0.0.1:${mosquitto.port}`);
      device.onMessage = (topic, payload) => {
        const body = xml('body', {}, `MQTT [${alias ?? topic}]\n${payload}`);
        void dinox.send(xml('message', { to: room, type: 'groupchat', id: `d${++count}` }, body));
      };
      await device.subscribe(`${t}/#`);
      await watcher.publish(`${t}/x`, '22.1');
      await say('hello');
      const [x, said] = [alias ?? `${t}/x`, alias ?? `${t}/said`];
      await Promise.all([
        heard(`${USER}: MQTT [${t}/x]\n22.1`),
        heard(`dinox: MQTT [${x}]\n22.1`),
        heard(`dinox: MQTT [${said}]\nhello`),
      ]);
      await say('after');
      await heard(`dinox: MQTT [${said}]\nafter`);
      await quiet();
      assert.equal(inRoom().length, 4, inRoom().join('\n'));
      assert.deepEqual(onMqtt(`${t}/said`), ['hello', 'after']);
    });

  it('10,000 messages become a few readable ones, and all are counted', async () => {
    await works(await start([both({ rate: '60', direction: 'toChat' })]));
    for (let sent = 0; sent < 10_000; sent += 500) {
      const some = Array.from({ length: 500 }, (_, n) =>
        watcher.publish(`${t}/x`, `v${sent + n}`, { qos: 0 }),
      );
      await Promise.all(some);
    }
    const told = (): number =>
      inRoom().reduce((sum, line) => {
        const text = line.replace(/^\w+: /, '');
        const before = Number(/^\((\d+) more not shown\)/.exec(text)?.[1] ?? 0);
        return sum + before + text.split('\n').filter((one) => one.startsWith('[')).length;
      }, 0);
    await carl.until('all are told or counted', () => told() >= 10_000, SLOW_MS);
    assert.equal(told(), 10_000);
    assert.ok(inRoom().length < 30, `${inRoom().length} messages`);
    assert.match(inRoom().at(-1) ?? '', /v9999$/);
  });

  it('only those who may write to the topic; all is reported; an order is said', async () => {
    const person = { to: CARL, kind: 'chat', direction: 'both', filter: `${t}/#`, rate: '600' };
    const flow = await works(
      await start([
        { ...person, topic: `${t}/free`, allow: CARL },
        { ...person, filter: `${t}/none`, topic: `${t}/closed`, allow: '' },
      ]),
    );
    const before = carl.said.length;
    await say('ON', `${USER}@localhost`);
    await published(`${t}/free`, 'ON');
    await published(`dinox/bridge/${CARL}/in`, onMqtt(`dinox/bridge/${CARL}/in`)[0] ?? '');
    await flow.until('the refusal', () =>
      logged(flow, 'warn').some((line) => /carl@localhost.* may not write/.test(line)),
    );
    assert.deepEqual(onMqtt(`${t}/closed`), []);
    await watcher.publish(`dinox/bridge/${CARL}/out`, JSON.stringify({ body: 'from MQTT' }));
    await carl.until('the order', () => carl.bodies.slice(before).includes('from MQTT'), SLOW_MS);
    await watcher.publish(`dinox/bridge/${CARL}/out`, 'no JSON');
    await flow.until('a word', () => logged(flow, 'warn').some((line) => line.includes('not a JSON object')));
  });

  it('retained messages are no news; the same pair twice is an error, and the first one runs', async () => {
    await watcher.publish(`${t}/old`, 'kept', { retain: true });
    const flow = await start([both(), both()]);
    await flow.until('the error', () =>
      logged(flow, 'error').some((line) => /same pair as in rule 1/.test(line)),
    );
    await flow.until(
      'its status',
      () => flow.statusesOf('bridge').at(-1)?.text === '1 rule(s) with a problem: see the log',
    );
    // The problem is in the status, which therefore does not say when all is there.
    for (let tries = 0; tries < 200 && inRoom().length === 0; tries++) {
      await watcher.publish(`${t}/x`, 'new');
      await sleep(50);
    }
    await heard(`${USER}: [${t}/x] new`);
    await say('are you there?');
    await published(`${t}/said`, 'are you there?');
    assert.ok(!inRoom().some((line) => line.includes('kept')), inRoom().join('\n'));
  });

  it('a room with a password gets its own, and no other; a wrong one is said', async () => {
    const { xml } = carl;
    const open = room;
    const value = (name: string, text: string) => xml('field', { var: name }, xml('value', {}, text));
    const form = xml(
      'x',
      { xmlns: 'jabber:x:data', type: 'submit' },
      value('FORM_TYPE', `${MUC}#roomconfig`),
      value('muc#roomconfig_passwordprotectedroom', '1'),
      value('muc#roomconfig_roomsecret', 'open sesame'),
    );
    room = `secret${++count}@conference.localhost`;
    await carl.join(room, HUMAN);
    const locked = await carl.ask(`lock${count}`, 'set', room, xml('query', { xmlns: `${MUC}#owner` }, form));
    assert.equal(locked.attrs.type, 'result', locked.toString());
    const rules = [both({ kind: 'auto' }), both({ to: open, topic: '', direction: 'toChat' })];
    const wrong = await start(rules, {}, `${open} open sesame\n${room} nothing`);
    await wrong.until('a word', () => logged(wrong, 'warn').some((line) => /password/i.test(line)));
    assert.equal(wrong.statusesOf('bridge').at(-1)?.fill, 'red');
    await wrong.stop();
    const flow = await works(await start(rules, {}, `${room} open sesame`));
    await watcher.publish(`${t}/x`, 'whispered');
    await heard(`${USER}: [${t}/x] whispered`);
    await say('understood');
    await published(`${t}/said`, 'understood');
    assert.ok(![...wrong.logged, ...flow.logged].some(({ text }) => text.includes('sesame')));
  });

  it('a filter that the server refuses is shown, and the other rules go on', async () => {
    const deep = {
      to: CARL,
      kind: 'chat',
      direction: 'toChat',
      filter: `${t}/${'x/'.repeat(220)}#`,
      rate: '600',
    };
    const flow = await start([deep, both()]);
    await flow.until('its status', () =>
      /^no subscription to /.test(flow.statusesOf('bridge').at(-1)?.text ?? ''),
    );
    await say('are you there?');
    await published(`${t}/said`, 'are you there?');
    assert.equal(flow.statusesOf('bridge').at(-1)?.fill, 'red');
  });

  it('a room that throws the bot out is shown, and the other rules go on', async () => {
    const person = { to: CARL, kind: 'chat', direction: 'toChat', filter: `${t}/#`, rate: '600' };
    const flow = await works(await start([both(), person]));
    const { xml } = carl;
    const item = xml('item', { jid: `${USER}@localhost`, affiliation: 'outcast' });
    await carl.ask(`ban${count}`, 'set', room, xml('query', { xmlns: `${MUC}#admin` }, item));
    await flow.shows('bridge', 'red', SLOW_MS);
    const before = carl.said.length;
    await watcher.publish(`${t}/x`, 'still here');
    await carl.until(
      'the other rule',
      () => carl.bodies.slice(before).includes(`[${t}/x] still here`),
      SLOW_MS,
    );
  });
});
