/** The broker of the demo (MQTT 3.1.1, in this process, on this machine only) with the simulated home in it. */
import { createServer } from 'node:net';
import { Aedes } from 'aedes';
import { createDevices } from './devices.mjs';
import { createHome } from './home.mjs';
import { createNetwork } from './network.mjs';
import { portOf } from './port.mjs';

const SECOND = 1_000;
const MINUTE = 60_000;
const DAY_MINUTES = 1_440;
/** Seconds from the beginning until the freezer's door is left open, and until somebody rings at the door. */
const FREEZER_OPENS = 2;
const DOORBELL_RINGS = 60;
const DOORBELL = 'home/events/doorbell';
/** Seconds between two reports of another bot. */
const BOT_REPORTS = 60;

/** The hour of the day, with its minutes, where this runs. */
function hourNow() {
  const now = new Date();
  return now.getHours() + now.getMinutes() / 60;
}

/**
 * A second here is a second in the home: what a person reads about hold times is so.
 *
 * @param {{seed?: number | undefined}} options
 * @returns the port on 127.0.0.1; `before(ms)`, the messages of a step of the days before the last one, and
 *          `day(minute)`, those of each minute of the day before now, to be asked for once and in order, before
 *          `begin()`, with which the home comes to life; and `close()`, which resolves when nothing of it is left
 */
export async function startBroker({ seed } = {}) {
  const broker = await Aedes.createBroker();
  const server = createServer(broker.handle);
  await new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', () => resolve(undefined));
  });

  const home = createHome({ seed, hour: hourNow(), speaking: 2 });
  // Another home: in the last day of this one, the freezer warms up at a known hour.
  const earlier = createHome({
    seed: seed === undefined ? undefined : seed + 1,
    hour: hourNow(),
    speaking: 2,
  });
  const network = createNetwork();
  const devices = createDevices();
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
      const { topic, payload } = packet;
      publish([...home.command(topic, payload), ...network.command(topic, payload)]);
      if (topic === 'home/actuators/doorbell/front/set') ring();
      done();
    },
    () => {},
  );
  const since = new Date().toISOString();
  let seconds = 0;
  let received = 0;
  const ring = () => publish([{ topic: DOORBELL, payload: 'Somebody is at the front door', retain: false }]);
  /** Another program with a bot, as seen from here. */
  const reportBot = () => {
    received += 3;
    const bot = {
      id: 'garden',
      name: 'Garden watering',
      status: 'online',
      since,
      time: new Date().toISOString(),
    };
    const counts = { interval: 300, received, sent: Math.floor(received / 9), errors: 0, version: '1.4.0' };
    publish([
      { topic: 'dinox/bots/status/garden', payload: JSON.stringify({ ...bot, ...counts }), retain: true },
    ]);
  };
  /** The last of each retained message of the day before now, by topic. */
  const last = new Map();
  let timer;

  return {
    port: portOf(server),

    before: (ms) => earlier.step(ms),

    day(minute) {
      const messages = minute < DAY_MINUTES ? home.step(MINUTE) : [];
      for (const message of messages) if (message.retain) last.set(message.topic, message);
      return messages;
    },

    begin() {
      publish([...last.values(), ...devices.begin()]);
      reportBot();
      timer = setInterval(() => {
        seconds += 1;
        publish([...home.step(SECOND), ...network.step(SECOND), ...devices.step(SECOND)]);
        if (seconds === FREEZER_OPENS) publish(home.command('home/actuators/door/freezer/set', 'OPEN'));
        if (seconds === DOORBELL_RINGS) ring();
        if (seconds % BOT_REPORTS === 0) reportBot();
      }, SECOND);
    },

    async close() {
      clearInterval(timer);
      await new Promise((resolve) => broker.close(() => resolve(undefined)));
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
