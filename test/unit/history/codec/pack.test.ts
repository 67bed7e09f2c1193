import assert from 'node:assert/strict';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { BLOCK, Buckets } from '../../../../src/history/codec/buckets';
import { Packer } from '../../../../src/history/codec/pack';

const packer = new Packer();

/** One sample or several for each bucket. */
function bucketsOf(samples: readonly (readonly number[])[]): Buckets {
  const buckets = new Buckets();
  for (const [index, values] of samples.entries()) for (const value of values) buckets.add(index, value);
  return buckets;
}

function there(
  buckets: Buckets,
): [least: number, largest: number, last: number, sum: number, count: number][] {
  return Array.from({ length: BLOCK }, (_, index) =>
    buckets.count(index) === 0
      ? [0, 0, 0, 0, 0]
      : [
          buckets.min(index),
          buckets.max(index),
          buckets.last(index),
          buckets.sum(index),
          buckets.count(index),
        ],
  );
}

function andBack(buckets: Buckets, from?: number): Buckets {
  const back = new Buckets();
  packer.unpack(Uint8Array.from(packer.pack(buckets, from) ?? []), back);
  return back;
}

describe('packed blocks', () => {
  it('hold values with up to nine digits exactly, their sum to half of the last digit, in any order of size', () => {
    const block = fc.integer({ min: 0, max: 9 }).chain((digits) => {
      // Each needs all of its digits.
      const value = fc.integer({ min: -1e5, max: 1e5 }).map((whole) => (10 * whole + 1) / 10 ** digits);
      return fc.tuple(fc.constant(digits), fc.array(fc.array(value, { maxLength: 6 }), { maxLength: BLOCK }));
    });
    fc.assert(
      fc.property(block, ([digits, all]) => {
        const buckets = bucketsOf(all);
        const back = there(andBack(buckets));
        for (const [index, [min, max, last, sum, count]] of there(buckets).entries()) {
          assert.deepEqual(
            back[index]?.filter((_, at) => at !== 3),
            [min, max, last, count],
          );
          const room = 0.5 / 10 ** digits + 1e-9 * Math.abs(sum);
          assert.ok(Math.abs((back[index]?.[3] ?? 0) - sum) <= room, `${sum} is ${back[index]?.[3]}`);
        }
      }),
    );
  });

  it('hold floating-point numbers, whole where there is room, to six digits where there is none', () => {
    let seed = 1;
    const random = (): number => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const slow = bucketsOf(Array.from({ length: BLOCK }, () => [20 + random()]));
    assert.deepEqual(there(andBack(slow)), there(slow));
    const wild = Array.from({ length: BLOCK }, () =>
      Array.from({ length: 9 }, () => (random() - 0.5) * 10 ** (300 * random())),
    );
    const packed = packer.pack(bucketsOf(wild)) ?? [];
    assert.ok(packed.length <= 1_290, `${packed.length} bytes`);
    const back = andBack(bucketsOf(wild));
    for (const [index, values] of wild.entries()) {
      const last = values.at(-1) as number;
      assert.ok(Math.abs(back.last(index) - last) <= Math.abs(last) / 1e6, `${last} is ${back.last(index)}`);
      assert.ok(back.max(index) >= back.last(index) && back.min(index) <= back.last(index));
    }
  });

  it('hold the largest numbers, zero below zero, and counts up to their bound', () => {
    const buckets = bucketsOf([
      [Number.MAX_VALUE, Number.MAX_VALUE],
      [-Number.MAX_VALUE],
      [Number.MIN_VALUE],
      [2 ** 53, -(2 ** 53)],
    ]);
    buckets.set(5, 1, 3, 2, 2 * 0x1000000, 0x1000000);
    const back = andBack(buckets);
    for (const index of [0, 1, 2, 3, 5]) {
      assert.equal(back.min(index), buckets.min(index));
      assert.equal(back.max(index), buckets.max(index));
      assert.equal(back.count(index), buckets.count(index));
    }
  });

  it('begin with any bucket; without one there is none', () => {
    const buckets = bucketsOf([[1], [2], [], [3]]);
    assert.deepEqual(there(andBack(buckets, 1)), there(bucketsOf([[], [2], [], [3]])));
    assert.equal(packer.pack(buckets, 4), undefined);
    assert.equal(packer.pack(new Buckets()), undefined);
  });

  it('leave what they do not hold', () => {
    const buckets = bucketsOf([[1], [2]]);
    packer.unpack(packer.pack(bucketsOf([[], [5]])) as Uint8Array, buckets);
    assert.deepEqual(there(buckets), there(bucketsOf([[1], [5]])));
  });

  it('whatever the bytes are: no error, and nothing that is no number', () => {
    const check = (bytes: Uint8Array): void => {
      const buckets = new Buckets();
      packer.unpack(bytes, buckets);
      for (const one of there(buckets)) assert.ok(one.every(Number.isFinite), `${one}`);
    };
    const bytes = fc.uint8Array({ maxLength: 3_000 });
    fc.assert(fc.property(bytes, check));
    fc.assert(fc.property(bytes, (content) => check(deflateRawSync(content))));
    check(deflateRawSync(Buffer.alloc(1_000_000)));
    check(deflateRawSync(Buffer.alloc(2_000, 0xff)));
  });
});
