import type { Verdict } from './condition';
import { ConnectionWatch } from './connection-watch';
import { DeadlineTimer } from './deadline-timer';
import { Deadlines } from './deadlines';
import { KeyEntry, KeyStore, shiftEntry } from './keys';
import { KeyLifecycle } from './lifecycle';
import type { Texts } from './message-texts';
import { SilenceWatch } from './no-data-watch';
import { Notifier } from './notifier';
import { type NodeNumbers, NumberPool } from './number-pool';
import { keepNumbers, renumber } from './renumber';
import { Judge } from './rule-evaluator';
import type { Limits, Rules } from './rules';
import { brief } from './sample-value';
import { Silences } from './silences';
import type { AlertEvent, Value } from './states';
import { ClockJumpDetector, type SteadyClock } from './steady-clock';
import { Ledger } from './unsaved-changes';

export interface MachineOptions {
  rules: Rules;
  /** Where they do not come with the samples. */
  limits: Limits | undefined;
  clock: SteadyClock;
  words: Texts;
  /** A new id for an alert, unique among all nodes. */
  newId(): string;
  /** Where short numbers come from. @default from no other node */
  numbers?: NodeNumbers | undefined;
  /**
   * Called at the end of a turn in which something happened. `urgent`: something changed that must outlast the process;
   * it is to be written (`changes`) before people are told of `events`.
   */
  turned(events: AlertEvent[], urgent: boolean): void;
  /** A key is forgotten. */
  forgotten?(key: string): void;
}

/** Rounds in which deadlines may lead to others at the same moment. */
const MAX_ROUNDS = 20;

/** The machine behind a `dinox-alert`: keys, their states by `TRANSITIONS`, and what people are told. */
export class AlertMachine {
  readonly keys: KeyStore;
  /** Keys with an alert that is open, or whose end was not told. */
  readonly active = new Set<KeyEntry>();
  readonly silences = new Silences();
  readonly notifier: Notifier;
  readonly line: ConnectionWatch;
  readonly silence: SilenceWatch;
  readonly lifecycle: KeyLifecycle;
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
  private readonly numbers: NodeNumbers;
  private readonly watch: ClockJumpDetector;
  private readonly judge: Judge;
  private readonly ledger = new Ledger();
  private out: AlertEvent[] = [];
  private readonly wake: DeadlineTimer;
  private quietChange = Number.POSITIVE_INFINITY;
  private busy = false;
  private closed = false;

  constructor(private readonly options: MachineOptions) {
    const { rules } = options;
    this.rules = rules;
    this.limits = options.limits;
    this.numbers = options.numbers ?? new NumberPool().of('');
    this.watch = new ClockJumpDetector(options.clock);
    this.judge = new Judge(rules);
    this.keys = new KeyStore(rules.maxKeys, (entry) => this.forgotten(entry));
    this.notifier = new Notifier({
      rules,
      words: options.words,
      silences: this.silences,
      newId: options.newId,
      over: (number) => this.numbers.free(number),
    });
    this.line = new ConnectionWatch(options.words, options.newId);
    this.silence = new SilenceWatch(rules.noDataAfter, this.keys, this.line, options.clock.now(), {
      changed: (key) => this.noted(key),
      runs: (entry, now) => this.rearm(entry, now),
    });
    this.lifecycle = new KeyLifecycle({
      rules,
      notifier: this.notifier,
      numbers: this.numbers,
      newId: options.newId,
      clocksRun: () => this.enabled && !this.line.isAway,
      listenUntil: () => this.silence.pause.listenUntil,
      changed: (entry, urgent) => {
        this.ledger.note(entry.key);
        this.touched.add(entry);
        this.placed(entry);
        if (urgent) this.ledger.urgent = true;
      },
    });
    this.wake = new DeadlineTimer(options.clock, () => this.turn(() => undefined));
    this.startQuiet(options.clock.now());
    this.wake.sleep();
  }

