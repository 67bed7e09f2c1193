/**
 * Measures 2,000 devices behind one node, without a Node-RED, in a process of its own with `--expose-gc`; prints its
 * figures as JSON.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { CheckJudge } from '../src/alert/check-judge';
import { CHECKS } from '../src/alert/device-check';
import { AlertMachine } from '../src/alert/machine';
import { MessageTexts } from '../src/alert/message-texts';
import { DEFAULT_RULES } from '../src/alert/rules';
import { systemClock } from '../src/base/clock';
import { DeviceWatch } from '../src/devices/device-watch';

const DEVICES = 2_000;
const ROUNDS = 50;

/** Microseconds of CPU. */
function cpu(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

async function memory(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    await turn();
    global.gc?.();
  }
  return process.memoryUsage().heapUsed / 1_024;
}

/** Messages of a house: topic and payload, by device and round. */
function reportOf(device: number, round: number): { topic: string; payload: string } {
  const battery = 40 + ((device + round) % 60);
  return {
    topic: `zigbee2mqtt/sensor ${device}`,
    payload: JSON.stringify({
      ...{ battery, humidity: 40 + (round % 20), linkquality: 60 + ((device * 7 + round) % 100) },
      ...{ temperature: 20 + (round % 30) / 10, update: { state: 'idle' }, voltage: 2_900 },
    }),
  };
}

async function main(): Promise<void> {
  const clock = { ...systemClock, steady: () => performance.now() };
  const machine = new AlertMachine({
    rules: { ...DEFAULT_RULES, condition: 'nodata' },
    limits: undefined,
    clock,
    words: new MessageTexts(DEFAULT_RULES, (key) => key, { timeZone: '', name: '' }),
    newId: () => 'id',
    turned: () => machine.takeChanges(),
  });
  const rules = {
    checks: CHECKS,
    batteryBelow: 20,
    signalBelow: 30,
    band: 5,
    silentFactor: 3,
    silentAtLeast: 600_000,
  };
  const before = await memory();
  const watch = new DeviceWatch({
    judge: new CheckJudge(rules),
    checks: machine.checks,
    isOpen: (key) => machine.keys.map.get(key)?.episode !== undefined,
    clock,
    maxDevices: 5_000,
    full: () => {},
  });
  const say = (topic: string, payload: string): unknown => watch.take(topic, payload, undefined, false);
  say('zigbee2mqtt/bridge/state', '{"state":"online"}');
  const play = (rounds: number): number => {
    let used = 0;
    for (let round = 0; round < rounds; round++) {
      const messages = Array.from({ length: DEVICES }, (_, device) => reportOf(device, round));
      const start = cpu();
      for (const { topic, payload } of messages) say(topic, payload);
      used += cpu() - start;
    }
    return used / rounds / DEVICES;
  };
  play(ROUNDS);
  const each = play(ROUNDS);
  const grown = (await memory()) - before;
  const others = Array.from({ length: DEVICES }, (_, n) => `home/sensors/temperature/room ${n}`);
  for (const topic of others) say(topic, '{"value":21.3,"unit":"°C"}');
  const start = cpu();
  for (let round = 0; round < ROUNDS; round++)
    for (const topic of others) say(topic, '{"value":21.3,"unit":"°C"}');
  const foreign = (cpu() - start) / ROUNDS / DEVICES;
  console.log(
    JSON.stringify({
      'a report of one of 2,000 devices, CPU µs': each,
      'a message that is about no device, CPU µs': foreign,
      'heap for 2,000 devices, KB': grown,
    }),
  );
  watch.close(false);
  machine.close();
}

void main();
