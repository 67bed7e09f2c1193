import type { NodeStatus } from 'node-red';
import type { ClientState } from '../../transport/connection/client-types';
import type { LinkError } from '../../transport/errors';
import type { Translate } from '../node-contract';

/**
 * The one mapping from the state of a connection to what stands under a node; `queued` messages wait, `dropped` ones
 * did not.
 */
export function statusOf(state: ClientState, queued: number, dropped: number, say: Translate): NodeStatus {
  const { reason } = state;
  const counts = [
    ...(queued > 0 ? [say('status.queued', { count: queued })] : []),
    ...(dropped > 0 ? [say('status.dropped', { count: dropped })] : []),
  ].join(', ');
  const waiting = counts ? ` (${counts})` : '';
  switch (state.phase) {
    case 'connected':
      return {
        fill: 'green',
        shape: 'dot',
        text: counts ? say('status.connected') + waiting : 'node-red:common.status.connected',
      };
    case 'idle':
      return {
        fill: 'red',
        shape: 'ring',
        text: counts ? say('status.disconnected') + waiting : 'node-red:common.status.disconnected',
      };
    case 'stopped':
      return {
        fill: 'red',
        shape: 'dot',
        text: (reason ? why(reason, say) : say('reason.config')) + waiting,
      };
    default:
      // The same text while it tries and while it waits for the next try: no flicker.
      return {
        fill: 'yellow',
        shape: 'ring',
        text: reason
          ? say('status.again', { reason: why(reason, say) }) + waiting
          : counts
            ? say('status.connecting') + waiting
            : 'node-red:common.status.connecting',
      };
  }
}

/**
 * In a few words, with the server's own where it gave a reason code, and with what it came behind more than once:
 * `closed by the server: quota exceeded, right behind "home/door"`.
 */
function why({ code, said, behind }: LinkError, say: Translate): string {
  const reason = say(`reason.${code}`) + (said === undefined ? '' : `: ${say(`said.${said}`)}`);
  return behind === undefined ? reason : say('status.behind', { reason, what: behind });
}
