import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder } from './identity';

/** A node that is disabled looks like one that is deleted: its file waits that long for it, in milliseconds. */
const KEPT = 7 * 86_400_000;
const ENDING = '.log';

const folderOf = (userDir: string): string => join(dataFolder(userDir), 'alerts');

/** Where the states of a `dinox-alert` are kept. */
export function alertFile(userDir: string | undefined, nodeId: string): string | undefined {
  return userDir ? join(folderOf(userDir), `${nodeId.replace(/[^\w.-]/g, '_')}${ENDING}`) : undefined;
}

/** Removes the files of nodes that there have not been for seven days; `isThere` says whether a node is in the flows. */
export function sweepAlertFiles(userDir: string, now: number, isThere: (nodeId: string) => boolean): void {
  let names: string[];
  try {
    names = readdirSync(folderOf(userDir));
  } catch {
    return;
  }
  for (const name of names) {
    const path = join(folderOf(userDir), name);
    const id = name.slice(0, name.indexOf(ENDING));
    try {
      if (!isThere(id) && now - statSync(path).mtimeMs > KEPT) rmSync(path, { force: true });
    } catch {
      // The next start tries it again.
    }
  }
}
