/** Installs a real Home Assistant in a folder of its own: each version once, in 50 s. Needs root and debootstrap. */
import { join } from 'node:path';
import { cached } from '../cache';
import { run } from '../servers/apt';
import { mountInto, removeRootFolder } from '../servers/root-folder';

/** The Debian whose Python each version wants. */
const SUITES = {
  /** The first with device discovery. */
  '2024.12.5': 'trixie',
  /** The last for Debian 13's Python. */
  '2026.2.3': 'trixie',
  '2026.11.0': 'forky',
} as const;

export type HassVersion = keyof typeof SUITES;

export const HASS_VERSIONS = Object.keys(SUITES) as HassVersion[];

/** The one that all tests use. */
export const REQUIRED: HassVersion = '2026.2.3';

/** The root folder in which it lives; `/opt/ha/venv` in there is its Python. */
export async function ensureHomeAssistant(version: HassVersion = REQUIRED): Promise<string> {
  if (process.getuid?.() !== 0)
    throw new Error('not root, so no folder with Home Assistant can be made or entered');
  const make = async (made: string): Promise<void> => {
    await run('bash', [join(__dirname, 'install.sh'), made, SUITES[version], version]);
  };
  // This machine's own /dev is mounted in there: it must be out before anything is deleted.
  const folder = await cached(`homeassistant-${version}`, make, removeRootFolder);
  await mountInto(folder);
  return folder;
}

/** A command for a program in there, with an environment of its own. */
export function inside(folder: string, ...command: readonly string[]): string[] {
  const environment = ['PATH=/usr/bin:/bin', 'HOME=/tmp', 'TZ=UTC', 'LANG=C.UTF-8'];
  return ['chroot', folder, 'env', '-i', ...environment, ...command];
}

export const PYTHON = '/opt/ha/venv/bin/python';
