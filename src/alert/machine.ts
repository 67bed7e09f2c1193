import { CheckIntake } from './check-intake';
import { ConnectionWatch } from './connection-watch';
import { DeadlineHeap } from './deadline-heap';
import { DeadlineTimer } from './deadline-timer';
import type { HeldBy, ParentKind } from './dependents';
import { type KeyEntry, type Keyed, KeyStore, shiftEntry } from './keys';
import { KeyLifecycle } from './lifecycle';
import type { Limits } from './limits';
import type { MachineOptions } from './machine-options';
import { NoDataWatch } from './no-data-watch';
import { Notifier } from './notifier';
import { type NodeNumbers, NumberPool } from './number-pool';
import { PastAlerts } from './past-alerts';
import type { DayNumber } from './quiet-grammar';
import { keepNumbers, renumber } from './renumber';
import type { Rules } from './rules';
import { SampleIntake } from './sample-intake';
import { Silences } from './silences';
import type { AlertEvent, Value } from './states';
import { ClockJumpDetector } from './steady-clock';
import { UnsavedChanges } from './unsaved-changes';

/** Rounds in which deadlines may lead to others at the same moment. */
const MAX_ROUNDS = 20;

/** The machine behind a `dinox-alert`: keys, their states by `TRANSITIONS`, and notifications. */
export class AlertMachine {
  readonly keys: KeyStore;
  /** Keys with an open alert, or with one whose end was not notified. */
  readonly active = new Set<KeyEntry>();
  readonly silences = new Silences();
  readonly notifier: Notifier;
  readonly connectionWatch: ConnectionWatch;
  readonly noData: NoDataWatch;
  readonly lifecycle: KeyLifecycle;
  readonly past = new PastAlerts();
  readonly checks: CheckIntake;
  /** False: samples change nothing, and there are no alerts. */
  enabled = true;
  keyed: Keyed | undefined;
  /** Keys that wait for their hold time to be over. */
  readonly waiting = new Set<KeyEntry>();
  /** Keys that found no room, because all others alert. */
  refused = 0;
  /** Limits of the node that `set limit` put in place of the configuration. */
  limits: Limits | undefined;
  readonly rules: Rules;
  private readonly deadlines = new DeadlineHeap<KeyEntry>();
  private readonly touched = new Set<KeyEntry>();
  private readonly numbers: NodeNumbers;
  private readonly clockJumps: ClockJumpDetector;
  private readonly intake: SampleIntake;
  private readonly unsaved = new UnsavedChanges();
  private out: AlertEvent[] = [];
  private readonly timer: DeadlineTimer;
  private busy = false;
  private closed = false;

  constructor(private readonly options: MachineOptions) {
    const { rules } = options;
    this.rules = rules;
    this.limits = options.limits;
    this.numbers = options.numbers ?? new NumberPool().of('');
    this.clockJumps = new ClockJumpDetector(options.clock);
    this.keys = new KeyStore(rules.maxKeys, (entry) => this.forgotten(entry));
    this.notifier = new Notifier({
      rules,
      words: options.words,
      silences: this.silences,
      newId: options.newId,
      dependencies: options.dependencies,
      over: (number) => this.numbers.free(number),
    });
    this.connectionWatch = new ConnectionWatch(options.words, options.newId);
    this.noData = new NoDataWatch(rules.noDataAfter, this.keys, this.connectionWatch, options.clock.now(), {
      changed: (key) => this.noted(key),
      runs: (entry, now) => this.rearm(entry, now),
    });
    this.lifecycle = new KeyLifecycle({
      ...{ rules, notifier: this.notifier, numbers: this.numbers, newId: options.newId },
      clocksRun: () => this.enabled && !this.connectionWatch.isAway,
      listenUntil: () => this.noData.stalls.listenUntil,
      allowed: (entry) => this.noData.allowed(entry),
      ...{ unitOf: options.unitOf, opened: (entry) => options.dependencies?.opened(entry) },
      ended: (entry, episode, now) => {
        options.dependencies?.closed(entry);
        this.past.ended(entry, episode, now, options.words);
      },
      changed: (entry, urgent) => {
        this.unsaved.note(entry.key);
        this.touched.add(entry);
        this.placed(entry);
        if (urgent) this.unsaved.urgent = true;
      },
    });
    const intake = {
      ...{ rules, keys: this.keys, noData: this.noData, lifecycle: this.lifecycle },
      isEnabled: (): boolean => this.enabled,
      time: (): number => this.time(),
      refused: (): void => {
        this.refused += 1;
      },
      noted: (key: string): void => this.noted(key),
      rearm: (entry: KeyEntry, now: number): void => this.rearm(entry, now),
      changed: (entry: KeyEntry, now: number): void => {
        this.touched.add(entry);
        this.unsaved.note(entry.key);
        this.advance(now);
      },
    };
    this.intake = new SampleIntake(intake);
    this.checks = new CheckIntake(intake, this.intake, this);
    options.dependencies?.attach(this);
    this.timer = new DeadlineTimer(options.clock, () => this.turn(() => undefined));
    this.notifier.startQuiet(options.clock.now());
    this.timer.sleep();
  }

