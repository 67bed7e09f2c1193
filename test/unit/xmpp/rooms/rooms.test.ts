import assert from 'node:assert/strict';
import type { Element } from '@xmpp/client';
import { words } from '../../../../src/base/catalogue';
import { BlockedError, XmppError } from '../../../../src/xmpp/errors';
import { type RoomEvent, Rooms } from '../../../../src/xmpp/rooms/rooms';
import type { SendError } from '../../../../src/xmpp/send-error';
import { StanzaError } from '../../../../src/xmpp/stanzas';
import { FakeClock } from '../../transport/fake-clock';
import { OutStanzas, turns } from '../out-stanzas';

const ROOM = 'home@conference.example.org';
const MUC_USER = 'http://jabber.org/protocol/muc#user';
const OWNER = 'http://jabber.org/protocol/muc#owner';

async function setUp() {
  const session = await OutStanzas.make();
  const clock = new FakeClock();
  const rooms = new Rooms(session, { clock });
  const events: RoomEvent[] = [];
  rooms.onEvent((event) => events.push(event));
  const { xml } = session;
  const presence = (
    nick: string,
    codes: number[] = [],
    more: { type?: string; item?: Record<string, string>; children?: Element[] } = {},
  ): Element =>
    xml(
      'presence',
      { from: `${ROOM}/${nick}`, ...(more.type && { type: more.type }) },
      xml(
        'x',
        { xmlns: MUC_USER },
        xml('item', more.item ?? {}, ...(more.children ?? [])),
        ...codes.map((code) => xml('status', { code: String(code) })),
      ),
    );
  const refuse = (condition: string, nick = 'bot'): Element =>
    xml(
      'presence',
      { from: `${ROOM}/${nick}`, type: 'error' },
      xml('error', { type: 'cancel' }, xml(condition, { xmlns: 'urn:ietf:params:xml:ns:xmpp-stanzas' })),
    );
  const joined = async (nick = 'bot'): Promise<void> => {
    const join = rooms.join(ROOM, { nick });
    await turns();
    session.receive(presence(nick, [110]));
    await join;
  };
  const outcome = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'joined',
      (error: SendError) => error.code,
    );
  return { session, clock, rooms, events, xml, presence, refuse, joined, outcome };
}

