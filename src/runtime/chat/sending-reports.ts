import type { EventEmitter } from 'node:events';
import type { Clock } from '../../base/clock';

/** What became of a message that stands for an alert. */
export interface SendingReport {
  /** `taken`: it is on its way; `sent`: the server has it; `failed`: it never will. */
  readonly phase: 'taken' | 'sent' | 'failed';
  readonly alertId: string;
  /** `_msgid`: tells apart the messages about one alert. */
  readonly messageId: string | undefined;
  /** The reason was the connection: the same again may go through. */
  readonly retry?: boolean;
}

/** Node-RED's `RED.events`, on which nodes of one runtime hear of each other, whatever wires lie between them. */
export type RuntimeBus = Pick<EventEmitter, 'on' | 'removeListener' | 'emit'>;

const REPORT = 'dinox:sending';
const ONLINE = 'dinox:chat-online';

/** For whoever sends: tells what becomes of messages about alerts; those about none it does not mention. */
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

/** For whoever sends: there is a connection again. */
export function reportOnline(bus: RuntimeBus): void {
  bus.emit(ONLINE);
}

export interface SendingListener {
  report(report: SendingReport): void;
  online(): void;
  /** It still wants to hear of something. */
  readonly isWaiting: boolean;
}

/** Hears both; the result ends it. */
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

/** Reports that come after a node has closed still count for so long, in milliseconds: the process may be ending. */
const LATE = 20_000;

/** Whoever waits for reports, by the id of the node: a deploy replaces it, and a late report reaches the last one. */
export class SendingListeners<T extends SendingListener> {
  private readonly listeners = new Map<string, T>();
  private stop: (() => void) | undefined;

  constructor(
    private readonly bus: RuntimeBus,
    private readonly clock: Clock,
  ) {}

  /** The one that a deploy has just ended, where it still waits for something. */
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
