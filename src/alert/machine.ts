import { JumpWatch, type SteadyClock } from './clock';
import { isCritical, judgeFor, type Verdict } from './condition';
import { Course } from './course';
import { Deadlines } from './deadlines';
import { KeyEntry, KeyStore, shiftEntry } from './keys';
import { LineWatch } from './line-watch';
import { Numbers } from './numbers';
import { RateWindow } from './rate';
import { type Limits, type Rules, rises } from './rules';
import { Silences } from './silences';
import type { AlertEvent, Value } from './states';
import { Teller } from './teller';
import { brief } from './value';
import { Wake } from './wake';
import type { Words } from './words';

export interface MachineOptions {
  rules: Rules;
  /** Where they do not come with the samples. */
  limits: Limits | undefined;
  clock: SteadyClock;
  words: Words;
  /** A new id for an alert, unique among all nodes. */
  newId(): string;
  /**
   * Called at the end of a turn in which something happened. `urgent`: something changed that must outlast the process;
   * it is to be written (`changes`) before people are told of `events`.
   */
  turned(events: AlertEvent[], urgent: boolean): void;
  /** A key is forgotten. */
  forgotten?(key: string): void;
}

/** Rounds in which deadlines may lead to others at the same moment. */
const MOST_ROUNDS = 20;

/** The machine behind a `dinox-alert`: keys, their states by `TRANSITIONS`, and what people are told. */
export class AlertMachine {
  readonly keys: KeyStore;
  /** Keys with an alert that is open, or whose end was not told. */
  readonly active = new Set<KeyEntry>();
  readonly silences = new Silences();
  readonly teller: Teller;
  readonly line: LineWatch;
  readonly course: Course;
  /** False: samples change nothing, and there are no alerts. */
  enabled = true;
  /** Keys that wait for their hold time to be over. */
  readonly waiting = new Set<KeyEntry>();
  /** Keys that found no room, because all others alert. */
  refused = 0;
  /** Of the node: what `set limit` put in place of the configuration. */
  limits: Limits | undefined;
  readonly rules: Rules;
  private readonly deadlines = new Deadlines<KeyEntry>();
  private readonly touched = new Set<KeyEntry>();
  private readonly numbers = new Numbers();
  private readonly watch: JumpWatch;
  private readonly judge: (value: Value, limits: Limits) => Verdict;
  private readonly dirty = new Set<string>();
  private nodeDirty = false;
  private urgent = false;
  private out: AlertEvent[] = [];
  private readonly wake: Wake;
  private quietChange = Number.POSITIVE_INFINITY;
  private busy = false;
  private closed = false;

  constructor(private readonly options: MachineOptions) {
    const { rules } = options;
    this.rules = rules;
    this.limits = options.limits;
    this.watch = new JumpWatch(options.clock);
    this.judge = judgeFor(rules.condition);
    this.keys = new KeyStore(rules.maxKeys, (entry) => this.forgotten(entry));
    this.teller = new Teller({
      rules,
      words: options.words,
      silences: this.silences,
      newId: options.newId,
      over: (number) => this.numbers.free(number),
    });
    this.line = new LineWatch(options.words, options.newId);
    this.course = new Course({
      rules,
      teller: this.teller,
      numbers: this.numbers,
      newId: options.newId,
      clocksRun: () => this.enabled && !this.line.isAway,
      changed: (entry, urgent) => {
        this.dirty.add(entry.key);
        this.touched.add(entry);
        this.placed(entry);
        if (urgent) this.urgent = true;
      },
    });
    this.wake = new Wake(options.clock, () => this.turn(() => undefined));
    this.startQuiet(options.clock.now());
    this.wake.sleep();
  }

  /**
   * A valid sample of a key. Gives its entry as it is after it; undefined where there is no room for another key.
   * `limits`: of this sample, where they are not those of the node.
   */
  sample(key: string, value: Value, unit: string, limits = this.limits): KeyEntry | undefined {
    const now = this.time();
    const entry = this.keys.map.get(key) ?? this.create(key, now, limits);
    if (!entry) return undefined;
    entry.lastSeen = now;
    entry.silent = false;
    entry.unit = unit;
    entry.limits = limits;
    this.keys.touch(entry);
    const judged = this.rules.condition === 'rate' ? this.rateOf(entry, now, value) : value;
    if (judged !== undefined) entry.value = typeof judged === 'string' ? brief(judged) : judged;
    if (!this.enabled || !limits) return entry;
    const { verdict, critical } = this.verdictOf(entry, judged, limits);
    const isQuiet = entry.state === 'normal' && verdict !== 'bad' && !critical && entry.criticalSince === 0;
    if (isQuiet) {
      if (entry.heapIndex < 0 && this.rules.noDataAfter > 0) this.rearm(entry, now);
      return entry;
    }
    this.judged(entry, verdict, critical, now);
    return entry;
  }

