import assert from 'node:assert/strict';
import { readBookmarks } from '../../../../src/xmpp/contacts/bookmarks';
import { PresenceList } from '../../../../src/xmpp/contacts/presence';
import { OutStanzas, turns } from '../out-stanzas';

describe('xmpp: who is there', () => {
  it('tells of several devices the one that is looked at, and forgets with a new session', async () => {
    const stanzas = await OutStanzas.make();
    const presences = new PresenceList(stanzas);
    const { xml } = stanzas;
    const come = (from: string, show?: string, attributes: object = {}, ...more: ReturnType<typeof xml>[]) =>
      stanzas.receive(
        xml('presence', { from, ...attributes }, ...(show ? [xml('show', {}, show)] : []), ...more),
      );
    const anna = () => presences.showOf('anna@example.org');
    come('anna@example.org/phone', 'xa');
    come('anna@example.org/desk');
    assert.equal(anna(), 'available');
    come('anna@example.org/desk', undefined, { type: 'unavailable' });
    assert.equal(anna(), 'xa');
    come('anna@example.org', undefined, { type: 'unavailable' });
    assert.equal(anna(), '');
    come(
      'team@rooms.example.org/anna',
      'away',
      {},
      xml('x', { xmlns: 'http://jabber.org/protocol/muc#user' }),
    );
    assert.equal(presences.showOf('team@rooms.example.org'), '', 'in a room there are nicks');
    come('anna@example.org/phone', 'made-up');
    assert.equal(anna(), 'available');
    const online = { phase: 'online', jid: 'bot@example.org/x', where: '' } as const;
    stanzas.become({ ...online, resumed: true });
    assert.equal(anna(), 'available');
    stanzas.become({ ...online, resumed: false });
    assert.equal(anna(), '');
  });

  it('keeps contacts, whatever number of strangers comes before them or behind', async () => {
    const stanzas = await OutStanzas.make();
    const presences = new PresenceList(stanzas);
    const { xml } = stanzas;
    const come = (from: string, type?: string) =>
      stanzas.receive(xml('presence', { from, ...(type && { type }) }));
    const crowd = (name: string, count: number) => {
      for (let at = 0; at < count; at += 1) come(`${name}${at}@elsewhere.example/x`);
    };
    const shows = (...names: string[]) => names.map((name) => presences.showOf(`${name}@example.org`) !== '');
    const item = (name: string) => xml('item', { jid: `${name}@example.org`, subscription: 'both' });
    const query = { xmlns: 'jabber:iq:roster' };
    stanzas.answers.set('undefined jabber:iq:roster', () =>
      xml('iq', {}, xml('query', query, item('anna'), item('late'))),
    );
    crowd('few', 200);
    await turns();
    assert.equal(stanzas.asked.length, 0, 'nobody is asked as long as there is room for all');
    crowd('more', 900);
    come('anna@example.org/phone');
    await turns();
    crowd('flood', 5_000);
    come('late@example.org/phone');
    assert.deepEqual(shows('anna', 'late'), [true, true]);
    assert.equal(stanzas.asked.length, 1);
    assert.deepEqual(
      ['few199', 'more0', 'flood0'].map((name) => presences.showOf(`${name}@elsewhere.example`) !== ''),
      [true, false, false],
    );
    const push = (from: string | undefined, subscription: string) =>
      presences.pushed(
        xml(
          'iq',
          { type: 'set', ...(from && { from }) },
          xml('query', query, xml('item', { jid: 'new@example.org', subscription })),
        ),
      );
    push('mallory@elsewhere.example', 'both');
    come('new@example.org/phone');
    assert.deepEqual(shows('new'), [false], 'only the account makes a contact of somebody');
    push(undefined, 'both');
    come('new@example.org/phone');
    assert.deepEqual(shows('new'), [true]);
    push('bot@example.org', 'remove');
    assert.deepEqual(shows('new', 'anna'), [false, true]);
    come('anna@example.org/phone', 'unavailable');
    assert.deepEqual(shows('anna'), [false]);
  });

  it('a server that does not say who is a contact is asked a few times, and those who came first are kept', async () => {
    const stanzas = await OutStanzas.make();
    const presences = new PresenceList(stanzas);
    for (let at = 0; at < 3_000; at += 1) {
      stanzas.receive(stanzas.xml('presence', { from: `u${at}@example.org/x` }));
      if (at % 100 === 0) await turns(2);
    }
    assert.ok(stanzas.asked.length > 1 && stanzas.asked.length <= 10, `${stanzas.asked.length}`);
    assert.notEqual(presences.showOf('u1999@example.org'), '');
  });

  it('reads both kinds of bookmarks, each room once', async () => {
    const { xml } = await OutStanzas.make();
    const item = (id: string, name: string) =>
      xml('item', { id }, xml('conference', { xmlns: 'urn:xmpp:bookmarks:1', name }));
    const native = xml(
      'iq',
      {},
      xml(
        'pubsub',
        { xmlns: 'http://jabber.org/protocol/pubsub' },
        xml('items', {}, item('Team@rooms.example.org', 'Team'), item('no address', 'x')),
      ),
    );
    const kept = (jid: string) => xml('conference', { jid, name: 'Kept\u0000' });
    const stored = xml(
      'iq',
      {},
      xml(
        'query',
        { xmlns: 'jabber:iq:private' },
        xml(
          'storage',
          { xmlns: 'storage:bookmarks' },
          kept('team@rooms.example.org'),
          kept('kept@rooms.example.org'),
        ),
      ),
    );
    assert.deepEqual(readBookmarks(native, stored), [
      { jid: 'team@rooms.example.org', name: 'Team' },
      { jid: 'kept@rooms.example.org', name: 'Kept' },
    ]);
    assert.deepEqual(readBookmarks(undefined, undefined), []);
  });
});
