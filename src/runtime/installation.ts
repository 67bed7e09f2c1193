import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { hostname, platform } from 'node:os';
import { text } from '../base/catalogue';
import type { Text } from '../base/text';
import { replaceFile } from '../storage/atomic-file';
import { makeFolder, OWNER_ONLY } from '../storage/files';
import { dataFolder, installationFile } from '../storage/user-dir';

/** The machine and folder of an installation; a copy of its user directory is somewhere else. */
interface Home {
  id: string;
  /** Digest of the machine's name or id; empty if it has no steady one. */
  machine: string;
  /** Path of the user directory. */
  path: string;
}

/**
 * A random id of this Node-RED installation, made once and kept in the user directory, so that two Node-REDs with
 * the same flow file get different client ids. It is bound to the machine and the folder that it was made on: a copy of
 * the user directory gets one of its own, because two with one id would throw each other out; a folder that was moved
 * keeps it. Without write access it lasts as long as the process.
 * @param say called if this is a copy
 */
export function installationId(
  userDir: string | undefined,
  report: (said: Text) => void = () => {},
  machine = machineOf(thisHost()),
): string {
  const made = randomBytes(16).toString('hex');
  if (!userDir) return made;
  const file = installationFile(userDir);
  const here = { machine, path: pathOf(userDir) };
  const home = homeOf(file);
  try {
    if (home && isCopy(home, here)) {
      replaceFile(file, [JSON.stringify({ id: made, ...here })]);
      report(text('log.copied'));
      return made;
    }
    const id = home?.id ?? made;
    if (home?.machine === machine && home.path === here.path) return id;
    makeFolder(dataFolder(userDir));
    const line = JSON.stringify({ id, ...here });
    // `wx` fails if the file exists: the first one decides.
    if (home) replaceFile(file, [line]);
    else writeFileSync(file, line, { flag: 'wx', mode: OWNER_ONLY });
    return id;
  } catch {
    return homeOf(file)?.id ?? made;
  }
}

/** The machine of this process. */
export interface Host {
  /** Undefined: the system has none. */
  machineId: string | undefined;
  name: string;
  system: string;
  inContainer: boolean;
}

function thisHost(): Host {
  let machineId: string | undefined;
  try {
    machineId = readFileSync('/etc/machine-id', 'utf8').trim();
  } catch {
    // Not every system has one.
  }
  const inContainer =
    process.env.KUBERNETES_SERVICE_HOST !== undefined ||
    ['/.dockerenv', '/run/.containerenv'].some((file) => existsSync(file));
  return { machineId, name: hostname(), system: platform(), inContainer };
}

/** Lasting name of a machine: its id, else its name if that is steady; else empty. */
export function machineOf({ machineId, name, system, inContainer }: Host): string {
  // A container has another name each time (`node-red-7d9f8b6c4-x2x9z`), and an id that changes with its image.
  if (inContainer) return '';
  // A Mac has the name that its network gives.
  const known = machineId ?? (system === 'darwin' || /^[0-9a-f]{12}$/.test(name) ? '' : name);
  return known === '' ? '' : createHash('sha256').update(`dinox\n${known}`).digest('hex').slice(0, 32);
}

function homeOf(file: string): Home | undefined {
  try {
    const line = readFileSync(file, 'utf8').trim();
    // Earlier versions wrote the id alone.
    if (/^[0-9a-f]{32}$/.test(line)) return { id: line, machine: '', path: '' };
    const { id, machine, path } = JSON.parse(line) as Partial<Home>;
    return typeof id === 'string' && /^[0-9a-f]{32}$/.test(id)
      ? { id, machine: String(machine ?? ''), path: String(path ?? '') }
      : undefined;
  } catch {
    return undefined;
  }
}

/** True on another machine, or if the original folder is still there beside this one. */
function isCopy(home: Home, here: Omit<Home, 'id'>): boolean {
  if (home.machine !== '' && here.machine !== '' && home.machine !== here.machine) return true;
  if (home.path === '' || home.path === here.path) return false;
  return homeOf(installationFile(home.path))?.id === home.id;
}

function pathOf(userDir: string): string {
  try {
    return realpathSync(userDir);
  } catch {
    return userDir;
  }
}

/** The id of an installation with one of its flow files: others may have nodes of the same ids. */
export function installationOf(installation: string, flow: string): string {
  return flow === '' ? installation : digestOf(installation, flow).slice(0, 32);
}

const digestOf = (...parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\n')).digest('hex');

/**
 * A client id that is stable for a node of an installation; 22 characters, so that MQTT 3.1 takes it too (its limit is 23).
 * @param flow see `FlowContext`: two flow files may have a node of the same id, and run at the same time
 */
export function clientIdFor(installation: string, nodeId: string, flow = ''): string {
  const what = [installation, ...(flow === '' ? [] : [flow]), nodeId];
  return `dinox-${digestOf(...what).slice(0, 16)}`;
}
