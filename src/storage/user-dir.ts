import { join } from 'node:path';

/** Any id as a name that is one on every system. */
export function nameOf(id: string): string {
  return encodeURIComponent(id).replaceAll('*', '%2A');
}

/** Where the package keeps its files: `dinox` in Node-RED's user directory. */
export function dataFolder(userDir: string): string {
  return join(userDir, 'dinox');
}
