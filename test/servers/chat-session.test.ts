/** The XMPP session on real servers: logging in, acknowledgements, answers, and what ends it. */
import assert from 'node:assert/strict';
import type { Element } from '@xmpp/client';
import { type Clock, systemClock } from '../../src/base/clock';
import type { XmppError } from '../../src/xmpp/errors';
import type { StanzaError } from '../../src/xmpp/stanzas';
import {
  certificates,
  type Ejabberd,
  forEachGeneration,
  type Prosody,
  startEjabberd,
  startProsody,
  startProxy,
} from '../support/servers/index';
import { XmppPeer } from '../support/xmpp-peer';
import { lostRoomSuite } from './chat-session-rooms-suite';
import { ANNA, BOT, BotSession, chatUsers, Ends, until } from './chat-support';

const AT = `${ANNA.user}@localhost`;

forEachGeneration('chat session', (generation) => {
  const servers: { ejabberd?: Ejabberd; prosody?: Prosody } = {};
  const ends = new Ends();
  before(async function () {
    this.timeout(60_000);
    [servers.ejabberd, servers.prosody] = await Promise.all([
      startEjabberd({ generation, users: chatUsers, roomLimits: true }),
      startProsody({ generation, users: chatUsers, roomLimits: true }),
    ]);
  });
  afterEach(() => ends.all());
  after(() => Promise.all([servers.ejabberd?.stop(), servers.prosody?.stop()]));

  for (const name of ['ejabberd', 'prosody'] as const) {
    const server = (): Ejabberd | Prosody => servers[name] as Ejabberd | Prosody;
    /** On ejabberd, a message that comes before the presence has been handled waits until the next login. */
    const isKnown = async (bot: BotSession): Promise<BotSession> => {
      await bot.session.ask(
        bot.xml('iq', { type: 'get', to: 'localhost' }, bot.xml('ping', { xmlns: 'urn:xmpp:ping' })),
      );
      return bot;
    };
    const online = async (settings = {}) =>
      isKnown(ends.add(await BotSession.online(server().c2sPort, settings)));
    const phone = async () => {
      const peer = ends.add(new XmppPeer({ port: server().c2sTlsPort, ...ANNA }));
      await until('the phone is there', () => peer.ready);
      return peer;
    };

    it(`${name}: STARTTLS and direct TLS, under the resource that was asked for`, async () => {
      for (const [port, directTls] of [
        [server().c2sPort, false],
        [server().c2sTlsPort, true],
      ] as const) {
        const bot = await online({ service: { host: 'localhost', port, directTls } });
        const { state } = bot.session;
        assert.ok(state.phase === 'online');
        assert.equal(state.jid, `${BOT.user}@localhost/node-red`);
        assert.equal(state.resumed, false);
        assert.equal(state.where, `${directTls ? 'xmpps' : 'xmpp'}://localhost:${port}`);
        assert.deepEqual(
          bot.states.map(({ phase }) => phase),
          ['connecting', 'online'],
        );
        await ends.all();
        assert.equal(bot.session.state.phase, 'idle');
      }
    });

    it(`${name}: the first of the hosts that DNS names is tried first, and the one that answers is taken`, async () => {
      const asked: string[] = [];
      const bot = ends.add(
        new BotSession(
          0,
          { service: undefined, jid: { local: BOT.user, domain: 'dinox.test', bare: 'bot@dinox.test' } },
          {
            srv: async (question) => {
              asked.push(question);
              const record = { name: 'im.dinox.test', weight: 0 };
              return question.startsWith('_xmpps-client')
                ? { kind: 'records', records: [{ ...record, port: server().c2sTlsPort, priority: 20 }] }
                : { kind: 'records', records: [{ ...record, port: 1, priority: 10 }] };
            },
            lookup: (_host, options, callback) =>
              options.all
                ? callback(null, [{ address: '127.0.0.1', family: 4 }])
                : callback(null, '127.0.0.1', 4),
          },
        ),
      );
      await bot.start();
      const state = await bot.phase('online');
      assert.ok(state.phase === 'online');
      assert.equal(state.where, `xmpps://im.dinox.test:${server().c2sTlsPort}`);
      assert.deepEqual(asked.sort(), ['_xmpp-client._tcp.dinox.test', '_xmpps-client._tcp.dinox.test']);
    });

    it(`${name}: done says that the server has it, and it arrives in order, marked as its own`, async () => {
      const [anna, bot] = [await phone(), await online()];
      for (let number = 0; number < 300; number++)
        bot.message(`m${number}`, AT, `number ${number} <&> ä語🦕`);
      assert.equal([...bot.done.values()].flat().length, 0, 'nothing is done before the server said so');
      await until('all done', () => [...bot.done.values()].every(({ length }) => length > 0));
      await until('all arrived', () => anna.messages.length >= 300);
      assert.deepEqual(bot.wrong, []);
      assert.deepEqual(
        anna.messages.map((message) => [message.attrs.id, message.getChildText('body')]),
        [...bot.done.keys()].map((id, number) => [id, `number ${number} <&> ä語🦕`]),
      );
      const [first] = anna.messages;
      assert.equal(first?.getChild('origin-id', 'urn:xmpp:sid:0')?.attrs.id, 'm0');
      assert.equal(first?.attrs.from, 'bot@localhost/node-red');
    });

    it(`${name}: what comes is handed on in order`, async () => {
      const [anna, bot] = [await phone(), await online()];
      for (let number = 0; number < 100; number++)
        anna.message(`a${number}`, 'bot@localhost', `${number} ä語🦕`);
      await until('all came', () => bot.messages.length >= 100);
      assert.deepEqual(
        bot.messages.map((message) => message.getChildText('body')),
        Array.from({ length: 100 }, (_item, number) => `${number} ä語🦕`),
      );
    });

    it(`${name}: characters that packets cut in two arrive whole`, async () => {
      // Behind TLS packets are records: small ones cut everywhere.
      const proxy = ends.add(await startProxy({ target: { port: server().c2sPort } }));
      const [anna, bot] = [
        await phone(),
        await isKnown(ends.add(await BotSession.online(proxy.port, {}, {}))),
      ];
      const body = 'ä語🦕'.repeat(8_000);
      anna.message('long', 'bot@localhost', body);
      await until('it came', () => bot.messages.length > 0);
      assert.equal(bot.messages[0]?.getChildText('body'), body);
    });

    it(`${name}: what is nested too deeply is left out and named, what is large comes whole, and the stream goes on`, async () => {
      const [bot, peer] = [await online(), await phone()];
      const states = bot.states.length;
      const deep = '<a>'.repeat(100) + '</a>'.repeat(100);
      peer.write(
        `<message to='bot@localhost' type='chat' id='deep'><x xmlns='urn:example:deep'>${deep}</x></message>`,
      );
      peer.message('large', 'bot@localhost', 'ü'.repeat(100_000));
      peer.message('next', 'bot@localhost', 'next');
      await until('the next one', () => bot.messages.some(({ attrs }) => attrs.id === 'next'));
      assert.deepEqual(
        bot.messages.map((one) => [one.attrs.id, one.getChildText('body')?.length]),
        [
          ['large', 100_000],
          ['next', 4],
        ],
      );
      assert.match(bot.notices.join(), /^A message from anna@localhost\/phone was skipped: it is nested too/);
      assert.equal(bot.states.length, states);
    });

    // A bad thing from outside that comes again: the line was cut for it, resumed, and got it once more, for ever.
    if (generation === 'debian12')
      it(`${name}: 62,000 elements from a stranger and in a room: skipped, acknowledged, and the line lives`, async () => {
        const proxy = ends.add(await startProxy({ target: { port: server().c2sPort } }));
        const peer = await phone();
        const bot = ends.add(await BotSession.online(proxy.port));
        const room = `heavy-${name}@conference.localhost`;
        const join = (nick: string) =>
          `<presence to='${room}/${nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`;
        const isIn = (stanzas: Element[], nick: string) => () =>
          stanzas.some(({ attrs }) => attrs.from === `${room}/${nick}`);
        peer.write(join('anna'));
        await until('anna is in', isIn(peer.stanzas, 'anna'));
        const owner =
          "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query>";
        peer.write(`<iq type='set' id='open' to='${room}'>${owner}</iq>`);
        await until('the room is open', () => peer.stanzas.some(({ attrs }) => attrs.id === 'open'));
        const { xml } = bot;
        bot.session.send(
          xml('presence', { to: `${room}/bot` }, xml('x', { xmlns: 'http://jabber.org/protocol/muc' })),
          () => {},
        );
        await until('the bot is in', isIn(bot.stanzas, 'bot'));
        const heavy = `<x xmlns='urn:e'>${'<a/>'.repeat(62_000)}</x>`;
        peer.write(`<message to='bot@localhost' type='chat' id='heavy'><body>x</body>${heavy}</message>`);
        peer.write(`<message to='${room}' type='groupchat' id='heavy'><body>x</body>${heavy}</message>`);
        peer.message('behind', 'bot@localhost', 'behind');
        peer.write(`<message to='${room}' type='groupchat' id='room'><body>behind</body></message>`);
        const came = () => bot.messages.map(({ attrs }) => attrs.id).filter((id) => id && !/^\d/.test(id));
        await until(
          () => `those behind came: ${came()} ${bot.notices}`,
          () => came().includes('behind') && came().includes('room'),
        );
        assert.ok(!came().includes('heavy'), String(came()));
        assert.equal(bot.notices.length, 1, bot.notices.join());
        assert.match(bot.notices[0] ?? '', /was skipped: it has more than 50000 elements/);
        bot.message('m1', AT, 'the answer');
        await until('it is done', () => bot.done.get('m1')?.length === 1);
        // What was skipped is acknowledged: it does not come again.
        await new Promise((resolve) => setTimeout(resolve, 1_200));
        bot.stanzas.length = 0;
        proxy.cut();
        await until('it was resumed', () =>
          bot.states.some((state) => state.phase === 'online' && state.resumed),
        );
        peer.message('again', 'bot@localhost', 'again');
        await until('the next one came', () => came().includes('again'));
        assert.deepEqual(came(), ['again']);
        assert.equal(bot.states.filter(({ phase }) => phase === 'online').length, 2);
        assert.deepEqual(bot.wrong, []);
      });

    // It is our clock that notices: one generation is enough.
    if (generation === 'debian12')
      it(`${name}: a line that went dead is noticed, and what was on it arrives, once`, async () => {
        const line = ends.add(await startProxy({ target: { port: server().c2sPort } }));
        // Ten times as fast: the 25 s of silence are 2.5 s.
        const clock: Clock = {
          now: () => systemClock.now() * 10,
          steady: () => systemClock.steady() * 10,
          after: (ms, action) => systemClock.after(ms / 10, action),
        };
        const peer = await phone();
        const bot = ends.add(await BotSession.online(line.port, {}, { clock }));
        line.stall(true);
        bot.message('m1', AT, 'into the silence');
        await until('the silence is noticed', () =>
          bot.states.some((state) => state.phase === 'waiting' && /line is dead/.test(state.reason.message)),
        );
        line.stall(false);
        line.cut();
        await until('it is done', () => bot.done.get('m1')?.length === 1);
        bot.message('m2', AT, 'behind it');
        await until('both came', () => peer.count('m2') === 1 && bot.done.get('m2')?.length === 1);
        assert.equal(peer.count('m1'), 1);
        assert.deepEqual(bot.wrong, []);
      });

    it(`${name}: says what it is, and refuses what it is not`, async () => {
      const [anna, bot] = [await phone(), await online()];
      bot.session.addFeature('urn:xmpp:reactions:0');
      bot.session.handleIq('set', 'urn:example:handled', (_iq, xml) =>
        xml('fine', { xmlns: 'urn:example:handled' }),
      );
      const ask = async (type: string, content: string): Promise<Element> => {
        const id = `q${anna.stanzas.length}-${Math.random()}`;
        anna.write(`<iq type='${type}' id='${id}' to='bot@localhost/node-red'>${content}</iq>`);
        await until(`an answer to ${content}`, () => anna.stanzas.some(({ attrs }) => attrs.id === id));
        return anna.stanzas.find(({ attrs }) => attrs.id === id) as Element;
      };
      const info = await ask('get', "<query xmlns='http://jabber.org/protocol/disco#info'/>");
      const features =
        info
          .getChild('query')
          ?.getChildren('feature')
          .map(({ attrs }) => attrs.var) ?? [];
      for (const feature of ['urn:xmpp:reactions:0', 'urn:xmpp:ping', 'jabber:iq:version', 'urn:xmpp:time']) {
        assert.ok(features.includes(feature), feature);
      }
      assert.deepEqual(info.getChild('query')?.getChild('identity')?.attrs, {
        category: 'client',
        type: 'bot',
        name: 'DinoX for Node-RED',
      });
      const version = (await ask('get', "<query xmlns='jabber:iq:version'/>")).getChild('query');
      assert.equal(version?.getChildText('name'), 'DinoX for Node-RED');
      assert.equal(version?.getChildText('version'), '1.2.3');
      assert.equal((await ask('get', "<ping xmlns='urn:xmpp:ping'/>")).attrs.type, 'result');
      const time = (await ask('get', "<time xmlns='urn:xmpp:time'/>")).getChild('time');
      assert.match(time?.getChildText('tzo') ?? '', /^[+-]\d\d:\d\d$/);
      assert.ok(Math.abs(Date.parse(time?.getChildText('utc') ?? '') - Date.now()) < 60_000);
      assert.equal(
        (await ask('set', "<x xmlns='urn:example:handled'/>")).getChild('fine') !== undefined,
        true,
      );
      const condition = (iq: Element) => iq.getChild('error')?.getChildElements()[0]?.name;
      for (const [type, content, expected] of [
        ['get', "<x xmlns='urn:example:nonsense'/>", 'service-unavailable'],
        ['set', "<x xmlns='urn:example:nonsense'/>", 'service-unavailable'],
        ['set', "<query xmlns='jabber:iq:version'/>", 'feature-not-implemented'],
        ['get', "<query xmlns='http://jabber.org/protocol/disco#info' node='strange'/>", 'item-not-found'],
      ] as const) {
        const answer = await ask(type, content);
        assert.deepEqual([answer.attrs.type, condition(answer)], ['error', expected], content);
      }
    });

    it(`${name}: asks, gets results and errors, and believes nobody else's answer`, async () => {
      const [anna, bot] = [await phone(), await online()];
      const { xml } = bot;
      const ping = (to: string, id: string) =>
        xml('iq', { type: 'get', to, id }, xml('ping', { xmlns: 'urn:xmpp:ping' }));
      assert.equal((await bot.session.ask(ping('localhost', 'p1'))).attrs.type, 'result');
      await assert.rejects(
        bot.session.ask(
          xml('iq', { type: 'get', to: 'localhost' }, xml('x', { xmlns: 'urn:example:nonsense' })),
        ),
        (error: StanzaError) => error.condition === 'service-unavailable' && error.kind === 'cancel',
      );
      const waits = bot.session.ask(ping(`${AT}/phone`, 'p2'), { timeoutMs: 20_000 });
      let settled = false;
      waits.then(
        () => {
          settled = true;
        },
        () => {},
      );
      await until('the question came', () => anna.stanzas.some(({ attrs }) => attrs.id === 'p2'));
      const other = ends.add(new XmppPeer({ port: server().c2sTlsPort, ...ANNA, resource: 'evil' }));
      await until('the other is there', () => other.ready);
      other.write("<iq type='result' id='p2' to='bot@localhost/node-red'/>");
      other.message('behind', 'bot@localhost/node-red', 'x');
      await until('the forged answer came', () => bot.messages.some(({ attrs }) => attrs.id === 'behind'));
      assert.equal(settled, false);
      anna.write("<iq type='result' id='p2' to='bot@localhost/node-red'/>");
      assert.equal((await waits).attrs.from, `${AT}/phone`);
      const controller = new AbortController();
      const aborted = bot.session.ask(ping(`${AT}/phone`, 'p3'), { signal: controller.signal });
      controller.abort(new Error('enough'));
      await assert.rejects(aborted, /enough/);
      await assert.rejects(
        bot.session.ask(ping(`${AT}/phone`, 'p4'), { timeoutMs: 50 }),
        /no answer from anna/,
      );
    });

    it(`${name}: presence as configured, and none for who only sends`, async () => {
      const watcher = ends.add(
        new XmppPeer({
          port: server().c2sTlsPort,
          user: BOT.user,
          password: BOT.password,
          resource: 'watcher',
        }),
      );
      await until('the watcher is there', () => watcher.ready);
      const seen = () =>
        watcher.stanzas.filter(
          ({ name: kind, attrs }) => kind === 'presence' && attrs.from?.endsWith('/node-red'),
        );
      const silent = await online({ presence: 'none' });
      await silent.session.ask(
        silent.xml('iq', { type: 'get', to: 'localhost' }, silent.xml('ping', { xmlns: 'urn:xmpp:ping' })),
      );
      assert.deepEqual(
        seen()
          .filter(({ attrs }) => attrs.type === undefined)
          .map(String),
        [],
      );
      await silent.end();
      const busy = await online({ presence: 'dnd', priority: 7 });
      await until('its presence came', () => seen().some(({ attrs }) => attrs.type === undefined));
      const presence = seen().find(({ attrs }) => attrs.type === undefined);
      assert.equal(presence?.getChildText('show'), 'dnd');
      assert.equal(presence?.getChildText('priority'), '7');
      const caps = presence?.getChild('c', 'http://jabber.org/protocol/caps')?.attrs;
      assert.match(caps?.ver ?? '', /^[\w+/]{27}=$/);
      await busy.end();
      await until('it is gone', () => seen().at(-1)?.attrs.type === 'unavailable');
    });

    it(`${name}: what another client of the account sends comes as a carbon`, async () => {
      const bot = await online();
      const other = ends.add(
        new XmppPeer({
          port: server().c2sTlsPort,
          user: BOT.user,
          password: BOT.password,
          resource: 'other',
        }),
      );
      await until('the other is there', () => other.ready);
      other.message('c1', AT, 'from my own phone');
      await until('the carbon came', () =>
        bot.messages.some(({ attrs, ...rest }) => attrs.from === 'bot@localhost' && rest.children.length > 0),
      );
      const sent = bot.messages.find((message) => message.getChild('sent', 'urn:xmpp:carbons:2'));
      assert.match(String(sent), /from my own phone/);
    });

    it(`${name}: a refused password is tried exactly once`, async () => {
      const proxy = ends.add(await startProxy({ target: { port: server().c2sPort } }));
      const bot = ends.add(new BotSession(proxy.port, { password: 'wrong-one' }));
      await bot.start();
      bot.message('early', AT, 'x');
      const state = await bot.phase('stopped');
      assert.ok(state.phase === 'stopped');
      assert.equal(state.reason.code, 'login');
      assert.match(state.reason.message, /xmpp:\/\/127\.0\.0\.1:\d+: the server refused the password/);
      assert.doesNotMatch(state.reason.message, /wrong-one/);
      assert.equal(bot.done.get('early')?.[0]?.message, state.reason.message);
      bot.message('late', AT, 'x');
      assert.equal(bot.done.get('late')?.length, 1);
      // Longer than any wait before a new try.
      await new Promise((resolve) => setTimeout(resolve, 400));
      assert.equal(proxy.accepted, 1);
    });

    it(`${name}: a domain that it does not serve, and a port where nothing is`, async () => {
      const strange = { local: BOT.user, domain: 'strange.test', bare: 'bot@strange.test' };
      const bot = ends.add(
        new BotSession(server().c2sPort, { jid: strange, tls: { rejectUnauthorized: false } }),
      );
      await bot.start();
      const state = await bot.phase('waiting');
      assert.equal(state.phase === 'waiting' && state.reason.code, 'host-unknown');
      const nowhere = ends.add(new BotSession(1));
      await nowhere.start();
      const missed = await nowhere.phase('waiting');
      assert.equal(missed.phase === 'waiting' && missed.reason.code, 'network');
      assert.match((missed as { reason: XmppError }).reason.message, /nothing listens/);
    });

    it(`${name}: whoever takes the same resource ends it, and it does not fight back`, async () => {
      const bot = await online();
      const thief = await online();
      const state = await bot.phase('stopped');
      assert.ok(state.phase === 'stopped');
      assert.equal(state.reason.code, 'conflict');
      assert.match(state.reason.message, /another client logged in as bot@localhost\/node-red/);
      assert.equal(thief.session.state.phase, 'online');
      assert.deepEqual(
        thief.states.map(({ phase }) => phase),
        ['connecting', 'online'],
      );
    });

    it(`${name}: what the server would close the stream for is refused here`, async () => {
      const [anna, bot] = [await phone(), await online()];
      bot.message('control', AT, 'a\u0001b');
      bot.message('half', AT, 'a\ud83eb');
      bot.message('huge', AT, 'x'.repeat(300_000));
      bot.message('fine', AT, 'ä'.repeat(100_000));
      await until('the last one arrived', () => anna.count('fine') === 1);
      assert.match(bot.done.get('control')?.[0]?.message ?? '', /XML 1\.0 forbids/);
      assert.match(bot.done.get('half')?.[0]?.message ?? '', /XML 1\.0 forbids/);
      assert.match(
        bot.done.get('huge')?.[0]?.message ?? '',
        /has 300\d\d\d bytes, and the server takes 262144/,
      );
      assert.equal(bot.session.stanzaLimit, 262_144);
      assert.equal(bot.states.filter(({ phase }) => phase !== 'connecting').length, 1);
    });

    it(`${name}: no session with a certificate that does not hold, not even where the process says so`, async () => {
      const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
      try {
        for (const settings of [
          { tls: {} },
          { jid: { local: BOT.user, domain: 'other.test', bare: 'bot@other.test' } },
        ]) {
          const bot = ends.add(new BotSession(server().c2sPort, settings));
          await bot.start();
          const state = await bot.phase('waiting');
          assert.match(state.phase === 'waiting' ? state.reason.code : '', /^(?:tls|host-unknown)$/);
        }
      } finally {
        if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
        else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
      }
      assert.ok(certificates().ca);
    });
    lostRoomSuite(name, online, phone, generation === 'debian12');
  }
});
