import assert from 'node:assert/strict';
import { readBookmarks } from '../../../src/xmpp/bookmarks';
import { Presences } from '../../../src/xmpp/presences';
import { OutStanzas } from './out-stanzas';

describe('xmpp: who is there', () => {
  it('tells of several devices the one that is looked at, and forgets with a new session', async () => {
    const stanzas = await OutStanzas.make();
    const presences = new Presences(stanzas);
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
    for (let at = 0; at < 3_000; at += 1) come(`u${at}@example.org/x`);
    assert.deepEqual(
      [presences.showOf('u1999@example.org'), presences.showOf('u2999@example.org')],
      ['available', ''],
    );
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
