import { join } from 'node:path';
import { nameOf } from '../alert/history/sweep';
import { dataFolder } from './identity';

/** Where states and histories are kept; `sweep` removes what deleted nodes left there. */
export function alertFolder(userDir: string): string {
  return join(dataFolder(userDir), 'alerts');
}

/** Where the states of a `dinox-alert` are kept. */
export function alertFile(userDir: string | undefined, nodeId: string): string | undefined {
  return userDir ? join(alertFolder(userDir), `${nameOf(nodeId)}.log`) : undefined;
}
