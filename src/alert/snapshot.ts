import type { AlertGroup } from './alert-groups';
import { showLine, showText, storedLine, storedText } from './alert-text';
import { judgeFor } from './condition';
import type { ParentKind } from './dependents';
import type { CheckSubject } from './device-check';
import { KeyEntry, type Keyed, shiftEntry } from './keys';
import type { Limits } from './limits';
import type { AlertMachine } from './machine';
import type { Missed } from './message-texts';
import type { PastAlert } from './past-alerts';
import type { DayNumber } from './quiet-grammar';
import { readyLimits } from './ready-limits';
import type { LimitSource, Rules } from './rules';
import type { Silence } from './silences';
import type { Episode, Notification, State, Value } from './states';
import type { UndeliveredRecord } from './undelivered';
import { type LearntInterval, UsualInterval } from './usual-interval';

/** Raised where an older reader would misunderstand. 2: a checksum before each line. */
export const SNAPSHOT_VERSION = 2;

/** As it is in a file: its text is what people read. */
export type Stored<T extends { text: unknown }> = Omit<T, 'text'> & { text: string };

interface StoredGroup {
  id: string;
  lines: Stored<AlertGroup['lines'][number]>[];
}

/** State of a key that survives the process. Times are milliseconds since the epoch. */
export interface KeyRecord {
  key: string;
  state: State;
  since: number;
  /** When the hold or keep time is over. */
  due?: number | undefined;
  value?: Value | undefined;
  unit?: string | undefined;
  limits?: LimitSource | undefined;
  episode?: Episode | undefined;
  told?: Stored<Notification> | undefined;
  criticalSince?: number | undefined;
  cooldownUntil?: number | undefined;
  flapping?: boolean | undefined;
  changes?: number[] | undefined;
  /** For how long no sample had come when this was written, in milliseconds; only where a no-data clock runs. */
  silentFor?: number | undefined;
  /** Its no-data clock had run out. */
  silent?: boolean | undefined;
  parent?: ParentKind | undefined;
  /** Id of the alert that holds it back. */
  heldFor?: string | undefined;
  subject?: CheckSubject | undefined;
  usual?: LearntInterval | undefined;
  noDataAfter?: number | undefined;
  leaving?: boolean | undefined;
}

/** State of the node that survives the process. */
export interface NodeRecord {
  enabled: boolean;
  quiet: boolean;
  silences: readonly Silence[];
  groups: readonly StoredGroup[];
  missed: readonly Missed[];
  moreMissed: number;
  line?: { id: string; since: number; text: string } | undefined;
  /** Limits from `set limit`. They count until the configuration changes. */
  override?: Override | undefined;
  /** When the next digest is due; absent if there is none. */
  digestDue?: number | undefined;
  /** Ids of devices that were removed on purpose, the longest ago first. */
  forgotten?: string[] | undefined;
  keyed?: Keyed | undefined;
}

export interface Override {
  source: LimitSource;
  over: LimitSource;
}

export interface Snapshot {
  v: number;
  /** When it was written. */
  at: number;
  node: NodeRecord;
  keys: KeyRecord[];
  /** Alerts that nobody has confirmed; absent if there are none. */
  undelivered?: UndeliveredRecord[];
  /** Alerts that are over, the oldest first; absent if there are none. */
  past?: PastAlert[];
  /** Days that count as Sunday; absent if there are none. */
  holidays?: DayNumber[];
}

/** `noDataFor`: `NoDataWatch.lengthOf`. */
export function keyRecord(entry: KeyEntry, noDataFor?: number): KeyRecord {
  const record: KeyRecord = { key: entry.key, state: entry.state, since: entry.since };
  if (Number.isFinite(entry.stateDue)) record.due = entry.stateDue;
  if (entry.value !== undefined) record.value = entry.value;
  if (entry.unit !== '') record.unit = entry.unit;
  if (entry.state !== 'normal' || entry.active) record.limits = entry.limits?.source;
  if (entry.episode) record.episode = { ...entry.episode };
  if (entry.notified) record.told = { ...entry.notified, text: showText(entry.notified.text) };
  if (entry.criticalSince > 0) record.criticalSince = entry.criticalSince;
  if (entry.cooldownUntil > 0) record.cooldownUntil = entry.cooldownUntil;
  if (entry.flapping) record.flapping = true;
  if (entry.changes) record.changes = [...entry.changes];
  if (noDataFor !== undefined) record.silentFor = Math.round(noDataFor);
  if (entry.missing && entry.state !== 'nodata') record.silent = true;
  if (entry.parent) record.parent = entry.parent;
  if (entry.heldFor !== undefined && entry.episode) record.heldFor = entry.heldFor;
  if (entry.subject) record.subject = entry.subject;
  if (entry.usual) record.usual = entry.usual.learnt;
  if (entry.noDataAfter !== undefined) record.noDataAfter = entry.noDataAfter;
  if (entry.isLeaving) record.leaving = true;
  return record;
}

export function nodeRecord(machine: AlertMachine, override: Override | undefined): NodeRecord {
  const { notifier, silences, connectionWatch, enabled } = machine;
  return {
    enabled,
    quiet: notifier.quiet,
    silences: silences.all.map((one) => ({ ...one })),
    groups: notifier.grouped.list.map(({ id, lines }) => ({
      id,
      lines: lines.map((line) => ({ ...line, text: showLine(line.text) })),
    })),
    missed: [...notifier.missed],
    moreMissed: notifier.moreMissed,
    line: connectionWatch.record,
    override,
    ...(Number.isFinite(notifier.digestDue) && { digestDue: notifier.digestDue }),
    ...(machine.checks.forgotten.size > 0 && { forgotten: [...machine.checks.forgotten] }),
    keyed: machine.keyed,
  };
}

