import { BLOCK, type Buckets } from './codec/buckets';
import type { KeyBlocks } from './key-blocks';
import type { KeyHistory } from './key-history';
import { WEEK_HOURS, WEEK_STEP } from './week-tier';

/** A bucket and where it is: it begins at `at` and is `step` long, in milliseconds. True: no further one is wanted. */
type Visit = (at: number, step: number, buckets: Buckets, index: number) => boolean | undefined;

/** What is recorded of one key, in buckets and as raw points. */
export class RecordedBuckets {
  /** @param step length of a bucket of the first tier, in milliseconds */
  constructor(
    private readonly blocks: KeyBlocks,
    private readonly entry: KeyHistory | undefined,
    private readonly step: number,
  ) {}

  /** Raw points, oldest first, as `[stamp, value]`. */
  recent(): Iterable<[number, number]> {
    return this.entry?.recent() ?? [];
  }

  /** Length of the longest bucket in a time that begins so, in milliseconds. */
  stepFrom(from: number): number {
    const { week, pages } = this.blocks;
    // Before the first value after some days without the process, only the week has something.
    const isCoarse = pages.head < 0 || from < pages.oldest * BLOCK * this.step;
    return week && isCoarse ? WEEK_STEP : this.step;
  }

  /**
   * Visits the buckets that hold something, oldest first, from the one in which `from` lies to that of `to`. Of an hour
   * that the first tier no longer has, they are those of the week.
   */
  walk(from: number, to: number, visit: Visit): void {
    const { blocks, entry, step } = this;
    if (!entry) return;
    const { week, pages } = blocks;
    const newest = Math.max(pages.head, entry.block, week?.newestHour ?? -1);
    const oldest = week ? newest - WEEK_HOURS : pages.oldest;
    const end = Math.min(Math.floor(to / step / BLOCK), newest);
    // Ten hours are unpacked once.
    let coarse = -1;
    let found: Buckets | undefined;
    for (let block = Math.max(Math.floor(from / step / BLOCK), oldest); block <= end; block++) {
      const buckets = blocks.get(entry, block);
      if (buckets) {
        if (visitAll(buckets, [0, BLOCK], block * BLOCK, step, from, to, visit)) return;
      } else if (week) {
        if (week.blockOfHour(block) !== coarse) {
          coarse = week.blockOfHour(block);
          found = week.get(entry, coarse);
        }
        if (found && visitAll(found, week.placesOf(block), coarse * BLOCK, WEEK_STEP, from, to, visit))
          return;
      }
    }
  }
}

/** @param first number of the block's first bucket, counted from the epoch */
function visitAll(
  buckets: Buckets,
  [begin, end]: readonly [number, number],
  first: number,
  step: number,
  from: number,
  to: number,
  visit: Visit,
): boolean {
  const least = Math.floor(from / step);
  const most = Math.floor(to / step);
  for (let index = begin; index < end; index++) {
    const bucket = first + index;
    if (buckets.count(index) === 0 || bucket < least || bucket > most) continue;
    if (visit(bucket * step, step, buckets, index)) return true;
  }
  return false;
}
