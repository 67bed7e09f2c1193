import assert from 'node:assert/strict';
import { RecipientKinds } from '../../../../src/xmpp/rooms/recipient-kinds';
import { OutStanzas } from '../out-stanzas';

const INFO = 'http://jabber.org/protocol/disco#info';

describe('kinds: a room or a person', () => {
  async function setUp(identities: Record<string, string>) {
    const session = await OutStanzas.make();
    const { xml } = session;
    for (const [jid, identity] of Object.entries(identities)) {
      const [category = '', type = ''] = identity.split('/');
      session.answers.set(`${jid} ${INFO}`, () =>
        xml('iq', { type: 'result' }, xml('query', { xmlns: INFO }, xml('identity', { category, type }))),
      );
    }
    return { session, kinds: new RecipientKinds(session) };
  }

  const CASES: [name: string, jid: string, identities: Record<string, string>, kind: string][] = [
    ['a room', 'r@muc.example.org', { 'r@muc.example.org': 'conference/text' }, 'groupchat'],
    ['a person', 'p@other.example', { 'p@other.example': 'account/registered' }, 'chat'],
    [
      'a room that is not there yet',
      'n@muc.example.org',
      { 'muc.example.org': 'conference/text' },
      'groupchat',
    ],
    [
      'an IRC channel of a gateway: it was taken for a person, and what was said there was lost',
      '#dinox%irc.example.net@irc.example.org',
      { '#dinox%irc.example.net@irc.example.org': 'conference/irc', 'irc.example.org': 'conference/irc' },
      'groupchat',
    ],
    [
      'somebody behind that gateway, of whom it says nothing',
      'anna%irc.example.net@irc.example.org',
      { 'irc.example.org': 'conference/irc' },
      'chat',
    ],
    [
      'somebody behind another gateway',
      '49@sms.example.org',
      { '49@sms.example.org': 'client/sms', 'sms.example.org': 'gateway/sms' },
      'chat',
    ],
    ['who is not told by anybody', 'x@other.example', {}, 'chat'],
  ];
  for (const [name, jid, identities, kind] of CASES) {
    it(`${name}: ${kind}`, async () => {
      const { kinds } = await setUp(identities);
      assert.equal(await kinds.of(jid), kind);
    });
  }

  it('asks once of each that tells', async () => {
    const { session, kinds } = await setUp({ 'r@muc.example.org': 'conference/irc' });
    await kinds.of('r@muc.example.org');
    assert.equal(kinds.peek('r@muc.example.org'), 'groupchat');
    await kinds.of('r@muc.example.org');
    assert.equal(session.asked.length, 1);
  });
});
