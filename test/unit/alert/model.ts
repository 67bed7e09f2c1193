/**
 * A second machine, written to be obviously right and not to be fast: no deadlines, no heap, no clock that can be set.
 * Every second it looks at every key and asks how long ago things were. Times are seconds that really went by.
 */
export interface ModelRules {
  hold: number;
  keep: number;
  band: number;
  critical: number | undefined;
  /** Lower limits of `outside`; undefined for `above`. */
  lower: { limit: number; critical: number | undefined } | undefined;
  noData: number;
  noDataAs: 'alert' | 'keep' | 'normal';
  repeat: number;
  escalate: number;
  cooldown: number;
  sendResolved: boolean;
  /** The key on which all others depend, or all keys if it is one of another node. */
  parent: string | undefined;
  isElsewhere: boolean;
  /** Quiet hours: what is quiet, by milliseconds since the epoch, with the days that count as Sunday. */
  quiet: ((at: number, holidays: boolean) => boolean) | undefined;
  quietPass: 'critical' | 'none';
}

export const LIMIT = 20;

interface Alert {
  name: number;
  began: number;
  fired: boolean;
  critical: boolean;
  byTime: boolean;
  acked: number | undefined;
  /** When it was acknowledged, and when that expires. */
  ackedAt: number | undefined;
  until: number | undefined;
  /** When it last expired; undefined: not since somebody acknowledged. */
  expired: number | undefined;
  /** Number of keys that it holds back. */
  holds: number;
}

interface Known {
  name: number;
  state: 'firing' | 'nodata';
  critical: boolean;
  acked: number | undefined;
  rang: number;
  /** `expired` when it last rang. */
  expired: number | undefined;
  /** `holds` as it was last told, and when. */
  holds: number;
  edited: number;
  why: string;
}

class Key {
  state = 'normal';
  since = 0;
  seen = 0;
  silent = false;
  beyond: number | undefined;
  alert: Alert | undefined;
  known: Known | undefined;
  rangBegin = Number.NEGATIVE_INFINITY;
  /** The parent's alert that counted it. */
  heldFor: number | undefined;
  /** It has been held back, and nobody has been told of it since. */
  waits = false;
}

export class Model {
  readonly keys = new Map<string, Key>();
  messages: string[] = [];
  private time = 0;
  private on = true;
  private silences: { key: string; until: number }[] = [];
  private names = 0;
  private acks = 0;
  private isQuiet: boolean;
  private holidays = false;
  /** Somebody is held back of whom the parent has not told. */
  private counted = false;

  /**
   * @param wall when it begins, by the clock on the wall
   * @param above the node that has the parent, if it is another one
   */
  constructor(
    private readonly rules: ModelRules,
    private wall: number,
    private readonly above?: Model,
  ) {
    this.isQuiet = this.quietNow;
  }

  private get quietNow(): boolean {
    return this.rules.quiet?.(this.wall + this.time * 1_000, this.holidays) ?? false;
  }

  /** The clock on the wall is set. */
  jump(ms: number): void {
    this.wall += ms;
    this.settle();
  }

  /** From now on today counts as Sunday, or no longer. */
  holiday(isOne: boolean): void {
    this.holidays = isOne;
    this.settle();
  }

  /** `ago`: how old it is; Infinity: nobody knows. */
  sample(name: string, value: number, ago = 0): void {
    const known = this.keys.get(name);
    const key = known ?? new Key();
    this.keys.set(name, key);
    const lives = this.seen(key, ago, known === undefined);
    if (!this.on || (!lives && key.state === 'nodata')) {
      this.settle();
      return;
    }
    const { critical, lower, band } = this.rules;
    const isHigh = critical !== undefined && value > critical;
    const isLow = lower?.critical !== undefined && value < lower.critical;
    if (isHigh || isLow) key.beyond ??= this.time;
    else key.beyond = undefined;
    const open = key.alert?.fired === true;
    const bad = value > LIMIT || (lower !== undefined && value < lower.limit);
    const isBack = value <= LIMIT - band && (lower === undefined || value >= lower.limit + band);
    const good = open ? isBack : !bad;
    this.hear(key, bad, good, open);
    this.settle();
  }

  /** True if the sample is a sign of life. */
  private seen(key: Key, ago: number, isNew: boolean): boolean {
    const { noData } = this.rules;
    const then = this.time - ago;
    const before = key.seen;
    // Other samples of a new key may follow right behind it.
    if (isNew)
      key.seen = ago === Infinity ? this.time : noData > 0 ? Math.max(then, this.time - noData + 1) : then;
    else key.seen = Math.max(before, then);
    const lives = ago === 0 || isNew || key.seen > before || !key.silent;
    if (ago === Infinity || !lives || (noData > 0 && this.time - key.seen >= noData)) return false;
    key.silent = false;
    return true;
  }

