import { DAY } from '../base/time-units';
import { AlertGroups } from './alert-groups';
import { type AlertText, extended } from './alert-text';
import type { NodeDependencies } from './dependencies';
import type { Dependents } from './dependents';
import { calmAt } from './flapping';
import type { KeyEntry } from './keys';
import type { Missed, Texts } from './message-texts';
import { hasMore, isExpiryNews, joined, subjectOf } from './notification-news';
import type { Quiet } from './quiet';
import type { DayNumber } from './quiet-grammar';
import type { Rules } from './rules';
import type { Silences } from './silences';
import {
  type AlertEvent,
  type Ended,
  type Episode,
  isSameAck,
  type Notification,
  type Reason,
} from './states';

const MAX_MISSED = 30;

export interface NotifierTools {
  rules: Rules;
  words: Texts;
  silences: Silences;
  newId(): string;
  dependencies?: NodeDependencies | undefined;
  /** The end of the alert with this number was notified. */
  over(number: number): void;
}

/** Milliseconds between two edits of a message that holds others back. */
const EDIT_EVERY = 10_000;
/** Quiet hours may change in more than a year. */
const LOOK_AGAIN = 30 * DAY;

const NONE: readonly AlertEvent[] = [];

/**
 * Decides on notifications. It compares what people were last told about a key with its state now. If messages are
 * held back (silence, quiet hours, cooldown, flapping, groups), the difference is sent afterwards, once.
 */
export class Notifier {
  /** Quiet hours hold now. */
  quiet = false;
  /** When to look again, in milliseconds since the epoch. */
  quietChange = Number.POSITIVE_INFINITY;
  /** When they begin or end next; Infinity: not within a year. */
  quietUntil = Number.POSITIVE_INFINITY;
  /** When the next digest is told, in milliseconds since the epoch; Infinity: there is none. */
  digestDue = Number.POSITIVE_INFINITY;
  /** Until then what people wrote while nobody listened is being read: nothing rings for want of an acknowledgement. */
  repliesUntil = 0;
  /** Days that count as Sunday. */
  holidays: ReadonlySet<DayNumber> = new Set();
  /** Time at which gathered alerts are sent; Infinity: none are waiting. */
  groupDue = Number.POSITIVE_INFINITY;
  readonly grouped: AlertGroups;
  missed: Missed[] = [];
  moreMissed = 0;
  private readonly gathering = new Set<KeyEntry>();
  private isTellingDigest = false;

  constructor(private readonly tools: NotifierTools) {
    this.grouped = new AlertGroups(tools.words, tools.newId);
  }

  /** Messages about this key's alert are held back now. */
  isSuppressed(entry: KeyEntry, now: number): boolean {
    return this.isSilenced(entry, now) || this.isHushed(entry) || this.isPutOff(entry);
  }

  /** Looks whether quiet hours hold. @returns true if they are over just now */
  startQuiet(now: number): boolean {
    const { quietHours, digest } = this.tools.rules;
    if (digest && this.digestDue === Number.POSITIVE_INFINITY) this.digestDue = digest.next(now);
    const was = this.quiet;
    this.quiet = quietHours?.isQuiet(now, this.holidays) ?? false;
    this.quietUntil = quietHours?.nextChange(now, this.holidays) ?? Number.POSITIVE_INFINITY;
    this.quietChange = quietHours ? Math.min(this.quietUntil, now + LOOK_AGAIN) : Number.POSITIVE_INFINITY;
    return was && !this.quiet;
  }

  /** Quiet hours hold messages about this key's alert back. */
  private isHushed({ episode, notified }: KeyEntry): boolean {
    const { quietPass } = this.tools.rules;
    if (!this.quiet || quietPass === 'all') return false;
    return !(quietPass === 'critical' && (episode ?? notified)?.severity === 'critical');
  }

  /** What is not urgent waits for the digest. */
  private isPutOff({ episode, notified }: KeyEntry): boolean {
    if (!this.tools.rules.digest || this.isTellingDigest) return false;
    return (episode ?? notified)?.severity !== 'critical';
  }

