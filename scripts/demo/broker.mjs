/** The broker of the demo (MQTT 3.1.1, in this process, on this machine only) with the simulated home in it. */
import { createServer } from 'node:net';
import { Aedes } from 'aedes';
import { createHome } from './home.mjs';
import { portOf } from './port.mjs';

/** One second of ours is ten minutes in the home: a day goes by in two and a half minutes. */
const SECOND = 1_000;
const STEP = 10 * 60_000;

/**
 * @param {{seed?: number | undefined}} options
 * @returns the port on 127.0.0.1, and `close()`, which resolves when nothing of it is left
 */
export async function startBroker({ seed } = {}) {
  const broker = await Aedes.createBroker();
  const server = createServer(broker.handle);
  await new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', () => resolve(undefined));
  });

  const home = createHome({ seed });
  const publish = (messages) => {
    for (const { topic, payload, retain } of messages) {
      broker.publish(
        { cmd: 'publish', topic, payload: Buffer.from(payload), qos: 0, retain, dup: false },
        () => {},
      );
    }
  };
  broker.subscribe(
    'home/actuators/+/+/set',
    (packet, done) => {
      publish(home.command(packet.topic, packet.payload));
      done();
    },
    () => {},
  );
  publish(home.step(STEP));
  const timer = setInterval(() => publish(home.step(STEP)), SECOND);

  return {
    port: portOf(server),
    async close() {
      clearInterval(timer);
      await new Promise((resolve) => broker.close(() => resolve(undefined)));
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
