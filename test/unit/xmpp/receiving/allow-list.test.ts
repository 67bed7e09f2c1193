import assert from 'node:assert/strict';
import { AllowList, type Speaker } from '../../../../src/xmpp/receiving/allow-list';

const ACCOUNT = 'bot@example.org';
const ROOM = 'team@rooms.example.org';

function who(jid: string): Speaker {
  const [bare = '', resource = ''] = jid.split('/');
  return { bare, resource };
}

const inRoom = (nick: string, realJid?: string): Speaker => ({
  bare: ROOM,
  resource: nick,
  room: ROOM,
  realJid,
});

const may = (entries: string, speaker: Speaker | string): boolean =>
  new AllowList(entries, ACCOUNT).allows(typeof speaker === 'string' ? who(speaker) : speaker);

describe('who may speak', () => {
  it('by default only the own devices', () => {
    assert.ok(may('', `${ACCOUNT}/phone`));
    assert.ok(!may('', 'anna@example.org/x'));
    assert.ok(!may('', inRoom('bot')));
    assert.ok(new AllowList(' \n', ACCOUNT).onlyOwn);
    assert.ok(new AllowList(ACCOUNT, ACCOUNT).onlyOwn);
  });

  it('listed people, whatever device; with a resource that one only', () => {
    const entries = 'Anna@Example.org, ben@example.net/desk;\nxmpp:cleo@example.org';
    assert.deepEqual(
      ['anna@example.org/x', 'ben@example.net/desk', 'ben@example.net/phone', 'cleo@example.org'].map((jid) =>
        may(entries, jid),
      ),
      [true, true, false, true],
    );
    assert.ok(!may(entries, 'anna@example.org.evil.example/x'));
    assert.ok(!may(entries, 'xanna@example.org/x'));
  });

  it('a whole domain, and nothing below or above it', () => {
    for (const entries of ['example.net', '*@example.net', '@example.net', 'EXAMPLE.net.']) {
      assert.ok(may(entries, 'ben@example.net/x'), entries);
      assert.ok(may(entries, 'example.net'), entries);
      assert.ok(!may(entries, 'ben@sub.example.net/x'), entries);
      assert.ok(!may(entries, 'ben@net/x'), entries);
    }
  });

  it('all in a listed room, and privately too', () => {
    assert.ok(may(ROOM, inRoom('anybody')));
    assert.ok(may('rooms.example.org', inRoom('anybody')));
    assert.ok(!may('other@rooms.example.org', inRoom('anybody')));
  });

  it('in any other room whose JIDs are known who is listed, but never by nick', () => {
    assert.ok(may('anna@example.org', inRoom('x', 'anna@example.org')));
    assert.ok(may('', inRoom('x', ACCOUNT)), 'the own phone');
    assert.ok(!may('anna@example.org', inRoom('x', 'ben@example.org')));
    assert.ok(!may('anna@example.org', inRoom('anna@example.org')));
    assert.ok(!may(`${ROOM}/anna`, inRoom('anna')));
  });

  it('everyone, where that is chosen', () => {
    const everyone = new AllowList('*', ACCOUNT);
    assert.ok(everyone.allows(who('mallory@evil.example/x')) && everyone.allows(inRoom('x')));
    assert.deepEqual([everyone.everyone, everyone.onlyOwn], [true, false]);
  });

  it('names what is no entry', () => {
    const { problems, bareJids } = new AllowList(
      'anna a@@b example.org/x ok@example.org localhost',
      'x@localhost',
    );
    assert.deepEqual(problems, [
      { entry: 'anna', code: 'word' },
      { entry: 'a@@b', code: 'jid' },
      { entry: 'example.org/x', code: 'jid' },
    ]);
    assert.deepEqual(bareJids, ['ok@example.org']);
  });
});
