/** Commands to alerts that were written while Node-RED was down, and come too late for a flow to act on. */
import type { RuntimeBus } from './sending-reports';

const LATE = 'dinox:late-command';

/** A message of `xmpp-in` that does not go out at its output any more. */
interface LateCommand {
  readonly msg: Readonly<Record<string, unknown>>;
  /** Ids of the `xmpp-in`s that would have passed it on. */
  readonly listeners: readonly string[];
  isTaken: boolean;
}

/** True if an alert behind these `xmpp-in`s takes the message: it still makes sense. */
export function offerLate(
  bus: RuntimeBus,
  msg: Readonly<Record<string, unknown>>,
  listeners: readonly string[],
): boolean {
  const late: LateCommand = { msg, listeners, isTaken: false };
  bus.emit(LATE, late);
  return late.isTaken;
}

/** Calls `take` with each late message; it returns true if it takes it. The result ends that. */
export function onLateCommand(
  bus: RuntimeBus,
  take: (msg: Readonly<Record<string, unknown>>, listeners: readonly string[]) => boolean,
): () => void {
  const listener = (late: LateCommand): void => {
    if (take(late.msg, late.listeners)) late.isTaken = true;
  };
  bus.on(LATE, listener);
  return () => {
    bus.removeListener(LATE, listener);
  };
}
