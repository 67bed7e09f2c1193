import { join } from 'node:path';
import { nameOf } from '../storage/user-dir';

/** Where states and histories are kept, below the folder of the flows; `sweep` removes what deleted nodes left there. */
export function alertFolder(folder: string): string {
  return join(folder, 'alerts');
}

/** Where the states of a `dinox-alert` are kept. */
export function alertFile(folder: string | undefined, nodeId: string): string | undefined {
  return folder ? join(alertFolder(folder), `${nameOf(nodeId)}.log`) : undefined;
}
