import assert from 'node:assert/strict';
import { inEnglish } from '../../../src/base/english';
import { readRoomPasswords } from '../../../src/chatbridge/room-passwords';

const read = (typed: unknown) => {
  const { passwords, problems } = readRoomPasswords(typed);
  return { passwords: [...passwords], problems: problems.map(inEnglish) };
};

describe('passwords of rooms', () => {
  it('stand behind the room, one a line, and may hold blanks', () => {
    assert.deepEqual(
      read(' House@rooms.example.org   open sesame \r\n\n\txmpp:b@rooms.example.org?join\tp=1,2;3 '),
      {
        passwords: [
          ['house@rooms.example.org', 'open sesame'],
          ['b@rooms.example.org', 'p=1,2;3'],
        ],
        problems: [],
      },
    );
    for (const none of [undefined, null, 7, {}, '', ' \n '])
      assert.deepEqual(read(none), { passwords: [], problems: [] });
  });

  it('that cannot be read are named by their line, and what stands there is not said', () => {
    const { passwords, problems } = read(
      [
        'secret1',
        'a@b.example/nick secret2',
        'a@b.example se\x01cret3',
        'a@b.example yes',
        'A@b.example secret4',
        `c@b.example ${'secret5'.repeat(200)}`,
      ].join('\n'),
    );
    assert.deepEqual(passwords, [['a@b.example', 'yes']]);
    assert.deepEqual(
      problems.map((one) => /\d+/.exec(one)?.[0]),
      ['1', '2', '3', '5', '6'],
    );
    assert.doesNotMatch(problems.join(), /secret/);
  });

  it('are at most fifty', () => {
    const lines = Array.from({ length: 60 }, (_, n) => `r${n}@b.example p${n}`).join('\n');
    const { passwords, problems } = read(lines);
    assert.equal(passwords.length, 50);
    assert.equal(problems.length, 1);
  });
});
