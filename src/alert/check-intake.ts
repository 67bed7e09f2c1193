import type { CheckJudge, Finding } from './check-judge';
import { CHECKS, type CheckSubject, checkKey } from './device-check';
import type { KeyEntry } from './keys';
import type { SampleIntake, SampleIntakeTools } from './sample-intake';
import { UsualInterval } from './usual-interval';

/** The machine that has the keys. */
interface Turning {
  turn<T>(action: (now: number) => T): T;
  touch(entry: KeyEntry): void;
  nodeChanged(): void;
}

/** Devices that were removed and are remembered as such. */
const MAX_FORGOTTEN = 1_000;

/** Takes what is known of devices to the keys of their checks. */
export class CheckIntake {
  /** Devices that were removed on purpose, the longest ago first. */
  readonly forgotten = new Set<string>();

  constructor(
    private readonly tools: SampleIntakeTools,
    private readonly intake: SampleIntake,
    private readonly machine: Turning,
  ) {}

  /**
   * What a check found. A key that was never bad is nothing to remember.
   * @returns false if there is no room for it
   */
  take(key: string, subject: CheckSubject, { value, unit, judgement, limits }: Finding): boolean {
    const { tools, intake } = this;
    const known = tools.keys.map.get(key);
    if (!known && (judgement !== 'bad' || !tools.isEnabled())) return true;
    const now = tools.time();
    const entry = tools.keys.map.get(key) ?? intake.create(key, now, limits);
    if (!entry) return false;
    Object.assign(entry, { subject, value, unit, limits });
    tools.keys.touch(entry);
    if (tools.isEnabled()) intake.judged(entry, judgement, false, now);
    return true;
  }

  /**
   * A device was heard of. Its silence is a gap of the key, as missing data are.
   * @param measured as `AlertMachine.sample` takes it
   * @returns false if there is no room for it
   */
  heard(key: string, subject: CheckSubject, judge: CheckJudge, measured: number | undefined): boolean {
    const { tools, intake } = this;
    const now = tools.time();
    let entry = tools.keys.map.get(key);
    if (!entry) {
      // Nobody knows when it last lived, so there is nothing to wait for yet.
      if (measured === Number.NEGATIVE_INFINITY) return true;
      entry = intake.create(key, now, undefined, measured);
      if (!entry) return false;
      entry.usual = UsualInterval.from(now);
    }
    entry.subject = subject;
    const before = entry.lastSeen;
    const lives = measured === undefined || tools.noData.livesBy(entry, measured, now);
    if (measured === undefined) tools.noData.seen(entry, now);
    if (!lives) return true;
    // It was forgotten, and lives: the end that is still to be told does not end what is learnt now.
    entry.isLeaving = false;
    entry.usual ??= UsualInterval.from(now);
    const was = entry.noDataAfter;
    // What came before learning began was kept: it is the last of many, or by a clock that is wrong.
    if (before >= entry.usual.begun) entry.usual.learn(entry.lastSeen - before, now, was);
    entry.noDataAfter = judge.patience(entry.usual, now);
    if (was === undefined && entry.noDataAfter !== undefined) tools.noted(key);
    tools.keys.touch(entry);
    if (entry.state === 'nodata') intake.judged(entry, 'good', false, now);
    else if (entry.heapIndex < 0 && entry.noDataAfter !== undefined) tools.rearm(entry, now);
    return true;
  }

  /** Its silence counts from now on, and what nobody was told of it is over: what it sends through was away. */
  restart(key: string): void {
    const entry = this.tools.keys.map.get(key);
    if (!entry || (entry.episode && entry.notified)) return;
    this.machine.turn((now) => {
      if (entry.episode) this.tools.lifecycle.calm(entry, 'data', now);
      entry.lastSeen = now;
      this.machine.touch(entry);
    });
  }

  /** A device made room for others before anything was learnt of it. Its key must not take that of one that is rare. */
  passed(device: string): void {
    const { keys } = this.tools;
    const entry = keys.map.get(checkKey(device, 'silent'));
    if (entry?.linked && entry.noDataAfter === undefined) keys.remove(entry);
  }

  /**
   * Forgets a device that was removed on purpose.
   * @param isKnown it is, though none of its checks may have a key
   * @returns false: nothing was known of it
   */
  forget(device: string, isKnown: boolean): boolean {
    const { map } = this.tools.keys;
    const entries = CHECKS.flatMap((check) => map.get(checkKey(device, check)) ?? []);
    // Whatever else somebody types would push out what was removed.
    if (!isKnown && entries.length === 0) return false;
    this.forgotten.delete(device);
    this.forgotten.add(device);
    for (const oldest of this.forgotten) {
      if (this.forgotten.size <= MAX_FORGOTTEN) break;
      this.forgotten.delete(oldest);
    }
    this.forgetKeys(entries);
    return true;
  }

  /** Forgets keys. An alert that people know of gets its end first. */
  forgetKeys(entries: readonly KeyEntry[]): void {
    this.machine.turn((now) => {
      for (const entry of entries) {
        entry.noDataAfter = undefined;
        entry.isLeaving = true;
        this.tools.lifecycle.calm(entry, 'forgotten', now);
        this.machine.touch(entry);
      }
      this.machine.nodeChanged();
    });
  }
}
