import { renumberEvents } from '../../alert/renumber';
import type { AlertEvent } from '../../alert/states';
import { alertIdOf, UndeliveredAlerts, type UndeliveredRecord } from '../../alert/undelivered';
import type { Clock } from '../../base/clock';
import type { SendingReport } from '../../runtime/chat/sending-reports';
import type { AlertConfig } from './config';
import type { Message } from './message-reader';

/** Milliseconds for an `xmpp-out` to take a message. After that it went elsewhere, and counts as delivered once handed over. */
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
  /** The same for those who get what nobody acknowledged in time; undefined: it is not for them. */
  escalation?(event: AlertEvent, message: Message): Message | undefined;
  send(messages: Message[]): void;
  /** Called when something changed that must outlast the process. */
  changed(): void;
  /** Called when too many alerts wait for a confirmation: the oldest one is given up. */
  tooMany(): void;
}

const NONE: ReadonlySet<string> = new Set();

/**
 * Sends alerts into the flow, and knows which of them nobody has confirmed. Those go out once more when the process
 * restarts, or when the chat that gave them up is back: under the same id, in their newest form, marked as such.
 */
export class AlertDelivery {
  readonly undelivered: UndeliveredAlerts;
  /** Events that came before the flow runs. */
  private beforeStart: AlertEvent[] | undefined = [];
  /** Alerts that an earlier process left unconfirmed. */
  private left: ReadonlySet<string> = NONE;
  private stopLook: (() => void) | undefined;

  constructor(private readonly options: AlertDeliveryOptions) {
    this.undelivered = options.before ?? new UndeliveredAlerts();
  }

  /** Takes over the file's records. A predecessor in this process knows better. */
  restore(records: readonly UndeliveredRecord[]): void {
    if (this.options.before || this.options.confirm === 'off') return;
    this.undelivered.restore(records);
    this.left = new Set(records.map(({ event }) => alertIdOf(event)));
  }

  /** Notes events that are about to be sent, before anything is written. */
  note(events: readonly AlertEvent[]): void {
    const { confirm, leadsToChat, tooMany } = this.options;
    if (confirm === 'off' || !(confirm === 'wait' || this.beforeStart || leadsToChat())) return;
    for (const event of events) if (this.undelivered.add(event) !== undefined) tooMany();
  }

  /** The flow runs: events held until now are sent, and unconfirmed alerts are sent again. */
  started(): void {
    const events = this.beforeStart ?? [];
    const { left } = this;
    this.beforeStart = undefined;
    this.left = NONE;
    const newer = new Set(events.map(alertIdOf));
    const again = [...left].filter((alertId) => !newer.has(alertId));
    this.emit([...again.flatMap((alertId) => this.undelivered.again(alertId) ?? []), ...events], left);
  }

  /** @param again alerts whose message goes out once more */
  emit(events: readonly AlertEvent[], again = NONE): void {
    if (this.beforeStart) {
      this.beforeStart.push(...events);
      return;
    }
    if (events.length === 0) return;
    const { clock, confirm, leadsToChat, message, newId, send } = this.options;
    const messages = events.flatMap((event) => {
      const alertId = alertIdOf(event);
      if (!this.undelivered.has(alertId)) return this.withEscalation(event, message(event, false));
      const isAgain = again.has(alertId);
      const made = message((isAgain && this.undelivered.again(alertId)) || event, isAgain);
      const _msgid = newId();
      this.undelivered.sent(alertId, _msgid, clock.steady());
      return this.withEscalation(event, { ...made, _msgid });
    });
    send(messages);
    if (confirm === 'auto' && !leadsToChat()) {
      for (const event of events) this.undelivered.delivered(alertIdOf(event), undefined);
    }
    this.flush();
    this.look();
  }

  private withEscalation(event: AlertEvent, message: Message): Message[] {
    const more = this.options.escalation?.(event, message);
    return more ? [message, more] : [message];
  }

  /** Gives an alert that has not been sent yet another number. */
  renumber(from: number, to: number): void {
    renumberEvents(this.beforeStart ?? [], from, to);
  }

  get isWaiting(): boolean {
    return this.undelivered.size > 0;
  }

  /** Takes a sending node's report about a message. */
  report({ phase, alertId, messageId, retry }: SendingReport): void {
    if (!this.undelivered.has(alertId)) return;
    if (phase === 'taken') this.undelivered.taken(alertId, messageId);
    else if (phase === 'sent') this.undelivered.delivered(alertId, messageId);
    else if (retry) this.undelivered.failed(alertId, messageId);
    this.flush();
  }

  /** A flow confirms that people have an alert. */
  confirmed(alertId: string): void {
    this.undelivered.delivered(alertId, undefined);
    this.flush();
  }

  /** The sender that gave messages up has a connection again. */
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

  /** Messages that no sender takes count as delivered: they went by mail, or a switch kept them back. */
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
