/**
 * Kind: a parser for something that only looks like it. JIDs are held against the grammar of RFC 7622, written down here
 * a second time, character by character, from the standards and not from the code.
 */
import assert from 'node:assert/strict';
import { addressOf } from '../../../src/xmpp/addresses';
import { parseJid } from '../../../src/xmpp/jid';
import { asciiDomain } from '../../../src/xmpp/jid-grammar';
import { seeded } from '../../support/seeded';

/** What a character becomes in a part; undefined: no part may hold it. */
interface Sign {
  /** RFC 7622 §3.3, UsernameCaseMapped (RFC 8265 §3.3) without the eight that §3.3.1 takes out. */
  local: string | undefined;
  /** RFC 7622 §3.2: NR-LDH and U-labels (RFC 5890 §2.3.2.3) after the mapping of §3.2.1; `_` as names at home have it. */
  domain: string | undefined;
  /** RFC 7622 §3.4, OpaqueString (RFC 8265 §4.2). */
  resource: string | undefined;
}

const SIGNS = new Map<string, Sign>();
function signs(
  chars: Iterable<string>,
  local: boolean | string,
  domain: boolean | string,
  resource: boolean | string,
) {
  const of = (what: boolean | string, char: string) =>
    what === true ? char : what === false ? undefined : what;
  for (const char of chars) {
    SIGNS.set(char, { local: of(local, char), domain: of(domain, char), resource: of(resource, char) });
  }
}
signs('abcdefghijklmnopqrstuvwxyz0123456789_', true, true, true);
signs('-.', true, true, true);
signs('\u3002', false, '.', true);
for (const char of 'BLO') signs(char, char.toLowerCase(), char.toLowerCase(), true);
// VCHAR that a localpart may hold and a domain may not: where a URL's host would end, or be decoded.
signs('#?%\\!$()*+,;=[]^`{|}~', true, false, true);
// The eight of RFC 7622 §3.3.1 (`/` and `@` take a JID apart, and stand below).
signs('"&\':<>', false, false, true);
signs(' ', false, false, true);
signs('\u00A0\u3000', false, false, ' ');
signs('\u0000\t\n\u007F\u0085\uFFFE', false, false, false);
// Letters and digits beyond ASCII, unchanged.
signs('éßςü日ñ٣', true, true, true);
signs('É', 'é', 'é', true);
// Fullwidth ones are mapped to the narrow ones first (RFC 8265 §3.3.2, RFC 7622 §3.2.1).
signs('ｂ', 'b', 'b', true);
signs('＃％', '#', false, true);
SIGNS.set('％', { local: '%', domain: undefined, resource: '％' });
signs('／＠', false, false, true);
// Compatibility forms, symbols and what nobody sees (RFC 8264 §9.17, §9.13; RFC 5892 §2.2, §2.3); a resource we take
// as the server does, also with what nobody sees.
signs('①ſﬁ', false, false, true);
signs('☃', false, false, true);
signs('\u00AD\u200B\u2060\uFEFF', false, false, true);

interface Reading {
  local: string;
  domain: string;
  resource: string;
}

/** What the standard makes of a text; undefined: it is no JID. */
function readingOf(text: string): Reading | undefined {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const at = address.indexOf('@');
  const resource = slash < 0 ? '' : mapped(text.slice(slash + 1), 'resource');
  const local = at < 0 ? '' : mapped(address.slice(0, at), 'local');
  let name = mapped(address.slice(at + 1), 'domain');
  if (resource === undefined || local === undefined || name === undefined) return undefined;
  if ((slash >= 0 && resource === '') || (at >= 0 && local === '')) return undefined;
  if (name.endsWith('.')) name = name.slice(0, -1);
  const labels = name.split('.');
  if (!labels.every(isLabel) || /^(\d+|0x[\da-f]*)$/.test(labels.at(-1) ?? '')) return undefined;
  return { local: local.normalize('NFC'), domain: name, resource: resource.normalize('NFC') };
}

function mapped(part: string, where: keyof Sign): string | undefined {
  let result = '';
  for (const char of part) {
    const isMark = char === '/' || char === '@';
    const becomes = isMark && where === 'resource' ? char : SIGNS.get(char)?.[where];
    if (becomes === undefined) return undefined;
    result += becomes;
  }
  return result;
}

function isLabel(label: string): boolean {
  if (label === '' || label.length > 63 || label.startsWith('-') || label.endsWith('-')) return false;
  const isAscii = /^[\0-\x7F]*$/.test(label);
  if (label.startsWith('xn--')) return false;
  return isAscii || label.slice(2, 4) !== '--';
}