  /** A sample that was none: counted; time goes on. */
  invalid(key: string): KeyEntry | undefined {
    this.time();
    const entry = this.keys.map.get(key);
    if (entry) entry.invalid += 1;
    return entry;
  }

  /** Does something to the machine, and all that follows from it. */
  turn<T>(action: (now: number) => T): T {
    const now = this.time();
    const result = action(now);
    this.advance(now);
    return result;
  }

  /** Marks a key as changed within a turn. */
  touch(entry: KeyEntry): void {
    this.touched.add(entry);
    this.changed(entry);
  }

  /** Something of the node itself changed (silences, enabled, limits). */
  nodeChanged(): void {
    this.nodeDirty = true;
    this.urgent = true;
    for (const entry of this.active) this.touched.add(entry);
  }

  /** The connection that the samples come over is away, or there again. */
  connection(isThere: boolean): void {
    this.turn((now) => {
      if (isThere) {
        const gone = this.line.back(now, this.out);
        for (const entry of this.keys.map.values()) entry.lastSeen = Math.min(now, entry.lastSeen + gone);
      } else {
        let first = Number.POSITIVE_INFINITY;
        if (this.rules.noDataAfter > 0 && this.enabled) {
          for (const entry of this.keys.map.values()) {
            if (!entry.silent) first = Math.min(first, entry.lastSeen + this.rules.noDataAfter);
          }
        }
        this.line.away(now, first);
      }
      this.nodeDirty = true;
      if (isThere) for (const entry of this.keys.map.values()) this.rearm(entry, now);
    });
  }

  /** What changed since the last call, for the journal: keys by name, and whether something of the node did. */
  takeChanges(): { keys: Set<string>; node: boolean } {
    const changes = { keys: new Set(this.dirty), node: this.nodeDirty };
    this.dirty.clear();
    this.nodeDirty = false;
    return changes;
  }

  get hasChanges(): boolean {
    return this.nodeDirty || this.dirty.size > 0;
  }

  /** Takes over a key as it was written down. Only before the first turn. */
  adopt(entry: KeyEntry): void {
    if (!this.keys.add(entry)) return;
    if (entry.episode) this.numbers.occupy(entry.episode.number);
    else if (entry.told) this.numbers.occupy(entry.told.number);
    this.touched.add(entry);
    this.placed(entry);
  }

  /** Deals with what fell due while nobody was there. */
  begin(wasQuiet: boolean): void {
    if (wasQuiet) {
      this.teller.quiet = true;
      this.quietChange = 0;
    }
    this.turn(() => undefined);
  }

  close(): void {
    this.closed = true;
    this.wake.close();
  }

  private time(): number {
    const now = this.options.clock.now();
    if (this.watch.isOdd(now)) {
      const { jumped } = this.watch.look();
      if (jumped !== 0) this.shift(jumped);
    }
    if (now >= this.wake.at && !this.busy) this.advance(now);
    return now;
  }

  /** The clock was set: everything that was begun goes on as if it had always been right. */
  private shift(ms: number): void {
    for (const entry of this.keys.map.values()) shiftEntry(entry, ms);
    this.deadlines.shift(ms);
    this.silences.shift(ms);
    this.teller.shift(ms);
    this.line.shift(ms);
    this.wake.shift(ms);
    // These go by the clock on the wall.
    if (this.rules.quietHours) this.quietChange = 0;
    this.wake.at = Math.min(this.wake.at, this.quietChange);
    for (const key of this.keys.map.keys()) this.dirty.add(key);
    this.nodeDirty = true;
  }

  private create(key: string, now: number, limits: Limits | undefined): KeyEntry | undefined {
    const entry = new KeyEntry(key, now, now, limits);
    if (!this.keys.add(entry)) {
      this.refused += 1;
      return undefined;
    }
    // Whether a key that is silent was there before is worth knowing after a restart.
    if (this.rules.noDataAfter > 0) this.noted(key);
    return entry;
  }

  private rateOf(entry: KeyEntry, now: number, value: Value): number | undefined {
    entry.rate ??= new RateWindow(this.rules.rateWindow, rises('rate', entry.limits?.low ?? 0));
    return entry.rate.add(now, value as number);
  }

  private verdictOf(
    entry: KeyEntry,
    value: Value | undefined,
    limits: Limits,
  ): { verdict: Verdict; critical: boolean } {
    // No rate yet: an alert goes on, and silence is over.
    if (value === undefined) return { verdict: entry.episode?.fired ? 'band' : 'good', critical: false };
    return { verdict: this.judge(value, limits), critical: isCritical(value, limits) };
  }