  /**
   * Takes a valid sample of a key and returns its updated entry; undefined if there is no room for another key.
   * @param limits of this sample, if they are not those of the node; undefined if they are not known: it is a sign of
   * life anyway
   * @param measured milliseconds since the epoch, if that was not just now; `KEPT` if nobody knows: then it is no sign
   * of life
   */
  sample(
    key: string,
    value: Value,
    unit: string,
    limits: Limits | undefined = this.limits,
    measured?: number,
  ): KeyEntry | undefined {
    return this.intake.sample(this.time(), key, value, unit, limits, measured);
  }

  /**
   * A topic or a connection on which keys depend is down or up, which is an alert of its own.
   * @returns true if there is no room for it
   */
  parent(key: string, kind: ParentKind, isDown: boolean, value: Value): boolean {
    return this.intake.parent(key, kind, isDown, value);
  }

  /** The alert that holds the telling about a key back. */
  heldBy(entry: KeyEntry): HeldBy | undefined {
    return this.options.dependencies?.heldBy(entry);
  }

  /** A key, or what it depends on, is to be looked at soon. */
  wake(entry?: KeyEntry): void {
    if (entry) this.touched.add(entry);
    if (this.busy) return;
    this.timer.at = Math.min(this.timer.at, this.options.clock.now());
    this.timer.sleep();
  }

