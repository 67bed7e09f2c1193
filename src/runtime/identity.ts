import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the package keeps its files: `dinox` in Node-RED's user directory. */
export function dataFolder(userDir: string): string {
  return join(userDir, 'dinox');
}

/**
 * A random id of this Node-RED installation, made once and kept in the user directory, so that two Node-REDs with
 * the same flow file get different client ids. Where nothing can be written it lasts as long as the process.
 */
export function installationId(userDir: string | undefined): string {
  const made = randomBytes(16).toString('hex');
  if (!userDir) return made;
  const file = join(dataFolder(userDir), 'installation');
  try {
    mkdirSync(dataFolder(userDir), { recursive: true });
    // `wx` fails where it exists: whoever comes first decides.
    writeFileSync(file, made, { flag: 'wx', mode: 0o600 });
    return made;
  } catch {
    try {
      return readFileSync(file, 'utf8').trim() || made;
    } catch {
      return made;
    }
  }
}

/** Stable for a node of an installation; 22 characters, so that MQTT 3.1 takes it too (its limit is 23). */
export function clientIdFor(installation: string, nodeId: string): string {
  return `dinox-${createHash('sha256').update(`${installation}\n${nodeId}`).digest('hex').slice(0, 16)}`;
}

/** The queue of a `dinox-broker` whose `queuePersist` is set. */
export function queueFile(userDir: string | undefined, nodeId: string): string | undefined {
  return userDir ? join(dataFolder(userDir), 'queues', `${nodeId.replace(/[^\w.-]/g, '_')}.log`) : undefined;
}

/** Which messages of a `dinox-broker` stand for which alert. */
export function sentFile(userDir: string | undefined, nodeId: string): string | undefined {
  return userDir ? join(dataFolder(userDir), 'sent', `${nodeId.replace(/[^\w.-]/g, '_')}.json`) : undefined;
}
