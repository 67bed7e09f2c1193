import type { EventEmitter } from 'node:events';
import type { Clock } from '../../base/clock';

/** Report on a message about an alert. */
export interface SendingReport {
  /** `taken`: it is on its way; `sent`: the server has it; `failed`: it never will. */
  readonly phase: 'taken' | 'sent' | 'failed';
  readonly alertId: string;
  /** `_msgid`: tells apart the messages about one alert. */
  readonly messageId: string | undefined;
  /** True if the connection was the reason: the same message may go through later. */
  readonly retry?: boolean;
}

/** Node-RED's `RED.events`, on which nodes of one runtime hear of each other, whatever wires lie between them. */
export type RuntimeBus = Pick<EventEmitter, 'on' | 'removeListener' | 'emit'>;

const REPORT = 'dinox:sending';
const ONLINE = 'dinox:chat-online';

/** Senders call this: reports on messages about alerts, and ignores all others. */
export function reportSending(
  bus: RuntimeBus,
  { alertId, _msgid }: Readonly<Record<string, unknown>>,
  phase: SendingReport['phase'],
  retry = false,
): void {
  if (typeof alertId !== 'string' || alertId === '') return;
  const messageId = typeof _msgid === 'string' ? _msgid : undefined;
  bus.emit(REPORT, { phase, alertId, messageId, retry } satisfies SendingReport);
}

/** Senders call this once there is a connection again. */
export function reportOnline(bus: RuntimeBus): void {
  bus.emit(ONLINE);
}

export interface SendingListener {
  report(report: SendingReport): void;
  online(): void;
  /** True while it still waits for a report. */
  readonly isWaiting: boolean;
}

/** Listens to both kinds of reports; the result ends it. */
function onSendings(bus: RuntimeBus, listener: Omit<SendingListener, 'isWaiting'>): () => void {
  const report = (one: SendingReport): void => listener.report(one);
  const online = (): void => listener.online();
  bus.on(REPORT, report);
  bus.on(ONLINE, online);
  return () => {
    bus.removeListener(REPORT, report);
    bus.removeListener(ONLINE, online);
  };
}

/** Time after a node has closed in which reports still count, in milliseconds: the process may be ending. */
const LATE = 20_000;

/** Listeners that wait for reports, by node id: a deploy replaces the node, and a late report reaches the last one. */
export class SendingListeners<T extends SendingListener> {
  private readonly listeners = new Map<string, T>();
  private stop: (() => void) | undefined;

  constructor(
    private readonly bus: RuntimeBus,
    private readonly clock: Clock,
  ) {}

  /** The listener that a deploy has just ended, if it still waits for something. */
  of(id: string): T | undefined {
    return this.listeners.get(id);
  }

  add(id: string, listener: T): void {
    this.listeners.set(id, listener);
    this.stop ??= onSendings(this.bus, {
      report: (one) => {
        for (const each of this.listeners.values()) each.report(one);
      },
      online: () => {
        for (const each of this.listeners.values()) each.online();
      },
    });
  }

  remove(id: string, listener: T, removed: boolean): void {
    const forget = (): void => {
      if (this.listeners.get(id) === listener) this.listeners.delete(id);
      if (this.listeners.size > 0) return;
      this.stop?.();
      this.stop = undefined;
    };
    if (removed || !listener.isWaiting) forget();
    else this.clock.after(LATE, forget);
  }
}
