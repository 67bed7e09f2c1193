import { join } from 'node:path';
import { codeOf, type FileSystem, systemFiles } from '../../storage/files';
import { nameOf } from '../../storage/user-dir';

/** How long what a node left stays when the node is gone, in milliseconds: it may only be disabled. */
const KEPT_FOR = 7 * 86_400_000;

/** The files of a node: its name, what it is (`log` and `states` are the runtime's), and what became of it. */
const OURS = /^(.+)\.(history|recent|states|log)(\.(new|newer|damaged|unread))?$/;

/**
 * Removes the files of nodes that are not among `keepIds` and that nobody wrote for seven days. Other files are left
 * alone. Never rejects: what cannot be removed is tried again the next time.
 * @param now milliseconds since the epoch
 * @returns the names of what was removed
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
  const keep = new Set([...keepIds].map((id) => nameOf(id)));
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
      // Somebody else was faster, or it is not ours to remove.
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
