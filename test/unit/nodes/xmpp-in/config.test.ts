import assert from 'node:assert/strict';
import { ADDRESS_RULES as rules } from '../../../../src/editor/people/address-rules';
import de from '../../../../src/nodes/dinox-broker/locales/de.json';
import en from '../../../../src/nodes/dinox-broker/locales/en-US.json';
import { listenSettings } from '../../../../src/nodes/xmpp-in/config';
import { pattern } from '../../../../src/nodes/xmpp-in/editor/rules';
import { AllowList } from '../../../../src/xmpp/receiving/allow-list';

const problems = (def: Record<string, unknown>) => listenSettings(def).problems.map(({ field }) => field);

describe('fields of xmpp-in', () => {
  it('has defaults for what a flow does not say', () => {
    assert.deepEqual(listenSettings({}), {
      allow: '',
      rooms: [],
      nick: '',
      kind: 'any',
      pattern: undefined,
      addressed: false,
      answerTopics: [],
      actuators: { actuators: [], problems: [] },
      archive: true,
      ...{ links: false, publishAllow: '' },
      maxAge: 300_000,
      problems: [],
    });
  });

  it('an empty age is any age, and 0 only what is said now', () => {
    const ages = ['', '0', '90', '2h'].map((maxAge) => listenSettings({ maxAge }).maxAge);
    assert.deepEqual(ages, [undefined, 0, 90_000, 7_200_000]);
  });

  it('reads rooms, each once', () => {
    const { rooms } = listenSettings({
      rooms: 'Team@Rooms.example.org, xmpp:team@rooms.example.org\nb@c.example',
    });
    assert.deepEqual(rooms, ['team@rooms.example.org', 'b@c.example']);
  });

  it('names what cannot be read', () => {
    assert.deepEqual(problems({ rooms: 'rooms.example.org' }), ['rooms']);
    assert.deepEqual(problems({ rooms: 'a@b/nick' }), ['rooms']);
    assert.deepEqual(problems({ maxAge: 'soon' }), ['maxAge']);
    assert.deepEqual(problems({ nick: 'a\u0007' }), ['nick']);
    assert.deepEqual(problems({ pattern: '(', patternType: 'regex' }), ['pattern']);
    assert.deepEqual(problems({ pattern: '(', patternType: 'text' }), []);
  });

  it('dialog and node agree on lists', () => {
    const allows = {
      good: [
        '',
        '*',
        'anna@example.org',
        'a@b/c',
        'example.net',
        '*@example.net',
        '@example.net',
        'xmpp:a@b',
        'jörg@müller.example',
      ],
      bad: ['anna@', '@', '@@', 'a@b/', 'example.net/x', 'a b@@c', '*@', 'a@b@c', '..'],
    };
    for (const text of allows.good) {
      assert.equal(rules.allow(text), undefined, text);
      assert.deepEqual(new AllowList(text, 'bot@b').problems, [], text);
    }
    for (const text of allows.bad) {
      assert.ok(rules.allow(text), text);
      assert.notDeepEqual(new AllowList(text, 'bot@b').problems, [], text);
    }
    for (const text of ['', 'a@b', 'a@b, c@d']) {
      assert.equal(rules.rooms(text), undefined, text);
      assert.deepEqual(problems({ rooms: text }), [], text);
    }
    for (const text of ['b', 'a@b/c', 'a@', 'a@b,,c']) {
      assert.ok(rules.rooms(text), text);
      assert.deepEqual(problems({ rooms: text }), ['rooms'], text);
    }
  });

  it('dialog and node agree on patterns', () => {
    for (const text of ['a', '(', '/a/i', '/a/zz', '[', '(?<n>a)', 'x'.repeat(3_000)]) {
      for (const type of ['text', 'wildcard', 'regex']) {
        const isGood = pattern(() => type)(text) === undefined;
        assert.equal(problems({ pattern: text, patternType: type }).length === 0, isGood, `${type} ${text}`);
      }
    }
  });

  it('an encrypted message is answered in both languages', () => {
    for (const { chat } of [en['dinox-broker'], de['dinox-broker']]) {
      assert.match(
        chat.cannotRead,
        /I cannot read encrypted messages; please switch encryption off for this chat/,
      );
      assert.match(chat.cannotRead, /Ich kann verschlüsselte Nachrichten nicht lesen/);
    }
  });
});
