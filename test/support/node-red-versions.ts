/** The Node-REDs that the package runs in: 4.1 from our own dependencies, 5 installed on demand with its own Node. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached } from './cache';

export type NodeRedVersion = '4' | '5';
export const NODE_RED_VERSIONS: readonly NodeRedVersion[] = ['4', '5'];

export interface NodeRedInstallation {
  /** Version of Node-RED, `5.0.7`. */
  readonly version: string;
  /** The Node that runs it. */
  readonly node: string;
  /** Node-RED's `red.js`. */
  readonly script: string;
}

const REPOSITORY = join(__dirname, '../..');
const NODE_RED_5 = '5.0.7';
/** Node-RED 5 wants 22.9 or newer. The packages `node-linux-…` carry the binary itself. */
const NODE_22 = '22.23.3';
const INSTALL_TIMEOUT_MS = 5 * 60_000;

const run = promisify(execFile);

function nodePackage(): string {
  if (process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64')) {
    return `node-linux-${process.arch}`;
  }
  throw new Error(
    `no Node ${NODE_22} for ${process.platform} ${process.arch}: Node-RED 5 cannot be tested here`,
  );
}

async function installNodeRed5(folder: string): Promise<void> {
  const dependencies = { 'node-red': NODE_RED_5, [nodePackage()]: NODE_22 };
  const started = Date.now();
  process.stdout.write(`[node-red] installing Node-RED ${NODE_RED_5} and Node ${NODE_22} in ${folder}\n`);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  await run(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--omit=dev', '--loglevel=error'],
    {
      cwd: folder,
      timeout: INSTALL_TIMEOUT_MS,
    },
  );
  const { stdout } = await run(nodeBinary(folder), ['--version']);
  const seconds = Math.round((Date.now() - started) / 1000);
  process.stdout.write(
    `[node-red] Node-RED ${NODE_RED_5} on Node ${stdout.trim()} is ready after ${seconds} s\n`,
  );
}

const nodeBinary = (folder: string) => join(folder, 'node_modules', nodePackage(), 'bin/node');

function versionIn(packageFolder: string): string {
  return (JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string })
    .version;
}

/** Where a Node-RED is; installs version 5 at first use (about 20 s). Throws where that cannot be done. */
export async function nodeRedInstallation(version: NodeRedVersion): Promise<NodeRedInstallation> {
  const folder =
    version === '4' ? REPOSITORY : await cached(`node-red-${NODE_RED_5}-node-${NODE_22}`, installNodeRed5);
  const home = join(folder, 'node_modules/node-red');
  return {
    version: versionIn(home),
    node: version === '4' ? process.execPath : nodeBinary(folder),
    script: join(home, 'red.js'),
  };
}
