import assert from 'node:assert/strict';
import { toggled, typedAt, withEntry } from '../../../src/editor/typed-list';
import { entriesOf } from '../../../src/xmpp/typed-addresses';

const COMMA = /[,\n]/;

describe('editor: a field with several entries', () => {
  it('knows the one at the caret, and puts another in its place', () => {
    const text = 'anna@example.org, be, cleo@example.org';
    const typed = typedAt(text, 20, COMMA);
    assert.equal(typed.word, 'be');
    assert.deepEqual(withEntry(text, typed, 'ben@example.org'), {
      value: 'anna@example.org, ben@example.org, cleo@example.org',
      caret: 33,
    });
    assert.equal(typedAt('a, ', 3, COMMA).word, '');
  });

  it('takes out what is in it, and adds what is not', () => {
    assert.equal(
      toggled('anna@example.org', 'ben@example.org', COMMA, ', ').value,
      'anna@example.org, ben@example.org',
    );
    assert.equal(toggled('Anna@example.org,\n ben@x', 'anna@example.org', COMMA, ', ').value, 'ben@x');
    assert.deepEqual(entriesOf(' a ,, b\n', COMMA), ['a', 'b']);
  });
});
