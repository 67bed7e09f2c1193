/** What a PubSub service says, read from the XML that real ones send. */
import assert from 'node:assert/strict';
import type { Element } from '@xmpp/client';
import {
  affiliatedNodes,
  eventsOf,
  itemsOf,
  keepsItems,
  nodesOf,
  unsubscribedNodes,
} from '../../../../src/xmpp/pubsub/answers';
import { contentOf, payloadElement } from '../../../../src/xmpp/pubsub/payload';
import { reader } from '../parse';

const EVENT = 'http://jabber.org/protocol/pubsub#event';

describe('PubSub answers', () => {
  let read: (xml: string) => Element;

  before(async () => {
    read = await reader();
  });

  const event = (content: string, attributes = "to='a@x'", beside = ''): ReturnType<typeof eventsOf> =>
    eventsOf(
      read(
        `<message from='pubsub.x' type='headline' ${attributes}><event xmlns='${EVENT}'>${content}</event>${beside}</message>`,
      ),
    );

  it('items with their content, in order', () => {
    const [one] = event(
      "<items node='home/x'><item id='1' publisher='b@x'><json xmlns='urn:xmpp:json:0'>1</json></item><item id='2'/></items>",
    );
    assert.deepEqual(one, {
      kind: 'items',
      node: 'home/x',
      kept: false,
      items: [{ id: '1', publisher: 'b@x', content: { type: 'json', text: '1' } }, { id: '2' }],
    });
  });

  it('items that are kept: with the time of their publication, or for one resource', () => {
    const items = "<items node='n'><item id='1'/></items>";
    const delay = "<delay xmlns='urn:xmpp:delay' stamp='2026-11-30T05:08:16Z'/>";
    const kept = (found: ReturnType<typeof eventsOf>): unknown => found[0]?.kind === 'items' && found[0].kept;
    assert.equal(kept(event(items)), false);
    assert.equal(kept(event(items, "to='a@x'", delay)), true);
    assert.equal(kept(event(items, "to='a@x/r'")), true, 'ejabberd, because of a presence');
    const pep = `<message from='b@x' to='a@x/r'><event xmlns='${EVENT}'>${items}</event></message>`;
    assert.equal(kept(eventsOf(read(pep))), false, 'personal eventing goes to resources');
  });

  it('retracted items, a purge and a deletion', () => {
    assert.deepEqual(event("<items node='n'><retract id='1'/><retract/></items>"), [
      { kind: 'retract', node: 'n', ids: ['1'] },
    ]);
    assert.deepEqual(event("<purge node='n'/>"), [{ kind: 'purge', node: 'n' }]);
    assert.deepEqual(event("<delete node='n'/>"), [{ kind: 'delete', node: 'n' }]);
  });

  for (const [what, content] of [
    ['no node', "<items><item id='1'/></items>"],
    ['an empty node', "<items node=''><item id='1'/></items>"],
    ['a name longer than any', `<items node='${'x'.repeat(1_024)}'><item id='1'/></items>`],
    ['no item', "<items node='n'/>"],
    ['another element', "<configuration node='n'/>"],
    ['an element of another namespace', "<items xmlns='urn:x' node='n'><item id='1'/></items>"],
    ['text', 'x'],
  ] as const) {
    it(`nothing: ${what}`, () => assert.deepEqual(event(content), []));
  }

  it('nothing in an error, and in a message that is none', () => {
    const content = `<event xmlns='${EVENT}'><purge node='n'/></event>`;
    assert.deepEqual(eventsOf(read(`<message from='pubsub.x' type='error'>${content}</message>`)), []);
    assert.deepEqual(eventsOf(read("<message from='pubsub.x'><body>x</body></message>")), []);
  });

  it('lists of nodes, bounded, and without what may not be read', () => {
    const items = "<item jid='pubsub.x' node='a'/><item jid='pubsub.x' node='b'/><item jid='pubsub.x'/>";
    const disco = read(`<iq><query xmlns='http://jabber.org/protocol/disco#items'>${items}</query></iq>`);
    assert.deepEqual([...nodesOf(disco, 10)], ['a', 'b']);
    assert.deepEqual([...nodesOf(disco, 1)], ['a']);
    const own = ['owner', 'outcast', 'none', 'publisher']
      .map((affiliation) => `<affiliation node='${affiliation}' affiliation='${affiliation}'/>`)
      .join('');
    const list = `<iq><pubsub xmlns='http://jabber.org/protocol/pubsub'><affiliations>${own}</affiliations></pubsub></iq>`;
    assert.deepEqual([...affiliatedNodes(read(list), 10)], ['owner', 'publisher']);
  });

  it('whether a node keeps its items', () => {
    const settings = (field: string): Element =>
      read(
        `<iq><pubsub xmlns='http://jabber.org/protocol/pubsub#owner'><configure node='n'><x xmlns='jabber:x:data' type='form'>${field}</x></configure></pubsub></iq>`,
      );
    const persist = (value: string): string =>
      `<field var='pubsub#persist_items' type='boolean'><value>${value}</value></field>`;
    assert.deepEqual(
      ['1', 'true', '0', 'false'].map((value) => keepsItems(settings(persist(value)))),
      [true, true, false, false],
    );
    assert.equal(keepsItems(settings('')), undefined);
    assert.equal(keepsItems(read('<iq/>')), undefined);
  });

  it('payloads that are written as the bridge reads them, and read back', async () => {
    const { xml } = await import('@xmpp/client');
    for (const type of ['json', 'utf8', 'atom_title'] as const) {
      const item = xml('item', { id: '1' }, payloadElement(xml, { type, text: '<22 °C> & "x"' }));
      assert.deepEqual(contentOf(read(item.toString())), { type, text: '<22 °C> & "x"' });
    }
    assert.equal(
      payloadElement(xml, { type: 'atom_title', text: 'x' }).toString(),
      '<entry xmlns="http://www.w3.org/2005/Atom"><title type="text">x</title></entry>',
    );
  });

  it('what another session of the account has unsubscribed from, at this service only', () => {
    const said = (attributes: string, content: string, type = 'headline'): string[] =>
      unsubscribedNodes(
        read(
          `<message from='a@x/1' type='${type}'><unsubscribed xmlns='urn:dinox-nr:unsubscribed:0' ${attributes}>${content}</unsubscribed></message>`,
        ),
        'pubsub.x',
      );
    const names = '<node>home/x</node><node>a&amp;b</node><other>c</other>';
    assert.deepEqual(said("service='pubsub.x'", names), ['home/x', 'a&b']);
    assert.deepEqual(said("service='pubsub.y'", names), []);
    assert.deepEqual(said('', names), []);
    assert.deepEqual(said("service='pubsub.x'", names, 'error'), []);
    assert.deepEqual(
      unsubscribedNodes(read("<message from='a@x/1'><body>x</body></message>"), 'pubsub.x'),
      [],
    );
  });

  it('any other payload as XML text', () => {
    const answer = read(
      "<iq><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='n'><item id='1'><a xmlns='urn:x'><b>&lt;</b></a></item></items></pubsub></iq>",
    );
    assert.deepEqual(itemsOf(answer), [
      { id: '1', content: { type: 'xml', text: '<a xmlns="urn:x"><b>&lt;</b></a>' } },
    ]);
  });
});
