/** Installs the servers of Debian 12 on this machine and those of Debian 13 in a folder of their own. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  aptSettings,
  codename,
  installedVersions,
  installPackages,
  run,
  sourcesFor,
  sourcesList,
  unpackPackage,
} from './apt';
import { isMounted, mountInto, removeRootFolder } from './root-folder';

export const GENERATIONS = ['debian12', 'debian13'] as const;
export type Generation = (typeof GENERATIONS)[number];
export type Bridge = 'good' | 'broken';

export interface GenerationAvailability {
  /** True where all three servers of this generation and the bridge that works are there. */
  readonly available: boolean;
  /** Exact Debian versions of what is there, by package: `{ ejabberd: '23.01-1', … }`. */
  readonly versions: Readonly<Record<string, string>>;
  /** Why something is missing, one reason each; empty where everything is there. */
  readonly missing: readonly string[];
  /** '' for this machine, else the folder in which this Debian lives. */
  readonly root: string;
}

/** A version of Prosody's `mod_pubsub_mqtt`, unpacked. */
export interface BridgeModule {
  /** The version of the package `prosody-modules`. */
  readonly version: string;
  /** The folder `mod_pubsub_mqtt`. */
  readonly folder: string;
}

export interface Availability {
  readonly debian12: GenerationAvailability;
  readonly debian13: GenerationAvailability;
  /** Debian 13's module, which works, and Debian 12's, which is broken. */
  readonly bridges: Readonly<Partial<Record<Bridge, BridgeModule>>>;
  /** Versions of the tools beside the servers: dnsmasq-base, openssl, iproute2, debootstrap, python3-pip (fetches Home Assistant). */
  readonly tools: Readonly<Record<string, string>>;
}

const SERVERS = ['mosquitto', 'ejabberd', 'prosody'] as const;
const TOOLS = ['dnsmasq-base', 'openssl', 'iproute2', 'debootstrap', 'python3-pip'] as const;
const BRIDGE_RELEASES: Readonly<Record<Bridge, string>> = { good: 'trixie', broken: 'bookworm' };
const CACHE = process.env.DINOX_TEST_CACHE ?? '/var/cache/dinox-test';
const ROOT_FOLDER = join(CACHE, 'trixie');
/** Written last: a folder without it was left half-made. */
const COMPLETE = '.complete';

const isRoot = () => process.getuid?.() === 0;

