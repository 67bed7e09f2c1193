import { showLine } from './alert-text';
import { judgeFor } from './condition';
import type { KeyEntry } from './keys';
import type { Texts } from './message-texts';
import { subjectOf } from './notification-news';
import type { Acknowledgement, AlertEvent, Episode, Severity, State, ToldFacts } from './states';
import { boundFacts } from './told-facts';

/** An alert that is over. Times are milliseconds since the epoch. */
export interface PastAlert {
  id: string;
  number: number;
  key: string;
  severity: Severity;
  startedAt: number;
  endedAt: number;
  acked?: Acknowledgement | undefined;
  /** What people were told of it. */
  text: string;
  /** The same as data, where it is known. */
  facts?: ToldFacts | undefined;
}

/** An acknowledgement as messages show it. Times are ISO 8601. */
export interface AckedView {
  by: string;
  at: string;
  until: string | null;
  note: string | null;
}

export function ackedView(acked: Acknowledgement | undefined): AckedView | null {
  if (!acked) return null;
  const { by, at, until, note } = acked;
  const time = (one: number): string => new Date(one).toISOString();
  return { by, at: time(at), until: until === undefined ? null : time(until), note: note ?? null };
}

/** An alert, open or over, for a table. */
export interface AlertRow {
  id: string;
  number: number;
  key: string;
  /** `normal`: it is over. */
  state: State;
  severity: Severity;
  /** ISO 8601. */
  since: string;
  /** ISO 8601; null while it is open. */
  until: string | null;
  acked: AckedView | null;
  text: string;
}

/** An alert that is over. Times are milliseconds since the epoch. */
export interface PastRow {
  startedAt: number;
  endedAt: number;
  row: AlertRow;
  /** What its text says, in any language. */
  facts?: ToldFacts | undefined;
}

/** Alerts that are kept, and characters of the texts of each. */
export const MAX_PAST = 500;
const MAX_TEXT_LENGTH = 200;
const MAX_KEY_LENGTH = 1_000;

/** The newest alerts of a node that are over, the oldest first. */
export class PastAlerts {
  private readonly byId = new Map<string, PastAlert>();
  private added: PastAlert[] = [];

  get all(): PastAlert[] {
    return [...this.byId.values()];
  }

  /** An alert that began again while its key was flapping keeps its id: the end that came last counts. */
  ended(entry: KeyEntry, episode: Episode, endedAt: number, texts: Texts): void {
    const { id, number, severity, startedAt, acked } = episode;
    const key = entry.key.slice(0, MAX_KEY_LENGTH);
    const { text, facts } = toldOf(entry, episode, texts);
    const past: PastAlert = {
      ...{ id, number, key, severity, startedAt, endedAt, text },
      ...(acked && { acked }),
      ...(facts && { facts }),
    };
    this.put(past);
    this.added.push(past);
    if (this.added.length > MAX_PAST) this.added.shift();
  }

  /** What was added since the last call, for the disk. */
  takeAdded(): PastAlert[] {
    const { added } = this;
    this.added = [];
    return added;
  }

  restore(all: Iterable<PastAlert>): void {
    for (const past of all) this.put(past);
  }

  private put(past: PastAlert): void {
    this.byId.delete(past.id);
    this.byId.set(past.id, past);
    const [oldest] = this.byId.keys();
    if (this.byId.size > MAX_PAST && oldest !== undefined) this.byId.delete(oldest);
  }
}

/**
 * The open alerts and those that are over, the newest first.
 * @param from milliseconds since the epoch: alerts that were open at some time between the two
 */
export function alertRows(
  active: Iterable<KeyEntry>,
  past: PastAlerts,
  texts: Texts,
  from: number,
  to: number,
): AlertRow[] {
  const open = [...active].flatMap((entry): [number, AlertRow][] => {
    const { key, state, episode } = entry;
    if (!episode || episode.startedAt > to) return [];
    const row = {
      ...rowOf({ ...episode, key, text: toldOf(entry, episode, texts).text }),
      state,
      until: null,
    };
    return [[episode.startedAt, row]];
  });
  const over = pastRows(active, past)
    .filter(({ startedAt, endedAt }) => startedAt <= to && endedAt >= from)
    .map(({ startedAt, row }): [number, AlertRow] => [startedAt, row]);
  return [...open, ...over].sort(([one], [two]) => two - one).map(([, row]) => row);
}

/** The alerts that are over, in the order in which they ended; one that began again is open. */
export function pastRows(active: Iterable<KeyEntry>, past: PastAlerts): PastRow[] {
  const isOpen = new Set([...active].map(({ episode }) => episode?.id));
  return past.all
    .filter(({ id }) => !isOpen.has(id))
    .map((alert): PastRow => {
      const { startedAt, endedAt, facts } = alert;
      const until = new Date(endedAt).toISOString();
      return { startedAt, endedAt, row: { ...rowOf(alert), state: 'normal', until }, facts };
    });
}

function rowOf({
  id,
  number,
  key,
  severity,
  startedAt,
  acked,
  text,
}: Omit<PastAlert, 'endedAt' | 'facts'>): Omit<AlertRow, 'state' | 'until'> {
  return {
    id,
    number,
    key,
    severity,
    since: new Date(startedAt).toISOString(),
    acked: ackedView(acked),
    text,
  };
}

/** The first line of what people were told, or would have been told, and the same as data. */
function toldOf(
  entry: KeyEntry,
  episode: Episode,
  texts: Texts,
): { text: string; facts: ToldFacts | undefined } {
  const { key, value, unit, limits, notified, parent } = entry;
  const { id, number, severity, startedAt, acked } = episode;
  const event: Omit<AlertEvent, 'text'> = {
    ...{ reason: 'raised', id, number, key, severity, unit, acked },
    // By its end the value is one that is no alert.
    value: episode.value ?? value,
    ...{ state: episode.fired ? 'firing' : 'nodata', previous: 'normal' },
    ...{ limit: limits?.source.limit, since: startedAt, at: startedAt, replaces: undefined },
    ...(parent && { parent }),
    ...subjectOf(entry),
  };
  const { text, facts } = notified?.id === id ? notified : texts.line(event, limits);
  const [first = ''] = text;
  return {
    text: showLine(first).slice(0, MAX_TEXT_LENGTH),
    facts: facts && asAlerting(facts, entry, episode),
  };
}

/** A reminder may come while the value is back and the alert not over: the list has the value that was one. */
function asAlerting(facts: ToldFacts, { limits }: KeyEntry, { value }: Episode): ToldFacts {
  if (facts.state !== 'firing' || facts.value === undefined || value === undefined || !limits) return facts;
  const judge = judgeFor(facts.subject ? 'below' : facts.condition);
  return judge(facts.value, limits) === 'bad' ? facts : boundFacts({ ...facts, value });
}
