import assert from 'node:assert/strict';
import { bridgeOf, isStale, rateOf } from '../../../../../src/plugins/dinox-sidebar/editor/rows';
import { NOW, row } from './sample-row';

describe('sidebar: rows', () => {
  it('calls silent what used to come and does not, and nothing else', () => {
    assert.equal(isStale(row('a', { every: 10_000, at: NOW - 61_000 }), NOW), true);
    assert.equal(isStale(row('a', { every: 10_000, at: NOW - 50_000 }), NOW), false);
    assert.equal(isStale(row('a', { every: 3_600_000, at: NOW - 4 * 3_600_000 }), NOW), false);
    assert.equal(isStale(row('a', { every: 10_000, count: 2, at: 0 }), NOW), false);
  });

  it('lets a rate fall by itself', () => {
    assert.equal(rateOf(row('a', { rate: 60, at: NOW - 30_000 }), NOW), 30);
    assert.equal(rateOf(row('a', { rate: 60, at: NOW - 300_000 }), NOW), 0);
  });

  it('takes the usual pause of a sensor for no gap', () => {
    assert.ok(bridgeOf(row('a', { every: 600_000 })) >= 1_800_000);
    assert.equal(bridgeOf(row('a', { every: 600_000 })), bridgeOf(row('a', { every: 601_000 })));
  });
});
