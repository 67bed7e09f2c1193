import type { Broker } from './broker';
import type { RawBroker } from './broker-config';

export type ConnectionAction = 'connect' | 'disconnect';

export function isConnectionAction(action: unknown): action is ConnectionAction {
  return action === 'connect' || action === 'disconnect';
}

/**
 * Core's dynamic control: `connect`, with other settings in `msg.broker` (`force: true` to change a connection
 * that stands), and `disconnect`. `done` is called once the connection is there, or gone.
 */
export function controlConnection(broker: Broker, action: ConnectionAction, settings: unknown, done: (error?: Error) => void): void {
  if (action === 'disconnect') {
    broker.disconnect().then(() => done(), done);
    return;
  }
  const changes = typeof settings === 'object' && settings !== null ? (settings as RawBroker & { force?: unknown }) : undefined;
  if (!broker.client.idle) {
    if (!changes) {
      done();
      return;
    }
    if (!changes.force) {
      done(new Error('The connection stands already. Disconnect first, or set msg.broker.force to true.'));
      return;
    }
    broker.disconnect().then(() => connectWith(broker, changes, done), done);
    return;
  }
  connectWith(broker, changes, done);
}

function connectWith(broker: Broker, changes: RawBroker | undefined, done: (error?: Error) => void): void {
  try {
    if (changes) broker.override(changes);
    broker.connect(done);
  } catch (error) {
    done(error as Error);
  }
}
