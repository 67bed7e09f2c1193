/** XMPP servers that no package installs: what the login makes of them, and that nothing of it ends the process. */

import assert from 'node:assert/strict';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { inEnglish } from '../../src/base/english';
import type { XmppFailure } from '../../src/xmpp/errors';
import { loginAndDiscover } from '../../src/xmpp/stream/login';
import type { XmppAnswer } from '../../src/xmpp/stream/login-types';
import { certificates } from '../support/servers/index';
import { PASSWORD, USER } from './resolution-support';

type Reply = string | Buffer | (string | Buffer)[] | 'CLOSE' | 'RESET';
/** What to say to what the client sent: the first pattern that matches, once each. */
type Script = [pattern: RegExp, reply: Reply][];

const STREAM =
  "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='1' from='localhost' version='1.0'>";
const TLS = "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>";
const PROCEED = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
const MECHANISMS = `<stream:features><mechanisms xmlns='${SASL}'><mechanism>PLAIN</mechanism></mechanisms></stream:features>`;
const BIND = "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>";
const streamError = (condition: string) =>
  `<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>`;
const failure = (condition: string) => `<failure xmlns='${SASL}'>${condition}</failure>`;

describe('XMPP login: hostile servers', () => {
  const servers: { server: Server; sockets: Set<Socket> }[] = [];
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  before(() => {
    process.on('unhandledRejection', note);
    process.on('uncaughtExceptionMonitor', note);
  });
  afterEach(async () => {
    for (const { server, sockets } of servers.splice(0)) {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(unhandled.splice(0), []);
  });
  after(() => {
    process.off('unhandledRejection', note);
    process.off('uncaughtExceptionMonitor', note);
  });

  async function serve(script: Script, tls: boolean): Promise<{ port: number; heard: () => string }> {
    let heard = '';
    const sockets = new Set<Socket>();
    const onSocket = (socket: Socket) => {
      const left = [...script];
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on('error', () => {});
      let unread = '';
      socket.on('data', async (chunk) => {
        heard += chunk.toString();
        unread += chunk.toString();
        const index = left.findIndex(([pattern]) => pattern.test(unread));
        const [entry] = index < 0 ? [] : left.splice(index, 1);
        if (!entry) return;
        const sent = unread;
        unread = '';
        if (entry[1] === 'CLOSE') return socket.end();
        if (entry[1] === 'RESET') return tls ? socket.destroy() : socket.resetAndDestroy();
        for (const piece of [entry[1]].flat()) {
          if (socket.destroyed) return;
          if (piece === 'CLOSE') return socket.end();
          const id = /id=['"]([^'"]+)/.exec(sent)?.[1] ?? '';
          socket.write(typeof piece === 'string' ? piece.replace('$ID', id) : piece);
          await new Promise((resolve) => setTimeout(resolve, 30));
        }
      });
    };
    const { cert, key } = certificates().good;
    const server = tls ? createTlsServer({ cert, key }, onSocket) : createTcpServer(onSocket);
    server.on('tlsClientError', () => {});
    servers.push({ server, sockets });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { port: (server.address() as AddressInfo).port, heard: () => heard };
  }

  function login(port: number, directTls: boolean, timeoutMs = 400): Promise<XmppAnswer> {
    return loginAndDiscover(
      {
        host: '127.0.0.1',
        port,
        directTls,
        local: USER,
        domain: 'localhost',
        password: PASSWORD,
        allowUnencrypted: false,
        timeoutMs,
      },
      { tls: { ca: certificates().ca } },
      new AbortController().signal,
    );
  }

  const BEFORE_TLS: [name: string, reply: Reply | Script, failure: XmppFailure][] = [
    ['closes at once', 'CLOSE', 'network'],
    ['resets', 'RESET', 'network'],
    ['sends HTML', '<html><head><title>400</title></head>', 'timeout'],
    ['sends HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'protocol'],
    ['sends an end tag first', '</stream:stream>', 'protocol'],
    ['sends zeroes', Buffer.alloc(64), 'protocol'],
    ['sends half a stream header', STREAM.slice(0, 60), 'timeout'],
    ['sends no features', STREAM, 'timeout'],
    ['offers no TLS', `${STREAM}<stream:features/>`, 'unencrypted'],
    ['offers PLAIN without TLS', STREAM + MECHANISMS, 'unencrypted'],
    ['serves another domain', STREAM + streamError('host-unknown'), 'host-unknown'],
    ['shuts down', STREAM + streamError('system-shutdown'), 'shutdown'],
    ['bans', STREAM + streamError('policy-violation'), 'policy'],
    ['sends elsewhere', STREAM + streamError('see-other-host'), 'protocol'],
    ['has an error without a name', `${STREAM}<stream:error/>`, 'protocol'],
    ['sends more than it should', `${STREAM}<stream:features>${'<x/>'.repeat(20_000)}`, 'protocol'],
    [
      'offers TLS and refuses it',
      [
        [/<stream:stream/, STREAM + TLS],
        [/starttls/, "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"],
      ],
      'tls',
    ],
    [
      'consents to TLS and closes',
      [
        [/<stream:stream/, STREAM + TLS],
        [/starttls/, [PROCEED, 'CLOSE']],
      ],
      'tls',
    ],
    [
      'puts something in clear text behind its consent',
      [
        [/<stream:stream/, STREAM + TLS],
        [/starttls/, `${PROCEED}${STREAM}${MECHANISMS}`],
      ],
      'protocol',
    ],
    [
      'consents to TLS and speaks clear text',
      [
        [/<stream:stream/, STREAM + TLS],
        [/starttls/, [PROCEED, STREAM + MECHANISMS]],
      ],
      'tls',
    ],
  ];
  for (const [name, reply, expected] of BEFORE_TLS) {
    it(`before TLS, ${name}: ${expected}, and nothing was said`, async () => {
      const isScript = Array.isArray(reply) && Array.isArray(reply[0]);
      const script: Script = isScript ? (reply as Script) : [[/<stream:stream/, reply as Reply]];
      const { port, heard } = await serve(script, false);
      const answer = await login(port, false);
      assert.equal(answer.ok, false);
      assert.equal(!answer.ok && answer.failure, expected, JSON.stringify(answer));
      assert.doesNotMatch(heard(), /<auth|<response|<iq|anna/);
    });
  }

  it('offers PLAIN without TLS to who allowed that: the password itself is not sent', async () => {
    const { port, heard } = await serve([[/<stream:stream/, STREAM + MECHANISMS]], false);
    const request = {
      host: '127.0.0.1',
      port,
      directTls: false,
      local: USER,
      domain: 'localhost',
      password: PASSWORD,
    };
    const { signal } = new AbortController();
    const answer = await loginAndDiscover({ ...request, allowUnencrypted: true, timeoutMs: 400 }, {}, signal);
    assert.equal(answer.ok, false);
    assert.ok(!heard().includes(Buffer.from(`\0${USER}\0${PASSWORD}`).toString('base64')));
  });

  const AFTER_TLS: [name: string, script: Script, failure: XmppFailure, says?: RegExp][] = [
    ['closes', [[/<stream:stream/, 'CLOSE']], 'network'],
    ['resets', [[/<stream:stream/, 'RESET']], 'network'],
    ['sends HTML that is never closed', [[/<stream:stream/, '<html><p>']], 'timeout'],
    ['sends an end tag first', [[/<stream:stream/, '</a>']], 'protocol'],
    ['crosses its tags', [[/<stream:stream/, `${STREAM}<a><b></a>`]], 'protocol'],
    ['has an error without a name', [[/<stream:stream/, `${STREAM}<stream:error/>`]], 'protocol'],
    ['offers nothing', [[/<stream:stream/, `${STREAM}<stream:features/>`]], 'protocol', /no login method/],
    [
      'offers unknown mechanisms only',
      [[/<stream:stream/, `${STREAM}${MECHANISMS.replace('PLAIN', 'X-MAGIC')}`]],
      'protocol',
      /no login method/,
    ],
    [
      'refuses the password',
      [
        [/<stream:stream/, STREAM + MECHANISMS],
        [/<auth/, failure('<not-authorized/>')],
      ],
      'login',
    ],
    [
      'disabled the account',
      [
        [/<stream:stream/, STREAM + MECHANISMS],
        [/<auth/, failure('<account-disabled/>')],
      ],
      'login',
      /disabled/,
    ],
    [
      'fails for now',
      [
        [/<stream:stream/, STREAM + MECHANISMS],
        [/<auth/, failure('<temporary-auth-failure/>')],
      ],
      'shutdown',
    ],
    [
      'fails without a name',
      [
        [/<stream:stream/, STREAM + MECHANISMS],
        [/<auth/, failure('')],
      ],
      'protocol',
    ],
    [
      'fails in words of its own',
      [
        [/<stream:stream/, STREAM + MECHANISMS],
        [/<auth/, failure('<moon-phase/>')],
      ],
      'protocol',
      /moon-phase/,
    ],
    ['goes silent at the login', [[/<stream:stream/, STREAM + MECHANISMS]], 'timeout'],
    [
      'closes at the login',
      [
        [/<stream:stream/, STREAM + MECHANISMS],
        [/<auth/, 'CLOSE'],
      ],
      'network',
    ],
    [
      'lets in and closes',
      [
        [/<stream:stream/, STREAM + MECHANISMS],
        [/<auth/, [`<success xmlns='${SASL}'/>`, 'CLOSE']],
      ],
      'network',
    ],
    [
      'lets in and refuses to bind',
      [
        [/<stream:stream/, STREAM + MECHANISMS],
        [/<auth/, `<success xmlns='${SASL}'/>`],
        [/<stream:stream/, STREAM + BIND],
        [
          /<iq/,
          "<iq type='error' id='$ID'><error type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
        ],
      ],
      'conflict',
    ],
    [
      'lets in and binds nothing',
      [
        [/<stream:stream/, STREAM + MECHANISMS],
        [/<auth/, `<success xmlns='${SASL}'/>`],
        [/<stream:stream/, STREAM + BIND],
        [/<iq/, "<iq type='result' id='$ID'/>"],
      ],
      'protocol',
    ],
    [
      'lets in and goes silent at binding',
      [
        [/<stream:stream/, STREAM + MECHANISMS],
        [/<auth/, `<success xmlns='${SASL}'/>`],
        [/<stream:stream/, STREAM + BIND],
      ],
      'timeout',
    ],
  ];
  for (const [name, script, expected, says = /./] of AFTER_TLS) {
    it(`behind TLS, ${name}: ${expected}`, async () => {
      const { port } = await serve(script, true);
      const answer = await login(port, true);
      assert.equal(!answer.ok && answer.failure, expected, JSON.stringify(answer));
      assert.match(answer.ok ? '' : inEnglish(answer.text), says);
    });
  }

  const letIn: Script = [
    [/<stream:stream/, STREAM + MECHANISMS],
    [/<auth/, `<success xmlns='${SASL}'/>`],
    [/<stream:stream/, STREAM + BIND],
    [
      /<iq[^>]*set|<bind/,
      "<iq type='result' id='$ID'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>anna@localhost/x</jid></bind></iq>",
    ],
  ];

  it('a server that is online and never answers anything is online all the same', async function () {
    this.timeout(10_000);
    const { port } = await serve(letIn, true);
    const answer = await login(port, true);
    assert.ok(answer.ok, JSON.stringify(answer));
    assert.deepEqual(answer.services, {});
  });

  it('SASL2, Bind2 and stream management are left alone, since the library breaks resumption with them', async () => {
    const sasl2 =
      "<authentication xmlns='urn:xmpp:sasl:2'><mechanism>PLAIN</mechanism><inline><bind xmlns='urn:xmpp:bind:0'/></inline></authentication>";
    const more = (features: string, extra: string) =>
      features.replace('<stream:features>', `<stream:features>${extra}`);
    const script: Script = [
      [/<stream:stream/, STREAM + more(MECHANISMS, sasl2)],
      [/<auth/, `<success xmlns='${SASL}'/>`],
      [/<stream:stream/, STREAM + more(BIND, "<sm xmlns='urn:xmpp:sm:3'/>")],
      ...letIn.slice(3),
      [/disco#info/, streamError('system-shutdown')],
    ];
    const { port, heard } = await serve(script, true);
    assert.ok((await login(port, true)).ok);
    assert.match(heard(), /<auth /);
    assert.doesNotMatch(heard(), /<authenticate|<enable|<resume|<presence/);
  });

  it('a server that closes in the middle of discovery was online', async () => {
    const { port } = await serve([...letIn, [/disco#info/, streamError('conflict')]], true);
    const answer = await login(port, true);
    assert.ok(answer.ok, JSON.stringify(answer));
  });

  it('a character split between two packets arrives whole', async () => {
    const name = Buffer.from('Jäbber');
    const version = "<query xmlns='jabber:iq:version'><name>";
    const ids: string[] = [];
    const { port, heard } = await serve(letIn, true);
    const answering = setInterval(() => {
      const found = /<iq type="get" to="localhost" id="([^"]+)"[^>]*><query xmlns="jabber:iq:version"/.exec(
        heard(),
      );
      const socket = [...(servers[0]?.sockets ?? [])][0];
      if (!found || !socket || ids.length > 0) return;
      ids.push(found[1] ?? '');
      socket.write(
        Buffer.concat([
          Buffer.from(`<iq type='result' from='localhost' id='${found[1]}'>${version}`),
          name.subarray(0, 2),
        ]),
      );
      setTimeout(
        () => socket.write(Buffer.concat([name.subarray(2), Buffer.from('</name></query></iq>')])),
        50,
      );
      setTimeout(() => socket.end(streamError('system-shutdown')), 120);
    }, 10);
    const answer = await login(port, true);
    clearInterval(answering);
    assert.ok(answer.ok, JSON.stringify(answer));
    assert.equal(answer.software, 'Jäbber');
  });
});
