/** A new account on real servers (XEP-0077), and why there is none. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { type Invitation, readInvitation } from '../../src/xmpp/registration/invitation';
import {
  type NewAccount,
  RegistrationError,
  type RegistrationFault,
  register,
} from '../../src/xmpp/registration/register';
import { HostileXmpp, STREAM } from '../support/hostile-xmpp';
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
import { BotSession, Ends } from './chat-support';

const PASSWORD = 'l4ng-genug-Otter "ä語" <&>';

function make(port: number, local: string, settings: Partial<NewAccount> = {}): Promise<void> {
  return register(
    {
      jid: { local, domain: 'localhost', bare: `${local}@localhost` },
      password: PASSWORD,
      service: { host: '127.0.0.1', port, directTls: false },
      allowUnencrypted: false,
      tls: { ca: certificates().ca },
      connectTimeout: 10_000,
      ...settings,
    },
    { random: Math.random, srv: () => Promise.resolve({ kind: 'none' }) },
    new AbortController().signal,
  );
}

async function refused(made: Promise<void>, fault: RegistrationFault, says: RegExp): Promise<void> {
  const error = await made.then(
    () => assert.fail('an account was made'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof RegistrationError, String(error));
  assert.equal(error.code, fault, error.message);
  assert.match(error.message, says);
  assert.doesNotMatch(error.message, /l4ng/);
}

forEachGeneration('registration', (generation) => {
  const ends = new Ends();
  const servers: Record<string, Ejabberd | Prosody> = {};
  let inviting: Prosody;
  const users = { bot: 'x' };
  before(async function () {
    this.timeout(60_000);
    [servers.ejabberd, servers.prosody, servers.closed, inviting] = await Promise.all([
      startEjabberd({ generation, users, extra: 'registration_timeout: infinity\n' }),
      startProsody({ generation, users }),
      startProsody({ generation, users, extra: 'allow_registration = false' }),
      startProsody({ generation, users, invitations: true }),
    ]);
  });
  afterEach(() => ends.all());
  after(() => Promise.all([...Object.values(servers), inviting].map((server) => server?.stop())));

  for (const name of ['ejabberd', 'prosody'] as const) {
    it(`${name}: makes an account that can log in, once`, async () => {
      const port = servers[name]?.c2sPort ?? 0;
      await make(port, 'neuer.bot');
      const jid = { local: 'neuer.bot', domain: 'localhost', bare: 'neuer.bot@localhost' };
      const bot = ends.add(await BotSession.online(port, { jid, password: PASSWORD }));
      assert.equal(bot.session.state.phase, 'online');
      await refused(make(port, 'neuer.bot'), 'taken', /neuer\.bot@localhost exists already/);
    });

    it(`${name}: over TLS from the first byte, and never without TLS`, async () => {
      const server = servers[name] as Ejabberd;
      await make(0, 'direkt', { service: { host: '127.0.0.1', port: server.c2sTlsPort, directTls: true } });
      const proxy = ends.add(
        await startProxy({ target: { port: server.c2sPort }, transform: stripStartTls() }),
      );
      await assert.rejects(make(proxy.port, 'klartext'), { code: 'unencrypted' });
      await assert.rejects(make(server.c2sPort, 'ohne', { tls: {} }), { code: 'tls' });
      // Trusted by its fingerprint, which a person has compared.
      const { fingerprint256 } = new X509Certificate(certificates().good.cert);
      await make(server.c2sPort, 'verglichen', { tls: { pins: [fingerprint256.replaceAll(':', '')] } });
      assert.doesNotMatch(proxy.captured().toString(), /jabber:iq:register|l4ng|klartext/);
    });
  }

  it('prosody: an invitation makes one account, and what is no invitation makes none', async () => {
    const link = await inviting.invite();
    assert.match(link, /^xmpp:localhost\?register;preauth=/);
    const preauth = (readInvitation(link) as Invitation).token;
    const port = inviting.c2sPort;
    await refused(make(port, 'ohne'), 'refused', /invitation only/);
    await refused(
      make(port, 'fremd', { preauth: 'of-another-server' }),
      'invitation',
      /used already, has expired/,
    );
    await refused(make(port, 'bot', { preauth }), 'taken', /exists already/);
    await make(port, 'geladen', { preauth });
    const jid = { local: 'geladen', domain: 'localhost', bare: 'geladen@localhost' };
    const bot = ends.add(await BotSession.online(port, { jid, password: PASSWORD }));
    assert.equal(bot.session.state.phase, 'online');
    await refused(make(port, 'zweiter', { preauth }), 'invitation', /used already, has expired/);
  });

  it('a server that knows no invitations says so, and gets no password', async () => {
    for (const { c2sPort } of Object.values(servers))
      await refused(make(c2sPort, 'geladen', { preauth: 'x' }), 'invitation', /knows no invitations/);
  });

  it('prosody: a server that makes none says so', async () => {
    await refused(
      make(servers.closed?.c2sPort ?? 0, 'keiner'),
      'not-allowed',
      /does not let clients make accounts/,
    );
  });
});

describe('registration: forms', () => {
  const ends = new Ends();
  afterEach(() => ends.all());

  const FORMS: [name: string, form: string, fault: RegistrationFault, says: RegExp][] = [
    [
      'a captcha',
      "<instructions>x</instructions><username/><password/><x xmlns='jabber:x:data' type='form'><field type='hidden' var='FORM_TYPE'><value>urn:xmpp:captcha</value></field><field var='username'><required/></field><field var='ocr' type='text-single'><required/></field></x>",
      'needs-person',
      /only for people.*It asks for ocr/,
    ],
    ['an address', '<username/><password/><email/>', 'needs-person', /It asks for email/],
    [
      'a page in the web',
      "<instructions/><x xmlns='jabber:x:oob'><url>https://example.org/join</url></x>",
      'needs-person',
      /Its page is https:\/\/example\.org\/join/,
    ],
    ['nothing', '', 'needs-person', /only for people/],
  ];
  for (const [name, form, fault, says] of FORMS) {
    it(`asks for ${name}: ${fault}, and no password is sent`, async () => {
      const server = ends.add(await HostileXmpp.start());
      server.answer = (what, text) => {
        if (what === 'stream')
          return `${STREAM}<stream:features><register xmlns='http://jabber.org/features/iq-register'/></stream:features>`;
        if (what !== 'iq') return '';
        const id = /id="([^"]+)/.exec(text)?.[1];
        return `<iq type='result' id='${id}' from='localhost'><query xmlns='jabber:iq:register'>${form}</query></iq>`;
      };
      const service = { host: '127.0.0.1', port: server.port, directTls: true };
      await refused(make(0, 'neu', { service }), fault, says);
      assert.doesNotMatch(server.heard.join(), /l4ng/);
    });
  }

  const REFUSALS: [condition: string, fault: RegistrationFault, says: RegExp][] = [
    ['conflict', 'taken', /exists already/],
    ['not-acceptable', 'refused', /longer password/],
    ['resource-constraint', 'later', /Wait ten minutes/],
    ['not-allowed', 'not-allowed', /Ask its administrator/],
    ['internal-server-error', 'refused', /internal-server-error.*Choose another name/],
  ];
  for (const [condition, fault, says] of REFUSALS) {
    it(`answers ${condition}: ${fault}`, async () => {
      const server = ends.add(await HostileXmpp.start());
      server.answer = (what, text) => {
        if (what !== 'iq') return undefined;
        const id = /id="([^"]+)/.exec(text)?.[1];
        if (text.includes('type="get"')) {
          return `<iq type='result' id='${id}'><query xmlns='jabber:iq:register'><username/><password/></query></iq>`;
        }
        return `<iq type='error' id='${id}'><error type='cancel'><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>`;
      };
      const service = { host: '127.0.0.1', port: server.port, directTls: true };
      await refused(make(0, 'neu', { service }), fault, says);
    });
  }
});