  /**
   * A valid sample of a key. Gives its entry as it is after it; undefined where there is no room for another key.
   * @param limits of this sample, where they are not those of the node; undefined where they are not known: it is a
   *   sign of life all the same
   * @param measured when, in milliseconds since the epoch, where that was not just now; `KEPT` where nobody knows: it
   *   is no sign of life then
   */
  sample(
    key: string,
    value: Value,
    unit: string,
    limits: Limits | undefined = this.limits,
    measured?: number,
  ): KeyEntry | undefined {
    const now = this.time();
    const entry = this.keys.map.get(key) ?? this.create(key, now, limits, measured);
    if (!entry) return undefined;
    let isLate = false;
    if (measured === undefined) this.silence.seen(entry, now);
    else isLate = !this.silence.livesBy(entry, measured, now);
    entry.unit = unit;
    if (limits) entry.limits = limits;
    this.keys.touch(entry);
    const judged = this.judge.valueOf(entry, value, now, measured);
    if (judged !== undefined) entry.value = typeof judged === 'string' ? brief(judged) : judged;
    if (!this.enabled) return entry;
    const isNoNews = measured !== undefined && (judged === undefined || (isLate && entry.state === 'nodata'));
    if (!limits || isNoNews) {
      this.unjudged(entry, isLate, now);
      return entry;
    }
    const { verdict, critical } = this.judge.verdictOf(entry, judged, limits);
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
    this.ledger.noteNode();
    this.ledger.urgent = true;
    for (const entry of this.active) this.touched.add(entry);
  }

  /** The connection that the samples come over is away, or there again. */
  connection(isThere: boolean): void {
    this.turn((now) => {
      if (isThere) this.silence.forgive(this.line.back(now, this.out), now);
      else this.line.away(now, this.enabled ? this.silence.firstDue() : Number.POSITIVE_INFINITY);
      this.ledger.noteNode();
      if (isThere) for (const entry of this.keys.map.values()) this.rearm(entry, now);
    });
  }

  /** What changed since the last call, for the journal: keys by name, and whether something of the node did. */
  takeChanges(): { keys: Set<string>; node: boolean } {
    return this.ledger.take();
  }

  get hasChanges(): boolean {
    return !this.ledger.isEmpty;
  }

  /** Marks the keys whose silence is worth writing down, should the process end without a word. */
  noteSilences(): void {
    for (const key of this.silence.notable(this.time())) this.ledger.note(key);
  }

  /** Takes over a key as it was written down. Only before the first turn. */
  adopt(entry: KeyEntry): void {
    if (!this.keys.add(entry)) return;
    keepNumbers(entry, this.notifier.groups, this.numbers);
    this.touched.add(entry);
    this.placed(entry);
  }

  /** The alert with this number has another one now. */
  moved(from: number, to: number): void {
    for (const entry of this.active) {
      if (renumber(entry, this.notifier.groups, from, to)) this.ledger.note(entry.key);
    }
  }

