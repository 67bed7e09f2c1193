import assert from 'node:assert/strict';
import { Fault } from '../../../../src/base/fault';
import { looksLikeInvitation, readInvitation } from '../../../../src/xmpp/registration/invitation';
import { NewAccounts } from '../../../../src/xmpp/registration/new-account';
import type { NewAccount } from '../../../../src/xmpp/registration/register';
import { FakeClock } from '../../transport/fake-clock';

const TOKEN = 'aB3-_d9QwErTyUiOp';

/** `local@domain token`, with `by inviter` and `?` for a page's domain; or the code of the fault. */
function read(link: string): string {
  const found = readInvitation(link);
  if (found instanceof Fault) return found.code;
  const { domain, local, token, inviter, isFromPage } = found;
  return `${local}@${domain} ${token}${inviter && ` by ${inviter}`}${isFromPage ? '?' : ''}`;
}

describe('invitations', () => {
  it('are links of XEP-0401, and pages that show them', () => {
    const cases: [string, string][] = [
      [`xmpp:example.org?register;preauth=${TOKEN}`, `@example.org ${TOKEN}`],
      [` XMPP:Example.ORG?Register;x=1;PreAuth=${TOKEN}\n`, `@example.org ${TOKEN}`],
      [`xmpp:bot@example.org?register;preauth=${TOKEN}`, `bot@example.org ${TOKEN}`],
      ['xmpp:example.org?register;preauth=a%2Bb%2F', '@example.org a+b/'],
      [`xmpp:anna@example.org?roster;preauth=${TOKEN};ibr=y`, `@example.org ${TOKEN} by anna@example.org`],
      [`https://xmpp.link/#bot@example.org?register;preauth=${TOKEN}`, `bot@example.org ${TOKEN}`],
      [`https://invite.example.net/#xmpp:example.org?register%3Bpreauth=${TOKEN}`, `@example.org ${TOKEN}`],
      [`https://example.org/invite/${TOKEN}`, `@example.org ${TOKEN}?`],
      [`https://example.org/invite/${TOKEN}/`, `@example.org ${TOKEN}?`],
      [`https://example.org:5281/invites_page?${TOKEN}`, `@example.org ${TOKEN}?`],
      [`https://example.org/register?t=${TOKEN}`, `@example.org ${TOKEN}?`],
      [`https://xn--bcher-kva.example/invites/${TOKEN}`, `@bücher.example ${TOKEN}?`],
    ];
    for (const [link, said] of cases) {
      assert.equal(read(link), said);
      assert.ok(looksLikeInvitation(link), link);
    }
  });

  it('are nothing else, and say what they are', () => {
    const cases: [string, string][] = [
      ['', 'invitation-none'],
      ['bot@example.org', 'invitation-none'],
      ['xmpp:example.org?register', 'invitation-none'],
      ['xmpp:example.org?register;preauth=', 'invitation-none'],
      ['xmpp:example.org?register;preauth=a b', 'invitation-none'],
      ['xmpp:example.org?register;preauth=%', 'invitation-none'],
      ['xmpp:?register;preauth=x', 'invitation-none'],
      ['xmpp:bob@localhost#.evil.test?register;preauth=x', 'invitation-none'],
      [`xmpp:example.org?join;preauth=${TOKEN}`, 'invitation-none'],
      [`xmpp:a@example.org/phone?register;preauth=${TOKEN}`, 'invitation-none'],
      [`xmpp:anna@example.org?roster;preauth=${TOKEN}`, 'invitation-contact'],
      [`xmpp:anna@example.org?subscribe;preauth=${TOKEN};ibr=n`, 'invitation-contact'],
      ['https://example.org/', 'invitation-none'],
      ['https://example.org/blog/2026-11-30-a-long-title', 'invitation-none'],
      ['https://example.org/invite/short', 'invitation-none'],
      ['https://[::1', 'invitation-none'],
      [`ftp://example.org/invite/${TOKEN}`, 'invitation-none'],
      [`xmpp:example.org?register;preauth=${'x'.repeat(501)}`, 'invitation-none'],
      [`xmpp:example.org?register;preauth=${'x'.repeat(5_000)}`, 'invitation-long'],
    ];
    for (const [link, code] of cases) assert.equal(read(link), code, link.slice(0, 60));
    for (const typed of [
      'bot@example.org',
      'xmpp:anna@example.org',
      'xmpp:room@example.org?join',
      'x'.repeat(9_000),
    ])
      assert.equal(looksLikeInvitation(typed), false, typed.slice(0, 40));
  });

  it('are for their own server and account; a page may be elsewhere', async () => {
    const clock = new FakeClock();
    const asked: NewAccount[] = [];
    const accounts = new NewAccounts({
      clock,
      random: Math.random,
      srv: () => Promise.resolve({ kind: 'none' }),
      register: async (account) => void asked.push(account),
    });
    const make = async (jid: string, link?: unknown): Promise<string> => {
      clock.advance(3_600_000);
      try {
        await accounts.make(jid, 'secret', link);
        return asked.at(-1)?.preauth ?? 'none';
      } catch (error) {
        return (error as { text: { key: string } }).text.key;
      }
    };
    assert.equal(await make('bot@example.org'), 'none');
    assert.equal(await make('bot@example.org', ''), 'none');
    const link = `xmpp:example.org?register;preauth=${TOKEN}`;
    assert.equal(await make('bot@example.org', link), TOKEN);
    assert.equal(await make('bot@example.net', link), 'account.invitationOther');
    assert.equal(await make('bot@example.net', `https://www.example.org/invite/${TOKEN}`), TOKEN);
    const named = `xmpp:anna@example.org?register;preauth=${TOKEN}`;
    assert.equal(await make('bot@example.org', named), 'account.invitationName');
    assert.equal(await make('Anna@example.org', named), TOKEN);
    for (const wrong of [null, 7, {}, 'hello', ['x']])
      assert.equal(await make('bot@example.org', wrong), 'account.invitationNone');
    assert.equal(asked.length, 5);
    // A certificate that a person has compared is one that is checked.
    const print = 'AB'.repeat(32);
    for (const trusted of [`${print}\n`, 'no fingerprint', undefined, 7]) {
      clock.advance(3_600_000);
      await accounts.make('bot@example.org', 'secret', '', trusted);
    }
    assert.deepEqual(
      asked.slice(5).map(({ tls }) => tls?.pins),
      [[print], [], [], []],
    );
  });
});
