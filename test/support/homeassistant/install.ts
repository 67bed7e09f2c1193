/** Installs a real Home Assistant in a folder of its own: once, in 50 s. Needs root and debootstrap. */
import { join } from 'node:path';
import { cached } from '../cache';
import { run } from '../servers/apt';
import { mountInto, removeRootFolder } from '../servers/root-folder';

/** The last version for Debian 13's Python. */
const VERSION = '2026.2.3';
const SUITE = 'trixie';

/** The root folder in which it lives; `/opt/ha/venv` in there is its Python. */
export async function ensureHomeAssistant(): Promise<string> {
  if (process.getuid?.() !== 0)
    throw new Error('not root, so no folder with Home Assistant can be made or entered');
  const make = async (made: string): Promise<void> => {
    await run('bash', [join(__dirname, 'install.sh'), made, SUITE, VERSION]);
  };
  // This machine's own /dev is mounted in there: it must be out before anything is deleted.
  const folder = await cached(`homeassistant-${VERSION}`, make, removeRootFolder);
  await mountInto(folder);
  return folder;
}

/** A command for a program in there, with an environment of its own. */
export function inside(folder: string, ...command: readonly string[]): string[] {
  const environment = ['PATH=/usr/bin:/bin', 'HOME=/tmp', 'TZ=UTC', 'LANG=C.UTF-8'];
  return ['chroot', folder, 'env', '-i', ...environment, ...command];
}

export const PYTHON = '/opt/ha/venv/bin/python';
