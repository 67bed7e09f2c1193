/** Kind: our normalisation is taken for the server's. And: what names nobody is left out, with a word. */

import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import type { Element } from '@xmpp/client';
import { words } from '../../../../src/base/catalogue';
import { inEnglish } from '../../../../src/base/english';
import { Admission } from '../../../../src/xmpp/session/admission';
import { CanonicalJids, looseForm } from '../../../../src/xmpp/session/canonical-jids';
import { StanzaError, type Xml } from '../../../../src/xmpp/stanzas';
import { FakeClock } from '../../transport/fake-clock';
import { reader } from '../parse';

const [OWN, FRIEND, ITS] = ['bot@example.org', 'straße@example.org', 'strasse@example.org'];

describe('JIDs as the server writes them', () => {
  let xml: Xml;
  let parse: Awaited<ReturnType<typeof reader>>;
  let asked: string[];
  before(async () => {
    ({ xml } = await import('@xmpp/client'));
    parse = await reader();
  });

  /** @param answers who answers for an address; empty: nobody does. */
  function made(answers: (to: string) => string): { jids: CanonicalJids; got: Element[] } {
    asked = [];
    const ask = async (iq: Element): Promise<Element> => {
      const { to = '' } = iq.attrs;
      asked.push(to);
      await turn();
      const from = answers(to);
      const stanza = xml('iq', { type: 'error', from });
      if (from === '') throw new Error('no answer');
      throw new StanzaError('service-unavailable', 'cancel', words('not here'), stanza);
    };
    const jids = new CanonicalJids(
      ask,
      () => Promise.resolve(xml),
      () => 0,
    );
    jids.own(OWN, 'example.org', `${OWN}/node-red`);
    jids.expect(FRIEND);
    return { jids, got: [] };
  }

  async function senders(answers: (to: string) => string, ...stanzas: string[]): Promise<string[]> {
    const { jids, got } = made(answers);
    for (const one of stanzas) {
      const stanza = parse(one);
      jids.admit(stanza, () => got.push(stanza));
    }
    for (let n = 0; n < 12; n++) await turn();
    return got.map(({ attrs }) => attrs.from ?? '');
  }
  const from = (jid: string) => `<message from='${jid}'><body>x</body></message>`;

  const prosody = (to: string) => looseForm(to.split('/')[0] ?? '');
  const precis = (to: string) => (to.includes('\u00AD') ? 'example.org' : to);

  it('a server that answers in its own form is asked once, and what came meanwhile keeps its order', async () => {
    const all = [`${ITS}/a`, `${ITS}/b`, 'ben@example.org/c', `${ITS}/d`];
    assert.deepEqual(await senders(prosody, ...all.map(from)), [
      'ben@example.org/c',
      `${FRIEND}/a`,
      `${FRIEND}/b`,
      `${FRIEND}/d`,
    ]);
    assert.deepEqual(asked, [FRIEND]);
  });

  it('one that repeats what it was asked: by what it does with our own address, also for who is away', async () => {
    const ejabberd = (to: string) => (to.includes('\u00AD') ? `${OWN}/node-red` : to);
    assert.deepEqual(await senders(ejabberd, from(ITS)), [FRIEND]);
  });

  it('another server, by who answers at the device', async () => {
    const far = 'straße@far.example';
    const { jids, got } = made((to) => (to === `${far}/a` ? 'strasse@far.example/a' : precis(to)));
    jids.expect(far);
    const stanza = parse(from('strasse@far.example/a'));
    jids.admit(stanza, () => got.push(stanza));
    for (let n = 0; n < 12; n++) await turn();
    assert.equal(got[0]?.attrs.from, `${far}/a`);
  });

  it('where both are people, each is who they are; nobody answers for others', async () => {
    for (const answers of [precis, () => '', () => 'mallory@evil.example', () => 'strasse@evil.example']) {
      assert.deepEqual(await senders(answers, from(`${ITS}/a`), from(FRIEND), from(`${ITS}/b`)), [
        FRIEND,
        `${ITS}/a`,
        `${ITS}/b`,
      ]);
    }
  });

  it('copies, rooms and ids too; and nobody is asked about who cannot be meant', async () => {
    const { jids } = made(prosody);
    const stanza =
      parse(`<message from='${OWN}'><received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>
      <message from='${ITS}/a' to='${OWN}'><body>${ITS}</body></message></forwarded></received>
      <x xmlns='http://jabber.org/protocol/muc#user'><item jid='${ITS}/b'/></x></message>`);
    await new Promise<void>((resolve) => jids.admit(stanza, resolve));
    const text = String(stanza);
    assert.equal(text.split(FRIEND).length, 3, text);
    assert.ok(text.includes(`<body>${ITS}</body>`), 'what is said stays as it is');
    asked = [];
    for (const other of ['strasse@example.com/a', 'ben@example.org', 'example.org']) {
      let handed = false;
      jids.admit(parse(from(other)), () => (handed = true));
      assert.ok(handed, other);
    }
    assert.deepEqual(asked, []);
  });

  it('a domain, and our own account', () => {
    const { jids } = made(prosody);
    assert.equal(
      jids.own('größe@straße.example', 'straße.example', 'grösse@strasse.example/x'),
      'größe@straße.example/x',
    );
    assert.equal(jids.typed('anna@strasse.example/y'), 'anna@straße.example/y');
    assert.equal(jids.typed('anna@example.org'), 'anna@example.org');
  });

  it('what names nobody is left out; the log hears of it once an hour, with the number', () => {
    const clock = new FakeClock();
    const notices: string[] = [];
    const admission = new Admission(clock, (said) => notices.push(inEnglish(said)));
    const admits = (jid: string) => admission.admits(xml('message', { from: jid }));
    for (let n = 0; n < 3; n++) assert.ok(!admits('bob@localhost#.evil.test/x'));
    assert.ok(admits('bob@localhost/x') && admission.admits(xml('message', {})));
    clock.advance(3_600_000);
    assert.ok(!admits('a\u0007@b'));
    assert.equal(notices.length, 2);
    assert.match(
      notices[0] ?? '',
      /^A message from "bob@localhost#\.evil\.test\/x" was skipped: this is not a JID/,
    );
    assert.match(notices[1] ?? '', /was skipped, the last of 3:/);
    assert.doesNotMatch(notices.join(''), /\p{Cc}/u);
  });
});
