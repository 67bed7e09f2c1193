import assert from 'node:assert/strict';
import type { Element } from '@xmpp/client';
import {
  type ChatMessage,
  type ReceivedStanza,
  readStanza,
} from '../../../../src/xmpp/receiving/stanza-reader';
import { reader } from '../parse';

const ACCOUNT = 'bot@example.org';
const ANNA = 'anna@example.org';
const ROOM = 'team@rooms.example.org';
const NOW = Date.parse('2026-11-25T20:00:00Z');

let parse: (xml: string) => Element;

const read = (xml: string): ReceivedStanza =>
  readStanza(parse(xml), { account: ACCOUNT, now: NOW, isRoom: (bare) => bare === ROOM });

function said(xml: string): ChatMessage {
  const { message, events } = read(xml);
  assert.deepEqual(events, []);
  assert.ok(message, 'no message');
  return message;
}

const isNothing = (xml: string) => assert.deepEqual(read(xml), { events: [] });

describe('what a stanza says', () => {
  before(async () => {
    parse = await reader();
  });

  describe('messages', () => {
    it('of Conversations', () => {
      const message = said(
        `<message xml:lang='en' to='${ACCOUNT}/dinox' from='${ANNA}/Conversations.Qb3k' type='chat' id='7d1c'>
          <markable xmlns='urn:xmpp:chat-markers:0'/><origin-id id='7d1c' xmlns='urn:xmpp:sid:0'/>
          <request xmlns='urn:xmpp:receipts'/><body>status &lt;now&gt;</body>
          <stanza-id by='${ACCOUNT}' id='1732' xmlns='urn:xmpp:sid:0'/></message>`,
      );
      assert.equal(message.text, 'status <now>');
      assert.deepEqual([message.chat, message.to, message.kind, message.type], [ANNA, ANNA, 'chat', 'chat']);
      assert.deepEqual([message.from, message.bare], [`${ANNA}/Conversations.Qb3k`, ANNA]);
      assert.deepEqual([message.id, message.originId, message.stanzaId], ['7d1c', '7d1c', '1732']);
      assert.deepEqual([message.stamp, message.delayed, message.wantsReceipt], [NOW, false, true]);
      assert.deepEqual([message.room, message.nick, message.thread, message.quote], Array(4).fill(undefined));
    });

    it('with thread and subject, of Gajim', () => {
      const message = said(
        `<message from='${ANNA}/gajim.X' type='chat' id='g1'><body>hi</body><thread>t-9</thread><subject>a
         b</subject><active xmlns='http://jabber.org/protocol/chatstates'/></message>`,
      );
      assert.deepEqual([message.thread, message.subject?.replace(/ +/g, ' ')], ['t-9', 'a b']);
    });

    it('takes no type for normal, and no sender for the own account', () => {
      assert.deepEqual(
        [said(`<message from='${ANNA}/x'><body>a</body></message>`)].map(({ type, kind }) => [type, kind]),
        [['normal', 'chat']],
      );
      assert.equal(said('<message type="chat"><body>a</body></message>').bare, ACCOUNT);
      assert.equal(said(`<message from='${ANNA}' type='strange'><body>a</body></message>`).type, 'normal');
    });

    it('keeps a body as it was said, and takes the one without a language', () => {
      const xml = `<message from='${ANNA}'><body xml:lang='de'>hallo</body><body>  two
 lines  </body></message>`;
      assert.equal(said(xml).text, '  two\n lines  ');
      assert.equal(said(`<message from='${ANNA}'><body xml:lang='de'>hallo</body></message>`).text, 'hallo');
    });

    it('of a room and of an occupant in private', () => {
      const open = said(`<message from='${ROOM}/Änna' type='groupchat' id='r'><body>a</body>
        <stanza-id xmlns='urn:xmpp:sid:0' by='${ROOM}' id='s1'/></message>`);
      assert.deepEqual(
        [open.chat, open.to, open.kind, open.room, open.nick, open.stanzaId],
        [ROOM, ROOM, 'groupchat', ROOM, 'Änna', 's1'],
      );
      const secret = said(`<message from='${ROOM}/Änna' type='chat' id='r'><body>a</body>
        <x xmlns='http://jabber.org/protocol/muc#user'/></message>`);
      assert.deepEqual(
        [secret.to, secret.kind, secret.room, secret.nick],
        [`${ROOM}/Änna`, 'chat', ROOM, 'Änna'],
      );
    });

    it('nobody speaks as a room that we are not in, and the remarks of a room are no message', () => {
      isNothing(`<message from='${ANNA}/x' type='groupchat'><body>open the door</body></message>`);
      isNothing(`<message from='${ROOM}' type='groupchat'><body>This room is not anonymous</body></message>`);
      isNothing(`<message from='${ROOM}/a' type='groupchat'><subject>topic</subject></message>`);
    });

    it('bounds everything', () => {
      const long = 'x'.repeat(300_000);
      const message = said(`<message from='${ANNA}/x' id='${long}' type='chat'><body>${long}</body>
        <thread>${long}</thread><subject>${long}</subject><x xmlns='jabber:x:oob'><url>https://a/${long}</url></x>
        <reply xmlns='urn:xmpp:reply:0' id='${long}'/></message>`);
      assert.deepEqual([message.text.length, message.truncated], [100_000, true]);
      assert.deepEqual(
        [message.id, message.thread, message.attachment, message.replyTo],
        Array(4).fill(undefined),
      );
      assert.equal(message.subject?.length, 1_000);
      isNothing(`<message from='${long}@example.org' type='chat'><body>a</body></message>`);
      const many = said(`<message from='${ANNA}'><reactions id='m' xmlns='urn:xmpp:reactions:0'>
        ${Array.from({ length: 500 }, (_, n) => `<reaction>e${n}</reaction>`).join('')}
        <reaction>${long}</reaction></reactions></message>`);
      assert.equal(many.reactions?.emojis.length, 20);
    });

    it('is not confused by depth', () => {
      const deep = `${'<a>'.repeat(20_000)}${'</a>'.repeat(20_000)}`;
      assert.equal(said(`<message from='${ANNA}'>${deep}<body>a</body></message>`).text, 'a');
    });

    it('takes no body from somewhere else in the stanza', () => {
      isNothing(`<message from='${ANNA}'><html xmlns='http://jabber.org/protocol/xhtml-im'>
        <body xmlns='http://www.w3.org/1999/xhtml'>a</body></html></message>`);
      isNothing(`<message from='${ANNA}'><body xmlns='urn:other'>a</body></message>`);
      isNothing(`<message from='${ANNA}'><event xmlns='http://jabber.org/protocol/pubsub#event'/></message>`);
    });

    it('with a file', () => {
      const url = 'https://upload.example.org/a/cat.jpg';
      const message = said(`<message from='${ANNA}' type='chat'><body>${url}</body>
        <x xmlns='jabber:x:oob'><url>${url}</url><desc>a cat</desc></x></message>`);
      assert.deepEqual([message.text, message.attachment], [url, { url, description: 'a cat' }]);
      for (const bad of ['javascript:alert(1)', 'file:///etc/passwd', 'https://a b', '']) {
        const { attachment } = said(`<message from='${ANNA}'><body>a</body>
          <x xmlns='jabber:x:oob'><url>${bad}</url></x></message>`);
        assert.equal(attachment, undefined, bad);
      }
    });
  });

  describe('time', () => {
    const delayed = (...stamps: string[]) =>
      said(`<message from='${ANNA}'><body>a</body>
        ${stamps.map((stamp) => `<delay xmlns='urn:xmpp:delay' from='example.org' stamp='${stamp}'/>`).join('')}</message>`);

    it('is that of the oldest delay', () => {
      const { stamp, delayed: isLate } = delayed('2026-11-25T19:59:00Z', '2026-11-25T18:00:00.5Z');
      assert.deepEqual([new Date(stamp).toISOString(), isLate], ['2026-11-25T18:00:00.500Z', true]);
    });

    it('is never in the future, and rubbish is none', () => {
      assert.equal(delayed('2099-01-01T00:00:00Z').stamp, NOW);
      for (const bad of ['', 'yesterday', '0', '-1', '2026', '2026-13-45T99:00:00Z']) {
        const { stamp, delayed: isLate } = delayed(bad);
        assert.deepEqual([stamp, isLate], [NOW, false], bad);
      }
    });
  });

  describe('what a message is about', () => {
    it('a reaction, without skin tone and presentation', () => {
      const message = said(`<message from='${ANNA}/dino.1' to='${ACCOUNT}' type='chat' id='q'>
        <reactions id='744f' xmlns='urn:xmpp:reactions:0'><reaction>👍🏽</reaction><reaction>✔️</reaction><reaction> </reaction>
        <reaction>👍</reaction></reactions><store xmlns='urn:xmpp:hints'/></message>`);
      assert.deepEqual(message.reactions, { id: '744f', emojis: ['👍', '✔'] });
      assert.equal(message.text, '');
    });

    it('a reaction taken back, and one with a body for older clients', () => {
      assert.deepEqual(
        said(`<message from='${ANNA}'><reactions id='a' xmlns='urn:xmpp:reactions:0'/></message>`).reactions,
        { id: 'a', emojis: [] },
      );
      const { text, reactions } = said(`<message from='${ANNA}'><body>&gt; Boiler hot
👍</body><reactions id='a' xmlns='urn:xmpp:reactions:0'><reaction>👍</reaction></reactions></message>`);
      assert.deepEqual([text, reactions?.emojis], ['', ['👍']]);
    });

    it('a reply of Dino, its fallback cut away by code points', () => {
      const quoted = '&gt; 🔥 Boiler 81 °C\n&gt; limit 80\n';
      const length = [...quoted.replaceAll('&gt;', '>')].length;
      const message = said(`<message from='${ANNA}/dino.2' type='chat' id='q'><body>${quoted}ok 🔥</body>
        <reply xmlns='urn:xmpp:reply:0' id='744f' to='${ACCOUNT}/x'/>
        <fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='${length}'/></fallback></message>`);
      assert.deepEqual(
        [message.replyTo, message.text, message.quote],
        ['744f', 'ok 🔥', '🔥 Boiler 81 °C\nlimit 80'],
      );
    });

    it('a reply whose fallback makes no sense', () => {
      for (const range of ["start='9' end='2'", "start='-4' end='x'", "start='0' end='1e9'", '']) {
        const { text } =
          said(`<message from='${ANNA}'><body>ok then</body><reply xmlns='urn:xmpp:reply:0' id='7'/>
          <fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body ${range}/></fallback>
          <x xmlns='jabber:x:oob'><url>https://a/b</url></x></message>`);
        assert.ok(text === 'ok then' || text === '', `${range}: ${text}`);
      }
    });

    it('only known fallbacks are cut away', () => {
      const { text } = said(`<message from='${ANNA}'><body>geo:1,2</body>
        <fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:other:0'><body/></fallback></message>`);
      assert.equal(text, 'geo:1,2');
    });

    it('quoted lines above the text, as Conversations and Monal write them', () => {
      const quoting = (body: string) => {
        const { text, quote } = said(`<message from='${ANNA}'><body>${body}</body></message>`);
        return [text, quote];
      };
      assert.deepEqual(quoting('&gt; Boiler 81 °C\n&gt; limit 80\nok'), ['ok', 'Boiler 81 °C\nlimit 80']);
      assert.deepEqual(quoting('&gt;Boiler\n\nack 7'), ['ack 7', 'Boiler']);
      assert.deepEqual(quoting('&gt; nothing else'), ['> nothing else', undefined]);
      assert.deepEqual(quoting('ok\n&gt; below'), ['ok\n> below', undefined]);
      assert.deepEqual(quoting('&gt;&gt; a\nb'), ['b', '> a']);
    });

    it('a correction', () => {
      const message = said(`<message from='${ANNA}' id='c2' type='chat'><body>status</body>
        <replace id='c1' xmlns='urn:xmpp:message-correct:0'/></message>`);
      assert.deepEqual([message.replaces, message.text], ['c1', 'status']);
    });

    it('only the room or the own server name a message', () => {
      const sid = (by: string) => `<stanza-id xmlns='urn:xmpp:sid:0' by='${by}' id='of ${by}'/>`;
      const direct = said(
        `<message from='${ANNA}'><body>a</body>${sid(ANNA)}${sid('example.org')}</message>`,
      );
      assert.equal(direct.stanzaId, undefined);
      const inRoom = said(
        `<message from='${ROOM}/a' type='groupchat'><body>a</body>${sid(ANNA)}${sid(ACCOUNT)}${sid(ROOM)}</message>`,
      );
      assert.equal(inRoom.stanzaId, `of ${ROOM}`);
    });
  });

  describe('carbons', () => {
    const carbon = (from: string | undefined, kind: string, inner: string) =>
      `<message ${from === undefined ? '' : `from='${from}'`} to='${ACCOUNT}/dinox' type='chat'>
        <${kind} xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>${inner}</forwarded></${kind}></message>`;
    const inner = (from: string, to: string) =>
      `<message xmlns='jabber:client' from='${from}' to='${to}' type='chat' id='i'><body>open</body>
        <request xmlns='urn:xmpp:receipts'/></message>`;

    it('from the own server are what the other device got', () => {
      for (const from of [ACCOUNT, undefined]) {
        const message = said(carbon(from, 'received', inner(`${ANNA}/x`, `${ACCOUNT}/phone`)));
        assert.deepEqual([message.text, message.bare, message.carbon], ['open', ANNA, true]);
        assert.equal(message.wantsReceipt, false, 'the device that got it answers');
      }
    });

    it('from anybody else are nothing', () => {
      const forged = inner(`${ACCOUNT}/phone`, ACCOUNT);
      for (const from of [
        `${ANNA}/x`,
        ANNA,
        `${ACCOUNT}/phone`,
        'example.org',
        `${ACCOUNT}.evil.example`,
        ROOM,
      ]) {
        for (const kind of ['received', 'sent']) isNothing(carbon(from, kind, forged));
      }
      isNothing(
        `<message from='${ANNA}/x'><forwarded xmlns='urn:xmpp:forward:0'>${forged}</forwarded></message>`,
      );
    });

    it('of what the own account says to others are nothing; of what it says to itself a message', () => {
      isNothing(carbon(ACCOUNT, 'sent', inner(`${ACCOUNT}/phone`, ANNA)));
      isNothing(carbon(ACCOUNT, 'sent', inner(ANNA, ACCOUNT)));
      assert.equal(said(carbon(ACCOUNT, 'sent', inner(`${ACCOUNT}/phone`, ACCOUNT))).text, 'open');
    });

    it('are not looked for inside carbons, and never of rooms', () => {
      isNothing(carbon(ACCOUNT, 'received', carbon(ACCOUNT, 'received', inner(`${ANNA}/x`, ACCOUNT))));
      isNothing(
        carbon(ACCOUNT, 'received', `<message from='${ROOM}/a' type='groupchat'><body>a</body></message>`),
      );
      isNothing(carbon(ACCOUNT, 'received', ''));
    });
  });

  describe('encrypted messages', () => {
    const encrypted = (content: string) =>
      said(`<message from='${ANNA}/c' type='chat' id='e'>${content}
        <body>I sent you an OMEMO encrypted message but your client doesn’t seem to support that.</body></message>`);

    it('of all ways that clients have', () => {
      const kinds = [
        `<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='1'/><payload>QQ==</payload></encrypted>
         <encryption xmlns='urn:xmpp:eme:0' namespace='eu.siacs.conversations.axolotl' name='OMEMO'/>`,
        "<encrypted xmlns='urn:xmpp:omemo:2'><header sid='1'/><payload>QQ==</payload></encrypted>",
        "<encryption xmlns='urn:xmpp:eme:0' namespace='urn:xmpp:omemo:2'/>",
        "<openpgp xmlns='urn:xmpp:openpgp:0'>QQ==</openpgp>",
        "<x xmlns='jabber:x:encrypted'>QQ==</x>",
        "<encryption xmlns='urn:xmpp:eme:0' namespace='urn:of:tomorrow'/>",
      ].map((content) => encrypted(content));
      assert.deepEqual(
        kinds.map((message) => message.encrypted),
        ['omemo', 'omemo', 'omemo', 'openpgp', 'openpgp', 'other'],
      );
      for (const message of kinds) assert.deepEqual([message.text, message.quote], ['', undefined]);
      assert.equal(said(`<message from='${ANNA}'><body>?OTRv23?</body></message>`).encrypted, 'otr');
    });

    it('that carry only keys are nothing', () => {
      isNothing(`<message from='${ANNA}/c' type='chat'><encrypted xmlns='eu.siacs.conversations.axolotl'>
        <header sid='1'><key rid='2'>QQ==</key></header></encrypted><store xmlns='urn:xmpp:hints'/></message>`);
    });
  });

  describe('events', () => {
    const [event, none] = [(xml: string) => read(xml).events, []];
    const who = { from: `${ANNA}/x`, bare: ANNA, resource: 'x' };

    it('receipts and markers', () => {
      const of = (content: string) => event(`<message from='${ANNA}/x' id='z'>${content}</message>`);
      assert.deepEqual(of("<received xmlns='urn:xmpp:receipts' id='a'/>"), [
        { ...who, event: 'receipt', id: 'a' },
      ]);
      assert.deepEqual(of("<displayed xmlns='urn:xmpp:chat-markers:0' id='a'/>"), [
        { ...who, event: 'displayed', id: 'a' },
      ]);
      assert.deepEqual(of("<received xmlns='urn:xmpp:receipts'/>"), none);
    });

    it('chat states without anything said', () => {
      const of = (content: string) => event(`<message from='${ANNA}/x'>${content}</message>`);
      const composing = "<composing xmlns='http://jabber.org/protocol/chatstates'/>";
      assert.deepEqual(of(composing), [{ ...who, event: 'chat-state', state: 'composing' }]);
      assert.deepEqual(of(`${composing}<body>a</body>`), none);
    });

    it('a retraction, whose text is none', () => {
      const found = read(`<message from='${ANNA}/x'><retract id='a' xmlns='urn:xmpp:message-retract:1'/>
        <body>/me retracted a previous message</body></message>`);
      assert.deepEqual(found, { events: [{ ...who, event: 'retracted', id: 'a' }] });
    });

    it('an error about what was sent', () => {
      const [found] =
        event(`<message from='${ANNA}/x' type='error' id='a'><body>mine</body><error type='cancel'>
        <service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>
        <text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>User session terminated</text></error></message>`);
      assert.deepEqual(found, {
        ...who,
        event: 'failed',
        id: 'a',
        condition: 'service-unavailable',
        text: 'User session terminated',
      });
    });

    it('invitations, by a person and by a room', () => {
      assert.deepEqual(
        event(`<message from='${ANNA}/x'><x xmlns='jabber:x:conference' jid='new@rooms.example.org' reason='join
 us' password='p'/></message>`),
        [{ ...who, event: 'invitation', room: 'new@rooms.example.org', reason: 'join us', password: 'p' }],
      );
      assert.deepEqual(
        event(`<message from='new@rooms.example.org'><x xmlns='http://jabber.org/protocol/muc#user'>
          <invite from='${ANNA}/x'><reason>join us</reason></invite></x><x xmlns='jabber:x:conference'
          jid='new@rooms.example.org'/><body>anna invites you</body></message>`),
        [
          {
            from: 'new@rooms.example.org',
            bare: 'new@rooms.example.org',
            resource: '',
            event: 'invitation',
            room: 'new@rooms.example.org',
            by: ANNA,
            reason: 'join us',
          },
        ],
      );
    });

    it('presence of people, not of rooms', () => {
      assert.deepEqual(event(`<presence from='${ANNA}/x'><show>away</show><status>tea</status></presence>`), [
        { ...who, event: 'presence', show: 'away', status: 'tea' },
      ]);
      assert.deepEqual(event(`<presence from='${ANNA}/x'><show>evil</show></presence>`), [
        { ...who, event: 'presence', show: 'available' },
      ]);
      assert.deepEqual(event(`<presence from='${ANNA}/x' type='unavailable'/>`), [
        { ...who, event: 'presence', show: 'unavailable' },
      ]);
      assert.deepEqual(event(`<presence from='${ANNA}' type='subscribe'/>`), [
        { from: ANNA, bare: ANNA, resource: '', event: 'subscribe', accepted: false },
      ]);
      assert.deepEqual(event(`<presence from='${ROOM}/a'/>`), none);
      assert.deepEqual(
        event(`<presence from='o@r.example/a'><x xmlns='http://jabber.org/protocol/muc#user'/></presence>`),
        none,
      );
      assert.deepEqual(event(`<presence from='${ANNA}' type='error'/>`), none);
    });
  });

  it('never throws, whatever comes', () => {
    const words = [
      '<body>a</body>',
      '<body/>',
      "<reactions xmlns='urn:xmpp:reactions:0'/>",
      "<reply xmlns='urn:xmpp:reply:0'/>",
      "<fallback xmlns='urn:xmpp:fallback:0'/>",
      "<x xmlns='jabber:x:oob'/>",
      "<x xmlns='jabber:x:conference' jid='@@'/>",
      "<x xmlns='http://jabber.org/protocol/muc#user'><invite from='@'/></x>",
      "<delay xmlns='urn:xmpp:delay'/>",
      "<received xmlns='urn:xmpp:carbons:2'/>",
      '<error/>',
      "<stanza-id xmlns='urn:xmpp:sid:0'/>",
      "<encryption xmlns='urn:xmpp:eme:0'/>",
    ];
    for (const from of ["from='@'", "from='/'", "from='a@b@c/d'", "from=' '", `from='${ROOM}'`, '']) {
      for (const type of ["type='error'", "type='groupchat'", "type='x'", '']) {
        for (const name of ['message', 'presence', 'iq']) {
          for (const word of [...words, words.join('')]) read(`<${name} ${from} ${type}>${word}</${name}>`);
        }
      }
    }
  });
});
