import assert from 'node:assert/strict';
import type { Element } from '@xmpp/client';
import { AllowList } from '../../../../src/xmpp/receiving/allow-list';
import { Inbox } from '../../../../src/xmpp/receiving/inbox';
import type { ChatEvent, ChatMessage } from '../../../../src/xmpp/receiving/stanza-reader';
import { SentMessages } from '../../../../src/xmpp/sent-messages';
import { FakeClock } from '../../transport/fake-clock';
import { OutStanzas, turns } from '../out-stanzas';
import { reader } from '../parse';

const ACCOUNT = 'bot@example.org';
const ANNA = 'anna@example.org';
const BEN = 'ben@example.org';
const ROOM = 'team@rooms.example.org';
const REACTIONS = 'urn:xmpp:reactions:0';

describe('inbox', () => {
  let parse: (xml: string) => Element;
  let stanzas: OutStanzas;
  let memory: SentMessages;
  let clock: FakeClock;
  let inbox: Inbox;
  let messages: ChatMessage[];
  let events: ChatEvent[];
  let failures: Error[];
  let floods: string[];
  let end: (comesBack: boolean, back?: readonly ChatMessage[]) => void;

  const rooms = {
    isJoined: (room: string) => room === ROOM,
    isOwn: (room: string, nick: string) => room === ROOM && nick === 'bot',
    realJid: (_room: string, nick: string) => ({ Anna: ANNA, Ben: BEN })[nick],
  };

  before(async () => {
    parse = await reader();
  });

  beforeEach(async () => {
    stanzas = await OutStanzas.make();
    memory = new SentMessages();
    clock = new FakeClock();
    failures = [];
    floods = [];
    inbox = new Inbox(stanzas, rooms, memory, {
      clock,
      cannotRead: 'I cannot read',
      flooded: (sender) => floods.push(sender),
      failed: (error) => failures.push(error),
    });
    ({ end, messages, events } = listen(ANNA));
    await turns();
  });

  afterEach(() => assert.deepEqual(failures, []));

  function listen(allow: string, takes = true) {
    const heard = {
      messages: [] as ChatMessage[],
      passed: [] as (readonly string[])[],
      events: [] as ChatEvent[],
      end: (_comesBack: boolean, _back?: readonly ChatMessage[]) => {},
    };
    heard.end = inbox.add({
      id: allow,
      allow: new AllowList(allow, ACCOUNT),
      rooms: new Set<string>(),
      offer: (message) => {
        heard.messages.push(message);
        return takes ? (listeners) => heard.passed.push(listeners) : undefined;
      },
      event: (event) => heard.events.push(event),
    });
    return heard;
  }

  it('tells the session whom people typed, and to whom an earlier process wrote', () => {
    memory.remember({ id: 'm', to: 'straße@example.org', kind: 'chat', at: 0 });
    listen('νίκος@example.org/phone straße.example');
    assert.deepEqual(
      [...stanzas.expected],
      [ANNA, 'νίκος@example.org', 'straße.example', 'straße@example.org'],
    );
  });

  const receive = (xml: string) => stanzas.receive(parse(xml));
  const chat = (content: string, from = `${ANNA}/x`, id = `i${Math.random()}`) =>
    receive(`<message from='${from}' to='${ACCOUNT}' type='chat' id='${id}'>${content}</message>`);
  const groupchat = (nick: string, content: string, id = `i${Math.random()}`) =>
    receive(`<message from='${ROOM}/${nick}' type='groupchat' id='${id}'>${content}</message>`);
  const alert = (id: string, to = ANNA, more = {}) =>
    memory.remember({
      id,
      to,
      kind: to === ROOM ? 'groupchat' : 'chat',
      alertId: `alert ${id}`,
      at: 1,
      ...more,
    });
  const react = (id: string, ...emojis: string[]) =>
    `<reactions xmlns='${REACTIONS}' id='${id}'>${emojis.map((emoji) => `<reaction>${emoji}</reaction>`).join('')}</reactions>`;
  const about = () => messages.map(({ refersTo, alertId }) => [refersTo, alertId]);

  it('gives what an allowed person says, and nothing of others', () => {
    chat('<body>a</body>');
    chat('<body>b</body>', `${BEN}/x`);
    chat('<body>c</body>', `${ACCOUNT}/phone`);
    assert.deepEqual(
      messages.map(({ text }) => text),
      ['a', 'c'],
    );
    assert.deepEqual(events, []);
  });

  it('leaves it to the session to ask for copies of what goes to other devices', async () => {
    for (const resumed of [false, true])
      stanzas.become({ phase: 'online', jid: `${ACCOUNT}/x`, resumed, where: '' });
    await turns();
    assert.deepEqual(stanzas.asked, []);
  });

  it('each flow that takes a message knows of the others', () => {
    const taking = listen('*');
    const other = listen('example.org', false);
    chat('<body>a</body>');
    assert.deepEqual(taking.passed, [[ANNA, '*']]);
    assert.deepEqual(other.passed, []);
    assert.equal(other.messages.length, 1);
  });

  it('tells what a machine sent by itself', () => {
    const mark = (depth: string) => `<automatic xmlns='urn:dinox-nr:automatic:0' depth='${depth}'/>`;
    for (const more of ['', mark('1'), mark('3'), mark('x'), mark('-7'), mark('1e300')])
      chat(`<body>a</body>${more}`);
    receive(`<message from='${ANNA}/x' to='${ACCOUNT}' type='headline' id='h'><body>a</body></message>`);
    assert.deepEqual(
      messages.map(({ automatic }) => automatic),
      [undefined, 1, 3, 1, 1, 100, 1],
    );
  });

  it('each flow hears those that it allows', () => {
    const other = listen(BEN);
    chat('<body>a</body>');
    chat('<body>b</body>', `${BEN}/x`);
    assert.deepEqual([messages.length, other.messages.length], [1, 1]);
    other.end(false);
    chat('<body>c</body>', `${BEN}/x`);
    assert.equal(other.messages.length, 1);
    end(false);
    chat('<body>d</body>');
    assert.equal(messages.length, 1);
  });

  it('what comes while a deploy makes a flow anew is there when it has started', async () => {
    chat('<body>before</body>');
    // It was waiting for something, and was not passed on.
    end(true, messages);
    chat("<body>meanwhile</body><request xmlns='urn:xmpp:receipts'/>", `${ANNA}/x`, 'q');
    chat('<body>of a stranger</body>', `${BEN}/x`);
    const again = listen(ANNA);
    chat('<body>while it starts</body>');
    assert.deepEqual(again.messages, []);
    clock.advance(100);
    chat('<body>after</body>');
    assert.deepEqual(
      again.messages.map(({ text }) => text),
      ['before', 'meanwhile', 'while it starts', 'after'],
    );
    await turns();
    assert.equal(stanzas.last().getChild('received')?.attrs.id, 'q');
    assert.equal(messages.length, 1);
  });

  it('keeps nothing for a flow that does not come back', () => {
    end(true);
    for (let n = 0; n < 1_000; n++) chat(`<body>${n}</body>`);
    clock.advance(20_000);
    const again = listen(ANNA);
    clock.advance(1_000);
    assert.deepEqual(again.messages, []);
    again.end(false);
    chat('<body>nobody listens</body>');
    assert.equal(clock.waiting, 0);
  });

  it('gives no echo of own messages', () => {
    chat('<body>mine</body>', `${ACCOUNT}/x`);
    memory.remember({ id: 'sent', to: ACCOUNT, kind: 'chat', at: 1 });
    chat('<body>mine, of an earlier session</body>', `${ACCOUNT}/old`, 'sent');
    const all = listen(ROOM);
    groupchat('bot', '<body>mine</body>');
    assert.deepEqual([...messages, ...all.messages], []);
  });

  it('gives a message once that comes again or in copy, and no other', () => {
    chat('<body>open</body>', `${ANNA}/x`, '1');
    chat("<body>open</body><delay xmlns='urn:xmpp:delay' stamp='2020-01-01T00:00:00Z'/>", `${ANNA}/x`, '1');
    receive(`<message from='${ACCOUNT}'><received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>
      <message from='${ANNA}/x' id='1' type='chat'><body>open</body></message></forwarded></received></message>`);
    assert.equal(messages.length, 1);
    chat('<body>close</body>', `${ANNA}/x`, '1');
    chat('<body>open</body>', `${ANNA}/y`, '1');
    chat('<body>open</body>', `${ANNA}/x`, '2');
    receive(`<message from='${ANNA}/x'><body>open</body></message>`);
    receive(`<message from='${ANNA}/x'><body>open</body></message>`);
    assert.equal(messages.length, 6);
    clock.advance(11 * 60_000);
    chat('<body>open</body>', `${ANNA}/x`, '1');
    assert.equal(messages.length, 7);
  });

  it('kind: identity without its context. A script whose messages all have one id is heard, until it says the same twice', () => {
    const long = 'x'.repeat(1_000);
    const said = ['on', 'off', 'on', 'on', 'off', 'off', 'ok', 'ok', `${long}1`, `${long}2`, `${long}2`];
    for (const text of said) chat(`<body>${text}</body>`, `${ANNA}/x`, 'always');
    chat('<body>ok</body>', `${ANNA}/x`, 'own-1');
    chat('<body>ok</body>', `${ANNA}/x`, 'own-2');
    assert.deepEqual(
      messages.map(({ text }) => text),
      ['on', 'off', 'on', 'off', 'ok', `${long}1`, `${long}2`, 'ok', 'ok'],
    );
  });

  it('in a room by the real JID or the room, never by nick', () => {
    groupchat('Anna', '<body>a</body>');
    groupchat('Ben', '<body>b</body>');
    groupchat(ANNA, '<body>c</body>');
    receive(`<message from='${ROOM}/Anna' type='chat'><body>d</body></message>`);
    assert.deepEqual(
      messages.map(({ text, to }) => [text, to]),
      [
        ['a', ROOM],
        ['d', `${ROOM}/Anna`],
      ],
    );
    const all = listen(ROOM);
    groupchat('stranger', '<body>e</body>');
    assert.equal(all.messages[0]?.nick, 'stranger');
  });

  describe('what a message is about', () => {
    it('a reaction: the alert, and what changed', () => {
      alert('m');
      chat(react('m', '👍🏿'));
      chat(react('m', '👍', '✅'));
      chat(react('m', '👍', '✅'));
      chat(react('m'));
      assert.deepEqual(
        messages.map(({ reaction }) => reaction),
        [
          { added: ['👍'], removed: [] },
          { added: ['✅'], removed: [] },
          { added: [], removed: ['👍', '✅'] },
        ],
      );
      assert.deepEqual(about(), Array(3).fill(['m', 'alert m']));
    });

    it('a correction of ours is the same message: both ids count', () => {
      alert('first');
      alert('second', ANNA, { original: 'first', alertId: 'alert first' });
      for (const id of ['first', 'second'])
        chat(`<body>ok</body><reply xmlns='urn:xmpp:reply:0' id='${id}'/>`);
      assert.deepEqual(about(), Array(2).fill(['first', 'alert first']));
    });

    it('in a room the id that the room gave, and the own one', () => {
      alert('m', ROOM);
      groupchat('bot', `<body>hot</body><stanza-id xmlns='urn:xmpp:sid:0' by='${ROOM}' id='S'/>`, 'm');
      groupchat('Anna', react('S', '👍'));
      groupchat('Anna', react('m', '👍', '🎉'));
      assert.deepEqual(about(), Array(2).fill(['m', 'alert m']));
      assert.deepEqual(messages[1]?.reaction, { added: ['🎉'], removed: [] });
    });

    it('nobody but the room names our messages there', () => {
      alert('m', ROOM);
      groupchat('Ben', `<body>hot</body><stanza-id xmlns='urn:xmpp:sid:0' by='${ROOM}' id='S'/>`, 'm');
      groupchat('bot', `<body>hot</body><stanza-id xmlns='urn:xmpp:sid:0' by='${BEN}' id='T'/>`, 'm');
      groupchat('Anna', `<body>ok</body><reply xmlns='urn:xmpp:reply:0' id='S'/>`);
      groupchat('Anna', `<body>ok</body><reply xmlns='urn:xmpp:reply:0' id='T'/>`);
      assert.deepEqual(about(), Array(2).fill([undefined, undefined]));
    });

    it('what people in a room think of each other is nothing', () => {
      groupchat('Anna', react('of Ben', '👍'));
      assert.deepEqual(messages, []);
    });

    it('a quote', () => {
      alert('m', ANNA, { text: '🔥 Boiler 81 °C' });
      alert('n', BEN, { text: '🔥 Boiler 81 °C' });
      chat('<body>&gt; 🔥 Boiler 81 °C\nok</body>');
      assert.deepEqual(about(), [['m', 'alert m']]);
      assert.deepEqual([messages[0]?.text, messages[0]?.quote], ['ok', '🔥 Boiler 81 °C']);
    });

    it('nobody answers what was said to somebody else', () => {
      alert('m', BEN, { text: 'Boiler hot' });
      alert('r', ROOM);
      chat(react('m', '👍'));
      chat("<body>ok</body><reply xmlns='urn:xmpp:reply:0' id='m'/>");
      chat("<body>ok</body><reply xmlns='urn:xmpp:reply:0' id='r'/>");
      chat('<body>&gt; Boiler hot\nok</body>');
      assert.deepEqual(about(), Array(4).fill([undefined, undefined]));
    });

    it('a correction of what somebody said is about the same; nobody corrects another', () => {
      listen(BEN);
      alert('m');
      chat("<body>okk</body><reply xmlns='urn:xmpp:reply:0' id='m'/>", `${ANNA}/x`, 'c1');
      const fix = "<body>ok</body><replace xmlns='urn:xmpp:message-correct:0' id='c1'/>";
      chat(fix, `${ANNA}/y`);
      assert.deepEqual([messages[1]?.replaces, messages[1]?.alertId], ['c1', 'alert m']);
      const ben = listen(BEN);
      chat(fix, `${BEN}/x`);
      assert.deepEqual([ben.messages[0]?.replaces, ben.messages[0]?.alertId], [undefined, undefined]);
      groupchat('Anna', '<body>a</body>', 'g1');
      const all = listen(ROOM);
      groupchat('stranger', "<body>b</body><replace xmlns='urn:xmpp:message-correct:0' id='g1'/>");
      assert.equal(all.messages[0]?.replaces, undefined);
    });
  });

  describe('receipts', () => {
    const request = "<body>a</body><request xmlns='urn:xmpp:receipts'/>";

    it('go to who asked and was heard', async () => {
      chat(request, `${ANNA}/x`, 'q');
      await turns();
      const sent = stanzas.last();
      assert.deepEqual([sent.attrs.to, sent.getChild('received')?.attrs.id], [`${ANNA}/x`, 'q']);
    });

    it('do not go to strangers, to rooms, or for what no flow took', async () => {
      chat(request, `${BEN}/x`);
      groupchat('Anna', request);
      end(false);
      listen(ANNA, false);
      chat(request);
      await turns();
      assert.deepEqual(stanzas.names, []);
    });

    it('that come count only from who got the message', () => {
      alert('m');
      const receipt = "<received xmlns='urn:xmpp:receipts' id='m'/>";
      chat(receipt, `${BEN}/x`);
      chat("<displayed xmlns='urn:xmpp:chat-markers:0' id='m'/>", `${BEN}/x`);
      receive(`<message from='${BEN}/x' type='error' id='m'><error type='cancel'/></message>`);
      chat("<received xmlns='urn:xmpp:receipts' id='unknown'/>");
      assert.deepEqual(events, []);
      chat(receipt);
      assert.deepEqual(events, [
        { event: 'receipt', id: 'm', alertId: 'alert m', from: `${ANNA}/x`, bare: ANNA, resource: 'x' },
      ]);
    });
  });

  describe('encrypted messages', () => {
    const omemo =
      "<encrypted xmlns='urn:xmpp:omemo:2'><payload>QQ==</payload></encrypted><body>I sent you…</body>";

    it('are answered once a day and sender, and are no message', async () => {
      for (let n = 0; n < 5; n++) chat(omemo);
      chat(omemo, `${ANNA}/y`);
      await turns();
      assert.deepEqual(stanzas.names, [`message chat ${ANNA}`]);
      assert.equal(stanzas.last().getChildText('body'), 'I cannot read');
      assert.deepEqual(messages, []);
      assert.deepEqual(
        events.map((event) => event.event === 'encrypted' && [event.encrypted, event.answered]),
        [['omemo', true], ...Array(5).fill(['omemo', false])],
      );
      clock.advance(86_400_000);
      chat(omemo);
      await turns();
      assert.equal(stanzas.sent.length, 2);
    });

    it('of strangers and in rooms are not answered', async () => {
      chat(omemo, `${BEN}/x`);
      groupchat('Anna', omemo);
      await turns();
      assert.deepEqual(stanzas.names, []);
      assert.equal(events.length, 1);
    });
  });

  describe('requests to see our presence', () => {
    it('are accepted for who may speak; others are told of', async () => {
      receive(`<presence from='${ANNA}' type='subscribe'/>`);
      receive(`<presence from='mallory@evil.example' type='subscribe'/>`);
      await turns();
      assert.deepEqual(stanzas.names, [`presence subscribed ${ANNA}`]);
      assert.deepEqual(
        events.map((event) => event.event === 'subscribe' && [event.bare, event.accepted]),
        [
          [ANNA, true],
          ['mallory@evil.example', false],
        ],
      );
    });

    it('that the server repeats are told of once', () => {
      for (let n = 0; n < 3; n++) receive(`<presence from='${BEN}' type='subscribe'/>`);
      assert.equal(events.length, 1);
    });
  });

  it('invitations and requests of strangers: some a minute of each and of all, and one word about it', () => {
    const invite = (from: string) =>
      chat("<x xmlns='jabber:x:conference' jid='new@rooms.example.org'/>", `${from}/x`);
    const heard = () => events.splice(0).length;
    for (let n = 0; n < 100; n++) invite('mallory@evil.example');
    assert.equal(heard(), 5);
    for (let n = 0; n < 1_000; n++) receive(`<presence from='u${n}@evil.example' type='subscribe'/>`);
    assert.equal(heard(), 25);
    invite(BEN);
    assert.equal(heard(), 0);
    for (let n = 0; n < 100; n++) invite(ANNA);
    assert.equal(heard(), 100, 'who may speak is no stranger');
    clock.advance(59_000);
    invite(BEN);
    assert.equal(heard(), 0);
    clock.advance(1_000);
    invite(BEN);
    // What was left out is no news that was told: it may ask again.
    receive("<presence from='u999@evil.example' type='subscribe'/>");
    assert.equal(heard(), 2);
    assert.deepEqual(floods, ['mallory@evil.example']);
    clock.advance(3_600_000);
    for (let n = 0; n < 10; n++) invite(BEN);
    assert.equal(heard(), 5);
    assert.deepEqual(floods, ['mallory@evil.example', BEN]);
    clock.set(-86_400_000);
    invite(BEN);
    assert.equal(heard(), 0, 'the clock was set back: the minute is not over for that');
    clock.advance(60_000);
    invite(BEN);
    assert.equal(heard(), 1);
  });

  it('tells what happens around those who may speak', () => {
    receive(`<presence from='${ANNA}/x'><show>dnd</show></presence>`);
    receive(`<presence from='${BEN}/x'/>`);
    receive(`<presence from='${ACCOUNT}/x'/>`);
    chat("<composing xmlns='http://jabber.org/protocol/chatstates'/>");
    chat("<composing xmlns='http://jabber.org/protocol/chatstates'/>", `${BEN}/x`);
    chat("<x xmlns='jabber:x:conference' jid='new@rooms.example.org'/>", `${BEN}/x`);
    assert.deepEqual(
      events.map(({ event, bare }) => `${event} ${bare}`),
      [`presence ${ANNA}`, `chat-state ${ANNA}`, `invitation ${BEN}`],
    );
  });

  it('reads on where one stanza cannot be read', () => {
    receive(`<message from='${ANNA}/x'><body>a</body></message>`);
    memory.findQuoted = () => {
      throw new Error('broken');
    };
    receive(`<message from='${ANNA}/x'><body>&gt; q\na</body></message>`);
    receive(`<message from='${ANNA}/x'><body>b</body></message>`);
    assert.deepEqual(
      messages.map(({ text }) => text),
      ['a', 'b'],
    );
    assert.deepEqual(
      failures.splice(0).map(({ message }) => message),
      ['broken'],
    );
  });

  it('what others send cannot fill the memory', () => {
    listen('*');
    for (let n = 0; n < 2_100; n++) {
      chat(react(`${n}`, '👍'), `u${n}@evil.example/x`, `r${n}`);
      if (n > 1_100) continue;
      chat(`<body>a</body><reply xmlns='urn:xmpp:reply:0' id='${n}'/>`, `u${n}@evil.example/x`, `${n}`);
      receive(`<presence from='u${n}@evil.example' type='subscribe'/>`);
    }
    assert.ok(JSON.stringify(memory).length < 400_000);
  });
});
