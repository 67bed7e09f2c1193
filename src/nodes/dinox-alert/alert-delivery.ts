import { renumberEvents } from '../../alert/renumber';
import type { AlertEvent } from '../../alert/states';
import { alertIdOf, UndeliveredAlerts, type UndeliveredRecord } from '../../alert/undelivered';
import type { Clock } from '../../base/clock';
import type { SendingReport } from '../../runtime/chat/sending-reports';
import type { AlertConfig } from './config';
import type { Message } from './message-reader';

/** What no `xmpp-out` took within this went elsewhere, and handed over counts; in milliseconds. */
const TAKE_WITHIN = 60_000;

export interface AlertDeliveryOptions {
  clock: Clock;
  confirm: AlertConfig['confirm'];
  /** The wires lead to an `xmpp-out`, which says what becomes of a message. */
  leadsToChat(): boolean;
  /**
   * Delivery of the predecessor that a deploy ended: what is under way goes on. Undefined: the process has just begun.
   */
  before: UndeliveredAlerts | undefined;
  newId(): string;
  message(event: AlertEvent, again: boolean): Message;
  send(messages: Message[]): void;
  /** Something changed that must outlast the process. */
  changed(): void;
  /** So many alerts wait for a confirmation that the oldest is no longer waited for. */
  tooMany(): void;
}

const NONE: ReadonlySet<string> = new Set();

/**
 * Sends alerts into the flow, and knows which of them nobody has confirmed. Those go out once more when the process
 * begins anew, or when the chat that gave them up is back: under the same id, in their newest form, marked as such.
 */
export class AlertDelivery {
  readonly undelivered: UndeliveredAlerts;
  /** Events from before the flow runs. */
  private held: AlertEvent[] | undefined = [];
  /** What an earlier process left. */
  private left: ReadonlySet<string> = NONE;
  private stopLook: (() => void) | undefined;

  constructor(private readonly options: AlertDeliveryOptions) {
    this.undelivered = options.before ?? new UndeliveredAlerts();
  }

  /** What the file says. A predecessor in this process knows better. */
  restore(records: readonly UndeliveredRecord[]): void {
    if (this.options.before || this.options.confirm === 'off') return;
    this.undelivered.restore(records);
    this.left = new Set(records.map(({ event }) => alertIdOf(event)));
  }

  /** Before anything is written: these are about to be sent. */
  note(events: readonly AlertEvent[]): void {
    const { confirm, leadsToChat, tooMany } = this.options;
    if (confirm === 'off' || !(confirm === 'wait' || this.held || leadsToChat())) return;
    for (const event of events) if (this.undelivered.add(event) !== undefined) tooMany();
  }

  /** The flow runs: what came before is told now, and what nobody confirmed is told again. */
  started(): void {
    const events = this.held ?? [];
    const { left } = this;
    this.held = undefined;
    this.left = NONE;
    const newer = new Set(events.map(alertIdOf));
    const again = [...left].filter((alertId) => !newer.has(alertId));
    this.emit([...again.flatMap((alertId) => this.undelivered.again(alertId) ?? []), ...events], left);
  }

  /** @param again alerts whose message goes out once more */
  emit(events: readonly AlertEvent[], again = NONE): void {
    if (this.held) {
      this.held.push(...events);
      return;
    }
    if (events.length === 0) return;
    const { clock, confirm, leadsToChat, message, newId, send } = this.options;
    const messages = events.map((event) => {
      const alertId = alertIdOf(event);
      if (!this.undelivered.has(alertId)) return message(event, false);
      const isAgain = again.has(alertId);
      const made = message((isAgain && this.undelivered.again(alertId)) || event, isAgain);
      const _msgid = newId();
      this.undelivered.sent(alertId, _msgid, clock.steady());
      return { ...made, _msgid };
    });
    send(messages);
    if (confirm === 'auto' && !leadsToChat()) {
      for (const event of events) this.undelivered.delivered(alertIdOf(event), undefined);
    }
    this.flush();
    this.look();
  }

  /** An alert that is not told yet has another number. */
  renumber(from: number, to: number): void {
    renumberEvents(this.held ?? [], from, to);
  }

  get isWaiting(): boolean {
    return this.undelivered.size > 0;
  }

  /** What somebody who sends it says about a message. */
  report({ phase, alertId, messageId, retry }: SendingReport): void {
    if (!this.undelivered.has(alertId)) return;
    if (phase === 'taken') this.undelivered.taken(alertId, messageId);
    else if (phase === 'sent') this.undelivered.delivered(alertId, messageId);
    else if (retry) this.undelivered.failed(alertId, messageId);
    this.flush();
  }

  /** A flow says that people have an alert. */
  confirmed(alertId: string): void {
    this.undelivered.delivered(alertId, undefined);
    this.flush();
  }

  /** Whoever gave messages up has a connection again. */
  online(): void {
    const failed = new Set(this.undelivered.failures());
    this.emit(
      [...failed].flatMap((alertId) => this.undelivered.again(alertId) ?? []),
      failed,
    );
  }

  close(): void {
    this.stopLook?.();
  }

  private flush(): void {
    if (this.undelivered.hasChanges) this.options.changed();
  }

  /** Handed over counts for what nobody takes: it went by mail, or a switch kept it back. */
  private look(): void {
    const { clock, confirm } = this.options;
    if (confirm !== 'auto' || this.stopLook) return;
    const next = this.undelivered.nextUnclaimed(TAKE_WITHIN);
    if (next === Number.POSITIVE_INFINITY) return;
    this.stopLook = clock.after(Math.max(1, Math.ceil(next - clock.steady())), () => {
      this.stopLook = undefined;
      for (const alertId of this.undelivered.unclaimed(clock.steady(), TAKE_WITHIN))
        this.undelivered.forget(alertId);
      this.flush();
      this.look();
    });
  }
}
