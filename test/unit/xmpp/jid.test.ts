import assert from 'node:assert/strict';
import { JidError, parseJid } from '../../../src/xmpp/jid';
import { asciiDomain } from '../../../src/xmpp/jid-grammar';

describe('parseJid (RFC 7622)', () => {
  const good: [typed: string, local: string, domain: string, resource: string, ascii?: string][] = [
    ['anna@example.org', 'anna', 'example.org', ''],
    ['anna@example.org/home', 'anna', 'example.org', 'home'],
    ['anna@example.org/a/b@c d', 'anna', 'example.org', 'a/b@c d'],
    ['Anna@Example.ORG', 'anna', 'example.org', ''],
    ['example.org', '', 'example.org', ''],
    ['example.org/home', '', 'example.org', 'home'],
    ['anna@example.org.', 'anna', 'example.org', ''],
    ['anna@münchen.example', 'anna', 'münchen.example', '', 'xn--mnchen-3ya.example'],
    ['anna@xn--mnchen-3ya.example', 'anna', 'münchen.example', '', 'xn--mnchen-3ya.example'],
    ['MÜLLER@example.org', 'müller', 'example.org', ''],
    ['u\u0308@example.org', 'ü', 'example.org', ''],
    ['ａｎｎａ@example.org', 'anna', 'example.org', ''],
    ['anna@192.168.1.5', 'anna', '192.168.1.5', ''],
    ['anna@[2001:DB8::1]', 'anna', '[2001:db8::1]', '', '2001:db8::1'],
    ['anna@localhost', 'anna', 'localhost', ''],
    ['anna+tag.x_y-z!#$%*=?^`{|}~@example.org', 'anna+tag.x_y-z!#$%*=?^`{|}~', 'example.org', ''],
    [`${'a'.repeat(1023)}@example.org`, 'a'.repeat(1023), 'example.org', ''],
    ['anna@my_server', 'anna', 'my_server', ''],
  ];
  for (const [typed, local, domain, resource, ascii = domain] of good) {
    it(`takes ${typed.slice(0, 60)}`, () => {
      const jid = parseJid(typed);
      assert.deepEqual(jid, { local, domain, resource, bare: local === '' ? domain : `${local}@${domain}` });
      assert.equal(asciiDomain(jid.domain), ascii);
    });
  }

  const bad: [typed: string, code: string, says: RegExp][] = [
    ['', 'jid-empty', /is needed/],
    ['@', 'jid-local-empty', /name before the @ is missing/],
    ['a@', 'jid-domain-empty', /domain after the @ is missing/],
    ['@b', 'jid-local-empty', /name before the @ is missing/],
    ['a@b/', 'jid-resource-empty', /nothing follows the slash/],
    ['a b@c', 'jid-local-space', /space in the name before the @/],
    [' anna@example.org', 'jid-local-space', /space/],
    ['anna@example.org ', 'jid-domain-space', /space in the domain/],
    ['a@b@c', 'jid-domain-at', /more than one @/],
    ['a\u0000@c', 'jid-local-control', /control character/],
    ['a\u0007b@c', 'jid-local-control', /control character/],
    ['a@c\u0001', 'jid-domain-control', /control character/],
    ['a@c/\u0001', 'jid-resource-control', /control character/],
    ["o'neil@example.org", 'jid-local-character', /' is not allowed/],
    ['a:b@example.org', 'jid-local-character', /: is not allowed/],
    ['a<b@example.org', 'jid-local-character', /< is not allowed/],
    ['☃@example.org', 'jid-local-character', /neither a letter nor a digit/],
    [`${'a'.repeat(1024)}@example.org`, 'jid-local-long', /longer than 1023 bytes/],
    [`${'ü'.repeat(512)}@example.org`, 'jid-local-long', /longer than 1023 bytes/],
    [`a@example.org/${'r'.repeat(1024)}`, 'jid-resource-long', /longer than 1023 bytes/],
    [`a@${'d'.repeat(64)}.org`, 'jid-domain', /domain/],
    [`a@${Array.from({ length: 30 }, () => 'abcdefghi').join('.')}`, 'jid-domain', /domain/],
    ['a@b..c', 'jid-domain', /two dots/],
    ['a@.b', 'jid-domain', /two dots side by side, or a dot in front/],
    ['a@-b.org', 'jid-domain', /domain/],
    ['a@example.org:5222', 'jid-domain-port', /no port/],
    ['a@2001:db8::1', 'jid-domain-address', /brackets/],
    ['a@[2001:db8::1', 'jid-domain-address', /brackets/],
    ['a@[1.2.3.4]', 'jid-domain-address', /not an IPv6 address/],
    ['a@[fe80::1%eth0]', 'jid-domain-address', /not an IPv6 address/],
    ['a@192.168.1', 'jid-domain-address', /not a complete one/],
    ['a@exa<mple.org', 'jid-domain', /domain/],
  ];
  for (const [typed, code, says] of bad) {
    it(`refuses ${JSON.stringify(typed.slice(0, 40))} as ${code}`, () => {
      assert.throws(
        () => parseJid(typed),
        (error) => {
          assert.ok(error instanceof JidError);
          assert.ok(error.code.startsWith(code), `${error.code}: ${error.message}`);
          assert.match(error.message, says);
          assert.doesNotMatch(error.message, /\p{Cc}/u);
          assert.ok(error.message.length < 300);
          return true;
        },
      );
    });
  }
});
