/** A deploy that renews a receiving node alone: the connection stays, and so does what comes meanwhile. */
import assert from 'node:assert/strict';
import { Context, OURS, sharedMosquitto } from '../conformance/context';
import { Wire } from '../conformance/wire';
import { broker, mqttIn, mqttOut, sink, tab } from '../support/flows';

for (const version of [4, 5] as const) {
  describe(`dinox-mqtt-in: deploying [MQTT ${version}]`, () => {
    let context: Context;
    let wire: Wire;
    beforeEach(async () => {
      context = new Context(OURS, version, (await sharedMosquitto()).port);
      wire = await Wire.start(context.port);
      context.after(() => wire.end());
    });
    afterEach(() => context.end());

    const flowOf = (name: string, properties: object = {}) => [
      tab(),
      broker(wire.port, version),
      mqttIn('in', `${context.prefix}/x`, 'out', { rh: 2, name, ...properties }),
      sink('out'),
      mqttOut('own'),
    ];

    for (const qos of [1, 2] as const)
      it(`a node that comes back gets what came in between at QoS ${qos}, in order, once`, async () => {
        const { prefix } = context;
        const flow = await context.load(flowOf(''));
        const observer = await context.observer();
        await context.subscribed(flow);
        let count = 0;
        let deploys = 0;
        const load = async (): Promise<void> => {
          while (deploys < 4) await observer.publish(`${prefix}/x`, String(++count), { qos });
        };
        const loaded = load();
        for (; deploys < 4; deploys++) await flow.deploy(context.types(flowOf(`${deploys}`)));
        await loaded;
        await observer.publish(`${prefix}/x`, 'end', { qos });
        await flow.until('the end', () => flow.at('out').at(-1)?.payload === 'end');

        assert.deepEqual(
          flow.at('out').map(({ payload }) => payload),
          [...Array.from({ length: count }, (_, index) => index + 1), 'end'],
        );
        assert.deepEqual(wire.sent('unsubscribe'), []);
      });

    it('the server is told of another topic, once the deploy is over, and of a node that is gone', async () => {
      const { prefix } = context;
      const flow = await context.load(flowOf(''));
      await context.subscribed(flow);

      await flow.deploy(context.types(flowOf('', { topic: `${prefix}/y` })));
      await context.subscribed(flow);
      await wire.until('given up', () => wire.sent('unsubscribe').length === 1);
      await flow.deploy(context.types(flowOf('', { topic: `${prefix}/y` }).filter(({ id }) => id !== 'in')));
      await wire.until('given up', () => wire.sent('unsubscribe').length === 2);

      assert.deepEqual(
        wire.sent('unsubscribe').flatMap(({ unsubscriptions }) => unsubscriptions),
        [`${prefix}/x`, `${prefix}/y`],
      );
    });
  });
}
