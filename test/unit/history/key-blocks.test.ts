/** The blocks of a key, wherever they lie: a bucket is a second here, a block a minute. */
import assert from 'node:assert/strict';
import { BLOCK, Buckets } from '../../../src/history/codec/buckets';
import { Packer } from '../../../src/history/codec/pack';
import { KeyBlocks } from '../../../src/history/key-blocks';
import { KeyHistory } from '../../../src/history/key-history';

const STEP = 1_000;

function setUp() {
  const blocks = new KeyBlocks(10);
  const entry = new KeyHistory('k', 0, 64);
  /** Samples of the same bucket, which is then the one in work. */
  const work = (bucket: number, ...values: number[]): void => {
    const block = Math.floor(bucket / BLOCK);
    if (entry.bucket >= 0 && entry.block !== block) blocks.finish(entry);
    else if (entry.count > 0) entry.stash();
    blocks.pages.advance(block);
    blocks.reopen(entry, block);
    entry.resume(bucket, bucket * STEP);
    for (const [index, value] of values.entries()) entry.add(bucket * STEP + index, value);
  };
  /** `index: least..largest, last, count` of each bucket that holds something. */
  const seen = (block: number): string[] => {
    const buckets = blocks.get(entry, block);
    if (!buckets) return [];
    return Array.from({ length: BLOCK }, (_, index) => index)
      .filter((index) => buckets.count(index) > 0)
      .map(
        (at) => `${at}: ${buckets.min(at)}..${buckets.max(at)}, ${buckets.last(at)}, ${buckets.count(at)}`,
      );
  };
  return { blocks, entry, work, seen };
}

/** One bucket, packed. */
function packed(index: number, ...values: number[]): Uint8Array {
  const buckets = new Buckets();
  for (const value of values) buckets.add(index, value);
  return Uint8Array.from(new Packer().pack(buckets) ?? []);
}

describe('the blocks of a key', () => {
  it('are the same in work, finished, and taken up again', () => {
    const { blocks, entry, work, seen } = setUp();
    work(3, 5, 9, 7);
    work(7, 1);
    const expected = ['3: 5..9, 7, 3', '7: 1..1, 1, 1'];
    assert.deepEqual(seen(0), expected);
    assert.equal(blocks.packed(entry, 0), undefined);
    work(BLOCK, 2);
    assert.ok(blocks.packed(entry, 0));
    assert.deepEqual([seen(0), seen(1), seen(2)], [expected, ['0: 2..2, 2, 1'], []]);
    work(7, 4);
    assert.equal(blocks.packed(entry, 0), undefined);
    // Older than the newest: not the last one.
    assert.deepEqual(seen(0), ['3: 5..9, 7, 3', '7: 1..4, 1, 2']);
    assert.deepEqual(seen(1), ['0: 2..2, 2, 1']);
  });

  it('take late samples; what had been finished is noted for the store', () => {
    const { blocks, entry, work, seen } = setUp();
    work(3, 5);
    work(7, 1);
    blocks.addLate(entry, 0, 3, 6);
    assert.equal(entry.late, undefined);
    work(BLOCK, 2);
    blocks.addLate(entry, 0, 3, -6);
    assert.deepEqual(seen(0), ['3: -6..6, -6, 3', '7: 1..1, 1, 1']);
    assert.deepEqual([...(entry.late ?? [])], [0]);
    // Nothing was there.
    entry.late = undefined;
    blocks.pages.advance(3);
    blocks.addLate(entry, 2, 30, 8);
    assert.deepEqual([seen(2), [...(entry.late ?? [])]], [['30: 8..8, 8, 1'], [2]]);
  });

  it('take older buckets, whose last value does not count', () => {
    const { blocks, entry, work, seen } = setUp();
    const older = new Buckets();
    older.add(3, 100);
    work(3, 5);
    work(BLOCK + 3, 6);
    blocks.merge(entry, 0, older);
    blocks.merge(entry, 1, older);
    const of = (value: number) => [`3: ${value}..100, ${value}, 2`];
    assert.deepEqual([seen(0), seen(1)], [of(5), of(6)]);
    assert.deepEqual([...(entry.late ?? [])], [0]);
    // The bucket in work is still that.
    entry.add((BLOCK + 3) * STEP + 500, 7);
    assert.deepEqual(seen(1), ['3: 6..100, 7, 3']);
  });

  it('come back as they were stored; of several versions the fullest buckets', () => {
    const { blocks, entry, seen } = setUp();
    assert.equal(blocks.restore(entry, 5, [packed(9, 1, 2)], false), BLOCK);
    assert.deepEqual(seen(5), ['9: 1..2, 2, 2']);
    assert.equal(blocks.restore(entry, 5, [packed(9, 1), packed(20, 3)], false), 20);
    assert.deepEqual(seen(5), ['9: 1..2, 2, 2', '20: 3..3, 3, 1']);
    assert.equal(blocks.restore(entry, 6, [packed(1, 1), packed(1, 1, 5)], false), 1);
    assert.deepEqual(seen(6), ['1: 1..5, 5, 2']);
  });

  it('are packed from any bucket on', () => {
    const { blocks, entry, work } = setUp();
    work(3, 5);
    work(7, 1);
    const from = (index: number) => Uint8Array.from(blocks.packedFrom(entry, index) ?? []);
    assert.deepEqual(from(4), packed(7, 1));
    assert.deepEqual(from(8), new Uint8Array());
    assert.deepEqual(from(0), from(3));
  });
});
