/**
 * The alerts that hear a chat, what was written to them too late for a flow to act on, and when what was written
 * while nobody listened is read.
 */
import type { AlertCommands } from '../../alert/command-handler';
import type { RuntimeBus } from './sending-reports';

const LATE = 'dinox:late-command';
const FIND = 'dinox:alerts-behind';
const READ = 'dinox:chat-read';

type Message = Readonly<Record<string, unknown>>;

/** The alerts of one Node-RED, for its chats. */
export interface AlertsOfChat {
  /** Takes a message that does not go out at the `xmpp-in`s any more. True if it still makes sense. */
  takeLate(msg: Message, listeners: readonly string[]): boolean;
  /** Those to which one of these `xmpp-in`s is wired. */
  behind(listeners: readonly string[]): Iterable<AlertBehind>;
}

/** A `dinox-alert` that hears a chat. */
export interface AlertBehind {
  /** Id of the node. */
  id: string;
  commands: AlertCommands;
}

interface LateCommand {
  readonly msg: Message;
  /** Ids of the `xmpp-in`s that would have passed it on. */
  readonly listeners: readonly string[];
  isTaken: boolean;
}

interface Search {
  readonly listeners: readonly string[];
  readonly found: AlertBehind[];
}

/** True if an alert behind these `xmpp-in`s takes the message. */
export function offerLate(bus: RuntimeBus, msg: Message, listeners: readonly string[]): boolean {
  const late: LateCommand = { msg, listeners, isTaken: false };
  bus.emit(LATE, late);
  return late.isTaken;
}

/** The alerts to which one of these `xmpp-in`s is wired. */
export function findAlerts(bus: RuntimeBus, listeners: readonly string[]): AlertBehind[] {
  const search: Search = { listeners, found: [] };
  bus.emit(FIND, search);
  return search.found;
}

/** Answers what chats ask. */
export function serveChats(bus: RuntimeBus, alerts: AlertsOfChat): void {
  bus.on(LATE, (late: LateCommand) => {
    if (alerts.takeLate(late.msg, late.listeners)) late.isTaken = true;
  });
  bus.on(FIND, (search: Search) => {
    search.found.push(...alerts.behind(search.listeners));
  });
}

/** A chat says that it has read more of what was written before, or that there is nothing to read. */
export function reportRead(bus: RuntimeBus): void {
  bus.emit(READ);
}

/** Calls `read` with each {@link reportRead}. */
export function onRead(bus: RuntimeBus, read: () => void): void {
  bus.on(READ, read);
}
