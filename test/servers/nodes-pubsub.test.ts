/** The three nodes over XMPP PubSub, without any MQTT. */
import assert from 'node:assert/strict';
import type { FlowNode } from '../support/flows';
import { forEachGeneration, type Prosody, startProsody } from '../support/servers/index';
import {
  complaints,
  dinoxBroker,
  dinoxIn,
  dinoxOut,
  flowOf,
  Harness,
  OTHER,
  OTHER_PASSWORD,
  online,
  TLS,
  USER,
  users,
} from './nodes-support';
import { items, XmppPartner } from './nodes-xmpp';

const SERVICE = 'pubsub.localhost';

forEachGeneration('nodes over PubSub on Prosody', (generation) => {
  let server: Prosody;
  let xmpp: XmppPartner;
  let topic: string;
  const harness = new Harness();
  const suite = new Harness();

  before(async function () {
    this.timeout(60_000);
    server = await startProsody({
      generation,
      users,
      extra: `admins = { "${USER}@localhost", "${OTHER}@localhost" }`,
    });
    xmpp = suite.keep(await XmppPartner.connect(server.c2sTlsPort, OTHER, OTHER_PASSWORD));
  });
  after(async () => {
    await suite.end();
    await server?.stop();
  });
  beforeEach(() => {
    topic = harness.topic();
  });
  afterEach(() => harness.end());

  const account = (properties: object = {}): FlowNode =>
    dinoxBroker({
      jid: `${USER}@localhost`,
      xmppService: `xmpp://localhost:${server.c2sPort}`,
      tls: TLS,
      transport: 'pubsub',
      ...properties,
    });

  it('publishes to a node and receives from it', async () => {
    const flow = await harness.flow(flowOf(account(), dinoxIn('in', `${topic}/x`), dinoxOut()));
    await online(flow, 'in');
    const { error } = await flow.call('out', { topic: `${topic}/x`, payload: { value: 22.1 }, qos: 1 });
    assert.equal(error, undefined);
    const [message] = await flow.messages('in-sink', 1);
    assert.deepEqual(message?.payload, { value: 22.1 });
    assert.equal(message?.topic, `${topic}/x`);
    const { itemId, ...origin } = (message?.pubsub ?? {}) as Record<string, string>;
    assert.deepEqual(origin, { service: SERVICE, type: 'json', node: `${topic}/x` });
    assert.match(itemId ?? '', /^nr-[0-9a-f]{16}-\d+$/);
    assert.match(await xmpp.lastItem(`${topic}/x`), /./);
    await xmpp.publish(`${topic}/x`, items.json('[1,2]'));
    const [, second] = await flow.messages('in-sink', 2);
    assert.deepEqual(second?.payload, [1, 2]);
    assert.deepEqual(complaints(flow), []);
  });
});