  /** Counts an invalid sample; time goes on. */
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
    this.unsaved.noteNode();
    this.unsaved.urgent = true;
    for (const entry of this.active) this.touched.add(entry);
  }

  /** These days count as Sunday, in place of those before. */
  setHolidays(days: readonly DayNumber[]): void {
    this.turn(() => {
      this.notifier.holidays = new Set(days);
      this.notifier.quietChange = 0;
    });
  }

  /** The connection that the samples come over is away, or there again. */
  connection(isThere: boolean): void {
    this.turn((now) => {
      if (isThere) {
        const { downFor, event } = this.connectionWatch.back(now);
        if (event) this.out.push(event);
        this.noData.forgive(downFor, now);
      } else this.connectionWatch.away(now, this.enabled ? this.noData.firstDue() : Number.POSITIVE_INFINITY);
      this.unsaved.noteNode();
      if (isThere) for (const entry of this.keys.map.values()) this.rearm(entry, now);
    });
  }

  /** Changes since the last call, for the journal: keys by name, and whether something of the node changed. */
  takeChanges(): { keys: Set<string>; node: boolean } {
    return this.unsaved.take();
  }

  get hasChanges(): boolean {
    return !this.unsaved.isEmpty;
  }

  /** Marks the keys whose gap is worth writing down, should the process end without a word. */
  noteNoDataTimes(): void {
    for (const key of this.noData.notable(this.time())) this.unsaved.note(key);
  }

  /** Takes over a key as it was written down. Only before the first turn. */
  adopt(entry: KeyEntry): void {
    if (!this.keys.add(entry)) return;
    keepNumbers(entry, this.notifier.grouped.list, this.numbers);
    this.touched.add(entry);
    this.placed(entry);
    if (entry.episode) this.options.dependencies?.opened(entry);
  }

  /** The alert with this number has another one now. */
  moved(from: number, to: number): void {
    for (const entry of this.active) {
      if (renumber(entry, this.notifier.grouped.list, from, to)) this.unsaved.note(entry.key);
    }
  }

  /** Handles deadlines that passed while the process did not run. */
  begin(wasQuiet: boolean): void {
    if (wasQuiet) {
      this.notifier.quiet = true;
      this.notifier.quietChange = 0;
    }
    this.turn(() => undefined);
  }

  close(): void {
    this.closed = true;
    this.timer.close();
  }

  private time(): number {
    const now = this.options.clock.now();
    if (this.clockJumps.isOdd(now)) {
      const { jumped } = this.clockJumps.look();
      if (jumped !== 0) this.shift(jumped, now);
    }
    if (now >= this.timer.at && !this.busy) {
      this.noData.look(now, this.timer.at);
      this.advance(now);
    }
    this.noData.stalls.alive = now;
    return now;
  }

  /** The clock was set: everything under way continues as if it had always been right. */
  private shift(ms: number, now: number): void {
    for (const entry of this.keys.map.values()) shiftEntry(entry, ms);
    const { deadlines, silences, notifier, connectionWatch, timer, noData } = this;
    for (const one of [deadlines, silences, notifier, connectionWatch, timer, noData.stalls]) one.shift(ms);
    // These go by the clock on the wall. They are due now, and not late: we did not stand still.
    if (this.rules.quietHours) notifier.quietChange = now;
    if (this.rules.digest) notifier.digestDue = Math.min(notifier.digestDue, this.rules.digest.next(now));
    timer.at = Math.min(timer.at, Math.max(now, this.nextDue()));
    timer.sleep();
    for (const key of this.keys.map.keys()) this.unsaved.note(key);
    this.unsaved.noteNode();
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
        // All states come first: a key may hold another one back.
        for (const entry of touched) if (this.keys.map.has(entry.key)) this.lifecycle.tick(entry, now);
        for (const entry of touched) this.settle(entry, now);
        // The end of what held back is told first.
        if (this.options.dependencies?.takeChanged())
          this.tellAll((all) => this.notifier.tellReleased(all, now));
        if (this.nextDue() > now && this.touched.size === 0) break;
      }
    } finally {
      this.busy = false;
    }
    this.finish(now);
  }

  private settle(entry: KeyEntry, now: number): void {
    if (!this.keys.map.has(entry.key)) return;
    const { notified } = entry;
    const events = this.notifier.reconcile(entry, now);
    if (events.length > 0) this.out.push(...events);
    if (events.length > 0 || entry.notified !== notified) this.changed(entry);
    this.placed(entry);
    this.deadlines.want(entry, this.lifecycle.dueOf(entry, now));
    if (entry.isLeaving && !entry.active) this.keys.remove(entry);
  }

  /** Silences that end, quiet hours, alerts that gather, the connection. */
  private advanceNode(now: number): void {
    const { notifier, unsaved } = this;
    if (this.silences.end(({ until }) => until <= now) > 0) this.nodeChanged();
    if (now >= notifier.quietChange) {
      const isOver = notifier.startQuiet(now);
      unsaved.noteNode();
      if (isOver) this.tellAll((all) => notifier.tellSuppressed(all, now));
      for (const entry of this.active) this.touched.add(entry);
    }
    if (now >= notifier.groupDue) this.tellAll(() => notifier.tellGathered(now));
    if (now >= Math.max(notifier.digestDue, notifier.repliesUntil))
      this.tellAll((all) => notifier.tellDigest(all, now));
    const event = this.connectionWatch.look(now);
    if (event) this.out.push(event);
  }

  private tellAll(eventsOf: (entries: KeyEntry[]) => readonly AlertEvent[]): void {
    const all = [...this.active];
    this.out.push(...eventsOf(all));
    for (const entry of all) this.touch(entry);
    this.unsaved.noteNode();
    this.unsaved.urgent = true;
  }

  private finish(now: number): void {
    this.timer.at = this.nextDue();
    if (this.timer.at <= now) this.timer.at = now + 1_000;
    this.timer.sleep();
    const { out, unsaved } = this;
    const { urgent } = unsaved;
    if (out.length === 0 && !urgent && unsaved.isEmpty) return;
    this.out = [];
    unsaved.urgent = false;
    this.options.turned(out, urgent || out.length > 0);
  }

  private nextDue(): number {
    const { deadlines, silences, notifier, connectionWatch } = this;
    return Math.min(
      deadlines.next,
      silences.next,
      notifier.quietChange,
      notifier.groupDue,
      Math.max(notifier.digestDue, notifier.repliesUntil),
      connectionWatch.due,
      this.options.dependencies?.due ?? Number.POSITIVE_INFINITY,
    );
  }

  private rearm(entry: KeyEntry, now: number): void {
    this.deadlines.want(entry, this.lifecycle.dueOf(entry, now));
    if (this.deadlines.next >= this.timer.at) return;
    this.timer.at = this.deadlines.next;
    this.timer.sleep();
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
    this.unsaved.note(entry.key);
    this.unsaved.urgent = true;
  }

  /** Something that may be written a little later. */
  private noted(key: string): void {
    this.unsaved.note(key);
    if (!this.busy) this.options.turned([], false);
  }

  private forgotten(entry: KeyEntry): void {
    this.deadlines.remove(entry);
    for (const set of [this.touched, this.active, this.waiting]) set.delete(entry);
    this.notifier.forget(entry);
    if (this.rules.noDataAfter > 0 || entry.usual || this.unsaved.has(entry.key)) this.noted(entry.key);
    this.options.forgotten?.(entry.key);
  }
}
