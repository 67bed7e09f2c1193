import assert from 'node:assert/strict';
import { RateWindow } from '../../../src/alert/change-rate';

describe('alert: rates', () => {
  it('is the change per minute over the window', () => {
    const rate = new RateWindow(60_000, false);
    assert.equal(rate.add(0, 10), undefined, 'nothing is known yet');
    assert.equal(rate.add(10_000, 11), undefined, 'too little is known');
    assert.equal(rate.add(30_000, 13), 6);
    assert.equal(rate.add(60_000, 20), 10);
    assert.ok(Math.abs((rate.add(90_000, 20) ?? 0) - 7) < 1e-9);
  });

  it('has one for rare values', () => {
    const rate = new RateWindow(60_000, false);
    rate.add(0, 10);
    assert.equal(rate.add(300_000, 20), 2);
  });

  it('keeps little, however many come', () => {
    const rate = new RateWindow(60_000, false);
    for (let at = 0; at < 600_000; at += 10) rate.add(at, at);
    const { points } = rate as unknown as { points: unknown[] };
    assert.ok(points.length <= 33, String(points.length));
  });

  it('goes on counting where a counter starts over', () => {
    const rate = new RateWindow(60_000, true);
    for (const [at, value] of [
      [0, 100],
      [10_000, 110],
      [20_000, 120],
      [30_000, 130],
    ] as const)
      rate.add(at, value);
    assert.equal(rate.add(40_000, 10), 60, '100 → 140 in 40 s');
  });

  it('does not take a value that goes up and down for a counter', () => {
    const rate = new RateWindow(60_000, true);
    for (const [at, value] of [
      [0, 20],
      [10_000, 21],
      [20_000, 20],
      [30_000, 22],
    ] as const)
      rate.add(at, value);
    assert.equal(rate.add(60_000, 5), -15);
  });
});
