/** What the suites about the connection share. */
import {
  broker,
  catchAll,
  completed,
  dynamicIn,
  type Flow,
  mqttIn,
  mqttOut,
  sink,
  tab,
} from '../support/flows';
import type { Status } from '../support/runtime';
import type { Context } from './context';
import { Wire } from './wire';

/**
 * `in` receives `filter`, `out` publishes what it is sent, `control` is dynamic; what comes ends in `received`, errors
 * in `errors`, what `out` has completed in `complete`.
 */
export function bothWays(
  port: number | string,
  version: 4 | 5,
  filter: string,
  brokerProperties: object = {},
): Flow {
  return [
    tab(),
    broker(port, version, brokerProperties),
    mqttIn('in', filter, 'received'),
    mqttOut('out'),
    dynamicIn('control', 'received'),
    sink('received'),
    catchAll('errors'),
    sink('errors'),
    completed(['out'], 'complete'),
    sink('complete'),
  ];
}

/** `out` publishes; its errors end in `errors`, what it has completed in `complete`. */
export function outFlow(port: number, version: 4 | 5, properties: object = {}): Flow {
  return [
    tab(),
    broker(port, version),
    mqttOut('out', properties),
    catchAll('errors'),
    completed(['out'], 'complete'),
    sink('errors'),
    sink('complete'),
  ];
}

/** A line to the shared Mosquitto, or to another port, that records packets and can be cut; it ends with the test. */
export async function wire(context: Context, port = context.port): Promise<Wire> {
  const made = await Wire.start(port);
  context.after(() => made.end());
  return made;
}

/** Colours and shapes that a node showed, each change once. */
export function phases(statuses: Status[]): string[] {
  const all = statuses.map(({ fill, shape }) => `${fill} ${shape}`);
  return all.filter((phase, index) => phase !== all[index - 1]);
}
