import { DAY, MINUTE } from '../base/time-units';
import { BLOCK, rebucket } from './codec/buckets';
import { Eviction } from './eviction';
import { KeyBlocks } from './key-blocks';
import { KeyHistory } from './key-history';
import { RecordedBuckets } from './recorded-buckets';
import { type Sample, samplesOf } from './samples';
import { firstOf, seriesOf } from './series';
import { StateTimeline } from './states';
import type { HistoryOptions, Latest, Series, StateChange } from './types';
import { WEEK_SPAN, WeekTier } from './week-tier';

const MAX_SPAN = 7 * DAY;
/** Buckets of a span that is longer than a day. */
const BUCKETS = 1_440;
/** A stamp may be so far ahead of the clock, in milliseconds. */
const AHEAD = 5 * MINUTE;
/** Raw points of a key that somebody looks at: ten minutes with one a second. */
const LOOKED_POINTS = 600;
const MAX_LOOKED = 500;
/** Maximum length of a topic in MQTT (MQTT 5 §1.5.4). */
const MAX_KEY_LENGTH = 65_535;

/**
 * The last day of many values, or up to seven: for each key a bucket a minute with the least, the largest, the last
 * value, the sum and the count, and a ring of the newest raw points. What a key takes, 36 KB at most, does not depend
 * on how often it is heard of. The hour in work lies open; finished ones are packed, and those of all keys for the same
 * hour lie in one page of memory, which goes as a whole when the span is over.
 *
 * Stamps may come late, again, or in any order within the span. Not shared by processes; knows no disk (`HistoryStore`).
 */
export class History {
  /** Length of a bucket of the first tier and of all of these, in milliseconds. */
  readonly step: number;
  private readonly fineSpan: number;
  /** For the store too, which knows the insides. */
  readonly blocks: KeyBlocks;
  private entries = new Map<string, KeyHistory>();
  /** Keys that somebody looked at, the last one last. */
  private readonly looked = new Map<string, KeyHistory>();
  private readonly eviction: Eviction;
  private freeIds: number[] = [];
  private readonly points: number;
  /** Number of finished blocks in the span. */
  private readonly most: number;
  private ids = 0;
  private seen = 0;
  /** Told of every key that goes: the store notes it. */
  onRemoved: ((key: string) => void) | undefined;

  constructor(private readonly options: HistoryOptions = {}) {
    const span = Math.min(MAX_SPAN, Math.max(MINUTE, options.span ?? DAY));
    this.step = Math.max(1, Math.ceil(span / BUCKETS / MINUTE)) * MINUTE;
    this.fineSpan = Math.ceil(span / this.step) * this.step;
    this.most = Math.ceil(this.fineSpan / this.step / BLOCK);
    this.blocks = new KeyBlocks(this.most);
    if (options.week) this.keepWeek(true);
    this.points = 2 ** Math.ceil(Math.log2(Math.min(65_536, Math.max(1, options.points ?? 64))));
    this.eviction = new Eviction(Math.max(1, options.maxKeys ?? 10_000), options.keep);
  }

  /**
   * Records a sample. Values that are not finite, and samples older than the span, are ignored.
   * @param at milliseconds since the epoch
   */
  record(key: string, at: number, value: number): void {
    // Neither NaN nor infinite.
    if (!(value - value === 0)) return;
    const entry = this.entries.get(key);
    if (entry !== undefined) {
      const into = at - entry.start;
      if (into >= 0 && into < this.step) {
        entry.seen = ++this.seen;
        entry.add(at, value);
        return;
      }
    }
    this.recordElsewhere(key, entry, at, value);
  }

  /** A state that is no number (`open`, `closed`): kept as a change, up to 512 of a key and 256 characters each. */
  recordText(key: string, at: number, state: string): void {
    const stamp = this.stampOf(at);
    if (stamp === undefined) return;
    const entry = this.entries.get(key) ?? this.make(key);
    if (entry === undefined) return;
    entry.seen = ++this.seen;
    entry.states ??= new StateTimeline();
    if (entry.states.record(stamp, state)) entry.unsavedState = Math.min(entry.unsavedState, stamp);
  }