/** Keys that are worth writing down: with a no-data clock all, else those that are not simply normal. */
export function isWorthKeeping(entry: KeyEntry, rules: Rules, now: number): boolean {
  return (
    rules.noDataAfter > 0 ||
    entry.usual !== undefined ||
    entry.state !== 'normal' ||
    entry.active ||
    entry.flapping ||
    entry.changes !== undefined ||
    entry.cooldownUntil > now
  );
}

/** The machine is to have looked at the clock just now (`turn`): it may have been set. */
export function snapshot(machine: AlertMachine, override: Override | undefined, now: number): Snapshot {
  const keys: KeyRecord[] = [];
  for (const entry of machine.keys.map.values()) {
    if (isWorthKeeping(entry, machine.rules, now))
      keys.push(keyRecord(entry, machine.noData.lengthOf(entry)));
  }
  const holidays = [...machine.notifier.holidays];
  return {
    ...{ v: SNAPSHOT_VERSION, at: now, node: nodeRecord(machine, override), keys, past: machine.past.all },
    ...(holidays.length > 0 && { holidays }),
  };
}

/**
 * Restores a new machine, and handles deadlines that passed meanwhile. No-data clocks continue where they stood: time
 * without us is no gap, and what was a gap before stays one. Waits are no longer than the current rules say,
 * which may have changed. If the clock is behind the time of writing, it was set, and future deadlines stay in the
 * future.
 */
export function restore(
  machine: AlertMachine,
  { at, node, keys, past = [], holidays = [] }: Snapshot,
  now: number,
): void {
  const behind = now < at ? now - at : 0;
  machine.enabled = node.enabled;
  machine.keyed = node.keyed;
  machine.silences.restore(node.silences);
  for (const id of node.forgotten ?? []) machine.checks.forgotten.add(id);
  machine.past.restore(past);
  machine.notifier.holidays = new Set(holidays);
  if (holidays.length > 0) machine.notifier.startQuiet(now);
  machine.notifier.grouped.list = node.groups.map(({ id, lines }) => ({
    id,
    lines: lines.map((line) => ({ ...line, text: storedLine(line.text) })),
  }));
  machine.notifier.missed = node.missed.map((one) => ({ ...one }));
  machine.notifier.moreMissed = node.moreMissed;
  // One that fell due meanwhile is told now, unless there is to be none any more.
  machine.notifier.digestDue = Math.min(machine.notifier.digestDue, digestDueOf(node, machine));
  machine.connectionWatch.restore(node.line);
  if (behind !== 0) machine.silences.shift(behind);
  for (const record of keys) {
    const entry = entryOf(record, machine, now);
    if (behind !== 0) shiftEntry(entry, behind);
    entry.lastSeen = now - Math.max(0, record.silentFor ?? 0);
    waitByRules(entry, machine.rules, now);
    machine.adopt(entry);
  }
  machine.begin(node.quiet);
}

function digestDueOf({ digestDue }: NodeRecord, { rules }: AlertMachine): number {
  return rules.digest && digestDue !== undefined ? digestDue : Number.POSITIVE_INFINITY;
}

function entryOf(record: KeyRecord, machine: AlertMachine, now: number): KeyEntry {
  const entry = new KeyEntry(record.key, record.since, now, limitsOf(record, machine));
  entry.state = record.state;
  entry.stateDue = record.due ?? Number.POSITIVE_INFINITY;
  entry.missing = record.silent ?? record.state === 'nodata';
  entry.value = record.value;
  entry.unit = record.unit ?? '';
  entry.episode = record.episode && { ...record.episode };
  entry.notified = record.told && { ...record.told, text: storedText(record.told.text) };
  entry.criticalSince = record.criticalSince ?? 0;
  entry.cooldownUntil = record.cooldownUntil ?? 0;
  entry.flapping = record.flapping ?? false;
  entry.changes = record.changes && [...record.changes];
  entry.parent = record.parent;
  entry.heldFor = record.heldFor;
  entry.subject = record.subject;
  entry.usual = record.usual && new UsualInterval(record.usual);
  entry.noDataAfter = record.noDataAfter;
  entry.isLeaving = record.leaving ?? false;
  return entry;
}

/** Waits that began under other rules. */
function waitByRules(entry: KeyEntry, rules: Rules, now: number): void {
  if (entry.state === 'pending') {
    entry.stateDue = Math.min(entry.stateDue, entry.since + rules.holdFor);
    // By the limits that count now there may be nothing to wait for.
    const { value, limits } = entry;
    const holds = value === undefined || !limits || judgeFor(rules.condition)(value, limits) === 'bad';
    if (!holds) Object.assign(entry, { state: 'normal', since: now, stateDue: Number.POSITIVE_INFINITY });
  }
  if (entry.state === 'recovering') entry.stateDue = Math.min(entry.stateDue, entry.since + rules.keepFor);
  entry.cooldownUntil = Math.min(entry.cooldownUntil, now + rules.cooldown);
  if (rules.flapCount === 0) {
    entry.flapping = false;
    entry.changes = undefined;
  }
}

/** Those of the node; where they come with samples, those of the last one. */
function limitsOf(record: KeyRecord, { limits, rules }: AlertMachine): Limits | undefined {
  if (limits || !record.limits) return limits;
  try {
    return readyLimits(rules.condition, record.limits, rules.hysteresis);
  } catch {
    return undefined;
  }
}
