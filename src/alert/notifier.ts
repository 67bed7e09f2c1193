import type { KeyEntry } from './keys';
import type { Missed, Texts } from './message-texts';
import type { Rules } from './rules';
import type { Silences } from './silences';
import type { AlertEvent, Ended, Notification, Reason } from './states';

/** One message for several alerts, and what it says now. */
export interface AlertGroup {
  id: string;
  lines: { id: string; key: string; text: string; mark: string; over: boolean }[];
}

/** Messages for several alerts that are kept in mind, so that they can be brought up to date. */
const MAX_GROUPS = 50;
/** Lines of one message; a phone shows no more. */
const MAX_LINES = 30;
const MAX_MISSED = 30;

export interface NotifierTools {
  rules: Rules;
  words: Texts;
  silences: Silences;
  newId(): string;
  /** The end of the alert with this number was notified. */
  over(number: number): void;
}

/**
 * Decides on notifications. It compares what people were last told about a key with its state now. If messages are
 * held back (silence, quiet hours, cooldown, flapping, groups), the difference is sent afterwards, once.
 */
export class Notifier {
  /** Quiet hours hold now. */
  quiet = false;
  /** Time at which gathered alerts are sent; Infinity: none are waiting. */
  groupDue = Number.POSITIVE_INFINITY;
  groups: AlertGroup[] = [];
  missed: Missed[] = [];
  moreMissed = 0;
  private readonly gathering = new Set<KeyEntry>();

  constructor(private readonly tools: NotifierTools) {}

  /** Messages about this key's alert are held back now. */
  isHeld(entry: KeyEntry, now: number): boolean {
    if (this.isSilenced(entry, now)) return true;
    if (!this.quiet || this.tools.rules.quietPass === 'all') return false;
    const severity = entry.episode?.severity ?? entry.notified?.severity;
    return !(this.tools.rules.quietPass === 'critical' && severity === 'critical');
  }

  isSilenced(entry: KeyEntry, now: number): boolean {
    return this.tools.silences.of(entry.key, now) !== undefined;
  }

  /** Time at which this key needs a message without a new sample. */
  dueOf(entry: KeyEntry, now: number): number {
    const { episode, notified } = entry;
    const { rules } = this.tools;
    if (!episode || entry.state === 'recovering' || this.isHeld(entry, now)) return Number.POSITIVE_INFINITY;
    if (!notified) return this.gathering.has(entry) ? Number.POSITIVE_INFINITY : entry.cooldownUntil;
    const reminds = rules.repeatEvery > 0 && !episode.acked && notified.id === episode.id && !entry.flapping;
    return reminds ? notified.at + rules.repeatEvery : Number.POSITIVE_INFINITY;
  }

  /** Adds notifications about a key to `out`. `bundling`: everything becomes one message anyway. */
  reconcile(entry: KeyEntry, now: number, out: AlertEvent[], bundling = false): void {
    const { notified, episode } = entry;
    if (notified && notified.id !== episode?.id) {
      if (this.isHeld(entry, now)) return;
      if (entry.flapping) {
        if (!notified.flapping) this.tell(entry, 'flapping', now, out);
        return;
      }
      this.tellEnd(entry, notified, now, out);
    }
    if (!episode) return;
    if (entry.notified) this.compare(entry, entry.notified, now, out);
    else this.begin(entry, now, out, bundling);
  }

  /** An alert that nobody has been notified of. */
  private begin(entry: KeyEntry, now: number, out: AlertEvent[], bundling: boolean): void {
    const { rules } = this.tools;
    if (entry.state === 'recovering' || this.isHeld(entry, now) || now < entry.cooldownUntil) return;
    if (rules.groupWait > 0 && !bundling) {
      this.gathering.add(entry);
      if (this.groupDue === Number.POSITIVE_INFINITY) this.groupDue = now + rules.groupWait;
      return;
    }
    this.gathering.delete(entry);
    this.tell(entry, entry.flapping ? 'flapping' : entry.state === 'nodata' ? 'nodata' : 'raised', now, out);
    entry.cooldownUntil = now + rules.cooldown;
  }

  /** The alert that people were notified of, and its state now. */
  private compare(entry: KeyEntry, told: Notification, now: number, out: AlertEvent[]): void {
    const { episode } = entry;
    if (!episode || this.isSilenced(entry, now)) return;
    // An acknowledgement is confirmed at night too: whoever acknowledges wants to see it.
    if (told.acked?.at !== episode.acked?.at) {
      told.acked = episode.acked;
      this.update(entry, told, episode.acked ? 'acknowledged' : 'unacknowledged', now, out);
    }
    if (this.isHeld(entry, now)) return;
    const isWaiting = entry.state === 'recovering';
    if (episode.severity !== told.severity) {
      this.tell(entry, episode.escalated ? 'escalated' : 'critical', now, out);
    } else if (entry.flapping) {
      if (!told.flapping) this.tell(entry, 'flapping', now, out);
    } else if (told.flapping) this.tell(entry, 'calm', now, out);
    else if (!isWaiting && (entry.state === 'nodata') !== (told.state === 'nodata')) {
      this.tell(entry, entry.state === 'nodata' ? 'nodata' : 'data', now, out);
    } else if (now >= this.dueOf(entry, now)) this.tell(entry, 'reminder', now, out);
  }

