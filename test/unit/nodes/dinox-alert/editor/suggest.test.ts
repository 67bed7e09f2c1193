import assert from 'node:assert/strict';
import type { Look } from '../../../../../src/nodes/dinox-alert/editor/fields';
import { suggest } from '../../../../../src/nodes/dinox-alert/editor/suggest';

const looking =
  (fields: Record<string, string>): Look =>
  (property) =>
    fields[property] ?? (property.endsWith('Type') ? 'num' : '');

describe('suggestions of dinox-alert', () => {
  it('suggests by condition, and not what stands there already', () => {
    const seen = { min: 20, max: 26 };
    const of = (fields: Record<string, string>, known: object = { seen }) => {
      const found = suggest(looking(fields), known);
      return found?.choices.map((choice) =>
        choice.map(({ property, value }) => `${property} ${value}`).join(),
      );
    };
    assert.deepEqual(of({ condition: 'above' }), ['limit 28']);
    assert.deepEqual(of({ condition: 'above', limit: '28' }), []);
    assert.deepEqual(of({ condition: 'below' }), ['limit 18']);
    assert.deepEqual(of({ condition: 'rate', limit: '-1' }), ['limit 18'], 'who watches for falling');
    assert.deepEqual(of({ condition: 'outside' }), ['limit 18,limit2 28']);
    assert.equal(of({ condition: 'inside' }), undefined);
    assert.equal(of({ condition: 'above', limitType: 'flow' }), undefined, 'it comes from elsewhere');
    assert.equal(of({ condition: 'above' }, {}), undefined);
    const states = ['open', 'closed', 'open'].map((state, at) => ({ at, state }));
    assert.deepEqual(of({ condition: 'equals', limit: 'OPEN' }, { states }), ['limit closed']);
    assert.deepEqual(of({ condition: 'nodata' }, { every: 60_000 }), ['noDataAfter 10m']);
    assert.deepEqual(of({ condition: 'nodata', noDataAfter: '1h' }, { every: 60_000 }), []);
  });
});
