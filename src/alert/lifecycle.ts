import { isUrgent } from './device-check';
import { calmAt, countChange } from './flapping';
import type { KeyEntry } from './keys';
import type { Notifier } from './notifier';
import type { NodeNumbers } from './number-pool';
import { notePeak } from './peak';
import type { Rules } from './rules';
import type { EndReason, Episode } from './states';
import { INPUTS, type Input, STATES, type Transition, transitionFor } from './transitions';

export interface KeyLifecycleTools {
  rules: Rules;
  notifier: Notifier;
  numbers: NodeNumbers;
  newId(): string;
  /** No-data clocks run now. */
  clocksRun(): boolean;
  /** The process stood still: until then what waited for us is being read, and nothing follows from the time. */
  listenUntil(): number;
  /** Milliseconds that a key may be without data; 0: for ever. */
  allowed(entry: KeyEntry): number;
  /** As `MachineOptions.unitOf`. */
  unitOf?: ((key: string) => string) | undefined;
  /** An alert begins. */
  opened(entry: KeyEntry): void;
  /** An alert is over. */
  ended(entry: KeyEntry, episode: Episode, now: number): void;
  /** A key changed. `urgent`: it must be written before anybody is notified. */
  changed(entry: KeyEntry, urgent: boolean): void;
}

/** The lifecycle that a key takes through its states: `TRANSITIONS` for these rules, and what time does by itself. */
export class KeyLifecycle {
  private readonly table = new Map<string, Transition>();

  constructor(private readonly tools: KeyLifecycleTools) {
    const { holdFor, keepFor, noDataAs } = tools.rules;
    for (const state of STATES) {
      for (const input of INPUTS) {
        for (const fired of [false, true]) {
          const facts = { holds: holdFor > 0, keeps: keepFor > 0, noDataAs, fired };
          const found = transitionFor(state, input, facts);
          if (found) this.table.set(`${state} ${input} ${fired}`, found);
        }
      }
    }
  }

  /** The transition from the key's current state; undefined: none. */
  from({ state, episode }: KeyEntry, input: Input): Transition | undefined {
    return this.table.get(`${state} ${input} ${episode?.fired === true}`);
  }

  /** When something is due by time alone. */
  dueOf(entry: KeyEntry, now: number): number {
    const { episode } = entry;
    let due = Math.min(this.overAt(entry), this.noDataAt(entry));
    if (episode || entry.notified) {
      const { notifier } = this.tools;
      due = Math.min(due, notifier.dueOf(entry, now), this.criticalAt(entry), this.escalateAt(entry));
      if (episode?.acked?.until !== undefined) due = Math.min(due, episode.acked.until);
    }
    if (entry.flapping) due = Math.min(due, calmAt(entry, this.tools.rules));
    return due;
  }

  /** Ends a key's alert and waits, whatever its value. */
  calm(entry: KeyEntry, reason: EndReason, now: number): void {
    if (entry.episode) this.endEpisode(entry, reason, now);
    entry.state = 'normal';
    entry.since = now;
    entry.stateDue = Number.POSITIVE_INFINITY;
    entry.criticalSince = 0;
    entry.flapping = false;
    if (entry.notified) entry.notified.flapping = undefined;
    entry.changes = undefined;
    entry.rate = undefined;
    entry.missing = false;
    entry.lastSeen = now;
    this.tools.changed(entry, true);
  }

  /** Everything about a key that is due. */
  tick(entry: KeyEntry, now: number): void {
    const overAt = this.overAt(entry);
    if (overAt <= now && overAt <= this.noDataAt(entry)) this.apply(entry, 'over', now);
    if (this.noDataAt(entry) <= now) {
      entry.missing = true;
      this.apply(entry, 'missing', now);
    }
    if (this.overAt(entry) <= now) this.apply(entry, 'over', now);
    this.expire(entry, now);
    if (this.criticalAt(entry) <= now) this.worsen(entry, false);
    if (this.escalateAt(entry) <= now) this.worsen(entry, true);
    if (entry.flapping && calmAt(entry, this.tools.rules) <= now) {
      entry.flapping = false;
      entry.changes = undefined;
      this.tools.changed(entry, true);
    }
  }

  /** An acknowledgement that was given for a time is over. */
  private expire(entry: KeyEntry, now: number): void {
    const { episode } = entry;
    const until = episode?.acked?.until;
    if (!episode || until === undefined || until > now) return;
    episode.acked = undefined;
    episode.expiredAt = until;
    this.tools.changed(entry, true);
  }

