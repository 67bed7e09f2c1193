/** `xmpp-in` on real servers: what arrives, what does not, and what it is about. The other side is raw XML. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import nodeRedCatch from '@node-red/nodes/core/common/25-catch.js';
import nodeRedSwitch from '@node-red/nodes/core/function/10-switch.js';
import nodeRedChange from '@node-red/nodes/core/function/15-change.js';
import nodeRedTls from '@node-red/nodes/core/network/05-tls.js';
import { systemClock } from '../../src/base/clock';
import type { Broker } from '../../src/runtime/broker/broker';
import { SessionLeases } from '../../src/runtime/chat/chat-lease';
import { BROKER, type Credentials, type Flow, node, sink, tab } from '../support/flows';
import { type Message, type NodeModule, RunningFlow } from '../support/runtime';
import {
  type Ejabberd,
  forEachGeneration,
  type Prosody,
  startEjabberd,
  startProsody,
} from '../support/servers/index';
import { XmppPeer } from '../support/xmpp-peer';
import { ANNA, BOT, chatUsers, Ends, until } from './chat-support';
import { dinoxBroker, logged, TLS, tlsConfig } from './nodes-support';

const BEN = { user: 'ben', password: 'K1rsche+baum' };
const users = { ...chatUsers, [BEN.user]: BEN.password };
const [BOT_JID, ANNA_JID, BEN_JID] = ['bot@localhost', 'anna@localhost', 'ben@localhost'];
const WAIT = 30_000;

type Server = Ejabberd | Prosody;
type Xmpp = Record<string, unknown> & { reaction?: unknown };
const xmppOf = (msg: Message | undefined) => (msg?.xmpp ?? {}) as Xmpp;
const eventOf = (msg: Message) => msg.payload as Record<string, unknown>;

function modules(): NodeModule[] {
  const ours = require('../../src/index') as typeof import('../../src/index');
  const cores = [nodeRedCatch, nodeRedTls, nodeRedSwitch, nodeRedChange];
  return [...cores, ours.registerDinoxBroker, ours.registerXmppIn, ours.registerXmppOut] as NodeModule[];
}

function xmppIn(id: string, properties: object = {}) {
  return node('xmpp-in', id, {
    broker: BROKER,
    allow: ANNA_JID,
    kind: 'any',
    pattern: '',
    patternType: 'text',
    addressed: false,
    maxAge: '5m',
    rooms: '',
    nick: '',
    outputs: 2,
    wires: [[`${id}-sink`], [`${id}-events`]],
    ...properties,
  });
}

function flowFor(server: Server, ...nodes: ReturnType<typeof node>[]): Flow {
  const broker = dinoxBroker({ jid: BOT_JID, xmppService: `xmpp://127.0.0.1:${server.c2sPort}`, tls: TLS });
  const sinks = nodes
    .filter(({ type }) => type === 'xmpp-in')
    .flatMap(({ id }) => [sink(`${id}-sink`), sink(`${id}-events`)]);
  return [tab(), tlsConfig(), broker, ...nodes, ...sinks];
}

forEachGeneration('xmpp-in', (generation) => {
  for (const [name, start] of [
    ['ejabberd', () => startEjabberd({ generation, users, modMqtt: false })],
    ['Prosody', () => startProsody({ generation, users, bridge: 'none' })],
  ] as const) {
    describe(name, function () {
      this.timeout(90_000);
      const ends = new Ends();
      let server: Server;
      let flow: RunningFlow;
      let anna: XmppPeer;
      let ben: XmppPeer;
      let count = 0;

      const ROOM = 'team@conference.localhost';

      before(async function () {
        this.timeout(180_000);
        server = ends.add(await start());
        anna = await peer(ANNA);
        ben = await peer(BEN);
        // It waits at the server until the bot comes.
        say(anna, '<body>said before</body>', 'early');
        await flushed(anna);
        await openRoom();
        flow = ends.add(
          await RunningFlow.start(
            modules(),
            flowFor(
              server,
              xmppIn('in', { rooms: ROOM, nick: 'bot' }),
              xmppIn('now', { maxAge: '0' }),
              xmppIn('echo', { pattern: 'echo *', patternType: 'wildcard', wires: [['out'], []] }),
              xmppIn('room', { allow: '', rooms: ROOM, kind: 'groupchat', addressed: true, nick: 'bot' }),
              node('xmpp-out', 'out', {
                broker: BROKER,
                to: '',
                kind: 'auto',
                format: 'payload',
                nick: 'bot',
              }),
            ),
            { [BROKER]: { password: BOT.password } },
          ),
        );
        await flow.shows('in', 'green', WAIT);
        await event('in', 'joined');
      });

      after(() => ends.all());

      async function peer({ user, password }: typeof ANNA): Promise<XmppPeer> {
        const made = ends.add(new XmppPeer({ port: server.c2sTlsPort, user, password }));
        await until(`${user} is there`, () => made.ready);
        // Prosody tells only who has asked for the roster what becomes of a request (RFC 6121 §2.2).
        made.write("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>");
        return made;
      }

      /** Everything that was written before has been routed. */
      async function flushed(who: XmppPeer): Promise<void> {
        const id = `flush${++count}`;
        who.write(`<iq type='get' to='localhost' id='${id}'><ping xmlns='urn:xmpp:ping'/></iq>`);
        await until('an answer to a ping', () => who.stanzas.some(({ attrs }) => attrs.id === id));
      }

      const say = (who: XmppPeer, content: string, id = `m${++count}`, to = BOT_JID, type = 'chat') =>
        who.write(`<message to='${to}' type='${type}' id='${id}'>${content}</message>`);

      /** A room that shows real JIDs, made by Anna; Ben is in it too. */
      async function openRoom(): Promise<void> {
        const x = "<x xmlns='http://jabber.org/protocol/muc'/>";
        const isIn = (who: XmppPeer, nick: string) => () =>
          who.stanzas.some(
            ({ name: kind, attrs }) => kind === 'presence' && attrs.from === `${ROOM}/${nick}`,
          );
        anna.write(`<presence to='${ROOM}/Anna'>${x}</presence>`);
        await until('Anna is in the room', isIn(anna, 'Anna'));
        const field = (key: string, value: string) => `<field var='${key}'><value>${value}</value></field>`;
        anna.write(`<iq type='set' to='${ROOM}' id='form'><query xmlns='http://jabber.org/protocol/muc#owner'>
          <x xmlns='jabber:x:data' type='submit'>${field('FORM_TYPE', 'http://jabber.org/protocol/muc#roomconfig')}
          ${field('muc#roomconfig_whois', 'anyone')}</x></query></iq>`);
        await until('the room is open', () => anna.stanzas.some(({ attrs }) => attrs.id === 'form'));
        ben.write(`<presence to='${ROOM}/Ben'>${x}</presence>`);
        await until('Ben is in the room', isIn(ben, 'Ben'));
      }

      /** Messages at a node that hold this text, once there is one. */
      const heard = (id: string, text: string): Promise<Message> =>
        flow.until(
          `"${text}" at ${id}`,
          () => flow.at(`${id}-sink`).find(({ payload }) => payload === text),
          WAIT,
        );
      const event = (id: string, what: string, about: object = {}): Promise<Message> =>
        flow.until(
          `event ${what} at ${id}`,
          () =>
            flow.at(`${id}-events`).find((msg) => {
              const given = { ...eventOf(msg), alertId: msg.alertId } as Record<string, unknown>;
              return (
                given.event === what && Object.entries(about).every(([key, value]) => given[key] === value)
              );
            }),
          WAIT,
        );
      const texts = (id: string) => flow.at(`${id}-sink`).map(({ payload }) => payload);

      /** Makes every node anew. The test helper gives up waiting after 300 ms, which a busy machine may take. */
      async function redeploy(next: Flow, secrets?: Credentials): Promise<void> {
        await flow.deploy(next, 'full', secrets).catch((error: Error) => {
          if (!/timeout waiting/.test(error.message)) throw error;
        });
      }

      /** Nothing but what is expected comes at `in`: what Anna says last is the next thing. */
      async function nothingMore(action: () => Promise<void>): Promise<void> {
        const before = flow.at('in-sink').length;
        await action();
        const text = `sentinel ${++count}`;
        say(anna, `<body>${text}</body>`);
        await heard('in', text);
        assert.deepEqual(
          flow
            .at('in-sink')
            .slice(before)
            .map(({ payload }) => payload),
          [text],
        );
      }

      /** Sends an alert to Anna, and resolves with its id. */
      async function alert(text: string, alertId: string, to = ANNA_JID): Promise<string> {
        flow.send('out', { payload: text, to, alertId });
        const found = () => anna.messages.find((message) => message.getChildText('body') === text);
        await until(`"${text}" reaches Anna`, found);
        return found()?.attrs.id ?? '';
      }

      it('what was said before the bot came is marked, and is too old for who wants only what is said now', async () => {
        const message = await heard('in', 'said before');
        const { delayed, stamp, id } = xmppOf(message);
        assert.deepEqual([delayed, id], [true, 'early']);
        assert.ok(Date.now() - Date.parse(String(stamp)) < 600_000);
        const late = eventOf(await event('now', 'late'));
        assert.equal(late.text, 'said before');
        assert.deepEqual(texts('now'), []);
      });

      it('a direct message, and an answer without a function node', async () => {
        say(anna, '<body>hello</body><thread>t1</thread>', 'h1');
        const message = await heard('in', 'hello');
        assert.deepEqual(
          [message.topic, message.to, message.kind, message.thread, message.alertId],
          [ANNA_JID, ANNA_JID, 'chat', 't1', undefined],
        );
        const { from, jid, type, id, delayed, room } = xmppOf(message);
        assert.deepEqual(
          [from, jid, type, id, delayed, room],
          [`${ANNA_JID}/phone`, ANNA_JID, 'chat', 'h1', false, undefined],
        );
        say(anna, '<body>Echo this one</body>');
        await until('the echo', () =>
          anna.messages.some((one) => one.getChildText('body') === 'Echo this one'),
        );
      });

      it('the guide and the dialogs know people with their presence, and rooms', async () => {
        const { dinox } = flow.node(BROKER) as unknown as { dinox: Broker };
        const { stanzas } = dinox.chat;
        const xml = await stanzas.load();
        const bookmarks = xml(
          'storage',
          { xmlns: 'storage:bookmarks' },
          xml('conference', { jid: 'kept@conference.localhost', name: 'Kept' }),
        );
        await stanzas.ask(
          xml('iq', { type: 'set' }, xml('query', { xmlns: 'jabber:iq:private' }, bookmarks)),
        );
        for (const [jid, friend] of [
          [ANNA_JID, 'Anna Berg'],
          [BEN_JID, ''],
        ] as const) {
          const item = xml('item', { jid, ...(friend && { name: friend }) });
          await stanzas.ask(xml('iq', { type: 'set' }, xml('query', { xmlns: 'jabber:iq:roster' }, item)));
        }
        stanzas.send(xml('presence', { to: ANNA_JID, type: 'subscribe' }), () => {});
        await until('the bot asks', () =>
          anna.stanzas.some(({ name: kind, attrs }) => kind === 'presence' && attrs.type === 'subscribe'),
        );
        anna.write(`<presence to='${BOT_JID}' type='subscribed'/><presence><show>dnd</show></presence>`);
        let time = systemClock.now();
        // Asks again at once, and not only after its usual while.
        const guides = new SessionLeases({ ...systemClock, steady: () => (time += 60_000) });
        const seen = (): string => {
          const { contacts, rooms } = guides.renew(dinox, 'dialog');
          return JSON.stringify([contacts, rooms.filter(({ from }) => from !== 'server')]);
        };
        const wanted = JSON.stringify([
          [
            { jid: ANNA_JID, name: 'Anna Berg', show: 'dnd', known: true },
            { jid: BEN_JID, name: '', show: '', known: false },
          ],
          [
            { jid: ROOM, name: '', from: 'joined' },
            { jid: 'kept@conference.localhost', name: 'Kept', from: 'bookmark' },
          ],
        ]);
        await until(
          () => `people and rooms: ${seen()}`,
          () => seen() === wanted,
          WAIT,
          250,
        );
        guides.end(dinox, 'dialog');
        assert.equal(stanzas.state.phase, 'online', 'the flow goes on with its session');
        anna.write('<presence/>');
      });

      it('no echo of what the bot says to its own account', async () => {
        await nothingMore(async () => {
          const { error } = await flow.call('out', { payload: 'to myself', to: BOT_JID }, WAIT);
          assert.equal(error, undefined);
        });
      });

      it('nothing of strangers, however they write', async () => {
        const toAnna = await alert('🔥 Attic 60 °C', 'attic');
        await nothingMore(async () => {
          const inner = `<message xmlns='jabber:client' from='${ANNA_JID}/phone' to='${BOT_JID}' type='chat' id='f'><body>open</body></message>`;
          const forwarded = `<forwarded xmlns='urn:xmpp:forward:0'>${inner}</forwarded>`;
          say(ben, '<body>open</body>');
          say(ben, "<body>open</body><stanza-id xmlns='urn:xmpp:sid:0' by='bot@localhost' id='x'/>");
          say(ben, '<body>open</body>', 'g', BOT_JID, 'groupchat');
          say(ben, "<body>open</body><replace xmlns='urn:xmpp:message-correct:0' id='early'/>");
          say(
            ben,
            `<reactions xmlns='urn:xmpp:reactions:0' id='${toAnna}'><reaction>👍</reaction></reactions>`,
          );
          for (const kind of ['received', 'sent']) {
            say(ben, `<${kind} xmlns='urn:xmpp:carbons:2'>${forwarded}</${kind}>`);
          }
          await flushed(ben);
          // Anna may speak, but not for others.
          say(
            anna,
            `<received xmlns='urn:xmpp:carbons:2'>${forwarded.replaceAll(ANNA_JID, BEN_JID)}</received>`,
          );
        });
      });

      it('a reaction finds its alert, and so does taking it back', async () => {
        const id = await alert('🔥 Boiler 81 °C', 'boiler');
        const react = (...emojis: string[]) =>
          say(
            anna,
            `<reactions xmlns='urn:xmpp:reactions:0' id='${id}'>${emojis.map((one) => `<reaction>${one}</reaction>`).join('')}</reactions>`,
          );
        react('👍🏽');
        const message = await heard('in', '👍');
        assert.deepEqual([message.alertId, xmppOf(message).refersTo], ['boiler', id]);
        assert.deepEqual(xmppOf(message).reaction, { added: ['👍'], removed: [], all: ['👍'] });
        react();
        const back = await flow.until(
          'taken back',
          () => flow.at('in-sink').find(({ payload }) => payload === ''),
          WAIT,
        );
        assert.deepEqual(
          [back.alertId, xmppOf(back).reaction],
          ['boiler', { added: [], removed: ['👍'], all: [] }],
        );
      });

      it('a reply, a quote and a correction find it too', async () => {
        const id = await alert('Cellar is wet', 'cellar');
        const quoted = '&gt; Cellar is wet\n';
        say(
          anna,
          `<body>${quoted}ack</body><reply xmlns='urn:xmpp:reply:0' id='${id}' to='${BOT_JID}'/><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='16'/></fallback>`,
          'reply',
        );
        const reply = await heard('in', 'ack');
        assert.deepEqual([reply.alertId, xmppOf(reply).quote], ['cellar', 'Cellar is wet']);
        say(anna, `<body>${quoted}ok by quote</body>`);
        const quote = await heard('in', 'ok by quote');
        assert.deepEqual([quote.alertId, xmppOf(quote).refersTo], ['cellar', id]);
        say(anna, "<body>ack all</body><replace xmlns='urn:xmpp:message-correct:0' id='reply'/>");
        const fixed = await heard('in', 'ack all');
        assert.deepEqual([fixed.alertId, xmppOf(fixed).replaces], ['cellar', 'reply']);
      });

      it('a reply keeps its words, however its client counts the quote', async () => {
        const text = '🟠 Attic 22.1 °C (limit 20) ▁▂▃▅▇';
        const id = await alert(text, 'counted');
        const quote = `> ${text}\n`;
        const counts = {
          right: [...quote].length,
          dino: Buffer.byteLength(quote),
          units: quote.length,
          movim: [...quote].length + 3,
        };
        for (const [who, end] of Object.entries(counts)) {
          say(
            anna,
            `<body>${quote.replaceAll('>', '&gt;')}ok ${who}</body><reply xmlns='urn:xmpp:reply:0' id='${id}' to='${BOT_JID}'/><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='${end}'/></fallback>`,
          );
          const reply = await heard('in', `ok ${who}`);
          assert.deepEqual([reply.alertId, xmppOf(reply).quote], ['counted', text], who);
        }
      });

      it('receipts and markers count from who got the message', async () => {
        const id = await alert('Door open', 'door');
        for (const who of [ben, anna]) {
          say(who, `<received xmlns='urn:xmpp:receipts' id='${id}'/>`);
          say(who, `<displayed xmlns='urn:xmpp:chat-markers:0' id='${id}'/>`);
          await flushed(who);
        }
        await event('in', 'displayed', { id, alertId: 'door' });
        const told = flow
          .at('in-events')
          .map(eventOf)
          .filter((one) => one.id === id)
          .map((one) => `${one.event} ${one.from}`);
        assert.deepEqual(told, [`receipt ${ANNA_JID}/phone`, `displayed ${ANNA_JID}/phone`]);
      });

      it('who asks for a receipt gets it', async () => {
        say(anna, "<body>got it?</body><request xmlns='urn:xmpp:receipts'/>", 'asks');
        await until('the receipt', () =>
          anna.messages.some((one) => one.getChild('received', 'urn:xmpp:receipts')?.attrs.id === 'asks'),
        );
      });

      it('an encrypted message is answered once, in both languages, and passes as an event', async () => {
        const before = anna.messages.length;
        await nothingMore(async () => {
          for (let n = 0; n < 3; n++) {
            say(
              anna,
              "<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='1'/><payload>QQ==</payload></encrypted><body>I sent you an OMEMO encrypted message</body>",
            );
          }
        });
        const told = flow
          .at('in-events')
          .map(eventOf)
          .filter((one) => one.event === 'encrypted');
        assert.deepEqual(
          told.map((one) => [one.encrypted, one.answered]),
          [
            ['omemo', true],
            ['omemo', false],
            ['omemo', false],
          ],
        );
        await alert('after the answer', 'after');
        const answers = anna.messages
          .slice(before)
          .map((one) => one.getChildText('body') ?? '')
          .filter((text) => text !== '' && text !== 'after the answer');
        assert.equal(answers.length, 1);
      });

      it('a request to see the presence is accepted for who may speak', async () => {
        for (const who of [anna, ben]) who.write(`<presence to='${BOT_JID}' type='subscribe'/>`);
        await event('in', 'subscribe', { from: ANNA_JID, accepted: true });
        await event('in', 'subscribe', { from: BEN_JID, accepted: false });
        await until('Anna is accepted', () => anna.stanzas.some(({ attrs }) => attrs.type === 'subscribed'));
        await flushed(ben);
        assert.ok(!ben.stanzas.some(({ attrs }) => attrs.type === 'subscribed'));
      });

      it('in a room who may speak by his own JID, what is said to the nick, and reactions there', async () => {
        const inRoom = (who: XmppPeer, content: string, id?: string) =>
          say(who, content, id, ROOM, 'groupchat');
        const before = flow.at('in-sink').length;
        inRoom(ben, '<body>bot: open the door</body>');
        await until('Ben is heard in the room', () =>
          anna.messages.some((one) => one.attrs.from === `${ROOM}/Ben` && one.getChild('body')),
        );
        inRoom(anna, '<body>said to all</body>');
        inRoom(anna, '<body>bot: status</body>');
        const message = await heard('in', 'bot: status');
        assert.deepEqual(
          flow
            .at('in-sink')
            .slice(before)
            .map(({ payload }) => payload),
          ['said to all', 'bot: status'],
        );
        assert.deepEqual([message.topic, message.to, message.kind], [ROOM, ROOM, 'groupchat']);
        const { jid, nick, room } = xmppOf(message);
        assert.deepEqual([jid, nick, room], [ANNA_JID, 'Anna', ROOM]);
        assert.deepEqual(texts('room'), [], 'nobody but the own account may speak to that node');

        flow.send('out', { payload: 'Room is hot', to: ROOM, alertId: 'hot' });
        const isIt = () =>
          anna.messages.find(
            (one) => one.attrs.type === 'groupchat' && one.getChildText('body') === 'Room is hot',
          );
        await until('the alert in the room', isIt);
        const its = isIt();
        const named = its?.getChild('stanza-id', 'urn:xmpp:sid:0')?.attrs.id;
        if (name === 'ejabberd' && generation === 'debian13')
          assert.ok(named, 'this server names messages in rooms');
        inRoom(
          anna,
          `<reactions xmlns='urn:xmpp:reactions:0' id='${named ?? its?.attrs.id}'><reaction>✅</reaction></reactions>`,
        );
        const reaction = await heard('in', '✅');
        assert.deepEqual([reaction.alertId, reaction.to], ['hot', ROOM]);
        inRoom(anna, `<body>sentinel in the room</body>`);
        await heard('in', 'sentinel in the room');
        assert.ok(!texts('in').includes('Room is hot'), 'no echo');
      });

      // Read once, though it can change; and two writers of one status: green, in no room, and never back.
      it('a room that refuses, and one that throws out: red, told to a catch node, and back when invited', async () => {
        const CLUB = 'club@conference.localhost';
        const MUC = 'http://jabber.org/protocol/muc';
        const ask = async (to: string, content: string) => {
          const id = `ask${++count}`;
          anna.write(`<iq type='set' to='${to}' id='${id}'>${content}</iq>`);
          await until(`an answer to ${content}`, () => anna.stanzas.some(({ attrs }) => attrs.id === id));
          const answer = anna.stanzas.find(({ attrs }) => attrs.id === id);
          assert.equal(answer?.attrs.type, 'result', String(answer));
        };
        const invite = () =>
          anna.write(`<message to='${CLUB}'><x xmlns='${MUC}#user'><invite to='${BOT_JID}'/></x></message>`);
        const isIn = (nick: string, after = 0) =>
          until(`${nick} is in the club`, () =>
            anna.stanzas
              .slice(after)
              .some(({ name: kind, attrs }) => kind === 'presence' && attrs.from === `${CLUB}/${nick}`),
          );
        anna.write(`<presence to='${CLUB}/Anna'><x xmlns='${MUC}'/></presence>`);
        await isIn('Anna');
        const members =
          "<field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field><field var='muc#roomconfig_membersonly'><value>1</value></field>";
        await ask(
          CLUB,
          `<query xmlns='${MUC}#owner'><x xmlns='jabber:x:data' type='submit'>${members}</x></query>`,
        );

        const out = node('xmpp-out', 'out', {
          broker: BROKER,
          to: '',
          kind: 'auto',
          format: 'payload',
          nick: 'bot',
        });
        const withClub = (nick: string) =>
          [
            ...flowFor(server, xmppIn('club', { rooms: CLUB, nick }), out),
            node('catch', 'catch', { scope: null, uncaught: false, wires: [['caught']] }),
            sink('caught'),
          ] as Flow;
        await redeploy(withClub('bot'));
        const caught = (reason: string) =>
          flow.until(
            `${reason} at the catch node`,
            () => flow.at('caught').some((msg) => eventOf(msg)?.reason === reason),
            WAIT,
          );
        const shown = (text: string) =>
          flow.until(
            `${text} under the node`,
            () => flow.statusesOf('club').at(-1)?.text?.includes(text),
            WAIT,
          );
        const joins = () => flow.at('club-events').filter((msg) => eventOf(msg).event === 'joined').length;
        const back = (times: number) =>
          flow.until(`in for the ${times}th time`, () => joins() === times, WAIT);
        await caught('room-members');
        assert.match(JSON.stringify(flow.at('caught')[0]?.error), /error\.room/);
        await shown('room');
        assert.equal(flow.statusesOf('club').at(-1)?.fill, 'red');
        await ask(CLUB, `<query xmlns='${MUC}#admin'><item affiliation='member' jid='${BOT_JID}'/></query>`);
        invite();
        await back(1);
        await flow.shows('club', 'green', WAIT);

        await flow.deploy(withClub('robot'), 'nodes', { [BROKER]: { password: BOT.password } });
        await isIn('robot');

        const before = anna.stanzas.length;
        await ask(
          CLUB,
          `<query xmlns='${MUC}#admin'><item nick='robot' role='none'><reason>too loud</reason></item></query>`,
        );
        await caught('room-kicked');
        await flow.shows('club', 'red', WAIT);
        invite();
        await isIn('robot', before);
        await flow.shows('club', 'green', WAIT);

        await ask(CLUB, `<query xmlns='${MUC}#owner'><destroy><reason>over</reason></destroy></query>`);
        await caught('room-destroyed');
        await flow.shows('club', 'red', WAIT);
        assert.equal(flow.at('caught').length, 3, 'each is told once');
      });

      it('an alert is found after a deploy that makes everything anew', async () => {
        const id = await alert('Freezer warm', 'freezer');
        const nodes = flow.at('in-events').length;
        await redeploy(
          flowFor(
            server,
            xmppIn('in', { allow: `${ANNA_JID} ${ROOM}`, maxAge: '' }),
            node('xmpp-out', 'out', { broker: BROKER, to: '', kind: 'auto', format: 'payload', nick: 'bot' }),
          ),
        );
        await flow.until(
          'the room in the list of who may speak is joined',
          () =>
            flow
              .at('in-events')
              .slice(nodes)
              .some((msg) => eventOf(msg).event === 'joined'),
          WAIT,
        );
        say(anna, `<reactions xmlns='urn:xmpp:reactions:0' id='${id}'><reaction>🔕</reaction></reactions>`);
        assert.equal((await heard('in', '🔕')).alertId, 'freezer');
        say(ben, '<body>anybody here may speak</body>', undefined, ROOM, 'groupchat');
        assert.equal(xmppOf(await heard('in', 'anybody here may speak')).nick, 'Ben');
      });

      it('the example chat-bot, with the account typed, obeys who is listed', async () => {
        const example = JSON.parse(
          readFileSync(join(__dirname, '../../examples/chat-bot.json'), 'utf8'),
        ) as Flow;
        const account = { jid: BOT_JID, xmppService: `xmpp://127.0.0.1:${server.c2sPort}`, tls: TLS };
        const ready = example
          .filter(({ type }) => type !== 'comment' && type !== 'debug')
          .map((one) => (one.type === 'dinox-broker' ? { ...one, ...account } : one))
          .map((one) => (one.type === 'xmpp-in' ? { ...one, allow: ANNA_JID } : one));
        await redeploy([tlsConfig(), ...ready], { 'dinox-bot-broker': { password: BOT.password } });
        await flow.shows('dinox-bot-in', 'green', WAIT);
        const answered = (who: XmppPeer, pattern: RegExp) => () =>
          who.messages.some((one) => pattern.test(one.getChildText('body') ?? ''));
        say(ben, '<body>status</body>');
        await flushed(ben);
        say(anna, '<body>Status</body>');
        await until('the status', answered(anna, /^✔ I am here/));
        say(anna, '<body>echo  Hello there</body>');
        await until('the echo', answered(anna, /^Hello there$/));
        say(anna, '<body>what?</body>');
        await until('the help', answered(anna, /^I know these words:\nstatus/));
        await flushed(ben);
        assert.ok(!answered(ben, /I am here/)());
      });

      it('nothing went wrong beside it', () => {
        assert.deepEqual(logged(flow, 'error'), []);
      });
    });
  }
});
