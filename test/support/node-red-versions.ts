/** The Node-REDs that the package runs in: 4.1 from our own dependencies; 4.0, and 5 with its own Node, on demand. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached } from './cache';

/** `4` is the newest 4, that of our own dependencies. */
export type NodeRedVersion = '4.0' | '4' | '5';
/** What most suites run on. */
export const NODE_RED_VERSIONS: readonly ('4' | '5')[] = ['4', '5'];
/** With the oldest that the package promises to run in. */
export const EVERY_NODE_RED: readonly NodeRedVersion[] = ['4.0', ...NODE_RED_VERSIONS];

export interface NodeRedInstallation {
  /** Version of Node-RED, `5.0.7`. */
  readonly version: string;
  /** The Node that runs it. */
  readonly node: string;
  /** Node-RED's `red.js`. */
  readonly script: string;
}

/** What is installed on demand: a version of Node-RED, and of Node where it wants another one than runs the tests. */
interface OnDemand {
  readonly nodeRed: string;
  readonly node?: string;
}

const REPOSITORY = join(__dirname, '../..');
const ON_DEMAND: Readonly<Record<'4.0' | '5', OnDemand>> = {
  '4.0': { nodeRed: '4.0.9' },
  // It wants 22.9 or newer. The packages `node-linux-…` carry the binary itself.
  '5': { nodeRed: '5.0.7', node: '22.23.3' },
};
const INSTALL_TIMEOUT_MS = 5 * 60_000;

const run = promisify(execFile);

function nodePackage(version: string): string {
  if (process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64')) {
    return `node-linux-${process.arch}`;
  }
  throw new Error(
    `no Node ${version} for ${process.platform} ${process.arch}: Node-RED 5 cannot be tested here`,
  );
}

/** The Node of an installation; that of the tests where it has none of its own. */
const nodeBinary = (folder: string, { node }: OnDemand): string =>
  node === undefined ? process.execPath : join(folder, 'node_modules', nodePackage(node), 'bin/node');

async function install(folder: string, wanted: OnDemand): Promise<void> {
  const { nodeRed, node } = wanted;
  const dependencies = { 'node-red': nodeRed, ...(node !== undefined && { [nodePackage(node)]: node }) };
  const started = Date.now();
  process.stdout.write(`[node-red] installing Node-RED ${nodeRed} in ${folder}\n`);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  await run(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--omit=dev', '--loglevel=error'],
    {
      cwd: folder,
      timeout: INSTALL_TIMEOUT_MS,
    },
  );
  const { stdout } = await run(nodeBinary(folder, wanted), ['--version']);
  const seconds = Math.round((Date.now() - started) / 1000);
  process.stdout.write(
    `[node-red] Node-RED ${nodeRed} on Node ${stdout.trim()} is ready after ${seconds} s\n`,
  );
}

function versionIn(packageFolder: string): string {
  return (JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string })
    .version;
}

/** Where a Node-RED is; installs 4.0 and 5 at first use (about 20 s each). Throws where that cannot be done. */
export async function nodeRedInstallation(version: NodeRedVersion): Promise<NodeRedInstallation> {
  const wanted: OnDemand = version === '4' ? { nodeRed: '' } : ON_DEMAND[version];
  const { nodeRed, node } = wanted;
  const folder =
    version === '4'
      ? REPOSITORY
      : await cached(`node-red-${nodeRed}${node === undefined ? '' : `-node-${node}`}`, (made) =>
          install(made, wanted),
        );
  const home = join(folder, 'node_modules/node-red');
  return { version: versionIn(home), node: nodeBinary(folder, wanted), script: join(home, 'red.js') };
}
