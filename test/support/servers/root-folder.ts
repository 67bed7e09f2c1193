/** Folders with a Debian of their own, into which a process can change its root. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './apt';

function mountsBelow(folder: string): string[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((target) => target.startsWith(`${folder}/`));
}

/** True if /proc and /dev are mounted in the root folder. After a reboot they are not. */
export function isMounted(folder: string): boolean {
  const mounts = mountsBelow(folder);
  return mounts.includes(join(folder, 'proc')) && mounts.includes(join(folder, 'dev'));
}

/** Mounts /proc and /dev into the root folder. */
export async function mountInto(folder: string): Promise<void> {
  const mounts = mountsBelow(folder);
  if (!mounts.includes(join(folder, 'proc')))
    await run('mount', ['-t', 'proc', 'proc', join(folder, 'proc')]);
  if (!mounts.includes(join(folder, 'dev'))) {
    await run('mount', ['--rbind', '/dev', join(folder, 'dev')]);
    // So that unmounting it here never unmounts this machine's own /dev/pts.
    await run('mount', ['--make-rslave', join(folder, 'dev')]);
  }
}

/** Deletes a root folder with what is mounted in it taken out first. */
export async function removeRootFolder(folder: string): Promise<void> {
  // Deepest first; nothing is deleted as long as this machine's /dev still shows in there.
  for (const target of mountsBelow(folder).reverse()) await run('umount', ['-l', target]);
  if (mountsBelow(folder).length > 0) throw new Error(`${folder} cannot be unmounted`);
  rmSync(folder, { recursive: true, force: true });
}
