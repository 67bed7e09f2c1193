/** Kind: an address that the program made is read again as text that a person typed. */
import assert from 'node:assert/strict';
import { ADDRESS_RULES } from '../../../src/editor/people/address-rules';
import { listenSettings } from '../../../src/nodes/xmpp-in/config';
import { chatMessage } from '../../../src/runtime/chat/chat-messages';
import { recipientsOf } from '../../../src/runtime/chat/chat-request';
import { typedAddress, writtenAddress } from '../../../src/xmpp/address-text';
import { addressOf } from '../../../src/xmpp/addresses';
import { AllowList } from '../../../src/xmpp/receiving/allow-list';
import type { ChatMessage } from '../../../src/xmpp/receiving/stanza-reader';

const ROOM = 'team@rooms.example.org';
const EVIL = 'mallory@evil.example';

/** What stands in a nick, so that a list, a query, a scheme or another nick could be read out of it. */
const NICKS = [
  `a, ${EVIL}`,
  `a,${EVIL},b`,
  `,${EVIL}`,
  `a;${EVIL}`,
  `a\u2028${EVIL}`,
  `a\u00A0, ${EVIL}`,
  ' a',
  'a ',
  'a  b',
  'a\u00A0b',
  'a\u3000',
  'a?join',
  '?message',
  'a?join;password=x',
  'a%2Cb',
  '%',
  '"a", \'b\'',
  '<a>&b',
  'a/b@c',
  '/',
  'xmpp:b@c.example',
  'e\u0301',
  'ﬁ ﹫①',
  '\u202Eevil',
  '[object Object]',
  '🟠°',
  '*',
];

describe('an address that came from elsewhere goes nowhere else, wherever it passes', () => {
  const addresses = [
    ...NICKS.map((nick) => `${ROOM}/${nick}`),
    ...[
      'a,b@evil.example',
      ';x@gate.example',
      '50%@gate.example',
      '#room%irc@gate.example',
      'a?join@gate.example',
    ],
    ...['anna@example.org', 'anna@example.org/Phone, other', ROOM],
  ];

  for (const address of addresses) {
    it(JSON.stringify(address), () => {
      const { bare, resource } = addressOf(address) ?? assert.fail('a server may write it');
      const message = {
        chat: address,
        to: address,
        from: address,
        bare,
        resource,
        nick: resource,
        kind: 'chat',
      };
      const msg = chatMessage(
        { ...message, type: 'chat', stamp: 0, text: 'x' } as unknown as ChatMessage,
        'x',
        undefined,
      );
      // As Node-RED clones it, as a link to another process and a template hand it on.
      for (const { to, xmpp } of [msg, structuredClone(msg), JSON.parse(JSON.stringify(msg))] as {
        to: string;
        xmpp: { from: string };
      }[]) {
        assert.equal(typeof to, 'string');
        assert.deepEqual(recipientsOf(to), [address], 'alone: a function that makes a new message');
        assert.deepEqual(recipientsOf(`${to}`, xmpp), [address]);
        assert.deepEqual(recipientsOf(xmpp.from, xmpp), [address], 'to where it came from');
        assert.deepEqual(recipientsOf([xmpp.from]), [address], 'in an array');
        assert.deepEqual(recipientsOf([to, to]), [address]);
        assert.deepEqual(recipientsOf(`ben@example.org, ${to}\n${to}`), ['ben@example.org', address]);
        assert.equal(typedAddress(to), address);
        assert.equal(ADDRESS_RULES.recipients(to), undefined, 'the dialog takes it as well');
      }
      if (resource !== '') return;
      const { allow, rooms } = { allow: writtenAddress(bare), rooms: writtenAddress(bare) };
      const list = new AllowList(`${allow} ben@example.org`, 'bot@example.org');
      assert.deepEqual(
        [list.problems, list.bareJids],
        [[], [bare, 'ben@example.org']],
        'chosen from the contacts into who may speak',
      );
      assert.deepEqual(listenSettings({ rooms }).rooms, [bare]);
    });
  }

  it('a plain one stays as it is, and what people type still is a list', () => {
    for (const plain of [
      'anna@example.org',
      ROOM,
      `${ROOM}/Anna Berg`,
      'anna@example.org/Phone.1234',
      `${ROOM}/Jörg`,
    ]) {
      assert.equal(writtenAddress(plain), plain);
    }
    assert.equal(writtenAddress(`${ROOM}/a, ${EVIL}`), `xmpp:${ROOM}/a%2C%20mallory%40evil.example`);
    assert.deepEqual(recipientsOf('Anna@example.org , ben@example.org\nxmpp:team@rooms.example.org?join'), [
      'anna@example.org',
      'ben@example.org',
      ROOM,
    ]);
    assert.deepEqual(recipientsOf(['Anna@Example.org, ben@example.org']), [
      'anna@example.org',
      'ben@example.org',
    ]);
    assert.deepEqual(recipientsOf(`${ROOM}?join`), [ROOM]);
    assert.equal(typedAddress('xmpp:J%C3%96RG@example.org/a%20b?message;body=hi'), 'jörg@example.org/a b');
    assert.equal(typedAddress('xmpp://me@example.org/anna@example.org'), 'anna@example.org');
    assert.throws(() => recipientsOf('xmpp:anna@example.org%23.evil.example'), { code: 'receiver-jid' });
    assert.throws(() => recipientsOf(`${ROOM}, no one`), { code: 'receiver-jid' });
  });
});
