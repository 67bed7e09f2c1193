import assert from 'node:assert/strict';
import type { Element } from '@xmpp/client';
import { IncomingContacts, pairingUri } from '../../../../src/xmpp/contacts/incoming-contacts';
import { readRoster, showOf } from '../../../../src/xmpp/contacts/roster';
import { reader } from '../parse';

describe('pairing, contacts and topics by XMPP', () => {
  let read: (xml: string) => Element;
  const now = Date.parse('2026-11-25T12:00:00Z');
  before(async () => {
    read = await reader();
  });

  const said = (from: string, body: string, more = '', type = 'chat') =>
    read(`<message from='${from}' type='${type}'><body>${body}</body>${more}</message>`);

  function listen(...stanzas: Element[]): string[] {
    const pairing = new IncomingContacts('bot@example.org', () => now);
    for (const stanza of stanzas) pairing.take(stanza);
    return pairing.list.map(({ jid, text }) => `${jid} ${text}`);
  }

  it('offers whoever writes, newest first, each once, with the beginning of what was said', () => {
    const list = listen(
      said('anna@example.org/phone', 'hello'),
      said('Ben@Example.org/x', `a\n  b ${'c'.repeat(500)}`),
      said('anna@example.org/tablet', 'me again'),
    );
    assert.equal(list[0], 'anna@example.org me again');
    assert.match(list[1] ?? '', /^ben@example\.org a b c+$/);
    assert.equal(list.length, 2);
    assert.ok((list[1] ?? '').length < 200);
  });

  it('offers who wants to be a contact, and who writes encrypted', () => {
    const omemo = `<message from='cleo@example.org/x' type='chat'><encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='1'/><payload>AA==</payload></encrypted><body>you have no OMEMO</body></message>`;
    assert.deepEqual(listen(read("<presence type='subscribe' from='dan@example.org'/>"), read(omemo)), [
      'cleo@example.org ',
      'dan@example.org ',
    ]);
  });

  it('offers nobody for what is no message to the account', () => {
    const old = "<delay xmlns='urn:xmpp:delay' stamp='2026-11-25T11:49:00Z'/>";
    assert.deepEqual(
      listen(
        said('bot@example.org/other', 'me'),
        said('example.org', 'maintenance tonight'),
        said('anna@example.org/phone', 'last week', old),
        said('room@conference.example.org/anna', 'hi', '', 'groupchat'),
        said('anna@example.org/phone', 'no', '', 'error'),
        read("<presence from='anna@example.org/phone'/>"),
      ),
      [],
    );
  });

  it('keeps the newest twenty', () => {
    const many = Array.from({ length: 50 }, (_, i) => said(`n${i}@example.org/x`, 'hi'));
    const list = listen(...many);
    assert.equal(list.length, 20);
    assert.equal(list[0], 'n49@example.org hi');
  });

  it('makes a link that clients open', () => {
    assert.equal(pairingUri('bot@example.org'), 'xmpp:bot@example.org?message');
    assert.equal(pairingUri('a?b#c%d@example.org'), 'xmpp:a%3Fb%23c%25d@example.org?message');
    assert.equal(pairingUri('bö@example.org'), 'xmpp:b%C3%B6@example.org?message');
  });

  it('reads a roster: sorted, bounded, without gateways and what is no address', () => {
    const item = (attributes: string) => `<item ${attributes}/>`;
    const roster = read(
      `<iq type='result'><query xmlns='jabber:iq:roster'>${[
        item("jid='zoe@example.org' name='Ada &lt;b&gt;'"),
        item("jid='ben@example.org/phone'"),
        item("jid='icq.example.org'"),
        item("name='nobody'"),
        item("jid='gone@example.org' subscription='remove'"),
      ].join('')}</query></iq>`,
    );
    assert.deepEqual(readRoster(roster), [
      { jid: 'zoe@example.org', name: 'Ada <b>', tells: false },
      { jid: 'ben@example.org', name: '', tells: false },
    ]);
    const many = Array.from({ length: 2_000 }, (_, i) => item(`jid='n${i}@example.org'`)).join('');
    const long = read(`<iq type='result'><query xmlns='jabber:iq:roster'>${many}</query></iq>`);
    assert.equal(readRoster(long).length, 500);
    assert.deepEqual(readRoster(read("<iq type='result'/>")), []);
  });

  it('tells who is there', () => {
    const show = (xml: string) => showOf(read(xml))?.show;
    assert.equal(show("<presence from='a@b/c'/>"), 'available');
    assert.equal(show("<presence from='a@b/c'><show>dnd</show></presence>"), 'dnd');
    assert.equal(show("<presence from='a@b/c'><show>&lt;b&gt;</show></presence>"), 'available');
    assert.equal(show("<presence from='a@b/c' type='unavailable'/>"), '');
    assert.equal(show("<presence from='a@b/c' type='subscribe'/>"), undefined);
  });
});
