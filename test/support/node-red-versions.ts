/** The Node-REDs that the package runs in, each on every Node.js that it promises: ours, or installed on demand. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached } from './cache';

/** `4` is the newest 4, that of our own dependencies. */
export type NodeRedVersion = '4.0' | '4' | '5';
export type NodeMajor = '20' | '22' | '24';
/** What most suites run on. */
export const NODE_RED_VERSIONS: readonly ('4' | '5')[] = ['4', '5'];
/** With the oldest that the package promises to run in. */
export const EVERY_NODE_RED: readonly NodeRedVersion[] = ['4.0', ...NODE_RED_VERSIONS];
/** Each Node-RED with the versions of Node.js that it is used with. */
export const MATRIX: readonly (readonly [NodeRedVersion, NodeMajor])[] = [
  ['4.0', '20'],
  ['4', '20'],
  ['4', '22'],
  ['4', '24'],
  ['5', '22'],
  ['5', '24'],
];

export interface NodeRedInstallation {
  /** Version of Node-RED, `5.0.7`. */
  readonly version: string;
  /** The Node that runs it. */
  readonly node: string;
  /** Node-RED's `red.js`. */
  readonly script: string;
}

const REPOSITORY = join(__dirname, '../..');
const NODE_RED: Readonly<Record<'4.0' | '5', string>> = { '4.0': '4.0.9', '5': '5.0.7' };
const NODE: Readonly<Record<NodeMajor, string>> = { '20': '20.20.2', '22': '22.23.3', '24': '24.22.3' };
/** Node-RED 5 wants 22.9 or newer. */
const OLDEST_FOR_5: NodeMajor = '22';
const INSTALL_TIMEOUT_MS = 5 * 60_000;

const run = promisify(execFile);

/** Installs one package of npm into a folder. */
async function install(folder: string, name: string, version: string): Promise<void> {
  const started = Date.now();
  process.stdout.write(`[node-red] installing ${name} ${version} in ${folder}\n`);
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, dependencies: { [name]: version } }),
  );
  await run(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--omit=dev', '--loglevel=error'],
    { cwd: folder, timeout: INSTALL_TIMEOUT_MS },
  );
  const seconds = Math.round((Date.now() - started) / 1000);
  process.stdout.write(`[node-red] ${name} ${version} is ready after ${seconds} s\n`);
}

/** The binary of a Node; the one that runs the tests where its version begins so. Throws where there is none. */
async function nodeBinary(major: NodeMajor): Promise<string> {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const version = NODE[major];
  if (process.platform !== 'linux' || (process.arch !== 'x64' && process.arch !== 'arm64')) {
    throw new Error(
      `no Node ${version} for ${process.platform} ${process.arch}: nothing can be tested on it here`,
    );
  }
  // The packages `node-linux-…` carry the binary itself.
  const name = `node-linux-${process.arch}`;
  const binary = (folder: string): string => join(folder, 'node_modules', name, 'bin/node');
  const folder = await cached(`node-${version}`, async (made) => {
    await install(made, name, version);
    const { stdout } = await run(binary(made), ['--version']);
    if (stdout.trim() !== `v${version}`) throw new Error(`${name} ${version} is Node ${stdout.trim()}`);
  });
  return binary(folder);
}

function versionIn(packageFolder: string): string {
  return (JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string })
    .version;
}

/**
 * Where a Node-RED is, and a Node for it: that of the tests where none is named and it will do. Installs at first use
 * what is not there (about 20 s each). Throws where that cannot be done.
 */
export async function nodeRedInstallation(
  version: NodeRedVersion,
  major?: NodeMajor,
): Promise<NodeRedInstallation> {
  const folder =
    version === '4'
      ? REPOSITORY
      : await cached(`node-red-${NODE_RED[version]}`, (made) => install(made, 'node-red', NODE_RED[version]));
  const wanted = major ?? (version === '5' ? OLDEST_FOR_5 : undefined);
  const home = join(folder, 'node_modules/node-red');
  return {
    version: versionIn(home),
    node: wanted === undefined ? process.execPath : await nodeBinary(wanted),
    script: join(home, 'red.js'),
  };
}
