/** Measures all servers, one beside the other, and then what our nodes do over each. */
import { type BehaviourRow, behaviourRows } from '../../servers/behaviours/run';
import { Measurement } from './measure';
import type { Row } from './render';
import { startTargets } from './targets';

export interface Results {
  rows: Row[];
  behaviours: BehaviourRow[];
}

export async function measureServers(): Promise<Results> {
  const { targets, servers, stop } = await startTargets();
  try {
    const rows = await Promise.all(
      targets.map(async (target) => ({ target, measured: await new Measurement(target).run() })),
    );
    return { rows, behaviours: await behaviourRows(servers) };
  } finally {
    await stop();
  }
}