function say(text: string): void {
  process.stdout.write(`[servers] ${text}\n`);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Runs `work` while holding a lock that the kernel gives back when this process dies. */
async function locked<T>(work: () => Promise<T>): Promise<T> {
  const lockFile = join(CACHE, '.lock');
  const holder = spawn('flock', [lockFile, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    holder.stdout.once('data', () => resolve());
    holder.once('error', reject);
    holder.once('exit', () => reject(new Error(`cannot lock ${lockFile}`)));
  });
  try {
    return await work();
  } finally {
    holder.stdin.end();
  }
}

async function ensurePackages(): Promise<void> {
  const wanted = codename() === 'bookworm' ? [...SERVERS, ...TOOLS] : TOOLS;
  const present = await installedVersions(wanted);
  const missing = wanted.filter((name) => present[name] === undefined);
  if (missing.length === 0) return;
  if (!isRoot()) throw new Error(`not root, so these cannot be installed: ${missing.join(', ')}`);
  say(`installing ${missing.join(', ')} with apt`);
  await installPackages(missing);
}

async function makeRootFolder(folder: string): Promise<void> {
  const started = Date.now();
  await removeRootFolder(folder);
  const sources = await sourcesFor('trixie');
  const main = sources.find((source) => source.suite === 'trixie');
  if (main === undefined) throw new Error('no source of trixie');
  const https = sources.some((source) => source.mirror.startsWith('https:'));
  say(`making a Debian 13 in ${folder} with debootstrap`);
  mkdirSync(folder, { recursive: true });
  const include = https ? ['--include=ca-certificates'] : [];
  await run('debootstrap', ['--variant=minbase', ...include, 'trixie', folder, main.mirror]);
  await mountInto(folder);
  const policy = join(folder, 'usr/sbin/policy-rc.d');
  writeFileSync(policy, '#!/bin/sh\nexit 101\n');
  chmodSync(policy, 0o755);
  writeFileSync(join(folder, 'etc/apt/sources.list'), sourcesList(sources));
  writeFileSync(join(folder, 'etc/apt/apt.conf.d/99dinox-test'), await aptSettings());
  const packages = [...SERVERS, 'prosody-modules'];
  say(`installing ${packages.join(', ')} in ${folder}`);
  const apt = (...args: string[]) => run('chroot', [folder, 'apt-get', ...args]);
  await apt('update');
  await apt('install', '-y', '--no-install-recommends', ...packages);
  await apt('clean');
  rmSync(join(folder, 'var/lib/apt/lists'), { recursive: true, force: true });
  writeFileSync(join(folder, COMPLETE), new Date().toISOString());
  say(`Debian 13 is ready after ${Math.round((Date.now() - started) / 1_000)} s`);
}

async function ensureRootFolder(folder: string): Promise<void> {
  if (!isRoot()) throw new Error('not root, so no folder with Debian 13 can be made or entered');
  if (!existsSync(join(folder, COMPLETE))) await makeRootFolder(folder);
  if (!isMounted(folder)) await mountInto(folder);
}

const bridgeFolder = (bridge: Bridge) => join(CACHE, `prosody-modules-${BRIDGE_RELEASES[bridge]}`);

async function ensureBridge(bridge: Bridge): Promise<void> {
  const folder = bridgeFolder(bridge);
  if (existsSync(join(folder, COMPLETE))) return;
  say(`unpacking prosody-modules of ${BRIDGE_RELEASES[bridge]}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const version = await unpackPackage('prosody-modules', BRIDGE_RELEASES[bridge], folder);
  writeFileSync(join(folder, COMPLETE), version);
}

function bridgeModule(bridge: Bridge): BridgeModule | undefined {
  const folder = bridgeFolder(bridge);
  const marker = join(folder, COMPLETE);
  if (!existsSync(marker)) return undefined;
  return {
    version: readFileSync(marker, 'utf8').trim(),
    folder: join(folder, 'usr/lib/prosody/modules/mod_pubsub_mqtt'),
  };
}

/** What is there right now, without installing anything. */
async function lookAround(failures: Readonly<Record<string, string>>): Promise<Availability> {
  const own = codename();
  const complete = isRoot() && existsSync(join(ROOT_FOLDER, COMPLETE)) && isMounted(ROOT_FOLDER);
  const [here, there] = await Promise.all([
    installedVersions([...SERVERS, ...TOOLS]),
    complete ? installedVersions(SERVERS, ROOT_FOLDER) : {},
  ]);
  const [good, broken] = [bridgeModule('good'), bridgeModule('broken')];
  const judge = (versions: Record<string, string>, root: string, failure?: string) => {
    const missing = SERVERS.filter((name) => versions[name] === undefined).map(
      (name) => `${name} is not installed${failure === undefined ? '' : ` (${failure})`}`,
    );
    if (good === undefined) {
      missing.push(`the MQTT bridge of Debian 13's prosody-modules is missing (${failures['bridge good']})`);
    }
    return { available: missing.length === 0, versions, missing, root };
  };
  const pick = (names: readonly string[]) =>
    Object.fromEntries(names.flatMap((name) => (here[name] === undefined ? [] : [[name, here[name]]])));
  const isBookworm = own === 'bookworm';
  return {
    debian12: isBookworm
      ? judge(pick(SERVERS), '', failures.packages)
      : judge({}, '', `this machine is ${own ?? 'no Debian'}, not Debian 12`),
    debian13: judge(there, ROOT_FOLDER, failures.debian13),
    bridges: { ...(good && { good }), ...(broken && { broken }) },
    tools: pick(TOOLS),
  };
}

function isWhole(found: Availability): boolean {
  return (
    found.debian12.available &&
    found.debian13.available &&
    found.bridges.good !== undefined &&
    found.bridges.broken !== undefined &&
    TOOLS.every((tool) => found.tools[tool] !== undefined)
  );
}

async function ensure(): Promise<Availability> {
  const before = await lookAround({});
  if (isWhole(before)) return before;
  const failures: Record<string, string> = {};
  const attempt = async (what: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      failures[what] = reasonOf(error);
    }
  };
  try {
    mkdirSync(CACHE, { recursive: true });
    await locked(async () => {
      await attempt('packages', ensurePackages);
      await attempt('debian13', () => ensureRootFolder(ROOT_FOLDER));
      await attempt('bridge good', () => ensureBridge('good'));
      await attempt('bridge broken', () => ensureBridge('broken'));
    });
  } catch (error) {
    failures.debian13 ??= reasonOf(error);
  }
  const found = await lookAround(failures);
  for (const [what, reason] of Object.entries(failures)) say(`${what}: ${reason}`);
  if (process.env.CI && !isWhole(found)) {
    const reasons = [...found.debian12.missing, ...found.debian13.missing, ...Object.values(failures)];
    throw new Error(`servers are missing, which in CI is a failure: ${[...new Set(reasons)].join('; ')}`);
  }
  return found;
}

let found: Promise<Availability> | undefined;

/**
 * Installs what is missing and says what is there. The first call on a fresh machine takes about a minute,
 * every later one reads a few files. Parallel test processes wait for each other.
 *
 * @throws where something is missing and the environment variable `CI` is set.
 */
export function ensureServers(): Promise<Availability> {
  found ??= ensure();
  return found;
}

/** A generation's root folder and the version of one of its servers; throws where it is missing. */
export async function requireServer(
  generation: Generation,
  server: (typeof SERVERS)[number],
): Promise<{ root: string; version: string }> {
  const here = (await ensureServers())[generation];
  const version = here.versions[server];
  if (version === undefined)
    throw new Error(`${server} of ${generation} is missing: ${here.missing.join('; ')}`);
  return { root: here.root, version };
}
