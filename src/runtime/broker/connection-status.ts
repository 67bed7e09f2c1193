import type { NodeStatus } from 'node-red';
import type { Translate } from '../../base/translate';
import type { ClientState } from '../../transport/connection/client-types';
import type { LinkError } from '../../transport/errors';

/**
 * The only mapping from the state of a connection to a node's status. `queued` counts waiting messages, `dropped` those
 * that did not wait.
 */
export function connectionStatus(
  state: ClientState,
  queued: number,
  dropped: number,
  translate: Translate,
): NodeStatus {
  const { reason } = state;
  const { progress } = state;
  const counts = [
    ...(progress ? [translate('status.subscribing', { done: progress.done, all: progress.all })] : []),
    ...(queued > 0 ? [translate('status.queued', { count: queued })] : []),
    ...(dropped > 0 ? [translate('status.dropped', { count: dropped })] : []),
  ].join(', ');
  const waiting = counts ? ` (${counts})` : '';
  switch (state.phase) {
    case 'connected':
      return {
        fill: 'green',
        shape: 'dot',
        text: counts ? translate('status.connected') + waiting : 'node-red:common.status.connected',
      };
    case 'idle':
      return {
        fill: 'red',
        shape: 'ring',
        text: counts ? translate('status.disconnected') + waiting : 'node-red:common.status.disconnected',
      };
    case 'stopped':
      return {
        fill: 'red',
        shape: 'dot',
        text: (reason ? why(reason, translate) : translate('reason.config')) + waiting,
      };
    default:
      // The same text while it tries and while it waits for the next try: no flicker.
      return {
        fill: 'yellow',
        shape: 'ring',
        text: reason
          ? translate('status.again', { reason: why(reason, translate) }) + waiting
          : counts
            ? translate('status.connecting') + waiting
            : 'node-red:common.status.connecting',
      };
  }
}

/**
 * The reason in a few words, with the server's own if it gave a reason code, and with the item that it repeatedly followed:
 * `closed by the server: quota exceeded, right behind "home/door"`.
 */
function why({ code, said, behind }: LinkError, translate: Translate): string {
  const reason = translate(`reason.${code}`) + (said === undefined ? '' : `: ${translate(`said.${said}`)}`);
  return behind === undefined ? reason : translate('status.behind', { reason, what: behind });
}