  private hear(key: Key, bad: boolean, good: boolean, open: boolean): void {
    const { hold, keep } = this.rules;
    if (key.state === 'normal' && bad) {
      if (hold > 0) this.go(key, 'pending');
      else this.fire(key);
    } else if (key.state === 'pending' && good) this.go(key, 'normal');
    else if (key.state === 'firing' && good) {
      if (keep > 0) this.go(key, 'recovering');
      else this.end(key, 'cleared');
    } else if (key.state === 'recovering' && !good) this.go(key, 'firing');
    else if (key.state === 'nodata') {
      if (open) {
        if (!good) this.go(key, 'firing');
        else if (keep > 0) this.go(key, 'recovering');
        else this.end(key, 'data');
      } else if (good) this.end(key, 'data');
      else if (hold > 0) {
        this.end(key, 'data');
        this.go(key, 'pending');
      } else this.fire(key);
    }
  }

  /** @param seconds undefined: until it ends */
  ack(name: string, seconds?: number): void {
    const alert = this.keys.get(name)?.alert;
    const until = seconds === undefined ? undefined : this.time + seconds;
    // The same once more, in the same moment, is nothing new.
    const isSame = alert?.acked !== undefined && alert.until === until && alert.ackedAt === this.time;
    if (alert && !isSame && (alert.acked === undefined || seconds !== undefined)) {
      alert.ackedAt = this.time;
      this.acks += 1;
      alert.acked = this.acks;
      alert.until = until;
      alert.expired = undefined;
    }
    this.settle();
  }

  unack(name: string): void {
    const alert = this.keys.get(name)?.alert;
    if (alert) alert.acked = undefined;
    this.settle();
  }

  silence(key: string, seconds: number): void {
    this.silences = this.silences.filter((one) => one.key !== key);
    this.silences.push({ key, until: this.time + seconds });
    this.settle();
  }

  unsilence(): void {
    this.silences = [];
    this.settle();
  }

  reset(): void {
    for (const key of this.keys.values()) this.clear(key, 'reset');
    this.settle();
  }

  switch(on: boolean): void {
    if (on === this.on) return;
    this.on = on;
    for (const key of this.keys.values()) {
      if (!on && (key.state !== 'normal' || key.alert || key.known)) this.clear(key, 'disabled');
      key.seen = this.time;
      key.silent = false;
    }
    this.settle();
  }

  wait(seconds: number): void {
    for (let i = 0; i < seconds; i++) {
      this.time += 1;
      this.settle();
    }
  }

  restart(seconds: number): void {
    this.time += seconds;
    for (const key of this.keys.values()) {
      // What was silence before still is, and our absence is none.
      key.seen += seconds;
      // Nothing is written down of an alert that is over.
      if (!key.alert) key.waits = false;
    }
    // What was held back stays so until everything runs.
    this.settle(true);
  }

  /** Something has changed in the node above it. */
  look(): void {
    this.settle();
  }

  private clear(key: Key, why: string): void {
    if (key.alert) this.end(key, why);
    this.go(key, 'normal');
    key.beyond = undefined;
    key.silent = false;
    key.seen = this.time;
  }

  private go(key: Key, state: string): void {
    key.state = state;
    key.since = this.time;
  }

  private fire(key: Key): void {
    this.go(key, 'firing');
    key.alert ??= this.newAlert();
    key.alert.fired = true;
  }

  private newAlert(): Alert {
    this.names += 1;
    return {
      name: this.names,
      began: this.time,
      fired: false,
      critical: false,
      byTime: false,
      acked: undefined,
      ackedAt: undefined,
      until: undefined,
      expired: undefined,
      holds: 0,
    };
  }

  private end(key: Key, why: string): void {
    this.go(key, 'normal');
    if (key.known && key.known.name === key.alert?.name) {
      key.known.why = why;
      key.known.critical = key.alert.critical;
    }
    key.alert = undefined;
  }

  private settle(isStarting = false): void {
    this.silences = this.silences.filter(({ until }) => until > this.time);
    const was = this.isQuiet;
    this.isQuiet = this.quietNow;
    if (was && !this.isQuiet)
      for (const [name, key] of this.keys) this.tell(name, key, isStarting && key.waits && !key.known);
    for (let again = true; again; ) {
      again = false;
      for (const key of this.keys.values()) while (this.move(key)) again = true;
      for (const [name, key] of this.keys) this.tell(name, key);
      again ||= this.counted;
      this.counted = false;
    }
  }