  /**
   * One entry for each of `points` equal parts between the two; fewer if there are fewer buckets. Least and largest
   * are those of everything that falls into a part, so that no peak is lost. Raw points are used instead of buckets if
   * they reach back far enough.
   */
  series(key: string, from: number, to: number, points: number): Series {
    return seriesOf(from, to, points, this.source(key));
  }

  /**
   * The same for a chart that somebody looks at: a bucket stands in its middle, and the first minutes are drawn of raw
   * points if there is nothing older.
   */
  drawn(key: string, from: number, to: number, points: number): Series {
    return seriesOf(from, to, points, this.source(key), true);
  }

  /** Time of the first sample between the two, as exactly as it is known; undefined if there is none. */
  first(key: string, from: number, to: number): number | undefined {
    return firstOf(from, to, this.source(key));
  }

  /** Keeps more raw points of a key from now on, because somebody looks at it; the last 500 such keys have them. */
  look(key: string): void {
    const entry = this.entries.get(key);
    if (!entry) return;
    if (this.looked.get(key) !== entry) entry.keep(Math.max(this.points, LOOKED_POINTS));
    this.looked.delete(key);
    this.looked.set(key, entry);
    for (const [oldest, unseen] of this.looked) {
      if (this.looked.size <= MAX_LOOKED) break;
      this.looked.delete(oldest);
      unseen.keep(this.points);
    }
  }

  /** Samples between the two, both included, oldest first, as exactly as they are still known: see `samplesOf`. */
  samples(key: string, from: number, to: number): Sample[] {
    return samplesOf(from, to, this.source(key));
  }

  /** States between the two, both included, oldest first, beginning with the one in force at `from`. */
  states(key: string, from: number, to: number): StateChange[] {
    return this.entries.get(key)?.states?.between(from, to) ?? [];
  }

  /** The newest that is known of a key. */
  latest(key: string): Latest | undefined {
    const entry = this.entries.get(key);
    const state = entry?.states?.newest;
    if (entry && entry.newest < 0) this.recall(entry);
    if (!entry || (entry.newest < 0 && !state)) return undefined;
    if (state && state.at >= entry.newest) return { at: state.at, value: state.state };
    return { at: entry.newest, value: entry.value };
  }

  /** Keys in the order in which they first appeared. */
  keys(): Iterable<string> {
    return this.entries.keys();
  }

  /** How far it reaches back, in milliseconds. */
  get span(): number {
    return this.week ? WEEK_SPAN : this.fineSpan;
  }

  /** The second tier; undefined where there is none. */
  get week(): WeekTier | undefined {
    return this.blocks.week;
  }

  /** Begins or ends the second tier, which is for buckets of a minute. It begins with what `fillWeek` makes of the day. */
  keepWeek(on: boolean): void {
    if (on === (this.week !== undefined)) return;
    this.blocks.week = on && this.fineSpan === DAY ? new WeekTier() : undefined;
  }

  /** Has to be run to its end; each turn is one key. */
  *fillWeek(): Iterable<void> {
    for (const entry of this.entries.values()) {
      this.blocks.fillWeek(entry);
      yield;
    }
  }

  get size(): number {
    return this.entries.size;
  }

  has(key: string): boolean {
    return this.entries.has(key);
  }

  delete(key: string): void {
    const entry = this.entries.get(key);
    if (!entry) return;
    this.entries.delete(key);
    this.looked.delete(key);
    entry.gone = true;
    this.blocks.pages.deleteKey(entry.id);
    this.week?.pages.deleteKey(entry.id);
    this.freeIds.push(entry.id);
    this.onRemoved?.(key);
  }

  // The following methods are for the store, which knows the internals.

  get all(): Iterable<KeyHistory> {
    return this.entries.values();
  }

