/** What many nodes cost: deploying them, until all are subscribed, and the memory they take. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Child } from '../child';
import { type FlowVariant, receivers } from '../flows';
import { Wiretap } from '../wiretap';

export interface Deployment {
  /** From the deploy until Node-RED says it is done, in milliseconds. */
  wall: number;
  /** CPU of that, in milliseconds. */
  cpu: number;
  /** From the first SUBSCRIBE to the last SUBACK, in milliseconds. */
  subscribing: number;
  packets: number;
  /** CPU of deploying the same nodes again, all of them changed or not (`full`), in milliseconds. */
  again: number;
  /** Above the same flow with one node, in bytes for 1,000 nodes. */
  heap: number;
  rss: number;
}

export async function deployOnce(
  variant: FlowVariant,
  nodes: number,
  version: number,
  port: number,
  packages: Readonly<Record<string, string>>,
): Promise<Deployment> {
  const tap = await Wiretap.start(port);
  const flow = (count: number) =>
    receivers(
      variant,
      { port: tap.port, version },
      Array.from({ length: count }, (_, index) => `${variant}/${index}/value`),
    );
  let child: Child | undefined;
  try {
    const one = tap.expect(1, version === 5);
    child = await Child.nodeRed(flow(1), packages[variant]);
    await one;
    await sleep(500);
    const before = await child.ask({ memory: true }, 'memory');
    const subscribed = tap.expect(nodes - 1, version === 5);
    const deployed = await child.ask({ deploy: flow(nodes), type: 'nodes' }, 'deployed');
    const { ms, packets } = await subscribed;
    await sleep(500);
    const after = await child.ask({ memory: true }, 'memory');
    const again = await child.ask({ deploy: flow(nodes), type: 'full' }, 'deployed');
    const share = 1_000 / (nodes - 1);
    return {
      ...deployed,
      subscribing: ms,
      packets,
      again: again.cpu,
      heap: (after.heap - before.heap) * share,
      rss: (after.rss - before.rss) * share,
    };
  } finally {
    await child?.stop();
    tap.close();
  }
}