  /** The digest: what began or ended since the last one, and once more what goes on unacknowledged. */
  tellDigest(entries: readonly KeyEntry[], now: number): readonly AlertEvent[] {
    this.digestDue = this.tools.rules.digest?.next(now) ?? Number.POSITIVE_INFINITY;
    this.isTellingDigest = true;
    try {
      const events = entries.flatMap((entry) => {
        const news = this.reconcile(entry, now, true);
        if (news.length > 0 || !entry.episode || !entry.notified || entry.episode.acked) return news;
        return this.isSuppressed(entry, now) || this.isHeld(entry) ? NONE : this.tell(entry, 'reminder', now);
      });
      return this.grouped.bundle(entries, events, [], 0, now);
    } finally {
      this.isTellingDigest = false;
    }
  }

  /** Why nothing is sent about a key's alert now; undefined: nothing is held back, or there is no alert. */
  quietOf(entry: KeyEntry, now: number): Quiet | undefined {
    const { episode, notified } = entry;
    if (!episode && !notified) return undefined;
    const silence = this.tools.silences.of(entry.key, now);
    if (silence) return { by: 'silence', until: silence.until };
    if (this.isHushed(entry)) return { by: 'quietHours', until: this.quietUntil };
    if (this.isHeld(entry)) return { by: 'dependency', until: Number.POSITIVE_INFINITY };
    if (this.isPutOff(entry)) return { by: 'digest', until: this.digestDue };
    if (episode && !notified && now < entry.cooldownUntil)
      return { by: 'cooldown', until: entry.cooldownUntil };
    if (notified?.flapping) return { by: 'flapping', until: calmAt(entry, this.tools.rules) };
    return undefined;
  }

  /** An alert on which this key depends holds its messages back. */
  private isHeld(entry: KeyEntry): boolean {
    return this.tools.dependencies?.holds(entry) ?? false;
  }

  isSilenced(entry: KeyEntry, now: number): boolean {
    return this.tools.silences.of(entry.key, now) !== undefined;
  }

  /** Time at which this key needs a message without a new sample. */
  dueOf(entry: KeyEntry, now: number): number {
    const { episode, notified } = entry;
    if (!episode || entry.state === 'recovering' || this.isSuppressed(entry, now))
      return Number.POSITIVE_INFINITY;
    if (this.isHeld(entry)) return Number.POSITIVE_INFINITY;
    if (!notified) return this.gathering.has(entry) ? Number.POSITIVE_INFINITY : entry.cooldownUntil;
    const edit = hasMore(episode, notified)
      ? (notified.dependents?.at ?? Number.NEGATIVE_INFINITY) + EDIT_EVERY
      : Number.POSITIVE_INFINITY;
    const isHeldBack = isExpiryNews(episode, notified) && now < this.repliesUntil;
    const expired = isHeldBack ? this.repliesUntil : Number.POSITIVE_INFINITY;
    return Math.min(edit, expired, this.reminderAt(entry, episode, notified));
  }

  private reminderAt(entry: KeyEntry, episode: Episode, notified: Notification): number {
    const { repeatEvery } = this.tools.rules;
    const reminds =
      repeatEvery > 0 &&
      entry.state !== 'recovering' &&
      !episode.acked &&
      notified.id === episode.id &&
      !entry.flapping;
    return reminds ? Math.max(notified.at + repeatEvery, this.repliesUntil) : Number.POSITIVE_INFINITY;
  }

  /** The notifications about a key that are due now. `bundling`: everything becomes one message anyway. */
  reconcile(entry: KeyEntry, now: number, bundling = false): readonly AlertEvent[] {
    const { notified, episode } = entry;
    let ended = NONE;
    if (notified && notified.id !== episode?.id) {
      if (this.isSuppressed(entry, now)) return NONE;
      if (entry.flapping) return notified.flapping ? NONE : this.tell(entry, 'flapping', now);
      ended = this.tellEnd(entry, notified, now);
    }
    if (!episode) return ended;
    const begun = entry.notified
      ? this.compare(entry, entry.notified, now)
      : this.begin(entry, now, bundling);
    return joined(ended, begun);
  }

