/** An ejabberd whose rules do not know the topic of a bot's status: it refuses a connection for the topic of its will. */
import assert from 'node:assert/strict';
import { type Ejabberd, startEjabberd } from '../support/servers';
import { dinoxBroker, dinoxOut, flowOf, Harness, logged, online, USER, users } from './nodes-support';

const RULES = `  mod_mqtt:
    access_publish:
      "home/#": all
`;

describe('ejabberd refuses the topic of our own will', function () {
  this.timeout(60_000);
  let ejabberd: Ejabberd;
  const harness = new Harness();

  before(async () => {
    ejabberd = await startEjabberd({
      users,
      edit: (config) => config.replace('  mod_mqtt: {}\n', RULES),
    });
  });
  afterEach(() => harness.end());
  after(() => ejabberd?.stop());

  const started = (properties: object) =>
    harness.flow(
      flowOf(
        dinoxBroker({
          ...{ jid: `${USER}@localhost`, xmppService: `xmpp://localhost:${ejabberd.c2sPort}`, usetls: false },
          ...{ host: '127.0.0.1', port: ejabberd.mqttPort, serverType: 'ejabberd', botStatus: true },
          ...properties,
        }),
        dinoxOut(),
      ),
    );

  for (const protocolVersion of ['auto', '4']) {
    it(`is connected without it, and the log names the topic to allow (MQTT ${protocolVersion})`, async () => {
      const flow = await started({ protocolVersion });
      await online(flow, 'out');
      await flow.call('out', { topic: 'home/x', payload: '1', qos: 1 });
      assert.match(logged(flow, 'warn').join('\n'), /publish to dinox\/bots\/status\/anna.*without a will/);
    });
  }
});
