import assert from 'node:assert/strict';
import type { Element } from '@xmpp/client';
import { words } from '../../../../src/base/catalogue';
import { XmppError } from '../../../../src/xmpp/errors';
import { RecipientKinds } from '../../../../src/xmpp/rooms/recipient-kinds';
import { Rooms } from '../../../../src/xmpp/rooms/rooms';
import { SendError } from '../../../../src/xmpp/send-error';
import type { Feedback, SendReport, SendRequest } from '../../../../src/xmpp/sending/send-request';
import { type Pending, Sender } from '../../../../src/xmpp/sending/sender';
import type { SenderOptions } from '../../../../src/xmpp/sending/sender-options';
import { SentMessages } from '../../../../src/xmpp/sent-messages';
import { Uploads } from '../../../../src/xmpp/upload/upload';
import { FakeClock } from '../../transport/fake-clock';
import { OutStanzas, turns } from '../out-stanzas';

const ANNA = 'anna@example.org';
const ROOM = 'home@conference.example.org';

async function setUp(more: Partial<SenderOptions> = {}) {
  const session = await OutStanzas.make();
  const clock = new FakeClock();
  const memory = new SentMessages();
  const rooms = new Rooms(session, { clock });
  const heard: Feedback[] = [];
  let ids = 0;
  const sender = new Sender({
    stanzas: session,
    rooms,
    kinds: new RecipientKinds(session),
    uploads: new Uploads(session, { clock }),
    memory,
    clock,
    newId: () => `id${++ids}`,
    node: 'out',
    nick: 'bot',
    rate: 20,
    offlineMs: 3_600_000,
    head: (count) => `${count} messages:`,
    feedback: (feedback) => heard.push(feedback),
    ...more,
  });
  const request = (text: string | undefined, over: Partial<SendRequest> = {}): SendRequest => ({
    to: [ANNA],
    kind: 'auto',
    text,
    files: [],
    hints: [],
    receipt: false,
    ...over,
  });
  const bodies = () => session.sent.map(({ stanza }) => stanza.getChildText('body'));
  const { xml } = session;
  const error = (id: string, from: string, type: string, condition: string): Element =>
    xml(
      'message',
      { type: 'error', id, from },
      xml('error', { type }, xml(condition, { xmlns: 'urn:ietf:params:xml:ns:xmpp-stanzas' })),
    );
  /** Answers a join as the room would. */
  const enter = () =>
    session.receive(
      xml(
        'presence',
        { from: `${ROOM}/bot` },
        xml(
          'x',
          { xmlns: 'http://jabber.org/protocol/muc#user' },
          xml('item'),
          xml('status', { code: '110' }),
        ),
      ),
    );
  const isRoom = () =>
    session.answers.set(`${ROOM} http://jabber.org/protocol/disco#info`, () => {
      const identity = xml('identity', { category: 'conference', type: 'text' });
      const query = xml('query', { xmlns: 'http://jabber.org/protocol/disco#info' }, identity);
      return xml('iq', { type: 'result' }, query);
    });
  return { session, clock, memory, sender, heard, request, bodies, error, enter, isRoom, xml };
}

function codeOf({ failures }: Pick<SendReport, 'failures'>): string | undefined {
  const error = failures[0]?.error;
  return error instanceof SendError ? error.code : error?.message;
}