describe('rooms', () => {
  it('joins without history, with the password, and says who is who', async () => {
    const { session, rooms, events, presence, xml } = await setUp();
    const join = rooms.join('Home@Conference.example.org', { nick: 'bot', password: 'geheim' });
    await turns();
    assert.equal(
      session.last().toString(),
      `<presence to="${ROOM}/bot"><x xmlns="http://jabber.org/protocol/muc"><history maxstanzas="0"/><password>geheim</password></x></presence>`,
    );
    session.receive(presence('anna', [], { item: { jid: 'Anna@example.org/phone' } }));
    assert.equal(rooms.isJoined(ROOM), false);
    session.receive(presence('bot', [100, 110]));
    await join;
    session.receive(presence('ben'));
    session.receive(presence('ben', [], { type: 'unavailable' }));
    session.receive(
      xml('message', { from: `${ROOM}/anna`, type: 'groupchat' }, xml('subject', {}, 'Heating')),
    );
    assert.deepEqual(events, [
      { type: 'joined', room: ROOM, nick: 'bot', created: false },
      { type: 'occupant-joined', room: ROOM, nick: 'ben' },
      { type: 'occupant-left', room: ROOM, nick: 'ben' },
      { type: 'subject', room: ROOM, subject: 'Heating', nick: 'anna' },
    ]);
    assert.equal(rooms.realJid(ROOM, 'anna'), 'anna@example.org');
    assert.equal(rooms.realJid(ROOM, 'nobody'), undefined);
    assert.deepEqual([rooms.isJoined(ROOM), rooms.nickIn(ROOM)], [true, 'bot']);
    assert.deepEqual([rooms.isOwn(ROOM, 'bot'), rooms.isOwn(ROOM, 'anna')], [true, false]);
    await rooms.join(ROOM, { nick: 'bot' });
    assert.equal(session.sent.length, 1);
  });

  it('takes another nick where one is taken, and gives up after nine', async () => {
    const { session, rooms, presence, refuse, outcome } = await setUp();
    const first = rooms.join(ROOM, { nick: 'bot' });
    await turns();
    session.receive(refuse('conflict'));
    await turns();
    session.receive(refuse('conflict', 'bot_2'));
    await turns();
    assert.equal(session.last().attrs.to, `${ROOM}/bot_3`);
    session.receive(presence('bot_3', [110]));
    await first;
    assert.equal(rooms.nickIn(ROOM), 'bot_3');
    rooms.leave(ROOM);
    const never = outcome(rooms.join(ROOM, { nick: 'bot' }));
    for (let i = 0; i < 9; i++) {
      await turns();
      session.receive(refuse('conflict'));
    }
    assert.equal(await never, 'room-nick');
  });

  it('says why a room refuses', async () => {
    const { session, rooms, refuse, outcome } = await setUp();
    const refusals = {
      'not-authorized': 'room-password',
      forbidden: 'room-banned',
      'registration-required': 'room-members',
      'service-unavailable': 'room-full',
      'not-allowed': 'room-creation',
      'remote-server-not-found': 'room-server',
      gone: 'room-refused',
    };
    for (const [condition, code] of Object.entries(refusals)) {
      const join = outcome(rooms.join(ROOM, { nick: 'bot' }));
      await turns();
      session.receive(refuse(condition));
      assert.equal(await join, code);
    }
  });

  it('a new room is opened with the default form before anybody speaks in it', async () => {
    const { session, rooms, events, presence, xml } = await setUp();
    session.answers.set(`${ROOM} ${OWNER}`, () => xml('iq', { type: 'result' }));
    const join = rooms.join(ROOM, { nick: 'bot' });
    await turns();
    session.receive(presence('bot', [110, 201]));
    assert.equal(rooms.isJoined(ROOM), false);
    await join;
    assert.match(
      session.asked[0]?.toString() ?? '',
      /<iq type="set" to="home@[^>]*><query xmlns="[^"]*#owner"><x xmlns="jabber:x:data" type="submit"\/><\/query>/,
    );
    assert.deepEqual(events, [{ type: 'joined', room: ROOM, nick: 'bot', created: true }]);
  });

  it('tells kicked, banned, destroyed and a restart of the service apart', async () => {
    const { session, clock, rooms, events, presence, xml, joined } = await setUp();
    const out = (codes: number[], children: Element[] = []) =>
      session.receive(presence('bot', [110, ...codes], { type: 'unavailable', children }));
    const who = [xml('actor', { nick: 'anna' }), xml('reason', {}, 'too loud')];
    await joined();
    out([307], who);
    await joined();
    out([301], who);
    await joined();
    session.receive(
      xml(
        'presence',
        { from: `${ROOM}/bot`, type: 'unavailable' },
        xml(
          'x',
          { xmlns: MUC_USER },
          xml('item'),
          xml('destroy', { jid: 'new@conference.example.org' }, xml('reason', {}, 'moved')),
        ),
      ),
    );
    assert.deepEqual(
      events.filter(({ type }) => type !== 'joined'),
      [
        { type: 'kicked', room: ROOM, by: 'anna', reason: 'too loud' },
        { type: 'banned', room: ROOM, by: 'anna', reason: 'too loud' },
        { type: 'destroyed', room: ROOM, reason: 'moved', alternative: 'new@conference.example.org' },
      ],
    );
    clock.advance(3_600_000);
    await turns();
    assert.equal(session.sent.length, 3);
    await joined();
    out([332]);
    assert.equal(rooms.isJoined(ROOM), false);
    clock.advance(2_000);
    await turns();
    session.receive(presence('bot', [110]));
    assert.equal(rooms.isJoined(ROOM), true);
  });

  it('comes back after a lost line, and stays after a resumption', async () => {
    const { session, clock, rooms, presence, joined } = await setUp();
    await joined();
    const lost = new XmppError('network', words('gone'));
    const online = { phase: 'online', jid: 'bot@example.org/x', where: '' } as const;
    session.become({ phase: 'waiting', at: 0, reason: lost });
    assert.equal(clock.waiting, 0);
    session.become({ ...online, resumed: true });
    await turns();
    assert.equal(session.sent.length, 1);
    session.become({ phase: 'waiting', at: 0, reason: lost });
    session.become({ ...online, resumed: false });
    await turns();
    assert.equal(session.sent.length, 2);
    assert.equal(rooms.isJoined(ROOM), false);
    session.receive(presence('bot', [110]));
    assert.equal(rooms.isJoined(ROOM), true);
  });

  it('waits for a connection, and hears when nobody tries any more', async () => {
    const { session, clock, rooms, presence, outcome } = await setUp();
    session.become({ phase: 'connecting' });
    const join = outcome(rooms.join(ROOM, { nick: 'bot' }));
    await turns();
    assert.equal(session.sent.length, 0);
    session.become({ phase: 'online', jid: 'bot@example.org/x', where: '', resumed: false });
    await turns();
    session.receive(presence('bot', [110]));
    assert.equal(await join, 'joined');

    rooms.leave(ROOM);
    session.become({ phase: 'connecting' });
    const never = rooms.join(ROOM, { nick: 'bot' });
    session.become({
      phase: 'stopped',
      reason: new XmppError('login', words('the server refused the password')),
    });
    await assert.rejects(never, /refused the password/);

    session.become({ phase: 'connecting' });
    const late = outcome(rooms.join(ROOM, { nick: 'bot' }));
    clock.advance(3_600_000);
    assert.equal(await late, 'room-time');
  });

  it('asks after a silence whether it is still in, and comes back where it is not', async () => {
    const { session, clock, rooms, xml, joined } = await setUp();
    const answer = (result: Element | Error) =>
      session.answers.set(`${ROOM}/bot urn:xmpp:ping`, () => result);
    await joined();
    answer(xml('iq', { type: 'result' }));
    clock.advance(300_000);
    await turns();
    assert.equal(session.asked.length, 1);
    answer(new StanzaError('service-unavailable', 'cancel', words('')));
    clock.advance(300_000);
    await turns();
    assert.deepEqual([session.asked.length, rooms.isJoined(ROOM)], [2, true]);
    answer(new StanzaError('not-acceptable', 'cancel', words('')));
    clock.advance(300_000);
    await turns();
    assert.deepEqual([session.asked.length, rooms.isJoined(ROOM), session.sent.length], [3, false, 2]);
  });

  it('a message that the room does not take shows that we are out', async () => {
    const { session, rooms, xml, joined } = await setUp();
    await joined();
    session.receive(
      xml(
        'message',
        { from: ROOM, type: 'error' },
        xml(
          'error',
          { type: 'modify' },
          xml('not-acceptable', { xmlns: 'urn:ietf:params:xml:ns:xmpp-stanzas' }),
        ),
      ),
    );
    await turns();
    assert.deepEqual([rooms.isJoined(ROOM), session.sent.length], [false, 2]);
  });

  it('a new nick of somebody, and one that the server gives us', async () => {
    const { session, rooms, events, presence, joined } = await setUp();
    await joined();
    session.receive(presence('anna', [], { item: { jid: 'anna@example.org/x' } }));
    session.receive(presence('anna', [303], { type: 'unavailable', item: { nick: 'annie' } }));
    session.receive(presence('annie'));
    session.receive(presence('bot', [303, 110], { type: 'unavailable', item: { nick: 'robot' } }));
    session.receive(presence('robot', [110]));
    assert.deepEqual(
      events.filter(({ type }) => type === 'nick'),
      [
        { type: 'nick', room: ROOM, from: 'anna', to: 'annie', own: false },
        { type: 'nick', room: ROOM, from: 'bot', to: 'robot', own: true },
      ],
    );
    assert.equal(rooms.nickIn(ROOM), 'robot');
  });

  it('a silent room costs an error and is tried again; occupants and rooms are bounded', async () => {
    const { session, clock, rooms, presence, joined, outcome } = await setUp();
    const silent = outcome(rooms.join(ROOM, { nick: 'bot' }));
    await turns();
    clock.advance(30_000);
    assert.equal(await silent, 'room-time');
    clock.advance(2_000);
    await turns();
    assert.equal(session.sent.length, 2);
    await joined();
    for (let i = 0; i < 5_000; i++)
      session.receive(presence(`n${i}`, [], { item: { jid: `u${i}@example.org` } }));
    assert.equal(rooms.realJid(ROOM, 'n1999'), 'u1999@example.org');
    assert.equal(rooms.realJid(ROOM, 'n2000'), undefined);
    const many = await Promise.all(
      Array.from({ length: 250 }, (_, i) =>
        Promise.race([outcome(rooms.join(`r${i}@conference.example.org`, { nick: 'bot' })), turns(3)]),
      ),
    );
    assert.equal(many.filter((code) => code === 'rooms-many').length, 51);
    rooms.close();
    assert.equal(clock.waiting, 0);
  });

  it('presence of rooms that nobody joined, and forged ones, change nothing', async () => {
    const { session, rooms, events, presence, xml, joined } = await setUp();
    session.receive(presence('bot', [110]));
    await joined();
    const before = events.length;
    session.receive(xml('presence', { from: 'evil@example.org/bot', type: 'unavailable' }));
    session.receive(xml('presence', { from: ROOM, type: 'unavailable' }));
    session.receive(xml('presence', {}));
    session.receive(xml('message', { from: `${ROOM}x/bot`, type: 'groupchat' }, xml('subject', {}, 'evil')));
    assert.equal(events.length, before);
    assert.equal(rooms.isJoined(ROOM), true);
  });

  it('leaves', async () => {
    const { session, rooms, events, joined } = await setUp();
    await joined();
    rooms.leave(ROOM);
    await turns();
    assert.equal(session.last().toString(), `<presence to="${ROOM}/bot" type="unavailable"/>`);
    assert.deepEqual(events.at(-1), { type: 'left', room: ROOM });
    assert.equal(rooms.isJoined(ROOM), false);
  });

  describe('somebody listens there: refused once is not refused for ever', () => {
    const online = { phase: 'online', jid: 'bot@example.org/x', where: '' } as const;
    const wish = { nick: 'bot', listens: true };
    async function listening() {
      const made = await setUp();
      const troubles: string[] = [];
      made.rooms.onTrouble((room, { code }) => troubles.push(`${room.split('@')[0]} ${code}`));
      const said = () => made.session.sent.length;
      const out = (codes: number[], children: Element[] = []) =>
        made.session.receive(made.presence('bot', [110, ...codes], { type: 'unavailable', children }));
      made.rooms.want(ROOM, 'node', wish);
      await turns();
      return { ...made, troubles, said, out };
    }

    for (const [condition, first] of [
      ['registration-required', 10_000],
      ['not-authorized', 10_000],
      ['remote-server-not-found', 2_000],
      ['service-unavailable', 2_000],
      ['forbidden', 86_400_000],
    ] as const) {
      it(`${condition}: tried again after ${first / 1_000} s, then ever later, until it lets us in`, async () => {
        const { session, clock, rooms, refuse, presence, troubles, said } = await listening();
        const most = Math.max(first, 3_600_000);
        for (const [tries, wait] of [first, first * 2, first * 4].entries()) {
          session.receive(refuse(condition));
          assert.equal(troubles.length, tries + 1);
          clock.advance(Math.min(wait, most) - 1);
          await turns();
          assert.equal(said(), tries + 1);
          clock.advance(1);
          await turns();
          assert.equal(said(), tries + 2);
        }
        assert.ok(rooms.missing('node')[0]?.why);
        session.receive(presence('bot', [110]));
        assert.deepEqual(rooms.missing('node'), []);
        assert.equal(rooms.isJoined(ROOM), true);
      });
    }

    it('a new session tries at once, a resumed one goes on waiting', async () => {
      const { session, clock, refuse, said } = await listening();
      session.receive(refuse('registration-required'));
      session.become({ phase: 'waiting', at: 0, reason: new XmppError('network', words('gone')) });
      clock.advance(3_600_000);
      assert.equal(said(), 1);
      session.become({ ...online, resumed: true });
      await turns();
      assert.equal(said(), 1);
      clock.advance(20_000);
      await turns();
      assert.equal(said(), 2);
      session.receive(refuse('registration-required'));
      session.become({ phase: 'waiting', at: 0, reason: new XmppError('network', words('gone')) });
      session.become({ ...online, resumed: false });
      await turns();
      assert.equal(said(), 3);
    });

    it('an invitation into it counts: of the room at once, of anybody now and then; others do nothing', async () => {
      const { session, clock, xml, refuse, said } = await listening();
      session.receive(refuse('registration-required'));
      const mediated = (room: string) =>
        xml(
          'message',
          { from: room },
          xml('x', { xmlns: MUC_USER }, xml('invite', { from: 'a@example.org' })),
        );
      const direct = () =>
        xml('message', { from: 'a@example.org/x' }, xml('x', { xmlns: 'jabber:x:conference', jid: ROOM }));
      session.receive(mediated('other@conference.example.org'));
      session.receive(mediated(`${ROOM}/somebody`));
      await turns();
      assert.equal(said(), 1);
      session.receive(mediated(ROOM));
      await turns();
      assert.equal(said(), 2);
      session.receive(refuse('registration-required'));
      for (let n = 0; n < 50; n++) session.receive(direct());
      await turns();
      assert.equal(said(), 2);
      clock.advance(12_000);
      for (let n = 0; n < 50; n++) session.receive(direct());
      await turns();
      assert.equal(said(), 3);
    });

    it('kicked: back after half a minute, later each time, and as after the first one when it was in for long', async () => {
      const { session, clock, xml, presence, troubles, said, out } = await listening();
      for (const wait of [30_000, 60_000, 120_000]) {
        session.receive(presence('bot', [110]));
        out([307], [xml('actor', { nick: 'anna' }), xml('reason', {}, 'too loud')]);
        const before = said();
        clock.advance(wait - 1);
        await turns();
        assert.equal(said(), before);
        clock.advance(1);
        await turns();
        assert.equal(said(), before + 1);
      }
      session.receive(presence('bot', [110]));
      session.answers.set(`${ROOM}/bot urn:xmpp:ping`, () => xml('iq', { type: 'result' }));
      clock.advance(600_000);
      await turns();
      out([307]);
      const before = said();
      clock.advance(30_000);
      await turns();
      assert.equal(said(), before + 1);
      assert.deepEqual(new Set(troubles), new Set(['home room-kicked']));
    });

    it('no longer a member: later; banned: once a day, or when it is invited; destroyed: not by itself, for that would make it anew', async () => {
      for (const [codes, code, wait] of [
        [[321], 'room-members', 10_000],
        [[322], 'room-members', 10_000],
        [[], 'room-left', 2_000],
      ] as const) {
        const { clock, session, presence, troubles, said, out } = await listening();
        session.receive(presence('bot', [110]));
        out([...codes]);
        assert.deepEqual(troubles, [`home ${code}`]);
        clock.advance(wait);
        await turns();
        assert.equal(said(), 2, code);
      }
      const banned = await listening();
      banned.session.receive(banned.presence('bot', [110]));
      banned.out([301]);
      assert.deepEqual(banned.troubles, ['home room-banned']);
      banned.clock.advance(86_399_999);
      await turns();
      assert.equal(banned.said(), 1);
      const { xml: element } = banned;
      const invite = element('invite', { from: 'a@example.org' });
      banned.session.receive(element('message', { from: ROOM }, element('x', { xmlns: MUC_USER }, invite)));
      await turns();
      assert.equal(banned.said(), 2);

      const { clock, session, rooms, xml, presence, troubles, said } = await listening();
      session.receive(presence('bot', [110]));
      const destroy = xml(
        'x',
        { xmlns: MUC_USER },
        xml('item'),
        xml('destroy', {}, xml('reason', {}, 'moved')),
      );
      session.receive(xml('presence', { from: `${ROOM}/bot`, type: 'unavailable' }, destroy));
      assert.deepEqual(
        [troubles, rooms.missing('node')[0]?.why?.text.params?.why],
        [['home room-destroyed'], 'moved'],
      );
      clock.advance(86_400_000);
      await turns();
      assert.equal(said(), 1);
      session.become({ ...online, resumed: false });
      await turns();
      assert.equal(said(), 2);
    });

    it('a line that breaks behind our presence: that room rests, in new sessions too, and all else goes on', async () => {
      const { session, clock, rooms, presence, said, troubles } = await listening();
      session.sent.at(-1)?.done(new BlockedError(200));
      assert.deepEqual(troubles, ['home room-line']);
      session.become({ ...online, resumed: false });
      await turns();
      assert.equal(said(), 1);
      // Twice told to rest: by the refusal, and by the new session.
      clock.advance(60_000);
      await turns();
      assert.equal(said(), 2);
      session.receive(presence('bot', [110]));
      assert.equal(rooms.isJoined(ROOM), true);
    });

    it('left, or wanted by nobody: nothing brings us back', async () => {
      const { session, clock, rooms, refuse, said } = await listening();
      session.receive(refuse('registration-required'));
      rooms.unwant(ROOM, 'node');
      rooms.leave(ROOM);
      clock.advance(86_400_000);
      session.become({ ...online, resumed: false });
      await turns();
      assert.deepEqual([said(), clock.waiting], [1, 0]);
    });

    it('whoever only writes is let in with the next message, and not before', async () => {
      const { session, clock, rooms, refuse, outcome } = await setUp();
      const join = outcome(rooms.join(ROOM, { nick: 'bot' }));
      await turns();
      session.receive(refuse('registration-required'));
      assert.equal(await join, 'room-members');
      clock.advance(86_400_000);
      session.become({ ...online, resumed: false });
      await turns();
      assert.equal(session.sent.length, 1);
      void outcome(rooms.join(ROOM, { nick: 'bot' }));
      await turns();
      assert.equal(session.sent.length, 2);
    });

    it('of several nodes in a room any may know the password', async () => {
      const { session, rooms, presence, refuse, troubles } = await listening();
      rooms.want(ROOM, 'second', { ...wish, password: 'wrong' });
      rooms.want(ROOM, 'third', { ...wish, password: 'geheim' });
      const asked = () => session.last().getChild('x')?.getChildText('password');
      const seen: unknown[] = [asked()];
      session.receive(refuse('not-authorized'));
      // The try without one is the first node's; what the others know comes with the next.
      rooms.want(ROOM, 'third', { ...wish, password: 'geheim' });
      await turns();
      seen.push(asked());
      session.receive(refuse('not-authorized'));
      await turns();
      seen.push(asked());
      session.receive(presence('bot', [110]));
      assert.deepEqual([seen, rooms.isJoined(ROOM)], [[null, 'wrong', 'geheim'], true]);
      assert.deepEqual(troubles, ['home room-password']);
      assert.deepEqual(rooms.wanted(ROOM), { nick: 'bot', password: 'wrong' });
    });

    it('a nick that is changed while we are in is asked for; one that is refused is told, and the old one stays', async () => {
      const { session, rooms, events, xml, presence, refuse, said } = await listening();
      session.receive(presence('bot', [110]));
      rooms.want(ROOM, 'node', { ...wish, nick: 'robot' });
      await turns();
      assert.equal(session.last().toString(), `<presence to="${ROOM}/robot"/>`);
      session.receive(presence('bot', [303, 110], { type: 'unavailable', item: { nick: 'robot' } }));
      session.receive(presence('robot', [110]));
      assert.equal(rooms.nickIn(ROOM), 'robot');
      const before = said();
      // Another node in the room must not turn it back and forth; who typed none wants none.
      rooms.want(ROOM, 'writer', { nick: 'writer', listens: false });
      rooms.want(ROOM, 'other', { nick: 'bot', listens: true });
      rooms.want(ROOM, 'node', { ...wish, nick: 'robot' });
      await turns();
      assert.equal(said(), before);
      rooms.want(ROOM, 'node', { ...wish, nick: 'anna' });
      await turns();
      assert.equal(session.last().attrs.to, `${ROOM}/anna`);
      session.receive(refuse('conflict', 'anna'));
      assert.deepEqual(events.at(-1), { type: 'nick-refused', room: ROOM, nick: 'anna', reason: 'conflict' });
      assert.deepEqual([rooms.nickIn(ROOM), rooms.isJoined(ROOM)], ['robot', true]);
      session.receive(xml('message', { from: ROOM, type: 'groupchat' }, xml('body', {}, 'x')));
    });
  });
});
