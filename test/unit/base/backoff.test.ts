import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Backoff } from '../../../src/base/backoff';

describe('back-off', () => {
  it('doubles its ceiling from 2 s to 60 s, with full jitter from 1 s up', () => {
    const highest = new Backoff({ random: () => 0.999_999_999 });
    assert.deepEqual(
      Array.from({ length: 8 }, () => highest.next()),
      [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000],
    );
    const lowest = new Backoff({ random: () => 0 });
    assert.deepEqual(
      Array.from({ length: 5 }, () => lowest.next()),
      [1_000, 1_000, 1_000, 1_000, 1_000],
    );
  });

  it('starts anew after a connection that held, and only then', () => {
    const backoff = new Backoff({ random: () => 0.999_999_999 });
    for (let i = 0; i < 5; i++) backoff.next();
    backoff.lasted(4_999);
    assert.equal(backoff.next(), 60_000);
    backoff.lasted(5_000);
    assert.equal(backoff.next(), 2_000);
    backoff.next();
    backoff.reset();
    assert.equal(backoff.next(), 2_000);
  });

  it('backs off from failures, not from lines that worked: one that drops 20 s after each connect is up nine tenths of the time', () => {
    const highest = new Backoff({ random: () => 0.999_999_999 });
    let [up, down] = [0, 0];
    for (let loss = 0; loss < 100; loss++) {
      up += 20_000;
      highest.lasted(20_000);
      down += highest.next();
    }
    assert.ok(up / (up + down) > 0.9, `up ${Math.round((100 * up) / (up + down))} % of the time`);
  });

  it('stays within its bounds for ever', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 100_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (min, max, random) => {
          const backoff = new Backoff({ min, max, random: () => random });
          for (let i = 0; i < 2_000; i++) {
            const wait = backoff.next();
            assert.ok(wait >= min && wait <= Math.max(min, max), `${wait}`);
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});
