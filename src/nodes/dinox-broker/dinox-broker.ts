import type { NodeAPI, NodeDef } from 'node-red';
import type { RawBroker } from '../../runtime/config/broker-config';
import { registerBrokerAdmin } from './admin';
import { type BrokerNode, BrokerRuntime } from './broker-runtime';

/**
 * `dinox-broker`: the account. It holds the one MQTT connection of all nodes that name it in `broker`.
 * Errors in its configuration are in the log at deploy and under every node that uses it.
 */
export function registerDinoxBroker(RED: NodeAPI): void {
  const runtime = new BrokerRuntime(RED);

  function DinoxBroker(this: BrokerNode, raw: NodeDef & RawBroker): void {
    RED.nodes.createNode(this, raw);
    const close = runtime.open(this, raw);
    this.on('close', (removed: boolean, done: () => void) => {
      close(removed)
        .catch((error: Error) => this.error(error.message))
        .then(done);
    });
  }

  registerBrokerAdmin(RED);
  RED.nodes.registerType('dinox-broker', DinoxBroker as never, {
    credentials: {
      password: { type: 'password' },
      user: { type: 'text' },
      mqttPassword: { type: 'password' },
    },
  });
}
