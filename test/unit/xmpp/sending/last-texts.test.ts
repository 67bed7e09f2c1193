import assert from 'node:assert/strict';
import { LastTexts } from '../../../../src/xmpp/sending/last-texts';

describe('last texts', () => {
  it('a text is news to a recipient, about a topic, from a node, until something else was said', () => {
    const last = new LastTexts();
    assert.deepEqual(last.news('out', ['anna', 'ben'], 'door', 'open'), ['anna', 'ben']);
    assert.deepEqual(last.news('out', ['anna', 'carl'], 'door', 'open'), ['carl']);
    assert.deepEqual(last.news('out', ['anna'], 'window', 'open'), ['anna']);
    assert.deepEqual(last.news('other', ['anna'], 'door', 'open'), ['anna']);
    assert.deepEqual(last.news('out', ['anna'], 'door', 'closed'), ['anna']);
    assert.deepEqual(last.news('out', ['anna'], 'door', 'open'), ['anna']);
  });

  it('what failed is news once more, unless something else was said meanwhile', () => {
    const last = new LastTexts();
    last.news('out', ['anna'], 'door', 'open');
    last.failed('out', 'anna', 'door', 'open');
    assert.deepEqual(last.news('out', ['anna'], 'door', 'open'), ['anna']);
    last.news('out', ['anna'], 'door', 'closed');
    last.failed('out', 'anna', 'door', 'open');
    assert.deepEqual(last.news('out', ['anna'], 'door', 'closed'), []);
  });

  it('kind: handed over counts as arrived. What waits for a connection is news once more after a restart', () => {
    const last = new LastTexts();
    last.news('out', ['anna', 'ben'], 'door', 'open');
    last.arrived('out', 'ben', 'door', 'open');
    assert.deepEqual(last.news('out', ['anna', 'ben'], 'door', 'open'), [], 'it waits');
    const again = (): LastTexts => LastTexts.from(JSON.parse(JSON.stringify(last)));
    assert.deepEqual(again().news('out', ['anna', 'ben'], 'door', 'open'), ['anna']);
    last.news('out', ['ben'], 'door', 'closed');
    last.arrived('out', 'ben', 'door', 'open');
    assert.deepEqual(again().news('out', ['ben'], 'door', 'closed'), ['ben'], 'an older one arrived');
  });

  it('outlives a restart, says nothing of texts on disk, reads only its own, and is bounded', () => {
    const last = new LastTexts();
    for (let n = 0; n < 10_050; n++) {
      last.news('out', ['anna'], `t${n}`, 'secret');
      last.arrived('out', 'anna', `t${n}`, 'secret');
    }
    const stored = JSON.stringify(last);
    assert.ok(!/secret|anna/.test(stored) && stored.length < 600_000, `${stored.length}`);
    const again = LastTexts.from(JSON.parse(stored));
    assert.deepEqual(again.news('out', ['anna'], 't10049', 'secret'), []);
    assert.deepEqual(again.news('out', ['anna'], 't0', 'secret'), ['anna']);
    for (const odd of [undefined, null, 7, { texts: 'x' }, { texts: [1, ['a'], ['a', 'b'], null] }])
      assert.deepEqual(LastTexts.from(odd).news('out', ['anna'], 't', 'x'), ['anna']);
  });
});
