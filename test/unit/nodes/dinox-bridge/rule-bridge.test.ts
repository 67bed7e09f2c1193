import assert from 'node:assert/strict';
import type { Element } from '@xmpp/client';
import type { NodeStatus } from 'node-red';
import { inEnglish } from '../../../../src/base/english';
import { readRules } from '../../../../src/chatbridge/rules';
import { RuleBridge } from '../../../../src/nodes/dinox-bridge/rule-bridge';
import type { Broker } from '../../../../src/runtime/broker/broker';
import { RecipientKinds } from '../../../../src/xmpp/rooms/recipient-kinds';
import { Rooms } from '../../../../src/xmpp/rooms/rooms';
import { SentMessages } from '../../../../src/xmpp/sent-messages';
import { Uploads } from '../../../../src/xmpp/upload/upload';
import { FakeClock } from '../../transport/fake-clock';
import { OutStanzas, turns } from '../../xmpp/out-stanzas';

const ROOM = 'home@conference.example.org';
const MUC_USER = 'http://jabber.org/protocol/muc#user';

/** A rule that only writes into a room, with the room's answers. */
async function setUp() {
  const session = await OutStanzas.make();
  const { xml } = session;
  const clock = new FakeClock();
  const statuses: NodeStatus[] = [];
  const warned: string[] = [];
  const deliver: ((payload: string) => void)[] = [];
  const broker = {
    chat: {
      stanzas: session,
      rooms: new Rooms(session, { clock }),
      kinds: new RecipientKinds(session),
      uploads: new Uploads(session, { clock }),
      memory: new SentMessages(),
      register: () => {},
      deregister: () => {},
    },
    config: { limits: { ttl: 0 } },
    subscribe: (subscription: { filter: string; deliver(message: object): void }) =>
      deliver.push((payload) =>
        subscription.deliver({
          topic: subscription.filter,
          payload: Buffer.from(payload),
          retain: false,
          properties: undefined,
        }),
      ),
    unsubscribe: () => {},
  };
  const { rules } = readRules([{ filter: 'home/door', to: ROOM, kind: 'groupchat', direction: 'toChat' }]);
  const [rule] = rules;
  assert.ok(rule);
  const bridge = new RuleBridge({
    node: {
      id: 'bridge',
      warn: (said: string) => warned.push(said),
      error() {},
      log() {},
      send() {},
    } as never,
    broker: broker as unknown as Broker,
    rule,
    mark: 'here/bridge',
    clock,
    limits: { text: 10_000, parsed: 64_000, file: 10_000_000 } as never,
    translate: (key, params) => `${key} ${params?.room ?? params?.text ?? ''}`,
    read: inEnglish,
    roomPassword: 'wrong',
    counted: () => {},
    status: (status) => statuses.push(status),
  });
  const presence = (...children: Element[]) =>
    session.receive(xml('presence', { from: `${ROOM}/bot` }, ...children));
  return {
    ...{ bridge, statuses, warned, session, xml },
    publish: (payload: string) => deliver[0]?.(payload),
    refuse: (condition = 'not-authorized') =>
      session.receive(
        xml(
          'presence',
          { from: `${ROOM}/bot`, type: 'error' },
          xml('error', { type: 'auth' }, xml(condition, { xmlns: 'urn:ietf:params:xml:ns:xmpp-stanzas' })),
        ),
      ),
    clock,
    unwanted: () => broker.chat.rooms.missing('bridge-1').length === 0,
    out: (...codes: string[]) => {
      const said = codes.map((code) => xml('status', { code }));
      const left = { from: `${ROOM}/bot`, type: 'unavailable' };
      session.receive(xml('presence', left, xml('x', { xmlns: MUC_USER }, xml('item'), ...said)));
    },
    knocks: () =>
      session.sent.filter(({ stanza }) => stanza.name === 'presence' && stanza.attrs.to === `${ROOM}/bot`)
        .length,
    bodies: () => session.sent.flatMap(({ stanza }) => stanza.getChildText('body') ?? []),
    enter: () => presence(xml('x', { xmlns: MUC_USER }, xml('item'), xml('status', { code: '110' }))),
  };
}

