/**
 * Identities on real servers: addresses written in every way that could be read as somebody else's, nicks that look
 * like addresses, and names that a server prepares in its own way.
 */
import assert from 'node:assert/strict';
import nodeRedTls from '@node-red/nodes/core/network/05-tls.js';
import type { Broker } from '../../src/runtime/broker/broker';
import { BROKER, type Flow, node, sink, tab } from '../support/flows';
import { type Message, type NodeModule, RunningFlow } from '../support/runtime';
import { type Ejabberd, type Prosody, startEjabberd, startProsody } from '../support/servers/index';
import { XmppComponent } from '../support/xmpp-component';
import { XmppPeer } from '../support/xmpp-peer';
import { ANNA, BOT, Ends, until } from './chat-support';
import { dinoxBroker, logged, TLS, tlsConfig } from './nodes-support';

const BOB = { user: 'bob', password: 'K1rsche+baum' };
/** As both servers prepare them (RFC 3920 nodeprep); people type the names in the right column of {@link TYPED}. */
const FRIEND = { user: 'strasse', password: 'K1rsche+baum' };
const GREEK = { user: 'νίκοσ', password: 'K1rsche+baum' };
const OWN = { user: 'grösse', password: 'K1rsche+baum' };
const TYPED = { friend: 'straße@localhost', greek: 'νίκος@localhost', own: 'größe@localhost' };
const users = Object.fromEntries(
  [ANNA, BOT, BOB, FRIEND, GREEK, OWN].map(({ user, password }) => [user, password]),
);
const [BOT_JID, ANNA_JID, BOB_JID] = ['bot@localhost', 'anna@localhost', 'bob@localhost'];
const ROOM = 'names@conference.localhost';
const GATEWAY = { name: 'gate.localhost', secret: 'w1ndow' };
const WAIT = 30_000;

type Server = Ejabberd | Prosody;

function modules(): NodeModule[] {
  const ours = require('../../src/index') as typeof import('../../src/index');
  return [nodeRedTls, ours.registerDinoxBroker, ours.registerXmppIn, ours.registerXmppOut] as NodeModule[];
}

