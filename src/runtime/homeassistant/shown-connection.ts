import type { Clock } from '../../base/clock';
import type { Text } from '../../base/text';
import type { ReadText } from '../../base/translate';
import { type ConnectionState, connectionEntities } from '../../homeassistant/announcing/chat-entities';
import type { Announcer } from './announcer';

/** The part of a connection that is shown of itself. */
interface ShownConnection {
  readonly announcer: Announcer;
  readonly botStatus: { readonly topic: string };
  readonly client: { readonly queued: number };
  readonly present: { readonly reason?: { readonly text: Text } };
  onConnected(watcher: (connected: boolean) => void): () => void;
}

/** Milliseconds between two looks at a number that changes often. */
const PACE = 10_000;

/** Shows the connection itself: whether it is there, what waits, and what it lost. */
export function showConnection(
  id: string,
  broker: ShownConnection,
  clock: Clock,
  read: ReadText,
): () => void {
  const shown = broker.announcer.open(id, () => {});
  shown.show(connectionEntities({ read }, broker.botStatus.topic));
  const state: ConnectionState = { queue: 0, losses: 0, reason: null };
  const stopWatching = broker.onConnected((connected) => {
    const { reason } = broker.present;
    if (connected || !reason) return;
    state.losses += 1;
    state.reason = read(reason.text);
  });
  let stop: () => void;
  const look = (): void => {
    state.queue = broker.client.queued;
    shown.state('', 'state', state);
    stop = clock.after(PACE, look);
  };
  look();
  return () => {
    stop();
    stopWatching();
    shown.close();
  };
}