  /** Deals with what fell due while nobody was there. */
  begin(wasQuiet: boolean): void {
    if (wasQuiet) {
      this.notifier.quiet = true;
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
    if (now >= this.wake.at && !this.busy) {
      this.silence.look(now, this.wake.at);
      this.advance(now);
    }
    this.silence.pause.alive = now;
    return now;
  }

  /** The clock was set: everything that was begun goes on as if it had always been right. */
  private shift(ms: number): void {
    for (const entry of this.keys.map.values()) shiftEntry(entry, ms);
    const { deadlines, silences, notifier, line, wake, silence } = this;
    for (const one of [deadlines, silences, notifier, line, wake, silence.pause]) one.shift(ms);
    // These go by the clock on the wall.
    if (this.rules.quietHours) this.quietChange = 0;
    this.wake.at = Math.min(this.wake.at, this.quietChange);
    for (const key of this.keys.map.keys()) this.ledger.note(key);
    this.ledger.noteNode();
  }

  private create(key: string, now: number, limits: Limits | undefined, measured = now): KeyEntry | undefined {
    const entry = new KeyEntry(key, now, this.silence.firstSeen(measured, now), limits);
    if (!this.keys.add(entry)) {
      this.refused += 1;
      return undefined;
    }
    // Whether a key that is silent was there before is worth knowing after a restart.
    if (this.rules.noDataAfter > 0) this.noted(key);
    return entry;
  }

  /** A sample that nobody can judge: it may end a silence all the same. */
  private unjudged(entry: KeyEntry, isLate: boolean, now: number): void {
    if (!isLate && entry.state === 'nodata') {
      this.judged(entry, entry.episode?.fired ? 'band' : 'good', entry.criticalSince > 0, now);
    } else if (entry.heapIndex < 0 && this.rules.noDataAfter > 0) this.rearm(entry, now);
  }

  private judged(entry: KeyEntry, verdict: Verdict, critical: boolean, now: number): void {
    const fired = entry.episode?.fired === true;
    // The band counts for an alert that is open only.
    const input = verdict === 'band' && !fired ? 'good' : verdict;
    const isNews = critical !== entry.criticalSince > 0;
    if (!isNews && !this.lifecycle.from(entry, input)) {
      // A short cut for a key that goes on alerting; but nothing else than its no-data clock may wait.
      if (entry.heapIndex < 0) this.rearm(entry, now);
      return;
    }
    if (isNews) entry.criticalSince = critical ? now : 0;
    this.lifecycle.apply(entry, input, now);
    this.touched.add(entry);
    this.ledger.note(entry.key);
    this.advance(now);
  }

  /** Deals with everything that is due, and tells. */
  private advance(now: number): void {
    if (this.busy || this.closed) return;
    this.busy = true;
    try {
      for (let round = 0; round < MAX_ROUNDS; round++) {
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
    this.lifecycle.tick(entry, now);
    const before = this.out.length;
    const { told } = entry;
    this.notifier.reconcile(entry, now, this.out);
    if (this.out.length > before || entry.told !== told) this.changed(entry);
    this.placed(entry);
    this.deadlines.want(entry, this.lifecycle.dueOf(entry, now));
  }

  /** Silences that end, quiet hours, alerts that gather, the connection. */
  private advanceNode(now: number): void {
    const { notifier, out, ledger } = this;
    if (this.silences.end(({ until }) => until <= now) > 0) this.nodeChanged();
    if (now >= this.quietChange) {
      const was = notifier.quiet;
      this.startQuiet(now);
      ledger.noteNode();
      if (was && !notifier.quiet) this.tellAll((all) => notifier.tellHeld(all, now, out));
      for (const entry of this.active) this.touched.add(entry);
    }
    if (now >= notifier.groupDue) this.tellAll(() => notifier.tellGathered(now, out));
    this.line.look(now, out);
  }

  private tellAll(action: (entries: KeyEntry[]) => void): void {
    const all = [...this.active];
    action(all);
    for (const entry of all) this.touch(entry);
    this.ledger.noteNode();
    this.ledger.urgent = true;
  }

  private startQuiet(now: number): void {
    const { quietHours } = this.rules;
    this.notifier.quiet = quietHours?.isQuiet(now) ?? false;
    this.quietChange = quietHours?.nextChange(now) ?? Number.POSITIVE_INFINITY;
  }

  private finish(now: number): void {
    this.wake.at = this.nextDue();
    if (this.wake.at <= now) this.wake.at = now + 1_000;
    this.wake.sleep();
    const { out, ledger } = this;
    const { urgent } = ledger;
    if (out.length === 0 && !urgent && ledger.isEmpty) return;
    this.out = [];
    ledger.urgent = false;
    this.options.turned(out, urgent || out.length > 0);
  }

  private nextDue(): number {
    const { deadlines, silences, notifier, line } = this;
    return Math.min(deadlines.next, silences.next, this.quietChange, notifier.groupDue, line.due);
  }

  private rearm(entry: KeyEntry, now: number): void {
    this.deadlines.want(entry, this.lifecycle.dueOf(entry, now));
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
    this.ledger.note(entry.key);
    this.ledger.urgent = true;
  }

  /** Something that may be written a little later. */
  private noted(key: string): void {
    this.ledger.note(key);
    if (!this.busy) this.options.turned([], false);
  }

  private forgotten(entry: KeyEntry): void {
    this.deadlines.remove(entry);
    for (const set of [this.touched, this.active, this.waiting]) set.delete(entry);
    this.notifier.forget(entry);
    if (this.rules.noDataAfter > 0 || this.ledger.has(entry.key)) this.noted(entry.key);
    this.options.forgotten?.(entry.key);
  }
}
