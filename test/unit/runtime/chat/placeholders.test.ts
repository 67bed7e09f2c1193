import assert from 'node:assert/strict';
import { MessageTemplate } from '../../../../src/homeassistant/templates/message-template';
import { placeholdersOf } from '../../../../src/runtime/chat/placeholders';

describe('placeholders of a message', () => {
  it('are its fields, two levels deep, and each of them can be filled in', () => {
    const payload = {
      contact: true,
      'odd name': 1,
      items: 2,
      power: { phase1: 3, deep: { er: 4 } },
      none: null,
    };
    const sample = { payload, topic: 'a/b', unit: 'W', files: 0, more: { area: 'Hall', 'x y': 1 } };
    const found = placeholdersOf(sample);
    assert.deepEqual(
      found.map(({ name }) => name),
      ['contact', 'odd name', 'items', 'power.phase1', 'topic', 'unit', 'area'],
    );
    const msg: Record<string, unknown> = { ...sample, ...sample.more };
    const texts = found.map(({ insert }) => {
      const filled = new MessageTemplate(insert).fill((name) => msg[name]);
      return 'text' in filled ? filled.text : filled.error.code;
    });
    assert.deepEqual(texts, ['on', '1', '2', '3', 'a/b', 'W', 'Hall']);
  });

  it('are bounded, and a name from outside ends no text', () => {
    const payload = Object.fromEntries(Array.from({ length: 99 }, (_, n) => [`f${n}`, n]));
    assert.equal(placeholdersOf({ payload, files: 0 }).length, 12);
    const hostile = { "a'] }} b": 1, '{{ x': 2, ['y'.repeat(50)]: 3, 'z\n': 4, '#}': 5 };
    assert.deepEqual(placeholdersOf({ payload: hostile, files: 0 }), []);
    assert.deepEqual(placeholdersOf({ payload: 7, files: 0 }), [
      { name: 'payload', insert: '{{ payload }}' },
    ]);
    assert.deepEqual(placeholdersOf({ payload: [1], files: 0 }), []);
  });
});