  /** A message that rings. */
  private tell(entry: KeyEntry, reason: Reason, now: number, out: AlertEvent[]): void {
    const { episode, notified } = entry;
    const about = episode ?? notified;
    if (!about) return;
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
      text: '',
    };
    event.text = this.tools.words.line(event, entry.limits);
    entry.notified = {
      id: about.id,
      number: about.number,
      startedAt: about.startedAt,
      state: state === 'nodata' ? 'nodata' : 'firing',
      severity: about.severity,
      acked: about.acked,
      at: now,
      text: event.text,
      flapping: entry.flapping || undefined,
      ended: episode ? undefined : notified?.ended,
    };
    out.push(event);
  }

  private tellEnd(entry: KeyEntry, told: Notification, now: number, out: AlertEvent[]): void {
    entry.notified = undefined;
    this.tools.over(told.number);
    const ended: Ended = told.ended ?? { at: now, value: entry.value, reason: 'cleared' };
    if (this.tools.rules.sendResolved) this.update(entry, told, ended.reason, now, out, ended);
  }

  /** Brings the message that people have up to date. */
  private update(
    entry: KeyEntry,
    told: Notification,
    reason: Reason,
    now: number,
    out: AlertEvent[],
    ended?: Ended,
  ): void {
    const { words } = this.tools;
    const marks = told.acked ? [words.acked(told.acked)] : [];
    if (ended) marks.push(words.ended(told, ended.at, ended.reason, ended.value, entry.unit));
    const event: AlertEvent = {
      reason,
      id: told.id,
      number: told.number,
      key: entry.key,
      state: ended ? 'normal' : told.state,
      previous: told.state,
      severity: told.severity,
      value: ended ? ended.value : entry.value,
      unit: entry.unit,
      limit: entry.limits?.source.limit,
      since: told.startedAt,
      at: ended?.at ?? now,
      acked: told.acked,
      replaces: told.id,
      text: [told.text, ...marks].join('\n'),
    };
    const group = told.group === undefined ? undefined : this.groups.find(({ id }) => id === told.group);
    const line = group?.lines.find(({ id }) => id === told.id);
    if (group && line) {
      line.mark = marks.join(' ');
      line.over = ended !== undefined;
      event.replaces = group.id;
      event.text = this.groupText(group, [], 0);
      if (group.lines.every(({ over }) => over)) this.groups = this.groups.filter((one) => one !== group);
    }
    out.push(event);
  }

  /** The gathered alerts are sent in one message. */
  tellGathered(now: number, out: AlertEvent[]): void {
    this.groupDue = Number.POSITIVE_INFINITY;
    const together: AlertEvent[] = [];
    const gathered = [...this.gathering];
    this.gathering.clear();
    for (const entry of gathered) {
      if (entry.episode && !entry.notified) this.reconcile(entry, now, together, true);
    }
    this.bundle(gathered, together, [], 0, now, out);
  }

  /** Quiet hours are over: everything that was held back comes as one message. */
  tellHeld(entries: Iterable<KeyEntry>, now: number, out: AlertEvent[]): void {
    const together: AlertEvent[] = [];
    for (const entry of entries) this.reconcile(entry, now, together, true);
    const { missed, moreMissed } = this;
    this.missed = [];
    this.moreMissed = 0;
    this.bundle(entries, together, missed, moreMissed, now, out);
  }

  /** An alert ended that nobody was notified of. */
  miss(entry: KeyEntry, from: number, now: number): void {
    this.gathering.delete(entry);
    if (!this.quiet || this.isSilenced(entry, now) || !this.isHeld(entry, now)) return;
    if (this.missed.length < MAX_MISSED) this.missed.push({ key: entry.key, from, to: now });
    else this.moreMissed += 1;
  }

  forget(entry: KeyEntry): void {
    this.gathering.delete(entry);
  }

  /** The open alerts that a message stands for. */
  membersOf(groupId: string): string[] {
    return this.groups.find(({ id }) => id === groupId)?.lines.map(({ id }) => id) ?? [];
  }

  shift(ms: number): void {
    this.groupDue += ms;
    for (const one of this.missed) {
      one.from += ms;
      one.to += ms;
    }
  }

  private bundle(
    entries: Iterable<KeyEntry>,
    events: AlertEvent[],
    missed: readonly Missed[],
    more: number,
    now: number,
    out: AlertEvent[],
  ): void {
    const [first] = events;
    if (events.length === 0 && missed.length === 0) return;
    if (first && events.length === 1 && missed.length === 0) {
      out.push(first);
      return;
    }
    const id = this.tools.newId();
    const group: AlertGroup = { id, lines: [] };
    for (const event of events.slice(0, MAX_LINES)) {
      const [line = '', ...rest] = event.text.split('\n');
      const over = event.state === 'normal';
      group.lines.push({
        id: event.id,
        key: event.key,
        text: line,
        mark: over ? (rest.at(-1) ?? '') : '',
        over,
      });
    }
    this.groups.push(group);
    if (this.groups.length > MAX_GROUPS) this.groups.shift();
    for (const { notified } of entries)
      if (notified && group.lines.some(({ id: one }) => one === notified.id)) notified.group = id;
    const open = events.filter(({ state }) => state !== 'normal');
    const worst = open.find(({ severity }) => severity === 'critical') ?? open[0] ?? first;
    out.push({
      reason: worst?.reason ?? 'cleared',
      id,
      number: 0,
      key: '',
      state: worst?.state ?? 'normal',
      previous: worst?.previous ?? 'normal',
      severity: worst?.severity ?? 'warning',
      value: undefined,
      unit: '',
      limit: worst?.limit,
      since: Math.min(...events.map(({ since }) => since), ...missed.map(({ from }) => from)),
      at: now,
      acked: undefined,
      text: this.groupText(group, missed, more + Math.max(0, events.length - MAX_LINES)),
      replaces: undefined,
      alerts: events,
    });
  }

  private groupText(group: AlertGroup, missed: readonly Missed[], more: number): string {
    const lines = group.lines.map(({ text, mark }) => (mark === '' ? text : `${text} · ${mark}`));
    return this.tools.words.group(lines, missed, more);
  }
}
