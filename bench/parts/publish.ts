/** CPU for each published message, from a flow to its `done`; the variants take turns by slices. */
import { Child } from '../child';
import { type FlowVariant, publisher } from '../flows';

export interface PublishCase {
  readonly version: number;
  readonly qos: number;
}

const SLICES = 6;

/** CPU in microseconds for each message, by variant, in one round of `messages` messages. */
export async function publishRound(
  variants: readonly FlowVariant[],
  { version, qos }: PublishCase,
  messages: number,
  port: number,
  packages: Readonly<Record<string, string>>,
): Promise<Map<FlowVariant, number>> {
  const place = { port, version };
  const runs: { variant: FlowVariant; child: Child; cpu: number }[] = [];
  try {
    for (const variant of variants) {
      const child =
        variant === 'mqttjs'
          ? await Child.start({ mode: 'publish', qos, ...place })
          : await Child.nodeRed(publisher(variant, place, qos), packages[variant]);
      runs.push({ variant, child, cpu: 0 });
      // Answered once the connection is there.
      if (variant === 'core') await connectedByCore();
      await child.ask({ publish: 1 }, 'batch');
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

/** Core's node forgets, without a `done`, what it gets before there is a connection. */
function connectedByCore(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 2_000));
}