  /** Packs what a key has in work where all of it is older than the block of `now`; gives what memory it can. */
  settle(entry: KeyHistory, now: number): void {
    if (entry.bucket >= 0 && entry.block < this.blockOf(now)) this.finish(entry);
  }

  private finish(entry: KeyHistory): void {
    this.blocks.finish(entry);
    entry.open = undefined;
    // No block is in progress: the next sample looks for its own.
    entry.start = Number.NaN;
    entry.bucket = -1;
  }

  /** Drops everything older than the span at that time, also for silent keys. */
  expire(now: number): void {
    this.blocks.pages.expire(this.blockOf(now));
    this.week?.pages.expire(this.week.blockOf(now));
  }

  /**
   * A block from the disk, or a part of one; of several versions each bucket's fullest counts. Only for a history that
   * nothing is recorded in (`adopt`).
   * @param unfinished only the journal has it: it has to be written once more
   */
  restore(key: string, block: number, parts: readonly Uint8Array[], unfinished: boolean): void {
    const now = this.options.clock?.now();
    const age = now === undefined ? 0 : this.blockOf(now) - block;
    if (block < 0 || age < -this.most - 1) return;
    const isOld = block < this.blocks.pages.oldest || age > this.most + 1;
    // Finished ones are in the week already.
    if (isOld && !(unfinished && this.week)) return;
    const entry = this.entries.get(key) ?? this.make(key);
    if (!entry) return;
    entry.seen = ++this.seen;
    if (isOld) {
      this.blocks.restoreToWeek(entry, block, parts);
      return;
    }
    if (unfinished) entry.changed(block);
    const end = block * BLOCK + this.blocks.restore(entry, block, parts, unfinished);
    entry.savedBucket = Math.max(entry.savedBucket, end);
  }

  /** A block of the week from the disk; the last version of it counts. For the same histories. */
  restoreWeek(key: string, block: number, bytes: Uint8Array): void {
    const { week } = this;
    const now = this.options.clock?.now();
    if (!week?.isWithin(block, now)) return;
    const entry = this.entries.get(key) ?? this.make(key);
    if (!entry) return;
    entry.seen = ++this.seen;
    week.restore(entry, block, bytes);
  }

  /** An empty one of the same kind, whose buckets may have another length. */
  like(step: number): History {
    const isSame = step === this.step;
    return new History({
      ...this.options,
      span: isSame ? this.fineSpan : step * BUCKETS,
      week: isSame && this.week !== undefined,
    });
  }

  /**
   * Takes over the content of a restored history, and adds it to what was recorded here meanwhile. Has to be run to
   * its end; each turn is one key.
   */
  *adopt(other: History): Iterable<void> {
    if (this.entries.size === 0 && other.step === this.step) {
      this.takeAll(other);
      return;
    }
    for (const old of other.entries.values()) {
      const entry = this.entries.get(old.key) ?? this.make(old.key);
      if (!entry) continue;
      for (const { at, state } of old.states?.between(0, Number.MAX_VALUE) ?? []) {
        entry.states ??= new StateTimeline();
        entry.states.record(at, state);
      }
      if (this.week && other.week) this.week.merge(entry, other.week, old);
      for (const block of other.blocks.pages.numbers) {
        const found = other.blocks.get(old, block);
        if (!found) continue;
        for (const [target, buckets] of rebucket(block, found, other.step, this.step))
          this.blocks.merge(entry, target, buckets);
      }
      yield;
    }
  }

  blockOf(at: number): number {
    return Math.floor(at / this.step / BLOCK);
  }

  // Ways that few samples take.

  private recordElsewhere(key: string, known: KeyHistory | undefined, at: number, value: number): void {
    const stamp = this.stampOf(at);
    if (stamp === undefined) return;
    const entry = known ?? this.make(key);
    if (entry === undefined) return;
    entry.seen = ++this.seen;
    const bucket = Math.floor(stamp / this.step);
    const block = Math.floor(bucket / BLOCK);
    const isPast = this.blocks.isOfWeek(entry, block, this.blockOf(this.options.clock?.now() ?? stamp));
    if (bucket === entry.bucket) entry.add(stamp, value);
    // Begun anew, such an hour would have less than what there is of it, which would stay.
    else if (!isPast && (bucket > entry.bucket || this.ahead(entry))) {
      this.turnTo(entry, bucket);
      entry.add(stamp, value);
    } else {
      this.blocks.addLate(entry, block, bucket % BLOCK, value);
      entry.savedBucket = Math.min(entry.savedBucket, bucket);
    }
  }

