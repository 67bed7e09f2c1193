import { join } from 'node:path';
import { DAY } from '../../base/time-units';
import { codeOf, type FileSystem, systemFiles } from '../../storage/files';
import { fileNameOf } from '../../storage/user-dir';

/** Milliseconds for which the files of a removed node stay, because it may only be disabled. */
const KEPT_FOR = 7 * DAY;

/**
 * A file of a node: the node's name, the kind (`log` and `states` are the runtime's), and a suffix for files set
 * aside.
 */
const OURS = /^(.+)\.(history|recent|states|log)(\.(new|newer|damaged|unread))?$/;

/**
 * Removes the files of nodes that are not among `keepIds` and were not written for seven days. Other files stay. Never
 * rejects: a file that cannot be removed is tried again the next time.
 * @param now milliseconds since the epoch
 * @returns the names of the removed files
 */
export async function sweep(
  folder: string,
  keepIds: ReadonlySet<string>,
  now: number,
  files: FileSystem = systemFiles,
): Promise<string[]> {
  const removed: string[] = [];
  let names: string[];
  try {
    names = await files.readdir(folder);
  } catch {
    return removed;
  }
  const keep = new Set([...keepIds].map((id) => fileNameOf(id)));
  for (const name of names) {
    const owner = OURS.exec(name)?.[1];
    if (owner === undefined || isKept(owner, keep)) continue;
    const path = join(folder, name);
    try {
      const { mtimeMs } = await files.stat(path);
      if (now - mtimeMs < KEPT_FOR) continue;
      await files.rm(path, { force: true });
      removed.push(name);
    } catch (error) {
      // Another process was faster, or the file is not ours to remove.
      if (codeOf(error) === undefined) throw error;
    }
  }
  return removed;
}

/** A node within a subflow has the id of the instance in front of the one that the flow knows. */
function isKept(owner: string, keep: ReadonlySet<string>): boolean {
  if (keep.has(owner)) return true;
  for (let at = owner.indexOf('-'); at >= 0; at = owner.indexOf('-', at + 1)) {
    if (keep.has(owner.slice(at + 1))) return true;
  }
  return false;
}
