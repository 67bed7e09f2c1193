/** Entities of Home Assistant, from announcements on a broker to the flow: how soon, how much memory, CPU for a state. */
import { setTimeout as sleep } from 'node:timers/promises';
import { RawPublisher } from '../broker';
import { Child } from '../child';
import { entityFlow } from '../flows';
import type { Rows } from '../rows';

const KINDS = ['temperature', 'humidity', 'battery', 'power', 'voltage'] as const;
const STATES = { temperature: 21.53, humidity: 40.1, battery: 87, power: 12.5, voltage: 230.2 };
const SLICES = 5;
/** Messages of a slice; each has a state of every entity of its device. */
const MESSAGES = 4_000;
const MB = 2 ** 20;
const PATIENCE_MS = 120_000;

/** Sizes that are measured: devices, and the entities of them that are taken. */
export const ENTITY_SIZES = [
  { devices: 400, entities: 2_000 },
  { devices: 5_000, entities: 20_000 },
] as const;

/** One round for a number of devices with five entities each, all of which one node takes. */
export async function entityRound(
  rows: Rows,
  { devices, entities }: (typeof ENTITY_SIZES)[number],
  port: number,
  pkg: string,
): Promise<void> {
  const prefix = `bench-${devices}`;
  const publisher = await RawPublisher.connect(port);
  const states = `${prefix}-states/#`;
  const topics = Array.from({ length: devices }, (_, index) => `${prefix}-states/${index}`);
  let child: Child | undefined;
  try {
    for (const [index, topic] of topics.entries()) {
      const config = Buffer.from(JSON.stringify(deviceConfig(index, topic)));
      await publisher.keep(`${prefix}/device/d${index}/config`, config);
      await publisher.keep(topic, Buffer.from(JSON.stringify(STATES)));
    }
    child = await Child.nodeRed(entityFlow(port, states, undefined), pkg);
    // The recorder reads what came a second later.
    await sleep(5_000);
    const before = await child.ask({ memory: true }, 'memory');
    await child.ask({ expect: entities }, 'armed');
    const began = performance.now();
    const ready = child.answer('batch', PATIENCE_MS);
    // The others stay, the counter with them.
    child.send({ deploy: entityFlow(port, states, prefix), type: 'nodes' });
    await ready;
    const add = (what: string, unit: 'ms' | 'MB' | 'µs', value: number): void =>
      rows.add({ what, messages: entities }, 'ours', unit, value);
    add('deployed until every state is in the flow', 'ms', performance.now() - began);
    const after = await child.ask({ memory: true }, 'memory');
    add('heap', 'MB', (after.heap - before.heap) / MB);
    if (entities !== devices * KINDS.length) return;
    let cpu = 0;
    for (let slice = -SLICES; slice < SLICES; slice++) {
      const answered = child.answer('batch');
      await child.ask({ expect: MESSAGES * KINDS.length }, 'armed');
      await publisher.publish(topics, Buffer.from(JSON.stringify(STATES)), MESSAGES);
      // The first half is for the compiler.
      const spent = (await answered).cpu;
      if (slice >= 0) cpu += spent / SLICES;
    }
    add('CPU for a state, from the socket to the flow', 'µs', cpu);
  } finally {
    await child?.stop();
    for (const [index, topic] of topics.entries()) {
      await publisher.keep(`${prefix}/device/d${index}/config`, Buffer.alloc(0));
      await publisher.keep(topic, Buffer.alloc(0));
    }
    publisher.close();
  }
}

function deviceConfig(index: number, topic: string): object {
  const components = Object.fromEntries(
    KINDS.map((kind) => [
      kind,
      {
        ...{ platform: 'sensor', unique_id: `d${index}_${kind}`, device_class: kind },
        ...{ state_topic: topic, value_template: `{{ value_json.${kind} | round(1) }}` },
      },
    ]),
  );
  const device = {
    identifiers: [`d${index}`],
    name: `Device ${index}`,
    suggested_area: `Room ${index % 20}`,
  };
  return { device, origin: { name: 'bench' }, components };
}
