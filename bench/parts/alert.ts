/** What a sample costs: the alert machine alone with its history, and in a flow beside core's filter and function. */

import { AlertMachine } from '../../src/alert/machine';
import { MessageTexts } from '../../src/alert/message-texts';
import { readyLimits } from '../../src/alert/ready-limits';
import { DEFAULT_RULES } from '../../src/alert/rules';
import { systemClock } from '../../src/base/clock';
import { History } from '../../src/history/history';
import { Child } from '../child';

const SLICES = 6;

/** Microseconds of CPU for each quiet sample, over `keys` keys, history and no-data clocks included. */
export function quietSample(keys: number, samples: number): number {
  const rules = { ...DEFAULT_RULES, limits: { limit: 25 }, noDataAfter: 900_000 };
  const clock = { ...systemClock, steady: () => performance.now() };
  const say = (key: string): string => key;
  const machine = new AlertMachine({
    rules,
    limits: readyLimits(rules.condition, rules.limits, rules.hysteresis),
    clock,
    words: new MessageTexts(rules, say, { timeZone: '', name: '' }),
    newId: () => 'id',
    turned: () => machine.takeChanges(),
  });
  const history = new History({ clock });
  const names = Array.from({ length: keys }, (_, index) => `home/sensors/temperature/room_${index}`);
  const run = (count: number): void => {
    for (let i = 0; i < count; i++) {
      const key = names[i % keys] as string;
      const value = 20 + (i % 40) / 10;
      machine.sample(key, value, '°C');
      history.record(key, Date.now(), value);
    }
  };
  run(samples);
  const cpu = process.cpuUsage();
  run(samples);
  const { user, system } = process.cpuUsage(cpu);
  machine.close();
  return (user + system) / samples;
}

export type AlertVariant = 'core' | 'ours' | 'other';

const node = (type: string, properties: object): object => ({
  id: 'out',
  type,
  z: 'tab',
  x: 1,
  y: 1,
  ...properties,
});

/** Core's `filter` and `function`, and an alert with nothing, or only its second output, wired. */
function measured(variant: AlertVariant, passes: boolean): object {
  const wires = passes ? ['sink'] : [];
  if (variant !== 'core') {
    return node('dinox-alert', { condition: 'above', limit: '25', persist: false, wires: [[], wires, []] });
  }
  return passes
    ? node('function', { func: 'return msg;', outputs: 1, libs: [], wires: [wires] })
    : node('rbe', {
        func: 'rbe',
        inout: 'out',
        septopics: true,
        property: 'payload',
        topi: 'topic',
        wires: [[]],
      });
}

/** CPU in microseconds for each message of a flow, from its source until the node is done with it. */
export async function alertRound(
  variants: readonly AlertVariant[],
  passes: boolean,
  messages: number,
  packages: Readonly<Record<string, string>>,
): Promise<Map<AlertVariant, number>> {
  const runs: { variant: AlertVariant; child: Child; cpu: number }[] = [];
  try {
    for (const variant of variants) {
      const flow = [
        { id: 'tab', type: 'tab', label: 'bench' },
        {
          id: 'source',
          type: 'bench-source',
          until: passes ? 'done' : 'received',
          z: 'tab',
          x: 1,
          y: 1,
          wires: [['out']],
        },
        { id: 'sink', type: 'bench-sink', z: 'tab', x: 1, y: 1, wires: [] },
        measured(variant, passes),
      ];
      runs.push({ variant, child: await Child.nodeRed(flow, packages[variant]), cpu: 0 });
    }
    for (let slice = -SLICES; slice < SLICES; slice++) {
      for (const run of slice % 2 === 0 ? runs : [...runs].reverse()) {
        const { cpu } = await run.child.ask({ publish: Math.ceil(messages / SLICES) }, 'batch');
        if (slice >= 0) run.cpu += cpu;
      }
    }
    return new Map(runs.map(({ variant, cpu }) => [variant, cpu / SLICES]));
  } finally {
    await Promise.all(runs.map(({ child }) => child.stop()));
  }
}