describe('sender', () => {
  it('resolves when the server has it, with its id', async () => {
    const { session, sender, request } = await setUp();
    session.takes = false;
    let report: SendReport | undefined;
    const sent = sender.send(request('hello')).then((done) => {
      report = done;
    });
    await turns();
    assert.equal(report, undefined);
    assert.match(
      session.last().toString(),
      /^<message to="anna@example.org" type="chat" id="id1"><body>hello</,
    );
    session.sent[0]?.done();
    await sent;
    assert.deepEqual(report, {
      deliveries: [{ id: 'id1', to: ANNA, kind: 'chat', stamp: '1970-01-01T00:16:40.000Z' }],
      failures: [],
    });
  });

  it('quick responses are buttons for who shows them, links for who wants them, and nothing in rooms', async () => {
    const responses = [{ value: 'ok 7', label: '✔ ok' }];
    const devices = { has: (bare: string) => bare === ANNA, want: () => {} };
    const { session, sender, request } = await setUp({ devices, links: true, rate: 1 });
    await sender.send(request('fire', { responses, kind: 'chat' }));
    assert.match(
      session.last().toString(),
      /<body>fire<\/body>.*<response xmlns="urn:xmpp:tmp:quick-response" value="ok 7" label="✔ ok"\/>/,
    );
    await sender.send(request('fire', { responses, kind: 'chat', to: ['ben@example.org'] }));
    const { account } = session;
    assert.equal(session.last().getChildText('body'), `fire\n✔ ok: xmpp:${account}?message;body=ok%207`);
    assert.equal(session.last().getChild('response'), undefined);
  });

  it('several recipients: each for itself, with what failed', async () => {
    const { session, sender, request } = await setUp();
    session.takes = false;
    const sent = sender.send(request('x', { to: [ANNA, 'ben@example.org'] }));
    await turns();
    session.sent[0]?.done(new Error('too late'));
    session.sent[1]?.done();
    const { deliveries, failures } = await sent;
    assert.deepEqual(
      [deliveries.map(({ to }) => to), failures.map(({ to, error }) => `${to} ${error.message}`)],
      [['ben@example.org'], [`${ANNA} too late`]],
    );
  });

  it('a burst is joined in order under its count, and everybody hears of it', async () => {
    const { session, clock, sender, request, bodies, memory } = await setUp();
    const texts = Array.from({ length: 200 }, (_, i) => `alert ${i}`);
    const all = texts.map((text, i) => sender.send(request(text, { alertId: `a${i}` })));
    await turns();
    clock.advance(12_000);
    const reports = await Promise.all(all);
    assert.equal(session.sent.length, 17);
    assert.equal(bodies()[16], ['184 messages:', ...texts.slice(16)].join('\n'));
    assert.deepEqual([reports[199]?.deliveries[0]?.joined, reports[199]?.deliveries[0]?.id], [184, 'id17']);
    assert.deepEqual([memory.alertOf('id3'), memory.alertOf('id17')], ['a2', undefined]);
  });

  it('a notification of joined messages is as bad as the worst of them', async () => {
    const told: object[] = [];
    const { clock, sender, request } = await setUp({ notify: (one) => told.push(one) });
    const all = Array.from({ length: 30 }, (_, i) =>
      sender.send(
        request(`alert ${i}`, {
          notified: { title: 'Cellar', severity: i === 25 ? 'critical' : 'warning', topic: `t${i}` },
        }),
      ),
    );
    await turns();
    clock.advance(12_000);
    await Promise.all(all);
    const { id: _, text: __, ...last } = told.at(-1) as Record<string, unknown>;
    assert.deepEqual(last, { to: ANNA, title: 'Cellar', topic: undefined, severity: 'critical' });
  });

  it('private words to somebody in a room are not published on a topic of the room', async () => {
    const told: object[] = [];
    const { sender, request, isRoom, enter } = await setUp({ notify: (one) => told.push(one) });
    isRoom();
    const first = sender.send(request('hello', { to: [ROOM], notified: { title: 'x' } as never }));
    await turns();
    enter();
    await first;
    await sender.send(request('secret', { to: [`${ROOM}/anna`], kind: 'chat', notified: {} as never }));
    assert.deepEqual(told, []);
    await sender.send(request('hello', { notified: {} as never }));
    assert.equal(told.length, 1);
  });

  it('texts of several lines stay apart where they are joined', async () => {
    const { clock, sender, request, bodies } = await setUp({ rate: 1 });
    for (const text of ['first', 'a\nb', 'c']) void sender.send(request(text));
    await turns();
    clock.advance(60_000);
    assert.equal(bodies()[1], '2 messages:\n\na\nb\n\nc');
  });

  it('a correction names the first version, however often it is corrected', async () => {
    const { session, sender, request } = await setUp();
    await sender.send(request('warm', { alertId: 'A' }));
    await sender.send(request('warm ✔', { replaces: { alertId: 'A' } }));
    await sender.send(request('cool', { replaces: { alertId: 'A' } }));
    await sender.send(request('by id', { replaces: 'id2' }));
    await sender.send(request('nothing to correct', { replaces: { alertId: 'B' } }));
    await sender.send(request('now there is', { replaces: { alertId: 'B' } }));
    assert.deepEqual(
      session.sent.map(({ stanza }) => stanza.getChild('replace')?.attrs.id),
      [undefined, 'id1', 'id1', 'id1', undefined, 'id5'],
    );
  });

  it('an alert that went out among others gets a message of its own when it changes', async () => {
    const { session, clock, sender, request } = await setUp({ rate: 1 });
    for (const id of ['x', 'A', 'B']) void sender.send(request(`${id} warm`, { alertId: id }));
    await turns();
    clock.advance(60_000);
    await turns();
    void sender.send(request('A cool', { replaces: { alertId: 'A' } }));
    await turns();
    assert.equal(session.sent.length, 3);
    assert.equal(session.last().getChild('replace'), undefined);
    assert.equal(session.last().getChildText('body'), 'A cool');
  });

  it('a long text goes in numbered parts, and is done with the last one', async () => {
    const { session, sender, request, bodies } = await setUp();
    session.takes = false;
    let done = false;
    void sender.send(request(`${'a'.repeat(200_000)}\n\n${'b'.repeat(100_000)}`)).then(() => {
      done = true;
    });
    await turns();
    assert.deepEqual(bodies(), [`(1/2) ${'a'.repeat(200_000)}`, `(2/2) ${'b'.repeat(100_000)}`]);
    session.sent[0]?.done();
    await turns();
    assert.equal(done, false);
    session.sent[1]?.done();
    await turns();
    assert.equal(done, true);
  });

  it('into a room: found out, joined, then said; a topic is a message of its own', async () => {
    const { session, sender, request, enter, isRoom } = await setUp();
    isRoom();
    const all = ['one', 'two'].map((text) => sender.send(request(text, { to: [ROOM], receipt: true })));
    await turns();
    assert.deepEqual(session.names, [`presence  ${ROOM}/bot`]);
    enter();
    await Promise.all(all);
    await sender.send(request('three', { to: [ROOM], subject: 'Topic' }));
    assert.deepEqual(
      session.sent.slice(1).map(({ stanza }) => stanza.toString().replace(/<origin.*/, '')),
      [
        `<message to="${ROOM}" type="groupchat" id="id1"><body>one</body>`,
        `<message to="${ROOM}" type="groupchat" id="id2"><body>two</body>`,
        `<message to="${ROOM}" type="groupchat" id="id3"><subject>Topic</subject>`,
        `<message to="${ROOM}" type="groupchat" id="id4"><body>three</body>`,
      ],
    );
  });

  it('a room that refuses fails what waits for it, and nothing else', async () => {
    const { session, sender, request, xml } = await setUp();
    const sent = sender.send(request('x', { to: [ROOM], kind: 'groupchat' }));
    await turns();
    session.receive(
      xml(
        'presence',
        { from: `${ROOM}/bot`, type: 'error' },
        xml('error', {}, xml('forbidden', { xmlns: 'urn:ietf:params:xml:ns:xmpp-stanzas' })),
      ),
    );
    const { failures } = await sent;
    assert.equal(codeOf({ failures }), 'room-banned');
    assert.equal((await sender.send(request('y'))).failures.length, 0);
  });

  it('receipts and markers: only of whom it was sent to, once, for the node that sent it', async () => {
    const { session, sender, request, heard, xml, memory } = await setUp();
    await sender.send(request('x', { receipt: true, alertId: 'A' }));
    memory.remember({ id: 'other', to: ANNA, kind: 'chat', at: 0, node: 'another' });
    const receipt = (from: string, id: string) =>
      session.receive(xml('message', { from }, xml('received', { xmlns: 'urn:xmpp:receipts', id })));
    receipt('eve@example.org/x', 'id1');
    receipt(`${ANNA}/phone`, 'id7');
    receipt(`${ANNA}/phone`, 'other');
    assert.equal(heard.length, 0);
    receipt(`${ANNA}/phone`, 'id1');
    receipt(`${ANNA}/phone`, 'id1');
    session.receive(
      xml(
        'message',
        { from: `${ANNA}/phone` },
        xml('displayed', { xmlns: 'urn:xmpp:chat-markers:0', id: 'id1' }),
      ),
    );
    assert.deepEqual(
      heard.map((one) => [one.type, one.id, one.from, 'alertId' in one && one.alertId]),
      [
        ['received', 'id1', `${ANNA}/phone`, 'A'],
        ['displayed', 'id1', `${ANNA}/phone`, 'A'],
      ],
    );
  });

  it('what comes back with "wait" goes again later, three times in all; anything else is told', async () => {
    const { session, clock, sender, request, heard, error, bodies } = await setUp();
    await sender.send(request('x'));
    session.receive(error('id1', 'eve@example.org', 'wait', 'resource-constraint'));
    session.receive(error('id1', ANNA, 'wait', 'resource-constraint'));
    clock.advance(5_000);
    session.receive(error('id2', ANNA, 'wait', 'resource-constraint'));
    clock.advance(10_000);
    assert.deepEqual(bodies(), ['x', 'x', 'x']);
    session.receive(error('id3', ANNA, 'wait', 'resource-constraint'));
    clock.advance(600_000);
    assert.equal(session.sent.length, 3);
    await sender.send(request('y'));
    session.receive(error('id4', ANNA, 'cancel', 'service-unavailable'));
    assert.deepEqual(
      heard.map((one) => one.type === 'refused' && [one.id, (one.error as SendError).text.params?.why]),
      [
        ['id3', 'resource-constraint'],
        ['id4', 'service-unavailable'],
      ],
    );
  });

  it('what a room did not take because it had lost us goes again when we are back', async () => {
    const { session, sender, request, error, enter, bodies } = await setUp();
    const sent = sender.send(request('x', { to: [ROOM], kind: 'groupchat' }));
    await turns();
    enter();
    await sent;
    session.receive(error('id1', ROOM, 'modify', 'not-acceptable'));
    await turns();
    enter();
    await turns();
    assert.deepEqual(bodies(), [null, 'x', null, 'x']);
  });

  it('without an upload service the text still goes, and the error says so', async () => {
    const { session, sender, request, bodies, xml } = await setUp();
    session.answers.set('example.org http://jabber.org/protocol/disco#items', () =>
      xml('iq', { type: 'result' }),
    );
    const { deliveries, failures } = await sender.send(
      request('look', { files: [{ data: Buffer.from('x'), folder: '' }] }),
    );
    assert.deepEqual([bodies(), deliveries.length], [['look'], 1]);
    assert.equal(codeOf({ failures }), 'upload-none');
  });

  it('chat states go alone, at once, and are not stored', async () => {
    const { session, sender, request } = await setUp({ rate: 1 });
    await sender.send(request('x'));
    await sender.send(request(undefined, { chatState: 'composing' }));
    assert.match(session.last().toString(), /<composing xmlns=".*<no-store xmlns="urn:xmpp:hints"\/>/);
    assert.equal(session.last().getChild('body'), undefined);
  });

  it('waits for a connection where it has to ask, and gives up after the time', async () => {
    const { session, clock, sender, request } = await setUp();
    session.become({ phase: 'connecting' });
    const sent = sender.send(request('x', { to: ['carl@example.net'] }));
    await turns();
    clock.advance(3_600_000);
    assert.equal(codeOf(await sent), 'offline');
  });

  it('a line that is lost while it asks costs no message; a recipient who does not answer is a person', async () => {
    const { session, sender, request, bodies } = await setUp();
    const info = 'http://jabber.org/protocol/disco#info';
    let asked = 0;
    session.answers.set(`carl@example.net ${info}`, () => {
      asked += 1;
      return asked === 1
        ? new XmppError('network', words('lost'))
        : new XmppError('timeout', words('no answer'));
    });
    await sender.send(request('x', { to: ['carl@example.net'] }));
    assert.deepEqual([bodies(), asked], [['x'], 2]);
  });

  it('closed: what waits for its turn is sent at once, what waits for a room hears why not', async () => {
    const { session, clock, sender, request, bodies } = await setUp({ rate: 1 });
    const all = ['a', 'b', 'c'].map((text) => sender.send(request(text)));
    const room = sender.send(request('x', { to: [ROOM], kind: 'groupchat' }));
    await turns();
    sender.close(new SendError('closed'));
    assert.deepEqual(bodies(), ['a', null, '2 messages:\nb\nc']);
    await Promise.all(all);
    assert.equal(codeOf(await room), 'closed');
    const late = await sender.send(request('y', { to: [ROOM], kind: 'groupchat' }));
    assert.equal(late.failures.length, 1);
    assert.equal(session.sent.length, 3);
    assert.ok(clock.waiting <= 2);
  });

  it('closed for a deploy: what waits for a room or the session goes out through the heir, in order, each done once', async () => {
    const old = await setUp();
    old.isRoom();
    old.session.become({ phase: 'connecting' });
    const settled: string[] = [];
    const send = (sender: Sender, text: string, over: Partial<SendRequest> = {}) =>
      void sender
        .send(old.request(text, over))
        .then((report) => settled.push(`${text} ${codeOf(report) ?? report.deliveries[0]?.kind}`));
    send(old.sender, 'to the room', { to: [ROOM] });
    send(old.sender, 'who is that', { to: ['ben@other.example'] });
    send(old.sender, 'to the room, too', { to: [ROOM] });
    await turns();
    let left: Pending[] = [];
    old.sender.close(new SendError('closed'), (pending) => {
      left = pending;
    });
    await turns();
    assert.deepEqual([old.session.sent, settled, left.length], [[], [], 3]);

    // The next deploy comes before the heir could send anything.
    const between = await setUp();
    between.session.become({ phase: 'connecting' });
    between.sender.take(left);
    between.sender.close(new SendError('closed'), (pending) => {
      left = pending;
    });
    assert.equal(left.length, 3);

    const heir = await setUp();
    heir.isRoom();
    heir.sender.take(left);
    send(heir.sender, 'a new one', { to: [ROOM] });
    await turns();
    heir.enter();
    await turns();
    assert.deepEqual(
      heir.session.sent
        .filter(({ stanza }) => stanza.name === 'message')
        .map(({ stanza }) => `${stanza.attrs.type} ${stanza.getChildText('body')}`),
      ['chat who is that', 'groupchat to the room', 'groupchat to the room, too', 'groupchat a new one'],
    );
    assert.deepEqual(settled.sort(), [
      'a new one groupchat',
      'to the room groupchat',
      'to the room, too groupchat',
      'who is that chat',
    ]);
    assert.equal(between.session.sent.length + old.session.sent.length, 0);
  });
});