  /** What time does to a key. */
  private move(key: Key): boolean {
    const { hold, keep, noData, noDataAs, escalate } = this.rules;
    const lasted = this.time - key.since;
    if (key.state === 'pending' && lasted >= hold) {
      this.fire(key);
      return true;
    }
    if (key.state === 'recovering' && lasted >= keep) {
      this.end(key, 'cleared');
      return true;
    }
    if (this.on && noData > 0 && !key.silent && this.time - key.seen >= noData) {
      key.silent = true;
      if (noDataAs === 'alert') {
        this.go(key, 'nodata');
        key.alert ??= this.newAlert();
      } else if (noDataAs === 'normal' && key.state !== 'normal') {
        if (key.alert) this.end(key, 'silent');
        this.go(key, 'normal');
      }
      return true;
    }
    const { alert } = key;
    if (alert?.acked !== undefined && alert.until !== undefined && this.time >= alert.until) {
      alert.expired = alert.until;
      alert.acked = undefined;
      return true;
    }
    if (!alert || alert.critical) return false;
    const isBeyond = key.state === 'firing' && key.beyond !== undefined && this.time - key.beyond >= hold;
    const isLate =
      escalate > 0 &&
      alert.acked === undefined &&
      key.state !== 'recovering' &&
      this.time - Math.max(alert.began, alert.expired ?? 0) >= escalate;
    if (!isBeyond && !isLate) return false;
    alert.critical = true;
    alert.byTime = !isBeyond;
    alert.acked = undefined;
    if (key.known) key.known.acked = undefined;
    return true;
  }

  private tell(name: string, key: Key, stays = false): void {
    if (this.silences.some((one) => one.key === name || one.key === '')) return;
    const isCritical = (key.alert ?? key.known)?.critical === true;
    const hushed = this.isQuiet && !(this.rules.quietPass === 'critical' && isCritical);
    if (hushed && key.known?.name !== key.alert?.name) return;
    if (key.known && key.known.name !== key.alert?.name) {
      if (this.rules.sendResolved) this.messages.push(`${name} ${key.known.why}`);
      key.known = undefined;
    }
    const { alert, known } = key;
    if (!alert) return;
    const state = key.state === 'nodata' ? 'nodata' : 'firing';
    const ring = (why: string): void => {
      this.messages.push(`${name} ${why}`);
      const { critical, acked, expired } = alert;
      const { holds } = alert;
      const edited = holds > 0 ? this.time : Number.NEGATIVE_INFINITY;
      const rang = this.time;
      key.known = { name: alert.name, state, critical, acked, rang, expired, holds, edited, why: '' };
    };
    const { keys } = this.above ?? this;
    const parent = this.rules.parent === undefined ? undefined : keys.get(this.rules.parent)?.alert;
    const isBehind = parent !== undefined && parent !== alert;
    const held = isBehind || stays;
    if (!known) {
      if (key.state === 'recovering') return;
      if (isBehind) key.waits = true;
      if (isBehind && key.heldFor !== parent.name) {
        key.heldFor = parent.name;
        parent.holds += 1;
        this.counted = true;
      }
      if (held || this.time - key.rangBegin < this.rules.cooldown) return;
      ring(state === 'nodata' ? 'nodata' : 'raised');
      key.waits = false;
      key.rangBegin = this.time;
      return;
    }
    const expires = alert.expired !== undefined && alert.expired !== known.expired;
    if (known.acked !== alert.acked && !expires) {
      known.acked = alert.acked;
      this.messages.push(`${name} ${alert.acked === undefined ? 'unacknowledged' : 'acknowledged'}`);
      if (alert.holds > 0) [known.holds, known.edited] = [alert.holds, this.time];
    }
    if (hushed || held) return;
    const { repeat } = this.rules;
    if (known.critical !== alert.critical) ring(alert.byTime ? 'escalated' : 'critical');
    else if (key.state === 'recovering') return;
    else if (expires) ring('expired');
    else if (known.state !== state) ring(state === 'nodata' ? 'nodata' : 'data');
    else if (repeat > 0 && alert.acked === undefined && this.time - known.rang >= repeat) ring('reminder');
    else if (known.holds !== alert.holds && this.time - known.edited >= 10) {
      this.messages.push(`${name} dependents`);
      [known.holds, known.edited] = [alert.holds, this.time];
    }
  }
}
