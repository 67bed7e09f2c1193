import type { NodeStatus } from 'node-red';
import type { ClientState } from '../transport/client-types';

/** Translates a key of `dinox-broker`'s locale. */
export type Translate = (key: string, values?: Record<string, string | number>) => string;

/** The one mapping from the state of a connection to what stands under a node. */
export function statusOf(state: ClientState, queued: number, say: Translate): NodeStatus {
  const { reason } = state;
  const waiting = queued > 0 ? ` (${say('status.queued', { count: queued })})` : '';
  switch (state.phase) {
    case 'connected':
      return {
        fill: 'green',
        shape: 'dot',
        text: queued > 0 ? say('status.connected') + waiting : 'node-red:common.status.connected',
      };
    case 'idle':
      return {
        fill: 'red',
        shape: 'ring',
        text: queued > 0 ? say('status.disconnected') + waiting : 'node-red:common.status.disconnected',
      };
    case 'stopped':
      return { fill: 'red', shape: 'dot', text: say(`reason.${reason?.code ?? 'config'}`) + waiting };
    default:
      // The same text while it tries and while it waits for the next try: no flicker.
      return {
        fill: 'yellow',
        shape: 'ring',
        text: reason
          ? say('status.again', { reason: say(`reason.${reason.code}`) }) + waiting
          : queued > 0
            ? say('status.connecting') + waiting
            : 'node-red:common.status.connecting',
      };
  }
}