  /** An alert that nobody has been notified of. */
  private begin(entry: KeyEntry, now: number, bundling: boolean): readonly AlertEvent[] {
    const { rules } = this.tools;
    if (entry.state === 'recovering' || this.isSuppressed(entry, now)) return NONE;
    if (this.isHeld(entry)) {
      this.tools.dependencies?.count(entry);
      this.gathering.delete(entry);
      return NONE;
    }
    if (now < entry.cooldownUntil) return NONE;
    if (rules.groupWait > 0 && !bundling) {
      this.gathering.add(entry);
      if (this.groupDue === Number.POSITIVE_INFINITY) this.groupDue = now + rules.groupWait;
      return NONE;
    }
    this.gathering.delete(entry);
    // Nothing holds it back any more, also where it was not released together with others.
    entry.heldFor = undefined;
    entry.cooldownUntil = now + rules.cooldown;
    return this.tell(
      entry,
      entry.flapping ? 'flapping' : entry.state === 'nodata' ? 'nodata' : 'raised',
      now,
    );
  }

  /** The alert that people were notified of, and its state now. */
  private compare(entry: KeyEntry, notified: Notification, now: number): readonly AlertEvent[] {
    const { episode } = entry;
    if (!episode || this.isSilenced(entry, now)) return NONE;
    let confirmed = NONE;
    // An acknowledgement is confirmed at night too: the person who acknowledges wants to see it.
    if (!isSameAck(notified.acked, episode.acked) && !isExpiryNews(episode, notified)) {
      notified.acked = episode.acked;
      confirmed = this.update(entry, notified, episode.acked ? 'acknowledged' : 'unacknowledged', now);
    }
    if (this.isSuppressed(entry, now) || this.isHeld(entry)) return confirmed;
    const reason = this.ringsFor(entry, episode, notified, now);
    if (reason !== undefined) return joined(confirmed, this.tell(entry, reason, now));
    const isEdited =
      entry.state !== 'recovering' &&
      hasMore(episode, notified) &&
      now >= (notified.dependents?.at ?? Number.NEGATIVE_INFINITY) + EDIT_EVERY;
    return isEdited ? joined(confirmed, this.update(entry, notified, 'dependents', now)) : confirmed;
  }

  /** The reason to ring again about an alert that people know; undefined: none. */
  private ringsFor(
    entry: KeyEntry,
    episode: Episode,
    notified: Notification,
    now: number,
  ): Reason | undefined {
    if (episode.severity !== notified.severity) return episode.escalated ? 'escalated' : 'critical';
    if (episode.escalated && !notified.escalated) return 'escalated';
    if (entry.flapping) return notified.flapping ? undefined : 'flapping';
    if (notified.flapping) return 'calm';
    if (isExpiryNews(episode, notified) && entry.state !== 'recovering' && now >= this.repliesUntil)
      return 'expired';
    const isNoData = entry.state === 'nodata';
    if (entry.state !== 'recovering' && isNoData !== (notified.state === 'nodata'))
      return isNoData ? 'nodata' : 'data';
    return now >= this.reminderAt(entry, episode, notified) ? 'reminder' : undefined;
  }

  /** A message that rings. */
  private tell(entry: KeyEntry, reason: Reason, now: number): readonly AlertEvent[] {
    const { episode, notified } = entry;
    const about = episode ?? notified;
    if (!about) return NONE;
    const state = entry.state === 'nodata' ? 'nodata' : episode ? 'firing' : 'normal';
    const event: AlertEvent = {
      reason,
      id: about.id,
      number: about.number,
      key: entry.key,
      state,
      previous: notified?.state ?? 'normal',
      severity: about.severity,
      value: entry.value,
      unit: entry.unit,
      limit: entry.limits?.source.limit,
      since: about.startedAt,
      at: now,
      acked: about.acked,
      replaces: undefined,
      text: [],
      ...((episode ?? notified)?.escalated && { escalated: true }),
      ...(entry.parent && { parent: entry.parent }),
      ...subjectOf(entry),
      ...(episode?.dependents && { dependents: episode.dependents }),
    };
    const { text, facts } = this.tools.words.line(event, entry.limits);
    event.text = this.withDependents(text, episode?.dependents);
    entry.notified = {
      id: about.id,
      number: about.number,
      startedAt: about.startedAt,
      state: state === 'nodata' ? 'nodata' : 'firing',
      severity: about.severity,
      acked: about.acked,
      expiredAt: episode ? episode.expiredAt : notified?.expiredAt,
      escalated: about.escalated,
      at: now,
      text,
      facts: state === 'normal' ? notified?.facts : facts,
      flapping: entry.flapping || undefined,
      dependents: episode?.dependents && { count: episode.dependents.count, at: now },
      ended: episode ? undefined : notified?.ended,
    };
    return [event];
  }

