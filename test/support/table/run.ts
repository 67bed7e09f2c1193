/** Measures all servers, one beside the other. */
import { Measurement } from './measure';
import type { Row } from './render';
import { startTargets } from './targets';

export async function measureServers(): Promise<Row[]> {
  const { targets, stop } = await startTargets();
  try {
    return await Promise.all(
      targets.map(async (target) => ({ target, measured: await new Measurement(target).run() })),
    );
  } finally {
    await stop();
  }
}
