import assert from 'node:assert/strict';
import { messageStanza, type Outgoing } from '../../../../src/xmpp/sending/message-stanza';
import type { Xml } from '../../../../src/xmpp/stanzas';

describe('message stanzas', () => {
  let xml: Xml;
  before(async () => {
    ({ xml } = await import('@xmpp/client'));
  });
  const made = (more: Partial<Outgoing>): string =>
    messageStanza(xml, { id: 'i1', to: 'anna@example.org', kind: 'chat', ...more }).toString();

  it('a plain one: id and origin-id', () => {
    assert.equal(
      made({ body: 'a < b' }),
      '<message to="anna@example.org" type="chat" id="i1"><body>a &lt; b</body><origin-id xmlns="urn:xmpp:sid:0" id="i1"/></message>',
    );
  });

  it('receipt and marker are asked of persons and for bodies only', () => {
    const asks = /<request xmlns="urn:xmpp:receipts"\/><markable xmlns="urn:xmpp:chat-markers:0"\/>/;
    assert.match(made({ body: 'x', receipt: true }), asks);
    assert.doesNotMatch(made({ body: 'x', receipt: true, kind: 'groupchat' }), /receipts|markers/);
    assert.doesNotMatch(made({ chatState: 'composing', receipt: true }), /receipts|markers/);
  });

  it('correction, thread, subject, state, hints and file', () => {
    const text = made({
      body: 'https://x.example/a.png',
      subject: 'S',
      thread: 't1',
      replaces: 'old',
      chatState: 'active',
      hints: ['no-store', 'urgent', 'no-store'],
      file: { url: 'https://x.example/a.png' },
    });
    for (const part of [
      '<subject>S</subject><body>https://x.example/a.png</body><thread>t1</thread>',
      '<replace xmlns="urn:xmpp:message-correct:0" id="old"/>',
      '<x xmlns="jabber:x:oob"><url>https://x.example/a.png</url></x>',
      '<active xmlns="http://jabber.org/protocol/chatstates"/>',
      '<header name="Urgency">high</header></headers><attention xmlns="urn:xmpp:attention:0"/>',
    ]) {
      assert.ok(text.includes(part), part);
    }
    assert.equal(text.split('no-store').length, 2);
  });
});
