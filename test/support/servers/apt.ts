/** Debian packages: what is installed, what has to be, and another release's packages from the same mirror. */
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const POLICY = '/usr/sbin/policy-rc.d';
/** Says to every package that wants to start its service: not now. */
const POLICY_TEXT = '#!/bin/sh\nexit 101\n';

/** Runs a command; rejects with what it wrote to stderr. */
export async function run(command: string, args: readonly string[], cwd?: string): Promise<string> {
  try {
    const { stdout } = await execute(command, [...args], {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new Error(`${command} ${args[0] ?? ''}: ${(stderr || message).trim().slice(-1_500)}`);
  }
}

/** Exact versions of those of the packages that are installed; `root` is '' for this machine. */
export async function installedVersions(
  packages: readonly string[],
  root = '',
): Promise<Record<string, string>> {
  // The placeholders are dpkg-query's.
  const format = '-f${Package} ${db:Status-Status} ${Version}\\n';
  const query = ['-W', format, ...packages];
  if (root !== '') query.unshift(`--admindir=${join(root, 'var/lib/dpkg')}`);
  // dpkg-query exits with 1 where it does not know one of them, and answers for the others.
  const stdout = await execute('dpkg-query', query).then(
    (result) => result.stdout,
    (error: { stdout?: string }) => error.stdout ?? '',
  );
  const versions: Record<string, string> = {};
  for (const line of stdout.split('\n')) {
    const [name, status, version] = line.split(' ');
    if (name && version && status === 'installed') versions[name] = version;
  }
  return versions;
}

/** Installs packages without starting their services. */
export async function installPackages(packages: readonly string[]): Promise<void> {
  const ownPolicy = !existsSync(POLICY);
  if (ownPolicy) {
    writeFileSync(POLICY, POLICY_TEXT);
    chmodSync(POLICY, 0o755);
  }
  try {
    await run('apt-get', ['update']);
    await run('apt-get', ['install', '-y', '--no-install-recommends', ...packages]);
  } finally {
    if (ownPolicy) rmSync(POLICY);
  }
}

/** The code name of this machine's Debian (`bookworm`), or undefined on anything else. */
export function codename(): string | undefined {
  const text = readFileSync('/etc/os-release', 'utf8');
  if (!/^ID="?debian"?$/m.test(text)) return undefined;
  return /^VERSION_CODENAME="?(\w+)"?$/m.exec(text)?.[1];
}

export interface Source {
  readonly mirror: string;
  readonly suite: string;
}

/** This machine's own Debian sources (release, updates, security), rewritten for another release. */
export async function sourcesFor(release: string): Promise<Source[]> {
  const own = codename();
  if (own === undefined) throw new Error('this machine is not a Debian');
  const format = '$(REPO_URI)|$(RELEASE)|$(COMPONENT)';
  const targets = await run('apt-get', ['indextargets', '--format', format, 'Created-By: Packages']);
  const sources = new Map<string, Source>();
  for (const line of targets.split('\n')) {
    const [mirror, suite, component] = line.split('|');
    if (!mirror || !suite || component !== 'main') continue;
    if (![own, `${own}-updates`, `${own}-security`].includes(suite)) continue;
    const wanted = suite.replace(own, release);
    sources.set(wanted, { mirror, suite: wanted });
  }
  if (!sources.has(release)) throw new Error(`apt has no source of the suite ${own}`);
  return [...sources.values()];
}

/** The lines of a sources.list. */
export function sourcesList(sources: readonly Source[]): string {
  const options = existsSync(KEYRING) ? ` [signed-by=${KEYRING}]` : '';
  return sources.map(({ mirror, suite }) => `deb${options} ${mirror} ${suite} main\n`).join('');
}

/** Those of this machine's apt settings without which another root folder could not use the same mirror. */
export async function aptSettings(): Promise<string> {
  const dump = await run('apt-config', ['dump']);
  const wanted = /^Acquire::(Check-Valid-Until|Check-Date|https?::Proxy) /;
  return `${dump
    .split('\n')
    .filter((line) => wanted.test(line))
    .join('\n')}\n`;
}

/**
 * Downloads a package of a release with apt and unpacks it into `folder`, touching neither this machine's
 * package lists nor its packages. Returns the version.
 */
export async function unpackPackage(name: string, release: string, folder: string): Promise<string> {
  const apt = join(folder, '.apt');
  mkdirSync(join(apt, 'lists', 'partial'), { recursive: true });
  mkdirSync(join(apt, 'cache', 'archives', 'partial'), { recursive: true });
  const list = join(apt, 'sources.list');
  writeFileSync(list, sourcesList(await sourcesFor(release)));
  const options = [
    `Dir::Etc::sourcelist=${list}`,
    'Dir::Etc::sourceparts=/dev/null',
    `Dir::State::Lists=${join(apt, 'lists')}`,
    `Dir::Cache=${join(apt, 'cache')}`,
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
  await run('apt-get', [...options, 'update']);
  await run('apt-get', [...options, 'download', name], apt);
  const file = readdirSync(apt).find((entry) => entry.endsWith('.deb'));
  if (file === undefined) throw new Error(`apt-get download ${name}: nothing came`);
  await run('dpkg', ['-x', join(apt, file), folder]);
  const version = (await run('dpkg-deb', ['-f', join(apt, file), 'Version'])).trim();
  rmSync(apt, { recursive: true });
  return version;
}