  /** An acknowledgement of the warning does not cover this. */
  private worsen(entry: KeyEntry, escalated: boolean): void {
    const { episode } = entry;
    if (!episode) return;
    episode.severity = 'critical';
    episode.escalated = escalated || undefined;
    episode.acked = undefined;
    if (entry.notified) entry.notified.acked = undefined;
    this.tools.changed(entry, true);
  }

  apply(entry: KeyEntry, input: Input, now: number): void {
    const transition = this.from(entry, input);
    if (!transition) return;
    const { rules, changed } = this.tools;
    const { from, to, effect } = transition;
    if (effect === 'end') this.endEpisode(entry, endReason(from, input), now);
    entry.state = to;
    entry.since = now;
    entry.stateDue =
      to === 'pending'
        ? now + rules.holdFor
        : to === 'recovering'
          ? now + rules.keepFor
          : Number.POSITIVE_INFINITY;
    if (effect === 'raise') {
      this.openEpisode(entry, now);
      notePeak(entry, rules, entry.limits);
    }
    if (to === 'firing' && entry.episode) {
      entry.episode.fired = true;
      if (entry.value !== undefined) entry.episode.value = entry.value;
    }
    // Waits may be written a little later: a value that trembles at its limit is no reason to wear out a card.
    changed(entry, effect !== undefined);
  }

  private openEpisode(entry: KeyEntry, now: number): void {
    countChange(entry, this.tools.rules, now);
    entry.unit ||= this.tools.unitOf?.(entry.key) ?? '';
    const { notified } = entry;
    if (notified && entry.flapping) {
      // To people it is still the same alert.
      const peak = notified.ended?.peak;
      notified.ended = undefined;
      entry.episode = {
        id: notified.id,
        number: notified.number,
        startedAt: notified.startedAt,
        fired: false,
        severity: notified.severity,
        acked: notified.acked,
        expiredAt: notified.expiredAt,
        escalated: notified.escalated,
        peak,
      };
      this.tools.opened(entry);
      return;
    }
    entry.episode = {
      id: this.tools.newId(),
      number: this.tools.numbers.take(),
      startedAt: now,
      fired: false,
      severity: isUrgent(entry.subject) ? 'critical' : 'warning',
    };
    this.tools.opened(entry);
  }

  private endEpisode(entry: KeyEntry, reason: EndReason, now: number): void {
    const { episode, notified } = entry;
    if (!episode) return;
    countChange(entry, this.tools.rules, now);
    this.tools.ended(entry, episode, now);
    entry.episode = undefined;
    if (notified?.id === episode.id) {
      const { peak } = episode;
      notified.ended = { at: now, value: entry.value, reason, ...(peak !== undefined && { peak }) };
      notified.severity = episode.severity;
      notified.acked = episode.acked;
    } else {
      this.tools.notifier.miss(entry, episode.startedAt, now);
      this.tools.numbers.free(episode.number);
    }
  }

  private noDataAt(entry: KeyEntry): number {
    const noDataAfter = this.tools.allowed(entry);
    if (noDataAfter === 0 || entry.missing || entry.parent || !this.tools.clocksRun())
      return Number.POSITIVE_INFINITY;
    return Math.max(entry.lastSeen + noDataAfter, this.tools.listenUntil());
  }

  /** When the hold or keep time is over. */
  private overAt({ stateDue }: KeyEntry): number {
    return Math.max(stateDue, this.tools.listenUntil());
  }

  private criticalAt({ episode, state, criticalSince }: KeyEntry): number {
    const waits = episode?.severity === 'warning' && episode.fired && state === 'firing' && criticalSince > 0;
    if (!waits) return Number.POSITIVE_INFINITY;
    const { holdFor } = this.tools.rules;
    // Where nothing waits, nothing follows from time: else it rang twice, the second time over an acknowledgement.
    return holdFor === 0 ? criticalSince : Math.max(criticalSince + holdFor, this.tools.listenUntil());
  }

  private escalateAt({ episode, state }: KeyEntry): number {
    const { escalateAfter, escalatesAll } = this.tools.rules;
    if (!episode || episode.acked || escalateAfter <= 0) return Number.POSITIVE_INFINITY;
    const waits = episode.severity === 'warning' || (escalatesAll === true && !episode.escalated);
    if (!waits || (state !== 'firing' && state !== 'nodata')) return Number.POSITIVE_INFINITY;
    const due = Math.max(episode.startedAt, episode.expiredAt ?? 0) + escalateAfter;
    return Math.max(due, this.tools.notifier.repliesUntil);
  }
}

function endReason(from: string, input: Input): EndReason {
  if (input === 'missing') return 'silent';
  return from === 'nodata' ? 'data' : 'cleared';
}
