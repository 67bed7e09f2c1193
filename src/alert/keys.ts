import type { RateWindow } from './change-rate';
import type { Timed } from './deadline-heap';
import type { ParentKind } from './dependents';
import type { CheckSubject } from './device-check';
import type { Limits } from './limits';
import type { Episode, Notification, State, Value } from './states';
import type { UsualInterval } from './usual-interval';

/** Everything about one key. */
export class KeyEntry implements Timed {
  heapIndex = -1;
  heapDue = 0;
  /** Neighbours among the quiet keys, the longest unseen first. */
  before: KeyEntry | undefined = undefined;
  after: KeyEntry | undefined = undefined;
  linked = false;

  state: State = 'normal';
  /** When the hold or keep time is over. */
  stateDue = Number.POSITIVE_INFINITY;
  /** The no-data clock has run out; the next valid sample restarts it. */
  missing = false;
  /** The stored state says that no sample has come for long. */
  noted = false;
  value: Value | undefined = undefined;
  unit = '';
  episode: Episode | undefined = undefined;
  notified: Notification | undefined = undefined;
  /** Since when the value lies beyond the critical limit; 0: it does not. */
  criticalSince = 0;
  cooldownUntil = 0;
  flapping = false;
  /** When it last began or ended to alert, the newest last; at most `flapCount`. */
  changes: number[] | undefined = undefined;
  rate: RateWindow | undefined = undefined;
  /** Samples that were none. */
  invalid = 0;
  /** It is no key of samples, but what the node depends on. */
  parent: ParentKind | undefined = undefined;
  /** Id of the alert that has counted it among those that it holds back. */
  heldFor: string | undefined = undefined;
  /** It is a check of a device. */
  subject: CheckSubject | undefined = undefined;
  /** Its own no-data time, in place of that of the rules; undefined for a check: none yet. */
  noDataAfter: number | undefined = undefined;
  /** What was learnt of its interval. */
  usual: UsualInterval | undefined = undefined;
  /** It is forgotten as soon as people were notified of its end. */
  isLeaving = false;

  constructor(
    readonly key: string,
    /** When the state began. */
    public since: number,
    /** When the last valid sample came, or the clock for it began. */
    public lastSeen: number,
    public limits: Limits | undefined,
  ) {}

  /** There is something to notify, or a notified alert is still open. */
  get active(): boolean {
    return this.episode !== undefined || this.notified !== undefined;
  }
}

/** The keys of a node, at most `max`: the longest unseen quiet one goes first, an alerting one never. */
export class KeyStore {
  readonly map = new Map<string, KeyEntry>();
  private first: KeyEntry | undefined;
  private last: KeyEntry | undefined;

  constructor(
    private readonly max: number,
    private readonly evicted: (entry: KeyEntry) => void,
  ) {}

  /** False if there is no room: all others alert. */
  add(entry: KeyEntry): boolean {
    if (this.map.size >= this.max && this.first) this.remove(this.first);
    if (this.map.size >= this.max) return false;
    this.map.set(entry.key, entry);
    this.place(entry);
    return true;
  }

  /** A quiet one was seen just now. */
  touch(entry: KeyEntry): void {
    if (!entry.linked || entry === this.last) return;
    this.unlink(entry);
    this.link(entry);
  }

  /** Quiet keys may be forgotten, others not. To be called after each change of state. */
  place(entry: KeyEntry): void {
    const isQuiet = entry.state === 'normal' && !entry.active;
    if (isQuiet === entry.linked) return;
    if (isQuiet) this.link(entry);
    else this.unlink(entry);
  }

  remove(entry: KeyEntry): void {
    if (entry.linked) this.unlink(entry);
    this.map.delete(entry.key);
    this.evicted(entry);
  }

  private link(entry: KeyEntry): void {
    entry.linked = true;
    entry.before = this.last;
    entry.after = undefined;
    if (this.last) this.last.after = entry;
    else this.first = entry;
    this.last = entry;
  }

  private unlink(entry: KeyEntry): void {
    entry.linked = false;
    if (entry.before) entry.before.after = entry.after;
    else this.first = entry.after;
    if (entry.after) entry.after.before = entry.before;
    else this.last = entry.before;
    entry.before = undefined;
    entry.after = undefined;
  }
}

/** How the keys of a node are made. */
export interface Keyed {
  /** The setting, to compare. */
  by: string;
  /** Since when, in milliseconds since the epoch; 0: always. */
  since: number;
}

/** All times of a key, for a clock that was set or was behind meanwhile. */
export function shiftEntry(entry: KeyEntry, ms: number): void {
  entry.since += ms;
  entry.lastSeen += ms;
  entry.stateDue += ms;
  entry.cooldownUntil += ms;
  if (entry.criticalSince > 0) entry.criticalSince += ms;
  entry.changes = entry.changes?.map((at) => at + ms);
  entry.rate?.shift(ms);
  entry.usual?.shift(ms);
  for (const one of [entry.episode, entry.notified]) {
    if (!one) continue;
    one.startedAt += ms;
    if (one.expiredAt !== undefined) one.expiredAt += ms;
    const { acked } = one;
    if (acked) one.acked = { ...acked, at: acked.at + ms };
    if (one.acked?.until !== undefined) one.acked.until += ms;
  }
  if (entry.notified) {
    entry.notified.at += ms;
    if (entry.notified.dependents) entry.notified.dependents.at += ms;
    if (entry.notified.ended) entry.notified.ended.at += ms;
  }
}