  /** Undefined: no time, or not one of the span. */
  private stampOf(at: number): number | undefined {
    if (!(at >= 0 && at < Number.POSITIVE_INFINITY)) return undefined;
    const now = this.options.clock?.now();
    const stamp = now !== undefined && at > now + AHEAD ? now : at;
    const { head } = this.blocks.pages;
    const newest = now === undefined ? head : Math.min(head, this.blockOf(now + AHEAD));
    const most = this.week ? WEEK_SPAN / this.step / BLOCK : this.most;
    return this.blockOf(stamp) < newest - most ? undefined : stamp;
  }

  /** Its bucket in work lies in the future: the clock was wrong then. */
  private ahead(entry: KeyHistory): boolean {
    if (!this.options.clock) return false;
    const latest = this.options.clock.now() + AHEAD;
    if (entry.start <= latest) return false;
    entry.newest = Number.NEGATIVE_INFINITY;
    entry.changed(entry.block);
    const { pages } = this.blocks;
    pages.head = Math.min(pages.head, this.blockOf(latest));
    if (this.week) this.week.pages.head = Math.min(this.week.pages.head, this.week.blockOf(latest));
    return true;
  }

  /** Makes another bucket, which may have been in work before, the one in work. */
  private turnTo(entry: KeyHistory, bucket: number): void {
    const block = Math.floor(bucket / BLOCK);
    const fresh = entry.bucket < 0;
    if (fresh || entry.block !== block) {
      if (!fresh) this.blocks.finish(entry);
      this.blocks.pages.advance(block);
      this.blocks.reopen(entry, block);
    } else if (entry.count > 0) entry.stash();
    entry.resume(bucket, bucket * this.step);
    entry.savedBucket = Math.min(entry.savedBucket, bucket);
  }

  /** Finds the newest value of a key that was restored; its stamp is the beginning of its bucket. */
  private recall(entry: KeyHistory): void {
    const { pages } = this.blocks;
    for (let block = pages.head; block >= pages.oldest; block--) {
      const buckets = this.blocks.get(entry, block);
      const index = buckets?.newest ?? -1;
      if (!buckets || index < 0) continue;
      entry.newest = (block * BLOCK + index) * this.step;
      entry.value = buckets.last(index);
      return;
    }
    const found = this.week?.newestOf(entry);
    if (found) Object.assign(entry, found);
  }

  private takeAll(other: History): void {
    this.entries = other.entries;
    this.blocks.pages.adopt(other.blocks.pages);
    if (this.week && other.week) this.week.pages.adopt(other.week.pages);
    // Numbers of this history now stand for keys of the other one.
    this.freeIds = other.freeIds;
    this.ids = other.ids;
    this.seen = other.seen;
  }

  private source(key: string): RecordedBuckets {
    const entry = this.entries.get(key);
    // An hour in work that the first tier has no place for: it is seen in the week.
    if (entry && this.week && entry.bucket >= 0 && entry.block < this.blocks.pages.oldest) this.finish(entry);
    return new RecordedBuckets(this.blocks, entry, this.step);
  }

  private make(key: string): KeyHistory | undefined {
    if (key.length > MAX_KEY_LENGTH) return undefined;
    if (this.eviction.full(this.entries.size)) {
      const oldest = this.eviction.next(this.entries.values());
      if (oldest === undefined) return undefined;
      this.delete(oldest.key);
    }
    const entry = new KeyHistory(key, this.freeIds.pop() ?? this.ids++, this.points);
    this.entries.set(key, entry);
    return entry;
  }
}
