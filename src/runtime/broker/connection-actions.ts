import { text } from '../../base/catalogue';
import { InputError } from '../../topics/errors';
import type { RawBroker } from '../config/broker-config';
import type { Broker } from './broker';

export type ConnectionAction = 'connect' | 'disconnect';

export function isConnectionAction(action: unknown): action is ConnectionAction {
  return action === 'connect' || action === 'disconnect';
}

/**
 * Core's dynamic control: `connect`, with other settings in `msg.broker` (`force: true` to change a connection
 * that stands), and `disconnect`. `done` is called once the connection is there, or gone.
 */
export function controlConnection(
  broker: Broker,
  action: ConnectionAction,
  settings: unknown,
  done: (error?: Error) => void,
): void {
  if (action === 'disconnect') {
    broker.disconnect().then(() => done(), done);
    return;
  }
  const changes =
    typeof settings === 'object' && settings !== null
      ? (settings as RawBroker & { force?: unknown })
      : undefined;
  try {
    // This comes first: a working connection is not given up for settings that cannot work.
    const apply = changes ? broker.override(changes) : undefined;
    if (broker.client.idle) {
      apply?.();
      broker.connect(done);
    } else if (!apply) {
      done();
    } else if (!changes?.force) {
      done(new InputError('connected', text('input.connectedAlready')));
    } else {
      broker.disconnect().then(() => {
        apply();
        broker.connect(done);
      }, done);
    }
  } catch (error) {
    done(error as Error);
  }
}