const escaped = (text: string) => text.replace(/[&<>'"\t\n]/g, (char) => `&#${char.charCodeAt(0)};`);

/** Ways to write `local@localhost` that are other addresses, or none, or the same to a server that prepares them. */
function spellings(local: string): string[] {
  const signs =
    '# ? % \\ : ; , ! $ & \' " < > ( ) [ ] { } | ^ ` ~ * + = _ - . @ \t \n \u00A0 \u00AD \u200B \u200D \u2060 \uFEFF \u3000 ＃ ？ ％ ＼ ： ＠ ／ ⁄ ∕ ． 。 ｡'.split(
      ' ',
    );
  signs.push(' ');
  return [
    ...signs.flatMap((sign) => [`${local}@localhost${sign}.evil.test`, `${local}@localhost${sign}`]),
    ...['loc%61lhost', '%6Cocalhost', 'localhost%2Eevil.test', 'local\u00ADhost', 'l\u200Bocalhost'].map(
      (domain) => `${local}@${domain}`,
    ),
    ...['LocalHost', 'ｌocalhost', 'loca\u217Chost', 'xn--localhost-', 'localhost.xn--', '[localhost]'].map(
      (domain) => `${local}@${domain}`,
    ),
    `${local}\u00AD@localhost`,
    `${local.slice(0, 1)}\u200B${local.slice(1)}@localhost`,
    `${local}\\40localhost@evil.test`,
    `${local}@evil.test/@localhost`,
    `evil.test/${local}@localhost`,
    `${local}@localhost@evil.test`,
  ];
}

for (const [name, start] of [
  ['ejabberd', () => startEjabberd({ users, modMqtt: false, component: GATEWAY })],
  ['Prosody', () => startProsody({ users, bridge: 'none', component: GATEWAY })],
] as const) {
  describe(`who is who on ${name}`, function () {
    this.timeout(90_000);
    const ends = new Ends();
    let server: Server;
    let flow: RunningFlow;
    let anna: XmppPeer;
    let bob: XmppPeer;
    let count = 0;

    before(async function () {
      this.timeout(180_000);
      server = ends.add(await start());
      anna = await peer(ANNA);
      bob = await peer(BOB);
      await enter('Bob');
      bob.write(
        `<iq type='set' to='${ROOM}' id='open'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>`,
      );
      await until('the room is open', () => bob.stanzas.some(({ attrs }) => attrs.id === 'open'));
      const broker = dinoxBroker({
        jid: BOT_JID,
        xmppService: `xmpp://127.0.0.1:${server.c2sPort}`,
        tls: TLS,
      });
      const nodes: Flow = [
        tab(),
        tlsConfig(),
        broker,
        node('xmpp-in', 'in', { broker: BROKER, allow: BOB_JID, wires: [['in-sink'], ['in-events']] }),
        node('xmpp-in', 'echo', {
          ...{ broker: BROKER, allow: ROOM, rooms: ROOM, nick: 'bot', maxAge: '5m' },
          ...{ pattern: 'echo *', patternType: 'wildcard', wires: [['out', 'echo-sink'], ['echo-events']] },
        }),
        node('xmpp-out', 'out', { broker: BROKER, to: '', kind: 'auto', format: 'payload', nick: 'bot' }),
        dinoxBroker({ jid: TYPED.own, xmppService: `xmpp://127.0.0.1:${server.c2sPort}`, tls: TLS }, 'own'),
        node('xmpp-in', 'sz', {
          ...{ broker: 'own', allow: `${TYPED.friend} ${TYPED.greek}`, maxAge: '5m' },
          wires: [['sz-sink'], ['sz-events']],
        }),
        node('xmpp-out', 'sz-out', { broker: 'own', to: '', kind: 'auto', format: 'payload', nick: 'bot' }),
        sink('sz-sink'),
        sink('sz-events'),
        sink('echo-sink'),
        sink('echo-events'),
        sink('in-sink'),
        sink('in-events'),
      ];
      flow = ends.add(
        await RunningFlow.start(modules(), nodes, {
          [BROKER]: { password: BOT.password },
          own: { password: OWN.password },
        }),
      );
      await flow.shows('in', 'green', WAIT);
    });

    after(() => ends.all());

    async function peer({ user, password }: { user: string; password: string }): Promise<XmppPeer> {
      const made = ends.add(new XmppPeer({ port: server.c2sTlsPort, user, password }));
      await until(`${user} is there`, () => made.ready);
      return made;
    }

    /** Bob comes into the room, or takes another nick there. */
    async function enter(nick: string): Promise<void> {
      const before = bob.stanzas.length;
      bob.write(
        `<presence to='${ROOM}/${escaped(nick)}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
      );
      await until(
        () => `Bob is ${JSON.stringify(nick)}: ${bob.stanzas.slice(before).join('\n')}`,
        () =>
          bob.stanzas
            .slice(before)
            .some(({ name: kind, attrs }) => kind === 'presence' && attrs.from === `${ROOM}/${nick}`),
      );
    }

    const heard = (id: string, text: string): Promise<Message> =>
      flow.until(
        `"${text}" at ${id}`,
        () => flow.at(`${id}-sink`).find(({ payload }) => payload === text),
        WAIT,
      );

    /** What is sent after everything else arrives after it. */
    async function sentinel(gateway: XmppComponent): Promise<void> {
      const text = `sentinel ${++count}`;
      gateway.write(
        `<message from='${GATEWAY.name}' to='${ANNA_JID}' type='chat'><body>${text}</body></message>`,
      );
      await until(text, () => anna.messages.some((one) => one.getChildText('body') === text));
      bob.write(`<message to='${BOT_JID}' type='chat'><body>${text}</body></message>`);
      await heard('in', text);
    }

    it('a hundred spellings of an allowed address, and of our own, are nobody else than themselves', async () => {
      const gateway = ends.add(new XmppComponent({ ...GATEWAY, port: server.componentPort }));
      await until(
        () => `the gateway is there: ${gateway.text}`,
        () => gateway.ready,
      );
      const as = (from: string, to: string, id: string, content: string) =>
        gateway.write(
          `<message from='${escaped(from)}/x' to='${to}' type='chat' id='${id}'>${content}</message>`,
        );
      const forged = `<message xmlns='jabber:client' from='${BOB_JID}/phone' to='${BOT_JID}' type='chat'><body>COPY</body></message>`;
      const { dinox } = flow.node(BROKER) as unknown as { dinox: Broker };
      const written = new Map<string | undefined, string>();
      const end = dinox.chat.stanzas.onStanza(({ attrs }) => written.set(attrs.id, attrs.from ?? '(none)'));
      const all = new Map<string, string>();
      for (const [local, content] of [
        ['bob', '<body>TEXT</body>'],
        ['bot', '<body>TEXT</body>'],
        [
          'bot',
          `<received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>${forged}</forwarded></received>`,
        ],
      ] as const) {
        for (const from of spellings(local)) {
          const id = `as${++count}`;
          all.set(id, from);
          as(from, ANNA_JID, id, '<body>how the server writes it</body>');
          as(from, BOT_JID, id, content.replace(/TEXT|COPY/, id));
        }
      }
      await sentinel(gateway);
      end();
      const texts = flow.at('in-sink').map(({ payload }) => String(payload));
      const wrong = texts
        .filter((id) => id.startsWith('as'))
        .map((id) => [JSON.stringify(all.get(id)), written.get(id)])
        // Where the server itself writes that it is this one, it is: ejabberd takes what it has prepared to us for its
        // own word, and Prosody writes U+FF0F as a slash.
        .filter(([, from]) => !/^(bo[bt]@localhost\/|\(none\))/i.test(from ?? ''));
      assert.deepEqual(wrong, []);
      const passed = anna.messages.filter(({ attrs }) => all.has(attrs.id ?? '')).length;
      assert.ok(all.size > 300 && passed > 100, `${passed} of ${all.size} came past the server`);
    });

    it('an answer to a private message in a room goes to who asked, whatever the nick names', async () => {
      await until('the bot is in the room', () =>
        flow.at('echo-events').some(({ payload }) => (payload as { event?: unknown }).event === 'joined'),
      );
      const answered = () =>
        bob.messages
          .filter(({ attrs }) => attrs.from === `${ROOM}/bot`)
          .map((one) => one.getChildText('body'));
      const nicks = [
        `x, ${ANNA_JID}`,
        `${ANNA_JID},`,
        `x;${ANNA_JID}`,
        'x?join',
        '"x" <a>&b',
        'a/b, c@d',
        '%2C',
      ];
      for (const [at, nick] of nicks.entries()) {
        await enter(nick);
        bob.write(
          `<message to='${ROOM}/bot' type='chat' id='pm${at}'><body>echo ${at}</body><x xmlns='http://jabber.org/protocol/muc#user'/></message>`,
        );
        const { to } = await heard('echo', `echo ${at}`);
        assert.equal(typeof to, 'string');
        await until(
          () => `an answer to ${nick} (${to}): ${JSON.stringify(logged(flow, 'error'))}`,
          () => answered().includes(`echo ${at}`),
        );
      }
      assert.deepEqual(
        anna.messages.map((one) => one.getChildText('body')).filter((text) => text?.startsWith('echo')),
        [],
        'nothing for a third party',
      );
    });

    it('names with ß and ς are who people typed, whatever the server makes of them: messages, receipts, our own', async () => {
      const people = { friend: await peer(FRIEND), greek: await peer(GREEK), own: await peer(OWN) };
      await flow.shows('sz', 'green', WAIT);
      const own = `${OWN.user}@localhost`;
      for (const who of ['friend', 'greek'] as const) {
        const them = people[who];
        them.write(`<message to='${own}' type='chat'><body>hello of ${who}</body></message>`);
        const message = await heard('sz', `hello of ${who}`);
        assert.deepEqual([message.topic, message.to], [TYPED[who], TYPED[who]]);
        flow.send('sz-out', { payload: `answer to ${who}`, to: message.to });
        const found = () => them.messages.find((one) => one.getChildText('body') === `answer to ${who}`);
        await until(`an answer for ${who}`, found);
        const id = found()?.attrs.id;
        them.write(
          `<message to='${own}' type='chat'><received xmlns='urn:xmpp:receipts' id='${id}'/></message>`,
        );
        await flow.until(
          `the receipt of ${who}`,
          () => flow.at('sz-events').some(({ payload }) => (payload as { id?: unknown }).id === id),
          WAIT,
        );
        // To another device of the account, so that only the copy comes here.
        them.write(`<message to='${own}/phone' type='chat'><body>copy of ${who}</body></message>`);
        assert.equal((await heard('sz', `copy of ${who}`)).topic, TYPED[who]);
      }
      people.own.write(`<message to='${own}' type='chat'><body>from our phone</body></message>`);
      assert.equal((await heard('sz', 'from our phone')).topic, TYPED.own);
      // Nobody else is heard for it.
      bob.write(`<message to='${own}' type='chat'><body>of bob</body></message>`);
      people.friend.write(`<message to='${own}' type='chat'><body>the last</body></message>`);
      await heard('sz', 'the last');
      assert.ok(!flow.at('sz-sink').some(({ payload }) => payload === 'of bob'));
    });

    it('nothing went wrong beside it', () => {
      assert.deepEqual(logged(flow, 'error'), []);
    });
  });
}
