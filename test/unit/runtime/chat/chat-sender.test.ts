import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { CodedError } from '../../../../src/base/coded-error';
import { xmppOutSettings } from '../../../../src/nodes/xmpp-out/config';
import { ChatSender, type SendingChat } from '../../../../src/runtime/chat/chat-sender';
import { RecipientKinds } from '../../../../src/xmpp/rooms/recipient-kinds';
import { Rooms } from '../../../../src/xmpp/rooms/rooms';
import { LastTexts } from '../../../../src/xmpp/sending/last-texts';
import type { Pending } from '../../../../src/xmpp/sending/sender';
import { SentMessages } from '../../../../src/xmpp/sent-messages';
import { Uploads } from '../../../../src/xmpp/upload/upload';
import { FakeClock } from '../../transport/fake-clock';
import { OutStanzas, turns } from '../../xmpp/out-stanzas';

const ROOM = 'home@conference.example.org';
const TO_ROOM = { to: ROOM, kind: 'groupchat' };

async function setUp(def: object = {}) {
  const stanzas = await OutStanzas.make();
  const clock = new FakeClock();
  const bus = new EventEmitter();
  const released: Pending[] = [];
  const reports: string[] = [];
  bus.on('dinox:sending', ({ phase, alertId }) => reports.push(`${phase} ${alertId}`));
  const chat = {
    stanzas,
    rooms: new Rooms(stanzas, { clock }),
    kinds: new RecipientKinds(stanzas),
    uploads: new Uploads(stanzas, { clock }),
    memory: new SentMessages(),
    said: new LastTexts(),
    counts: { received: 0, sent: 0, errors: 0 },
    takePending: () => released.splice(0),
    leave: (_node: string, pending: Pending[]) => released.push(...pending),
    register: () => {},
  } as unknown as SendingChat;
  let ids = 0;
  const make = () => {
    const log: string[] = [];
    const outputs: { xmpp?: { to?: string; all?: unknown[] } }[] = [];
    const node = {
      id: 'out',
      send: (sent: unknown) => outputs.push((sent as typeof outputs)[0] ?? {}),
      status: () => {},
      warn: (text: unknown) => log.push(String(text)),
      error: (text: unknown) => log.push(String(text)),
    };
    const sender = new ChatSender({
      node,
      chat,
      settings: xmppOutSettings({ to: 'anna@example.org', ...def }),
      roomPassword: undefined,
      offlineMs: 60_000,
      bus,
      current: () => running,
      clock,
      newId: () => `id${++ids}`,
      translate: (key, values) => [key, ...Object.values(values ?? {})].join(' '),
      read: ({ key }) => key,
    });
    const done: (Error | undefined)[] = [];
    const handle = (msg: object): void => sender.handle({ ...msg }, node.send, (error) => done.push(error));
    running = node;
    return { sender, node, log, outputs, done, handle };
  };
  /** The room answers the join. */
  const enter = (): void => {
    const { xml } = stanzas;
    const x = xml(
      'x',
      { xmlns: 'http://jabber.org/protocol/muc#user' },
      xml('item'),
      xml('status', { code: '110' }),
    );
    stanzas.receive(xml('presence', { from: `${ROOM}/bot` }, x));
  };
  const bodies = () =>
    stanzas.sent.flatMap(({ stanza }) => (stanza.name === 'message' ? [stanza.getChildText('body')] : []));
  let running: { send(sent: unknown): void } | undefined;
  return { stanzas, reports, make, enter, bodies };
}

describe('chat sender', () => {
  it('ends bad input in one done, with the reason, and sends nothing', async () => {
    const { stanzas, reports, make } = await setUp();
    const { sender, done, outputs, handle } = make();
    sender.start();
    handle({ payload: 'x', to: 'not a jid@', alertId: 'a1' });
    handle({ payload: '' });
    await turns();
    assert.deepEqual(
      done.map((error) => [(error as CodedError).code, error?.message.split(' ')[0]]),
      [
        ['receiver-jid', 'send.receiver-jid'],
        ['payload-empty', 'send.payload-empty'],
      ],
    );
    assert.deepEqual(stanzas.sent, []);
    assert.deepEqual(outputs, []);
    assert.deepEqual(reports, ['failed a1']);
    sender.close(true);
  });

  it('two messages at once: each has its own done, and its own output', async () => {
    const { reports, make } = await setUp({ rate: '6000' });
    const { sender, done, outputs, handle } = make();
    sender.start();
    handle({ payload: 'one', alertId: 'a1' });
    handle({ payload: 'two', to: ['ben@example.org', 'cleo@example.org'] });
    await turns();
    assert.deepEqual(done, [undefined, undefined]);
    assert.deepEqual(
      outputs.map(({ xmpp }) => [xmpp?.to, xmpp?.all?.length]),
      [
        ['anna@example.org', undefined],
        ['ben@example.org', 2],
      ],
    );
    assert.deepEqual(reports, ['taken a1', 'sent a1']);
    sender.close(true);
  });

  it('closed while a message waits for its room: removed, its done has the reason, once', async () => {
    const { reports, make, enter, bodies } = await setUp(TO_ROOM);
    const { sender, done, handle } = make();
    sender.start();
    handle({ payload: 'waits', alertId: 'a1' });
    await turns();
    assert.equal(done.length, 0);
    sender.close(true);
    enter();
    await turns();
    assert.deepEqual(
      done.map((error) => error?.message),
      ['send.closed'],
    );
    assert.deepEqual(reports, ['taken a1', 'failed a1']);
    assert.deepEqual(bodies(), []);
  });

  it('a deploy: what waits goes out through the successor, and leaves at its output', async () => {
    const { make, enter, bodies } = await setUp(TO_ROOM);
    const before = make();
    before.sender.start();
    before.handle({ payload: 'waits' });
    await turns();
    before.sender.close(false);
    const after = make();
    after.sender.start();
    assert.deepEqual(before.done, []);
    enter();
    await turns();
    assert.deepEqual(bodies(), ['waits']);
    assert.deepEqual(before.done, [undefined]);
    assert.equal(after.outputs.length, 1);
    assert.deepEqual(before.outputs, []);
    after.sender.close(true);
  });

  it('warns once of a message to its own account, and of characters that XML forbids', async () => {
    const { make } = await setUp();
    const { sender, log, handle } = make();
    sender.start();
    for (let n = 0; n < 2; n++) handle({ payload: 'bell\u0007', to: 'bot@example.org' });
    await turns();
    assert.deepEqual(log, ['log.self bot@example.org', 'log.replaced 1']);
    sender.close(true);
  });

  it('only when it changes: the same text is done at once; alerts, answers and corrections always go', async () => {
    const { make, bodies } = await setUp({ onlyChanges: true, message: '{{ payload }}' });
    const { sender, done, outputs, handle } = make();
    sender.start();
    for (const payload of ['open', 'open', 'closed', 'closed', 'open']) handle({ payload, topic: 'door' });
    handle({ payload: 'open', topic: 'door', alertId: 'a' });
    handle({ payload: 'open', topic: 'door', alertId: 'a' });
    handle({ payload: 'open', topic: 'door', alert: { ok: true } });
    await turns();
    assert.deepEqual(bodies(), ['open', 'closed', 'open', 'open', 'open', 'open']);
    assert.deepEqual([done.length, done.filter(Boolean).length, outputs.length], [8, 0, 6]);
    sender.close(false);
    // What was said outlives the deploy.
    const next = make();
    next.sender.start();
    next.handle({ payload: 'open', topic: 'door' });
    await turns();
    assert.deepEqual([bodies().length, next.done.length], [6, 1]);
    next.sender.close(true);
  });
});
