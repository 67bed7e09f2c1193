import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder } from './identity';

/** A node that is disabled looks like one that is deleted: its file waits that long for it, in milliseconds. */
const KEPT = 7 * 86_400_000;
const ENDING = '.log';

/** Where states and histories are kept. */
export function alertFolder(userDir: string): string {
  return join(dataFolder(userDir), 'alerts');
}

const nameOf = (nodeId: string): string => nodeId.replace(/[^\w.-]/g, '_');

/** Where the states of a `dinox-alert` are kept. */
export function alertFile(userDir: string | undefined, nodeId: string): string | undefined {
  return userDir ? join(alertFolder(userDir), `${nameOf(nodeId)}${ENDING}`) : undefined;
}

/** Removes the states of nodes that have not been among `ids` for seven days. */
export function sweepAlertFiles(userDir: string, now: number, ids: ReadonlySet<string>): void {
  const keep = new Set([...ids].map(nameOf));
  let names: string[];
  try {
    names = readdirSync(alertFolder(userDir));
  } catch {
    return;
  }
  for (const name of names) {
    const end = name.indexOf(ENDING);
    if (end < 0 || keep.has(name.slice(0, end))) continue;
    const path = join(alertFolder(userDir), name);
    try {
      if (now - statSync(path).mtimeMs > KEPT) rmSync(path, { force: true });
    } catch {
      // The next start tries it again.
    }
  }
}
