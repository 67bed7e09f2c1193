import { showText, storedText } from './alert-text';
import type { AlertEvent } from './states';

/** A notification that nobody has confirmed yet, as it is in a file. */
export interface UndeliveredRecord {
  /** The newest message about it. */
  event: StoredEvent;
  /** Nothing about this alert was ever confirmed, so its message replaces no other. */
  fresh: boolean;
}

type StoredEvent = Omit<AlertEvent, 'text' | 'alerts'> & { text: string; alerts?: StoredEvent[] };

interface UndeliveredEvent {
  event: AlertEvent;
  fresh: boolean;
  /** The messages that went into the flow, the oldest first, the last one with the newest form. */
  readonly messages: string[];
  /** When the newest went into the flow, in steady milliseconds; undefined: not yet. */
  sentAt: number | undefined;
  /** A sender took the newest, and will report its fate. */
  taken: boolean;
  /** The sender that took it gave it up. */
  failed: boolean;
}

/** Maximum number of alerts that wait for a confirmation. */
const MAX = 1_000;
/** Messages that are told apart per alert. */
const MAX_MESSAGES = 20;

/** The subject of a message: its alert, or the message about several that contains its alert's line. */
export const alertIdOf = (event: Pick<AlertEvent, 'id' | 'replaces'>): string => event.replaces ?? event.id;

/**
 * Alerts that went out and that nobody has confirmed: leaving the node is not arriving. Only the newest message of
 * each alert counts, as it says everything that the earlier ones said.
 */
export class UndeliveredAlerts {
  private readonly entries = new Map<string, UndeliveredEvent>();
  private readonly changed = new Set<string>();

  get size(): number {
    return this.entries.size;
  }

  has(alertId: string): boolean {
    return this.entries.has(alertId);
  }

  /** There is something to tell. @returns an alert that is no longer waited for, as there are too many */
  add(event: AlertEvent): string | undefined {
    const alertId = alertIdOf(event);
    const known = this.entries.get(alertId);
    const fresh = known ? known.fresh : event.replaces === undefined;
    // The newest is last.
    this.entries.delete(alertId);
    const messages = known?.messages ?? [];
    this.entries.set(alertId, { event, fresh, messages, sentAt: undefined, taken: false, failed: false });
    this.changed.add(alertId);
    const [oldest] = this.entries.keys();
    if (this.entries.size <= MAX || oldest === undefined) return undefined;
    this.forget(oldest);
    return oldest;
  }

  /** Its message went into the flow. */
  sent(alertId: string, messageId: string, now: number): void {
    const entry = this.entries.get(alertId);
    if (!entry) return;
    entry.messages.push(messageId);
    if (entry.messages.length > MAX_MESSAGES) entry.messages.shift();
    Object.assign(entry, { sentAt: now, taken: false, failed: false });
  }

  /** A sender has a message, and will report its fate. */
  taken(alertId: string, messageId: string | undefined): void {
    const entry = this.entries.get(alertId);
    if (entry && isNewest(entry, messageId)) Object.assign(entry, { taken: true, failed: false });
  }

  /** The one who took it gave it up; it may be tried again. */
  failed(alertId: string, messageId: string | undefined): void {
    const entry = this.entries.get(alertId);
    if (entry && isNewest(entry, messageId)) entry.failed = true;
  }

  /** The server has a message. @returns whether that was the newest one: then nothing is owed any more */
  delivered(alertId: string, messageId: string | undefined): boolean {
    const entry = this.entries.get(alertId);
    if (!entry) return false;
    if (isNewest(entry, messageId)) return this.forget(alertId);
    if (entry.fresh) this.changed.add(alertId);
    entry.fresh = false;
    return false;
  }

  /** No sender took these within `ms`, so nobody would confirm them. */
  unclaimed(now: number, ms: number): string[] {
    const found: string[] = [];
    for (const [alertId, { sentAt, taken }] of this.entries)
      if (!taken && sentAt !== undefined && now - sentAt >= ms) found.push(alertId);
    return found;
  }

  /** Time of the next check of messages that nobody took, in steady milliseconds; Infinity: never. */
  nextUnclaimed(ms: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { sentAt, taken } of this.entries.values())
      if (!taken && sentAt !== undefined) next = Math.min(next, sentAt + ms);
    return next;
  }

  forget(alertId: string): boolean {
    if (this.entries.delete(alertId)) this.changed.add(alertId);
    return true;
  }

  /** Those that were given up, to be tried again. */
  failures(): string[] {
    return [...this.entries].flatMap(([alertId, { failed }]) => (failed ? [alertId] : []));
  }

  record(alertId: string): UndeliveredRecord | undefined {
    const entry = this.entries.get(alertId);
    return entry && { event: onDisk(entry.event), fresh: entry.fresh };
  }

  records(): UndeliveredRecord[] {
    return [...this.entries.values()].map(({ event, fresh }) => ({ event: onDisk(event), fresh }));
  }

  /** The newest message about an alert as it goes out once more. */
  again(alertId: string): AlertEvent | undefined {
    const entry = this.entries.get(alertId);
    if (!entry) return undefined;
    // Nobody has the message that it would replace.
    return entry.fresh ? { ...entry.event, replaces: undefined, id: alertId } : entry.event;
  }

  /** Takes over what an earlier process left. */
  restore(records: readonly UndeliveredRecord[]): void {
    for (const { event, fresh } of records) {
      this.add(inMemory(event));
      const entry = this.entries.get(alertIdOf(event));
      if (entry) entry.fresh = fresh;
    }
    this.changed.clear();
  }

  get hasChanges(): boolean {
    return this.changed.size > 0;
  }

  /** Alerts of which something changed since the last call. */
  takeChanges(): string[] {
    const changes = [...this.changed];
    this.changed.clear();
    return changes;
  }
}

/** An unknown message may be one that a flow made of ours: it counts for the newest. */
function isNewest({ messages }: UndeliveredEvent, messageId: string | undefined): boolean {
  return messageId === undefined || messages.at(-1) === messageId || !messages.includes(messageId);
}

function onDisk({ text, alerts, ...event }: AlertEvent): StoredEvent {
  return { ...event, text: showText(text), ...(alerts && { alerts: alerts.map(onDisk) }) };
}

function inMemory({ text, alerts, ...event }: StoredEvent): AlertEvent {
  return { ...event, text: storedText(text), ...(alerts && { alerts: alerts.map(inMemory) }) };
}
