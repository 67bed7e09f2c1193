/** A chat session with servers that no package installs: a clear reason, nothing lost, and no end of the process. */
import assert from 'node:assert/strict';
import type { XmppFailure } from '../../src/xmpp/errors';
import { HostileXmpp, streamError } from '../support/hostile-xmpp';
import { certificates } from '../support/servers/index';
import { BotSession, Ends, until } from './chat-support';

const SM = 'urn:xmpp:sm:3';
const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';

describe('chat session: hostile servers', () => {
  const ends = new Ends();
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  let server: HostileXmpp;
  before(() => {
    process.on('unhandledRejection', note);
    process.on('uncaughtExceptionMonitor', note);
  });
  beforeEach(async () => {
    server = ends.add(await HostileXmpp.start());
  });
  afterEach(async () => {
    await ends.all();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(unhandled.splice(0), []);
  });
  after(() => {
    process.off('unhandledRejection', note);
    process.off('uncaughtExceptionMonitor', note);
  });

  const make = (settings = {}) =>
    ends.add(
      new BotSession(0, {
        service: { host: '127.0.0.1', port: server.port, directTls: true },
        tls: { ca: certificates().ca },
        presence: 'none',
        connectTimeout: 20_000,
        ...settings,
      }),
    );
  const online = async (settings = {}) => {
    const bot = make(settings);
    await bot.start();
    await bot.phase('online');
    return bot;
  };
  /** The reason why it lost its stream, once it has. */
  const reason = async (bot: BotSession) => {
    const lost = () => bot.states.find(({ phase }) => phase === 'waiting' || phase === 'stopped');
    await until(() => `a loss: ${JSON.stringify(bot.states)}`, lost);
    const state = lost();
    assert.ok(state && 'reason' in state && state.reason);
    return state.reason;
  };
  const doneOnce = (bot: BotSession, id: string) =>
    until(`${id} is done`, () => bot.done.get(id)?.length).then(() =>
      assert.deepEqual(bot.done.get(id), [undefined]),
    );

  const COUNTS: [name: string, a: string][] = [
    ['more than there is', `<a xmlns='${SM}' h='77'/>`],
    ['the largest number', `<a xmlns='${SM}' h='4294967295'/>`],
    ['more than a number can be', `<a xmlns='${SM}' h='99999999999999999999'/>`],
    ['less than it did before', `<a xmlns='${SM}' h='0'/>`],
    ['no number', `<a xmlns='${SM}' h='many'/>`],
    ['nothing at all', `<a xmlns='${SM}'/>`],
    ['a negative number', `<a xmlns='${SM}' h='-1'/>`],
  ];
  for (const [name, a] of COUNTS) {
    it(`acknowledges ${name}: a new session, and the message again under its id`, async () => {
      let lied = false;
      server.answer = (what, text) => {
        if (what !== 'r' || lied || !server.heard[0]?.includes('id="m2"')) return undefined;
        lied = true;
        assert.match(text, /<r/);
        return a;
      };
      const bot = await online();
      bot.message('m1', 'anna@localhost', 'one');
      await doneOnce(bot, 'm1');
      bot.message('m2', 'anna@localhost', 'two');
      const { code, message } = await reason(bot);
      assert.equal(code, 'protocol');
      assert.match(
        message,
        /the server acknowledged (?:more than it was sent|something that is not a number)/,
      );
      await doneOnce(bot, 'm2');
      assert.equal(server.heard.length, 2);
      assert.equal(server.heard.join().match(/<message[^>]*id="m2"/g)?.length, 2);
      assert.equal(server.heard.join().match(/<message[^>]*id="m1"/g)?.length, 1);
    });
  }

  for (const [name, resumed] of [
    ['a count that cannot be', `<resumed xmlns='${SM}' previd='s1' h='900'/>`],
    ['no count', `<resumed xmlns='${SM}' previd='s1'/>`],
    ['a count below the one before', `<resumed xmlns='${SM}' previd='s1' h='0'/>`],
  ] as const) {
    it(`resumes with ${name}: then a session of its own`, async () => {
      server.answer = (what) => (what === 'resume' ? resumed : undefined);
      const bot = await online();
      bot.message('m1', 'anna@localhost', 'one');
      await doneOnce(bot, 'm1');
      server.say(streamError('reset'));
      await until('it is back', () => bot.states.filter(({ phase }) => phase === 'online').length === 2);
      assert.equal(server.heard.filter((text) => text.includes('<resume ')).length, 1);
      bot.message('m2', 'anna@localhost', 'two');
      await doneOnce(bot, 'm2');
      assert.ok(
        bot.states.some(
          (state) => state.phase === 'waiting' && /count that cannot be/.test(state.reason.message),
        ),
      );
    });
  }

  it('refuses to resume and says what it had: only the rest is sent again, and the last one it counted', async () => {
    let silent = false;
    server.answer = (what, text) => {
      if (what === 'r' && silent) return '';
      if (what !== 'resume') return undefined;
      silent = false;
      // The carbons' question, m1, and two of the three behind it. Prosody 0.12 counts one that it drops at SIGTERM.
      assert.match(text, /previd="s1"/);
      return `<failed xmlns='${SM}' h='4'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>`;
    };
    const bot = await online();
    bot.message('m1', 'anna@localhost', 'one');
    await doneOnce(bot, 'm1');
    silent = true;
    bot.message('m2', 'anna@localhost', 'two');
    bot.message('m3', 'anna@localhost', 'three');
    bot.message('m4', 'anna@localhost', 'four');
    await until('all went out', () => server.heard[0]?.includes('id="m4"'));
    server.say(streamError('system-shutdown'));
    for (const id of ['m2', 'm3', 'm4']) await doneOnce(bot, id);
    assert.match(server.heard[1] ?? '', /id="m3".*id="m4"/s);
    assert.doesNotMatch(server.heard[1] ?? '', /id="m2"/);
  });

  const ENDS: [condition: string, failure: XmppFailure, phase: 'waiting' | 'stopped'][] = [
    ['system-shutdown', 'shutdown', 'waiting'],
    ['reset', 'shutdown', 'waiting'],
    ['policy-violation', 'policy', 'waiting'],
    ['connection-timeout', 'timeout', 'waiting'],
    ['see-other-host', 'protocol', 'waiting'],
    ['moon-phase', 'protocol', 'waiting'],
    ['conflict', 'conflict', 'stopped'],
  ];
  for (const [condition, failure, phase] of ENDS) {
    it(`ends the stream with ${condition}: ${phase}`, async () => {
      const bot = await online();
      server.say(streamError(condition));
      assert.equal((await reason(bot)).code, failure);
      assert.equal(bot.states.find((state) => 'reason' in state)?.phase, phase);
      if (phase === 'waiting') await bot.phase('online');
    });
  }

  const GARBAGE: [name: string, text: string | Buffer, says: RegExp][] = [
    ['crosses its tags', '<message><a><b></a></message>', /not XMPP/],
    ['closes what is not open', '</message></a>', /./],
    ['sends an entity of its own', '<message><body>&evil;</body></message>', /not XMPP/],
    ['sends a character that XML forbids', '<message><body>&#1;</body></message>', /not XMPP/],
    ['closes the stream', '</stream:stream>', /closed the stream/],
  ];
  for (const [name, text, says] of GARBAGE) {
    it(`${name}: a clear reason, and on it goes`, async () => {
      const bot = await online();
      server.say(text);
      const { message } = await reason(bot);
      assert.match(message, says);
      await bot.phase('online');
      bot.message('m1', 'anna@localhost', 'one');
      await doneOnce(bot, 'm1');
    });
  }

  // One bad thing must not cost the line: it would come again with the resumption, for ever.
  const EXCESSIVE: [name: string, content: string, says: RegExp][] = [
    ['nested ten thousand deep', '<a>'.repeat(10_000) + '</a>'.repeat(10_000), /is nested too deeply/],
    [
      'nested in one level too many',
      `${'<a>'.repeat(63)}<b> </b>${'</a>'.repeat(63)}`,
      /is nested too deeply/,
    ],
    ['of 200,000 elements', '<a/>'.repeat(200_000), /has more than 50000 elements/],
    ['of a text of 3 MiB', `<body>${'x'.repeat(3_145_728)}</body>`, /has more than 2097152 characters/],
    ['of an attribute of 3 MiB', `<a b='${'>'.repeat(3_145_728)}'/>`, /has more than 2097152 characters/],
    [
      'of an element with 60,000 attributes',
      `<x><a ${Array.from({ length: 60_000 }, (_one, n) => `b${n}='/>'`).join(' ')}/></x>`,
      /one of its elements has more than 1000 attributes/,
    ],
  ];
  for (const [name, content, says] of EXCESSIVE) {
    it(`sends a stanza ${name}: it is left out, named, and counted, and the line lives`, async () => {
      const bot = await online();
      // Its answer counts, and would come behind the question for an acknowledgement otherwise.
      await until('the question about carbons is answered', () => server.heard[0]?.includes('carbons'));
      server.say(
        `<message from='evil@localhost/x'>${content}</message><iq type='get' id='q' from='e@x'>${content}</iq>`,
      );
      server.say(`<message from='anna@localhost' id='behind'><body>x</body></message><r xmlns='${SM}'/>`);
      await until('the one behind came', () => bot.messages.length > 0);
      assert.deepEqual(
        bot.messages.map(({ attrs }) => attrs.id),
        ['behind'],
      );
      assert.match(bot.notices[0] ?? '', /A message from evil@localhost\/x was skipped: /);
      assert.match(bot.notices[0] ?? '', says);
      assert.equal(bot.notices.length, 1, 'said once');
      await until('the two, the one behind and the answer about carbons are acknowledged', () =>
        /<a xmlns='urn:xmpp:sm:3' h='4'\/>/.test(server.heard[0] ?? ''),
      );
      await until('the question is answered', () =>
        /id="q"[^>]*type="error"|type="error"[^>]*id="q"/.test(server.heard[0] ?? ''),
      );
      assert.equal(server.heard.length, 1);
      assert.equal(bot.session.state.phase, 'online');
    });
  }

  it('answers a question with more than can be read: that is an error, and not an empty answer', async () => {
    const bot = await online();
    server.answer = (what, text) => {
      const id = /id="([^"]+)/.exec(text)?.[1];
      if (what !== 'iq' || !text.includes('disco#items')) return undefined;
      return `<iq type='result' id='${id}' from='localhost'><query>${'<item/>'.repeat(60_000)}</query></iq>`;
    };
    const { xml } = bot;
    const query = xml('query', { xmlns: 'http://jabber.org/protocol/disco#items' });
    await assert.rejects(
      bot.session.ask(xml('iq', { type: 'get', to: 'localhost' }, query)),
      /the answer of localhost is too large/,
    );
    assert.equal(bot.session.state.phase, 'online');
  });

  it('sends messages in one packet with its last answer: they come, and count', async () => {
    const r = `<r xmlns='${SM}'/>`;
    server.answer = (what, text) => {
      const id = /id="([^"]+)/.exec(text)?.[1];
      if (what === 'bind')
        return `<iq type='result' id='${id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>bot@localhost/x</jid></bind></iq><message id='uncounted'/>`;
      if (what === 'enable')
        return `<enabled xmlns='${SM}' resume='true' id='s1'/><message id='one'/><message id='two'/>${r}`;
      if (what === 'resume') return `<resumed xmlns='${SM}' previd='s1' h='1'/><message id='three'/>${r}`;
      // The question about carbons, which is all that is sent here.
      if (what === 'r') return `<a xmlns='${SM}' h='1'/>`;
      return undefined;
    };
    const bot = await online();
    const ids = () => bot.messages.map(({ attrs }) => attrs.id);
    await until('they are counted', () => server.heard[0]?.includes(`<a xmlns='${SM}' h='2'/>`));
    assert.deepEqual(ids(), ['uncounted', 'one', 'two']);
    await until('the carbons are asked for and acknowledged', () => server.heard[0]?.includes('<r '));
    server.say(streamError('reset'));
    await until('it was resumed', () =>
      bot.states.some((state) => state.phase === 'online' && state.resumed),
    );
    assert.match(server.heard[1] ?? '', /<resume [^>]*h="3"/, 'two messages and the answer about carbons');
    await until('it is counted', () => server.heard[1]?.includes(`<a xmlns='${SM}' h='4'/>`));
    assert.deepEqual(ids(), ['uncounted', 'one', 'two', 'three']);
    const enabled = server.heard.join().match(/<enable xmlns="urn:xmpp:carbons:2"/g);
    assert.equal(enabled?.length, 1, 'asked for once a session');
  });

  it('sends stanzas that are none: nothing happens', async () => {
    const bot = await online();
    server.say(
      "<iq/><iq type='result'/><iq type='error' id='x'/><iq type='get'/><iq type='bogus' id='1'><a/></iq>" +
        "<iq type='set' id='2'><a/><b/></iq><message/><presence type='nonsense'/><moon/>" +
        `<enabled xmlns='${SM}'/><resumed xmlns='${SM}' h='9'/><failed xmlns='${SM}'/><success xmlns='${SASL}'/>` +
        '<stream:features><starttls/><bind/></stream:features>',
    );
    server.say("<message id='behind'/>");
    await until('the one behind came', () => bot.messages.some(({ attrs }) => attrs.id === 'behind'));
    await until('bad requests are told', () => (server.heard[0]?.match(/bad-request/g)?.length ?? 0) >= 4);
    assert.equal(bot.session.state.phase, 'online');
  });

  it('a fault in a listener is named, and ends nothing', async () => {
    const bot = await online();
    bot.session.onStanza(() => {
      throw new Error('my own fault');
    });
    server.say("<message id='one'/><message id='two'/>");
    await until('both came', () => bot.messages.length === 2);
    assert.match(bot.notices.join(), /could not be handled: my own fault/);
    assert.equal(bot.session.state.phase, 'online');
  });

  it('asks ten thousand questions and takes no answer: they are not all kept', async () => {
    const bot = await online();
    server.answer = (what) => (what === 'r' || what === 'iq' ? '' : undefined);
    const question =
      "<iq type='get' from='e@x/y' id='ID'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>";
    server.say(Array.from({ length: 10_000 }, (_item, id) => question.replace('ID', `q${id}`)).join(''));
    server.say("<message id='behind'/>");
    await until('the one behind came', () => bot.messages.some(({ attrs }) => attrs.id === 'behind'));
    await until('what was answered is heard', () => (server.heard[0]?.length ?? 0) > 100_000);
    assert.ok((server.heard[0]?.match(/type="result"/g)?.length ?? 0) < 2_000);
  });

  it('closes the stream for one message: that one is given up, the others get through', async () => {
    server.answer = (what, text) =>
      what === 'message' && text.includes('poison') ? streamError('policy-violation') : undefined;
    const bot = await online();
    for (const id of ['m1', 'm2', 'poison', 'm4', 'm5']) bot.message(id, 'anna@localhost', id);
    await until('all are done', () => [...bot.done.values()].every(({ length }) => length > 0));
    assert.deepEqual(bot.wrong, ['poison']);
    assert.match(bot.done.get('poison')?.[0]?.message ?? '', /policy-violation/);
    assert.equal(server.heard.join().match(/<message[^>]*id="poison"/g)?.length, 3);
  });

  // A fault of one item is not a fault of the line: a box in between that drops what is longer than 65,535 bytes.
  it('a line that breaks without a word behind one long text: given up after three, with its length; the others get through, and long ones in parts', async () => {
    let limit = 65_535;
    server.onData = (bytes, socket) => {
      if (bytes > limit) socket.destroy();
    };
    const bot = await online();
    for (const id of ['m1', 'm2']) bot.message(id, 'anna@localhost', id);
    bot.message('poison', 'anna@localhost', 'x'.repeat(120_000));
    for (const id of ['m4', 'm5']) bot.message(id, 'anna@localhost', id);
    assert.equal(bot.session.stanzaLimit, 262_144);
    await until('all are done', () => [...bot.done.values()].every(({ length }) => length > 0));
    assert.deepEqual(bot.wrong, ['poison']);
    assert.match(
      bot.done.get('poison')?.[0]?.message ?? '',
      /the connection broke 3 times right after this message of 120\d\d\d bytes, and the server did not say why/,
    );
    assert.equal(server.heard.length, 4);
    assert.equal(bot.session.stanzaLimit, 60_000, 'longer texts go in parts from now on');
    limit = Number.POSITIVE_INFINITY;
  });

  it('without stream management: done when the ping behind the message came back', async () => {
    server.streamManagement = false;
    const pings: string[] = [];
    server.answer = (what, text) => {
      if (what !== 'iq' || !text.includes('urn:xmpp:ping')) return undefined;
      pings.push(/id="([^"]+)/.exec(text)?.[1] ?? '');
      return '';
    };
    const bot = await online();
    await until('the ping behind the login came', () => pings.length === 1);
    bot.message('m1', 'anna@localhost', 'one');
    await until('the message came', () => server.heard[0]?.includes('id="m1"'));
    // That ping was written before the message.
    server.say(`<iq type='result' id='${pings[0]}' from='localhost'/>`);
    await until('the ping behind the message came', () => pings.length === 2);
    assert.deepEqual(bot.done.get('m1'), []);
    server.say(`<iq type='error' id='${pings[1]}' from='evil@localhost'/>`);
    server.say("<message id='behind'/>");
    await until('the one behind came', () => bot.messages.length > 0);
    assert.deepEqual(bot.done.get('m1'), []);
    server.say(`<iq type='error' id='${pings[1]}' from='localhost'/>`);
    await doneOnce(bot, 'm1');
    assert.doesNotMatch(server.heard.join(), /<enable xmlns="urn:xmpp:sm|<r /);
  });

  it('refuses stream management: the same', async () => {
    server.answer = (what) => (what === 'enable' ? `<failed xmlns='${SM}'/>` : undefined);
    const bot = await online();
    bot.message('m1', 'anna@localhost', 'one');
    await doneOnce(bot, 'm1');
    assert.match(server.heard.join(), /urn:xmpp:ping/);
  });

  const LOGINS: [
    name: string,
    set: (server: HostileXmpp) => void,
    failure: XmppFailure,
    says: RegExp,
    stops: boolean,
  ][] = [
    [
      'knows nothing but strangers',
      (hostile) => {
        hostile.mechanisms = ['ANONYMOUS'];
      },
      'protocol',
      /no login method/,
      false,
    ],
    [
      'refuses in words of its own',
      (hostile) => {
        hostile.answer = (what) =>
          what === 'auth' ? `<failure xmlns='${SASL}'><moon-phase/></failure>` : undefined;
      },
      'protocol',
      /moon-phase/,
      true,
    ],
    [
      'cannot check passwords now',
      (hostile) => {
        hostile.answer = (what) =>
          what === 'auth' ? `<failure xmlns='${SASL}'><temporary-auth-failure/></failure>` : undefined;
      },
      'shutdown',
      /temporary-auth-failure/,
      false,
    ],
    [
      'says that it knows the password and does not prove it',
      (hostile) => {
        hostile.mechanisms = ['PLAIN', 'SCRAM-SHA-256'];
        hostile.answer = (what, text) => {
          if (what !== 'auth') return undefined;
          const first = Buffer.from(/>([^<]+)</.exec(text)?.[1] ?? '', 'base64').toString();
          const challenge = `r=${/r=([^,]+)/.exec(first)?.[1]}more,s=c2FsdA==,i=4096`;
          return `<challenge xmlns='${SASL}'>${Buffer.from(challenge).toString('base64')}</challenge>`;
        };
      },
      'protocol',
      /does not prove that it knows the password/,
      false,
    ],
    [
      'asks for a million million rounds',
      (hostile) => {
        hostile.mechanisms = ['SCRAM-SHA-1'];
        hostile.answer = (what, text) => {
          if (what !== 'auth') return undefined;
          const first = Buffer.from(/>([^<]+)</.exec(text)?.[1] ?? '', 'base64').toString();
          const challenge = `r=${/r=([^,]+)/.exec(first)?.[1]}more,s=c2FsdA==,i=1000000000000`;
          return `<challenge xmlns='${SASL}'>${Buffer.from(challenge).toString('base64')}</challenge>`;
        };
      },
      'protocol',
      /something that cannot be/,
      false,
    ],
    [
      'answers with a nonce of its own',
      (hostile) => {
        hostile.mechanisms = ['SCRAM-SHA-1'];
        hostile.answer = (what) =>
          what === 'auth'
            ? `<challenge xmlns='${SASL}'>${Buffer.from('r=mine,s=c2FsdA==,i=4096').toString('base64')}</challenge>`
            : undefined;
      },
      'protocol',
      /something that cannot be/,
      false,
    ],
    [
      'finds the resource taken',
      (hostile) => {
        hostile.answer = (what, text) =>
          what === 'bind'
            ? `<iq type='error' id='${/id="([^"]+)/.exec(text)?.[1]}'><error type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>`
            : undefined;
      },
      'conflict',
      /conflict/,
      false,
    ],
  ];
  for (const [name, set, failure, says, stops] of LOGINS) {
    it(`${name}: ${failure}, and ${stops ? 'it stops' : 'it tries again'}`, async () => {
      set(server);
      const bot = make();
      await bot.start();
      const why = await reason(bot);
      assert.deepEqual([why.code, bot.states[1]?.phase], [failure, stops ? 'stopped' : 'waiting']);
      assert.match(why.message, says);
      assert.doesNotMatch(why.message, /Zebra/);
    });
  }

  it('ended in the middle of everything: nothing hangs, every done is called', async () => {
    server.answer = (what) => (what === 'r' ? '' : undefined);
    const bot = await online();
    bot.message('m1', 'anna@localhost', 'one');
    const asked = bot.session.ask(
      bot.xml('iq', { type: 'get', to: 'nobody@localhost/x' }, bot.xml('x', { xmlns: 'y' })),
    );
    asked.catch(() => {});
    await bot.session.end(new Error('over'), 50);
    assert.equal(bot.done.get('m1')?.length, 1);
    assert.ok(bot.done.get('m1')?.[0] instanceof Error);
    bot.message('m2', 'anna@localhost', 'two');
    assert.equal(bot.done.get('m2')?.length, 1);
    const connecting = make();
    await connecting.start();
    await connecting.end();
    assert.equal(connecting.session.state.phase, 'idle');
  });
});
