import type { AlertText } from './alert-text';
import type { Texts } from './message-texts';
import type { AlertEvent } from './states';

/**
 * Watches the connection that the samples come over. While it is down, no-data clocks stand still. When the first one
 * would have run out, one message says so instead of one for each key, and another one that it is back.
 */
export class ConnectionWatch {
  /** When to tell that it is away. */
  due = Number.POSITIVE_INFINITY;
  private awaySince: number | undefined;
  private notified: { id: string; since: number; text: string } | undefined;

  constructor(
    private readonly words: Texts,
    private readonly newId: () => string,
  ) {}

  get isAway(): boolean {
    return this.awaySince !== undefined;
  }

  /** Time at which no-data clocks began to stand still; `now` if they run. */
  standsSince(now: number): number {
    return Math.min(now, this.awaySince ?? now);
  }

  /** The state that survives the process: people were notified. */
  get record(): { id: string; since: number; text: string } | undefined {
    return this.notified;
  }

  restore(notified: { id: string; since: number; text: string } | undefined): void {
    this.notified = notified;
  }

  away(now: number, due: number): void {
    if (this.isAway) return;
    this.awaySince = now;
    this.due = this.notified ? Number.POSITIVE_INFINITY : due;
  }

  /** It is there again. `downFor`: milliseconds for which it was down. */
  back(now: number): { downFor: number; event?: AlertEvent } {
    const since = this.awaySince;
    const downFor = since === undefined ? 0 : now - since;
    this.awaySince = undefined;
    this.due = Number.POSITIVE_INFINITY;
    const { notified } = this;
    if (!notified) return { downFor };
    this.notified = undefined;
    const text = [notified.text, this.words.connection('back', notified.since, now)];
    return { downFor, event: this.event(notified, now, text, true) };
  }

  /** What people are to be told because of the time; undefined: nothing. */
  look(now: number): AlertEvent | undefined {
    if (now < this.due) return;
    this.due = Number.POSITIVE_INFINITY;
    const since = this.awaySince ?? now;
    this.notified = { id: this.newId(), since, text: this.words.connection('away', since, now) };
    return this.event(this.notified, now, [this.notified.text], false);
  }

  shift(ms: number): void {
    this.due += ms;
    if (this.awaySince !== undefined) this.awaySince += ms;
    if (this.notified) this.notified.since += ms;
  }

  private event(
    notified: { id: string; since: number },
    at: number,
    text: AlertText,
    isBack: boolean,
  ): AlertEvent {
    return {
      reason: 'connection',
      id: notified.id,
      number: 0,
      key: '',
      state: isBack ? 'normal' : 'nodata',
      previous: isBack ? 'nodata' : 'normal',
      severity: 'warning',
      value: undefined,
      unit: '',
      limit: undefined,
      since: notified.since,
      at,
      acked: undefined,
      text,
      replaces: isBack ? notified.id : undefined,
    };
  }
}