describe('a rule of a bridge that only writes', () => {
  it('is red while its room does not let the bot in, and no longer', async () => {
    const { bridge, statuses, warned, session, publish, refuse, enter } = await setUp();
    bridge.start();
    await turns();
    refuse();
    await turns();
    assert.match(warned.join(), /password/i);
    assert.deepEqual(statuses.at(-1), { fill: 'red', shape: 'ring', text: `status.refused ${ROOM}` });

    // The next message tries again.
    publish('open');
    await turns();
    enter();
    await turns();
    assert.deepEqual(statuses.at(-1), {}, 'what the chat says counts again');
    assert.match(session.last().toString(), /<body>.*open<\/body>/);
    bridge.close(true);
  });

  it('kicked: it does not come back with the next value, but after its pause, and tells what waited', async () => {
    const { bridge, statuses, warned, clock, publish, enter, out, knocks, bodies, unwanted } = await setUp();
    bridge.start();
    await turns();
    enter();
    await turns();
    publish('before');
    await turns();
    out('110', '307');
    await turns();
    assert.deepEqual(statuses.at(-1), { fill: 'red', shape: 'ring', text: `status.kicked ${ROOM}` });
    assert.match(warned.join(), /kicked the bot/);
    for (let n = 0; n < 13; n++) publish(`v${n}`);
    clock.advance(29_999);
    await turns();
    assert.equal(knocks(), 1);
    clock.advance(1);
    await turns();
    assert.equal(knocks(), 2);
    enter();
    await turns();
    assert.deepEqual(statuses.at(-1), {});
    const [before, told = '', ...more] = bodies();
    assert.match(before ?? '', /before$/);
    assert.deepEqual(more, []);
    const lines = told.split('\n');
    assert.deepEqual([lines.length, lines[0], lines[1]], [12, 'meanwhile ', 'more ']);
    assert.match(lines[11] ?? '', /v12$/);

    publish('goes on');
    await turns();
    assert.match(bodies().at(-1) ?? '', /goes on$/);

    // Banned: named, and not tried again with whatever comes.
    out('110', '301');
    await turns();
    assert.deepEqual(statuses.at(-1), { fill: 'red', shape: 'ring', text: `status.banned ${ROOM}` });
    assert.match(warned.join(), /banned the bot/);
    for (let hour = 0; hour < 23; hour++) {
      publish(`h${hour}`);
      clock.advance(3_600_000);
      await turns();
    }
    assert.deepEqual([knocks(), bodies().length], [2, 3]);
    bridge.close(true);
    assert.match(warned.at(-1) ?? '', /dropped: 23/);
    assert.ok(unwanted());
    clock.advance(7 * 86_400_000);
    await turns();
    assert.equal(knocks(), 2, 'nothing brings it back for a rule that is gone');
  });

  it('banned before a restart: each value does not knock, it asks once a day and tells what waited', async () => {
    const { bridge, statuses, clock, publish, refuse, enter, knocks, bodies } = await setUp();
    bridge.start();
    await turns();
    refuse();
    await turns();
    // It tries again with the next value, and is banned by now.
    publish('lost');
    await turns();
    refuse('forbidden');
    await turns();
    refuse('forbidden');
    await turns();
    assert.deepEqual(statuses.at(-1), { fill: 'red', shape: 'ring', text: `status.banned ${ROOM}` });
    const before = knocks();
    assert.ok(before <= 3, String(before));
    for (let hour = 0; hour < 23; hour++) {
      publish(`h${hour}`);
      clock.advance(3_600_000);
      await turns();
    }
    assert.equal(knocks(), before);
    clock.advance(3_600_000);
    await turns();
    assert.equal(knocks(), before + 1);
    enter();
    await turns();
    assert.deepEqual(statuses.at(-1), {});
    assert.match(bodies().join(), /^meanwhile.*h22$/s);
    bridge.close(true);
  });
});
