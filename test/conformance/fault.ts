/** How a fault of core's MQTT nodes is shown: one flow on both, with what core makes of it and what ours does. */
import assert from 'node:assert/strict';
import { type Flow, mqttIn, sink } from '../support/flows';
import type { RunningFlow } from '../support/runtime';
import { CORE, type Context, OURS, suite } from './context';

export interface Fault<T> {
  versions: readonly (4 | 5)[];
  core: T;
  ours: T;
  /** Runs the flow and resolves with what came of it. */
  observe(context: Context, version: 4 | 5): Promise<T>;
}

export function fault<T>(title: string, { versions, core, ours, observe }: Fault<T>): void {
  for (const version of versions) {
    for (const [implementation, wanted] of [
      [CORE, core],
      [OURS, ours],
    ] as const) {
      suite(`core’s fault: ${title}`, implementation, version, (context) => {
        it(implementation === CORE ? 'is there' : 'is not there', async () => {
          assert.deepEqual(await observe(context(), version), wanted);
        }).timeout(20_000);
      });
    }
  }
}

/** Nodes `in0`, `in1`, … with a filter each; what they receive ends in `out0`, `out1`, … */
export function receivers(filters: string[], properties: object = {}): Flow {
  return filters.flatMap((filter, index) => [
    mqttIn(`in${index}`, filter, `out${index}`, properties),
    sink(`out${index}`),
  ]);
}

export async function allGreen(flow: RunningFlow, count: number): Promise<void> {
  for (let index = 0; index < count; index++) await flow.shows(`in${index}`, 'green');
}