  private judged(entry: KeyEntry, verdict: Verdict, critical: boolean, now: number): void {
    const fired = entry.episode?.fired === true;
    // The band counts for an alert that is open only.
    const input = verdict === 'band' && !fired ? 'good' : verdict;
    const isNews = critical !== entry.criticalSince > 0;
    if (!isNews && !this.course.from(entry, input)) {
      // A short cut for a key that goes on alerting; but nothing else than its no-data clock may wait.
      if (entry.heapIndex < 0) this.rearm(entry, now);
      return;
    }
    if (isNews) entry.criticalSince = critical ? now : 0;
    this.course.apply(entry, input, now);
    this.touched.add(entry);
    this.dirty.add(entry.key);
    this.advance(now);
  }

  /** Deals with everything that is due, and tells. */
  private advance(now: number): void {
    if (this.busy || this.closed) return;
    this.busy = true;
    try {
      for (let round = 0; round < MOST_ROUNDS; round++) {
        this.advanceNode(now);
        for (let entry = this.deadlines.take(now); entry; entry = this.deadlines.take(now)) {
          this.touched.add(entry);
        }
        const touched = [...this.touched];
        this.touched.clear();
        for (const entry of touched) this.settle(entry, now);
        if (this.nextDue() > now && this.touched.size === 0) break;
      }
    } finally {
      this.busy = false;
    }
    this.finish(now);
  }

  private settle(entry: KeyEntry, now: number): void {
    if (!this.keys.map.has(entry.key)) return;
    this.course.tick(entry, now);
    const before = this.out.length;
    const { told } = entry;
    this.teller.reconcile(entry, now, this.out);
    if (this.out.length > before || entry.told !== told) this.changed(entry);
    this.placed(entry);
    this.deadlines.want(entry, this.course.dueOf(entry, now));
  }

  /** Silences that end, quiet hours, alerts that gather, the connection. */
  private advanceNode(now: number): void {
    const { teller, out } = this;
    if (this.silences.end(({ until }) => until <= now) > 0) this.nodeChanged();
    if (now >= this.quietChange) {
      const was = teller.quiet;
      this.startQuiet(now);
      this.nodeDirty = true;
      if (was && !teller.quiet) this.tellAll((all) => teller.tellHeld(all, now, out));
      for (const entry of this.active) this.touched.add(entry);
    }
    if (now >= teller.groupDue) this.tellAll(() => teller.tellGathered(now, out));
    this.line.look(now, out);
  }

  private tellAll(action: (entries: KeyEntry[]) => void): void {
    const all = [...this.active];
    action(all);
    for (const entry of all) this.touch(entry);
    this.nodeDirty = true;
    this.urgent = true;
  }

  private startQuiet(now: number): void {
    const { quietHours } = this.rules;
    this.teller.quiet = quietHours?.isQuiet(now) ?? false;
    this.quietChange = quietHours?.nextChange(now) ?? Number.POSITIVE_INFINITY;
  }

  private finish(now: number): void {
    this.wake.at = this.nextDue();
    if (this.wake.at <= now) this.wake.at = now + 1_000;
    this.wake.sleep();
    const { out, urgent } = this;
    if (out.length === 0 && !urgent && !this.hasChanges) return;
    this.out = [];
    this.urgent = false;
    this.options.turned(out, urgent || out.length > 0);
  }

  private nextDue(): number {
    return Math.min(
      this.deadlines.next,
      this.silences.next,
      this.quietChange,
      this.teller.groupDue,
      this.line.due,
    );
  }

  private rearm(entry: KeyEntry, now: number): void {
    this.deadlines.want(entry, this.course.dueOf(entry, now));
    if (this.deadlines.next >= this.wake.at) return;
    this.wake.at = this.deadlines.next;
    this.wake.sleep();
  }

  /** Keeps the sets of active and of quiet keys right. */
  private placed(entry: KeyEntry): void {
    if (entry.active) this.active.add(entry);
    else this.active.delete(entry);
    if (entry.state === 'pending') this.waiting.add(entry);
    else this.waiting.delete(entry);
    this.keys.place(entry);
  }

  private changed(entry: KeyEntry): void {
    this.dirty.add(entry.key);
    this.urgent = true;
  }

  /** Something that may be written a little later. */
  private noted(key: string): void {
    this.dirty.add(key);
    if (!this.busy) this.options.turned([], false);
  }

  private forgotten(entry: KeyEntry): void {
    this.deadlines.remove(entry);
    this.touched.delete(entry);
    this.active.delete(entry);
    this.waiting.delete(entry);
    this.teller.forget(entry);
    if (this.rules.noDataAfter > 0 || this.dirty.has(entry.key)) this.noted(entry.key);
    this.options.forgotten?.(entry.key);
  }
}