/** Few plain letters, so that the odd ones are often there. */
const ALPHABET = [...SIGNS.keys(), '/', '@'].filter((char) => !/[d-wyz2-9]/.test(char));
const PIECES = ['bob', '@', 'localhost', '/', '.', '#', '%65', 'phone', 'evil.test', 'xn--'];

describe('JIDs by their own grammar (RFC 7622)', () => {
  const random = seeded(7622);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const texts: string[] = [];
  for (let n = 0; n < 15_000; n++) {
    let text = '';
    const often = random();
    for (let length = 1 + Math.floor(random() * 8); length > 0; length--) {
      text += random() < often ? pick(PIECES) : pick(ALPHABET);
    }
    texts.push(text);
  }
  // One odd sign in every place of an address that is right.
  for (const sign of ALPHABET) {
    const whole = 'bob@localhost/x';
    for (let at = 0; at <= whole.length; at++) texts.push(whole.slice(0, at) + sign + whole.slice(at));
  }

  it('takes what the standard takes, refuses what it refuses, and reads it the same way', () => {
    let taken = 0;
    for (const text of texts) {
      const wanted = readingOf(text);
      let got: Reading | undefined;
      try {
        const { local, domain, resource } = parseJid(text);
        got = { local, domain, resource };
      } catch {}
      // A label that begins with xn-- is the business of the next test.
      if (/xn--/i.test(text.normalize('NFKC'))) continue;
      assert.deepEqual(got, wanted, JSON.stringify(text));
      if (got) taken += 1;
    }
    assert.ok(taken > 1_000 && taken < texts.length - 5_000, `${taken} of ${texts.length} are JIDs`);
  });

  it('nobody is heard as somebody else: what a server wrote is nobody but itself, byte for byte', () => {
    const lower = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
    let known = 0;
    for (const text of texts) {
      const address = addressOf(text);
      if (!address || text.toLowerCase().includes('xn--')) continue;
      known += 1;
      const slash = text.indexOf('/');
      const bare = lower(slash < 0 ? text : text.slice(0, slash));
      assert.equal(address.bare, bare, JSON.stringify(text));
      assert.equal(address.resource, slash < 0 ? '' : text.slice(slash + 1), JSON.stringify(text));
      // What a server wrote has a domain that the standard takes as it is.
      assert.equal(readingOf(bare.slice(bare.indexOf('@') + 1))?.domain, bare.slice(bare.indexOf('@') + 1));
    }
    assert.ok(known > 1_000, `${known}`);
  });

  it('A-labels are U-labels, and only where they are written the one way', () => {
    for (const [ascii, unicode] of [
      ['xn--mnchen-3ya.example', 'münchen.example'],
      ['xn--strae-oqa.example', 'straße.example'],
      ['xn--fiq228c.xn--3xab', '中文.σς'],
      ['xn--ls8h', undefined],
      ['xn--localhost-', undefined],
      ['xn--a', undefined],
      ['xn--99999999999', undefined],
      ['xn--MNCHEN-3ya', 'münchen'],
      ['xn--', undefined],
    ] as const) {
      if (unicode === undefined) {
        assert.throws(() => parseJid(ascii), /is not a JID/, ascii);
        assert.equal(addressOf(`bob@${ascii}`), undefined, ascii);
        continue;
      }
      assert.equal(parseJid(ascii).domain, unicode);
      assert.equal(asciiDomain(unicode), ascii.toLowerCase());
      assert.deepEqual(addressOf(`bob@${ascii}`), { bare: `bob@${unicode}`, resource: '' });
      assert.deepEqual(addressOf(`bob@${unicode}`), { bare: `bob@${unicode}`, resource: '' });
    }
  });

  it('Punycode agrees with the one of Node.js, whatever the letters', () => {
    const letters = [...'abz09éßñς日本語한글абв'];
    const { domainToASCII } = require('node:url') as typeof import('node:url');
    for (let n = 0; n < 2_000; n++) {
      let name = '';
      for (let length = 1 + Math.floor(random() * 12); length > 0; length--) name += pick(letters);
      if (/^\d+$/.test(name) || domainToASCII(name).length > 63) continue;
      assert.equal(asciiDomain(name), domainToASCII(name), name);
      assert.equal(parseJid(domainToASCII(name)).domain, name);
    }
  });
});
