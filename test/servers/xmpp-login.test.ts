/** The strict XMPP login on real servers, and with somebody on the line. */

import assert from 'node:assert/strict';
import { inEnglish } from '../../src/base/english';
import { loginAndDiscover } from '../../src/xmpp/stream/login';
import type { XmppAnswer, XmppRequest } from '../../src/xmpp/stream/login-types';
import {
  certificates,
  type Ejabberd,
  forEachGeneration,
  type Prosody,
  startEjabberd,
  startProsody,
  startProxy,
  stripStartTls,
} from '../support/servers/index';
import { assertNoLogin, PASSWORD, USER, users } from './resolution-support';

/** Quotes, letters of two and three bytes, XML's own characters. */
const AWKWARD = 'p<ä>&"\'語 x';

function login(request: Partial<XmppRequest> & { port: number }, signal?: AbortSignal): Promise<XmppAnswer> {
  return loginAndDiscover(
    {
      host: 'localhost',
      directTls: false,
      local: USER,
      domain: 'localhost',
      password: PASSWORD,
      allowUnencrypted: false,
      timeoutMs: 8_000,
      ...request,
    },
    { tls: { ca: certificates().ca } },
    signal ?? new AbortController().signal,
  );
}

function failed(answer: XmppAnswer): Extract<XmppAnswer, { ok: false }> {
  assert.equal(answer.ok, false, JSON.stringify(answer));
  return answer as Extract<XmppAnswer, { ok: false }>;
}

forEachGeneration('XMPP login', (generation) => {
  const accounts = { ...users, berta: AWKWARD };
  let ejabberd: Ejabberd;
  let prosody: Prosody;
  before(async function () {
    this.timeout(60_000);
    [ejabberd, prosody] = await Promise.all([
      startEjabberd({ generation, users: accounts }),
      startProsody({ generation, users: accounts }),
    ]);
  });
  after(() => Promise.all([ejabberd?.stop(), prosody?.stop()]));

  for (const name of ['ejabberd', 'prosody'] as const) {
    const server = () => (name === 'ejabberd' ? ejabberd : prosody);

    it(`${name}: STARTTLS and direct TLS`, async () => {
      for (const [port, directTls] of [
        [server().c2sPort, false],
        [server().c2sTlsPort, true],
      ] as const) {
        const answer = await login({ port, directTls });
        assert.ok(answer.ok, JSON.stringify(answer));
        assert.deepEqual([answer.encrypted, answer.verified, answer.address], [true, true, '127.0.0.1']);
        assert.match(answer.software ?? '', new RegExp(`^${name} \\d`, 'i'));
        assert.deepEqual(answer.services, {
          pubsub: 'pubsub.localhost',
          muc: 'conference.localhost',
          upload: 'upload.localhost',
        });
      }
    });

    it(`${name}: the other host, asked for by its name`, async () => {
      const answer = await login({ port: server().c2sPort, domain: 'dinox.test' });
      assert.ok(answer.ok, JSON.stringify(answer));
      assert.equal(answer.services.pubsub, 'pubsub.dinox.test');
    });

    it(`${name}: a password with all that XML and UTF-8 can do`, async () => {
      const answer = await login({ port: server().c2sPort, local: 'berta', password: AWKWARD });
      assert.ok(answer.ok, JSON.stringify(answer));
    });

    it(`${name}: a wrong password, and an account that does not exist`, async () => {
      for (const request of [{ password: 'wrong-one' }, { local: 'nobody' }]) {
        const { failure, text } = failed(await login({ port: server().c2sPort, ...request }));
        assert.equal(failure, 'login');
        assert.match(inEnglish(text), /the server refused the password \(not-authorized/);
        assert.doesNotMatch(inEnglish(text), /wrong-one|zebra/);
      }
    });

    it(`${name}: a domain that it does not serve`, async () => {
      const answer = failed(await login({ port: server().c2sPort, domain: 'strange.test' }));
      assert.equal(answer.failure, 'host-unknown', inEnglish(answer.text));
    });

    it(`${name}: without STARTTLS on the line nothing is said`, async () => {
      const proxy = await startProxy({ target: { port: server().c2sPort }, transform: stripStartTls() });
      try {
        const { failure, text } = failed(await login({ port: proxy.port }));
        assert.equal(failure, 'unencrypted');
        assert.match(inEnglish(text), /offers no TLS/);
        assert.equal(proxy.accepted, 1);
        assertNoLogin(proxy.captured());
        // Even with the box ticked: these servers want encryption themselves.
        const ticked = failed(await login({ port: proxy.port, allowUnencrypted: true }));
        assert.equal(ticked.failure, 'unencrypted', inEnglish(ticked.text));
        assertNoLogin(proxy.captured());
      } finally {
        await proxy.stop();
      }
    });

    it(`${name}: the line breaks in the middle, or goes silent`, async function () {
      this.timeout(20_000);
      const proxy = await startProxy({ target: { port: server().c2sPort } });
      try {
        for (const after of [1, 300, 900]) {
          let bytes = 0;
          proxy.transform = {
            toClient(chunk) {
              bytes += chunk.length;
              if (bytes > after) setImmediate(() => proxy.cut());
              return chunk;
            },
          };
          const answer = await login({ port: proxy.port });
          if (!answer.ok) assert.ok(['network', 'tls'].includes(answer.failure), inEnglish(answer.text));
        }
        proxy.transform = {};
        proxy.hold(true);
        assert.equal(failed(await login({ port: proxy.port, timeoutMs: 300 })).failure, 'timeout');
      } finally {
        await proxy.stop();
      }
    });

    it(`${name}: cancelled in the middle`, async () => {
      const controller = new AbortController();
      const proxy = await startProxy({ target: { port: server().c2sPort } });
      try {
        proxy.transform = {
          toClient(chunk) {
            controller.abort(new Error('enough'));
            return chunk;
          },
        };
        await assert.rejects(login({ port: proxy.port }, controller.signal), /enough/);
      } finally {
        await proxy.stop();
      }
    });
  }

  it('ejabberd: neither presence nor a resource of another client is touched', async () => {
    const before = await ejabberd.api('connected_users');
    await login({ port: ejabberd.c2sPort });
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual(await ejabberd.api('connected_users'), before);
  });
});

describe('XMPP login: servers with an opinion', function () {
  this.timeout(60_000);

  it('a server without TLS: only where it is allowed', async () => {
    const server = await startProsody({
      users,
      extra:
        'modules_disabled = { "s2s", "tls" }\nc2s_require_encryption = false\nallow_unencrypted_plain_auth = false',
    });
    try {
      assert.equal(failed(await login({ port: server.c2sPort })).failure, 'unencrypted');
      const answer = await login({ port: server.c2sPort, allowUnencrypted: true });
      assert.ok(answer.ok, JSON.stringify(answer));
      assert.equal(answer.encrypted, false);
      assert.equal(answer.verified, undefined);
    } finally {
      await server.stop();
    }
  });

  it('an ejabberd that bans names the ban, and the ban is not taken for a wrong password', async () => {
    const server = await startEjabberd({ users, extra: '  mod_fail2ban:\n    c2s_max_auth_failures: 2\n' });
    try {
      assert.equal(failed(await login({ port: server.c2sPort, password: 'a' })).failure, 'login');
      failed(await login({ port: server.c2sPort, password: 'b' }));
      const banned = failed(await login({ port: server.c2sPort }));
      assert.equal(banned.failure, 'policy', inEnglish(banned.text));
      assert.match(inEnglish(banned.text), /Too many \(2\) failed authentications/);
    } finally {
      await server.stop();
    }
  });
});