  private tellEnd(entry: KeyEntry, notified: Notification, now: number): readonly AlertEvent[] {
    entry.notified = undefined;
    this.tools.over(notified.number);
    const ended: Ended = notified.ended ?? { at: now, value: entry.value, reason: 'cleared' };
    return this.tools.rules.sendResolved ? this.update(entry, notified, ended.reason, now, ended) : NONE;
  }

  /** Brings the message that people have up to date. */
  private update(
    entry: KeyEntry,
    notified: Notification,
    reason: Reason,
    now: number,
    ended?: Ended,
  ): readonly AlertEvent[] {
    const { words } = this.tools;
    const marks = notified.acked ? [words.acked(notified.acked)] : [];
    if (ended) marks.push(words.ended(entry, notified, ended));
    const dependents = entry.episode?.id === notified.id ? entry.episode.dependents : undefined;
    if (dependents) notified.dependents = { count: dependents.count, at: now };
    const event: AlertEvent = {
      reason,
      id: notified.id,
      number: notified.number,
      key: entry.key,
      state: ended ? 'normal' : notified.state,
      previous: notified.state,
      severity: notified.severity,
      value: ended ? ended.value : entry.value,
      unit: entry.unit,
      limit: entry.limits?.source.limit,
      since: notified.startedAt,
      at: ended?.at ?? now,
      acked: notified.acked,
      replaces: notified.id,
      text: [...this.withDependents(notified.text, dependents), ...marks],
      ...(notified.escalated && { escalated: true }),
      ...(entry.parent && { parent: entry.parent }),
      ...subjectOf(entry),
      ...(dependents && { dependents }),
    };
    const held = dependents ? [words.dependents(dependents.count)] : [];
    this.grouped.update(event, notified, [...held, ...marks].join(' '), ended !== undefined);
    return [event];
  }

  /** The number of alerts that one holds back stands behind its own words. */
  private withDependents(text: AlertText, dependents: Dependents | undefined): AlertText {
    const [first, ...rest] = text;
    if (!dependents || first === undefined) return text;
    return [extended(first, ` ${this.tools.words.dependents(dependents.count)}`), ...rest];
  }

  /** What held alerts back is over: what is still so comes as one message. */
  tellReleased(entries: readonly KeyEntry[], now: number): readonly AlertEvent[] {
    const free = entries.filter(
      (entry) => entry.heldFor !== undefined && entry.episode && !entry.notified && !this.isHeld(entry),
    );
    for (const entry of free) entry.heldFor = undefined;
    return this.grouped.bundle(free, this.reconcileAll(free, now), [], 0, now);
  }

  /** The gathered alerts, in one message. */
  tellGathered(now: number): readonly AlertEvent[] {
    this.groupDue = Number.POSITIVE_INFINITY;
    const gathered = [...this.gathering];
    this.gathering.clear();
    const open = gathered.filter(({ episode, notified }) => episode && !notified);
    return this.grouped.bundle(gathered, this.reconcileAll(open, now), [], 0, now);
  }

  /** Quiet hours are over: everything that was held back comes as one message. */
  tellSuppressed(entries: readonly KeyEntry[], now: number): readonly AlertEvent[] {
    const together = this.reconcileAll(entries, now);
    const { missed, moreMissed } = this;
    this.missed = [];
    this.moreMissed = 0;
    return this.grouped.bundle(entries, together, missed, moreMissed, now);
  }

  private reconcileAll(entries: readonly KeyEntry[], now: number): AlertEvent[] {
    return entries.flatMap((entry) => this.reconcile(entry, now, true));
  }

  /** An alert ended that nobody was notified of. */
  miss(entry: KeyEntry, from: number, now: number): void {
    this.gathering.delete(entry);
    if (!this.quiet || this.isHeld(entry) || this.isSilenced(entry, now) || !this.isSuppressed(entry, now))
      return;
    if (this.missed.length < MAX_MISSED) this.missed.push({ key: entry.key, from, to: now });
    else this.moreMissed += 1;
  }

  forget(entry: KeyEntry): void {
    this.gathering.delete(entry);
  }

  shift(ms: number): void {
    this.groupDue += ms;
    this.repliesUntil += ms;
    for (const one of this.missed) {
      one.from += ms;
      one.to += ms;
    }
  }
}
