import type { Judgement } from './condition';
import type { ParentKind } from './dependents';
import { KeyEntry, type KeyStore } from './keys';
import type { KeyLifecycle } from './lifecycle';
import type { Limits } from './limits';
import type { NoDataWatch } from './no-data-watch';
import { notePeak } from './peak';
import { RuleEvaluator } from './rule-evaluator';
import type { Rules } from './rules';
import { brief } from './sample-value';
import type { Value } from './states';

/** The parts of an `AlertMachine` that samples need. */
export interface SampleIntakeTools {
  rules: Rules;
  keys: KeyStore;
  noData: NoDataWatch;
  lifecycle: KeyLifecycle;
  isEnabled(): boolean;
  /** Now, after everything that is due. */
  time(): number;
  /** There was no room for a key. */
  refused(): void;
  /** A key is to be written a little later. */
  noted(key: string): void;
  /** The deadlines of a key are other ones now. */
  rearm(entry: KeyEntry, now: number): void;
  /** A key moved along its table, or its severity may change. */
  changed(entry: KeyEntry, now: number): void;
}

/** Takes samples, and what is like one, to the keys that they are about. */
export class SampleIntake {
  private readonly evaluator: RuleEvaluator;

  constructor(private readonly tools: SampleIntakeTools) {
    this.evaluator = new RuleEvaluator(tools.rules);
  }

  /** As `AlertMachine.sample`. */
  sample(
    now: number,
    key: string,
    value: Value,
    unit: string,
    limits: Limits | undefined,
    measured: number | undefined,
  ): KeyEntry | undefined {
    const { tools, evaluator } = this;
    const entry = tools.keys.map.get(key) ?? this.create(key, now, limits, measured);
    if (!entry || entry.parent) return entry;
    let isLate = false;
    if (measured === undefined) tools.noData.seen(entry, now);
    else isLate = !tools.noData.livesBy(entry, measured, now);
    // One that is known otherwise stays.
    if (unit !== '') entry.unit = unit;
    if (limits) entry.limits = limits;
    tools.keys.touch(entry);
    const judged = evaluator.valueOf(entry, value, now, measured);
    if (judged !== undefined) entry.value = typeof judged === 'string' ? brief(judged) : judged;
    if (!tools.isEnabled()) return entry;
    const isNoNews = measured !== undefined && (judged === undefined || (isLate && entry.state === 'nodata'));
    if (!limits || isNoNews) {
      this.unjudged(entry, isLate, now);
      return entry;
    }
    const { judgement, critical } = evaluator.judgementOf(entry, judged, limits);
    const isQuiet = entry.state === 'normal' && judgement !== 'bad' && !critical && entry.criticalSince === 0;
    if (isQuiet) {
      if (entry.heapIndex < 0 && tools.rules.noDataAfter > 0) tools.rearm(entry, now);
      return entry;
    }
    if (entry.episode) notePeak(entry, tools.rules, limits);
    this.judged(entry, judgement, critical, now);
    return entry;
  }

  /** As `AlertMachine.parent`. */
  parent(key: string, kind: ParentKind, isDown: boolean, value: Value): boolean {
    const now = this.tools.time();
    let entry = this.tools.keys.map.get(key);
    // One that was never down is nothing to remember.
    if (!entry?.parent && (!isDown || !this.tools.isEnabled())) return false;
    entry ??= this.create(key, now, undefined);
    if (!entry) return true;
    entry.parent = kind;
    entry.value = value;
    this.judged(entry, isDown ? 'bad' : 'good', false, now);
    return false;
  }

  /** A new key; undefined: there is no room for it. */
  create(key: string, now: number, limits: Limits | undefined, measured = now): KeyEntry | undefined {
    const entry = new KeyEntry(key, now, this.tools.noData.firstSeen(measured, now), limits);
    if (!this.tools.keys.add(entry)) {
      this.tools.refused();
      return undefined;
    }
    // A key without data must be known after a restart, if it was there before.
    if (this.tools.rules.noDataAfter > 0) this.tools.noted(key);
    return entry;
  }

  /** A sample that cannot be judged may still end a gap. */
  private unjudged(entry: KeyEntry, isLate: boolean, now: number): void {
    if (!isLate && entry.state === 'nodata') {
      this.judged(entry, entry.episode?.fired ? 'band' : 'good', entry.criticalSince > 0, now);
    } else if (entry.heapIndex < 0 && this.tools.rules.noDataAfter > 0) this.tools.rearm(entry, now);
  }

  /** Takes a key along its table, by what is so now. */
  judged(entry: KeyEntry, judgement: Judgement, critical: boolean, now: number): void {
    const fired = entry.episode?.fired === true;
    // The band counts for an alert that is open only.
    const input = judgement === 'band' && !fired ? 'good' : judgement;
    const isNews = critical !== entry.criticalSince > 0;
    if (!isNews && !this.tools.lifecycle.from(entry, input)) {
      // A short cut for a key that keeps alerting. Nothing but its no-data clock may be waiting.
      if (entry.heapIndex < 0) this.tools.rearm(entry, now);
      return;
    }
    if (isNews) entry.criticalSince = critical ? now : 0;
    this.tools.lifecycle.apply(entry, input, now);
    this.tools.changed(entry, now);
  }
}
