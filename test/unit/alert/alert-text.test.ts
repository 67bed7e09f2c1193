import assert from 'node:assert/strict';
import {
  type AlertText,
  extended,
  renumberedText,
  showText,
  storedText,
} from '../../../src/alert/alert-text';

const TEXT: AlertText = [
  '2 alerts:',
  { mark: '🟠', number: 3, said: 'door #3 is open' },
  { mark: '🔴', number: 4, said: 'freezer: #3 of 4' },
  '✔ acknowledged by #3 at 14:03',
];

describe('text of an alert', () => {
  it('a number is changed where it is one, and nowhere else', () => {
    const changed = renumberedText(TEXT, 3, 7);
    assert.equal(
      showText(changed),
      '2 alerts:\n🟠 #7 door #3 is open\n🔴 #4 freezer: #3 of 4\n✔ acknowledged by #3 at 14:03',
    );
    assert.equal(showText(renumberedText(changed, 7, 3)), showText(TEXT));
    assert.equal(showText(renumberedText(TEXT, 33, 1)), showText(TEXT), '3 is not the beginning of 33');
  });

  it('comes back from a file as it was written, numbers as numbers', () => {
    assert.deepEqual(storedText(showText(TEXT)), TEXT);
    for (const odd of ['', '\n', '🟠 # x', '🟠 #3', 'a\n\n🟠 #3 ', '🟠 #03 x', '🟠 #99999999999999999999 x'])
      assert.equal(showText(storedText(odd)), odd);
  });

  it('something behind a line leaves its number a number', () => {
    const [, line = ''] = TEXT;
    assert.deepEqual(extended(line, ' · ✔'), { mark: '🟠', number: 3, said: 'door #3 is open · ✔' });
    assert.equal(extended('over', ' · ✔'), 'over · ✔');
  });
});
