/**
 * `npm run bench`: measures speed and memory beside MQTT.js alone, the platform's floor and Node-RED's own MQTT nodes
 * on a real Mosquitto, writes `bench/results.json`, and from it `docs/performance.md`.
 *
 *   npm run bench                                            everything, about half an hour
 *   npm run bench -- receive load                            these parts, and keeps the others' results
 *   npm run bench -- receive --filters 1,100 --rounds 3      shows the result, and keeps nothing
 *   npm run bench -- receive --against ../other-checkout     measures that one's dist beside this one's, as `other`
 *   npm run bench -- --report                                only writes the page
 *
 * It says CPU time, so that what else the machine does counts for little; still it wants a quiet machine.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { join, resolve } from 'node:path';
import { mosquittoVersion, startMosquitto } from './broker';
import { ROOT } from './child';
import { type Options, type PartName, readOptions } from './options';
import { measurePart } from './parts';
import { performancePage, showRows } from './report';
import type { PartResult, Results } from './results';

const RESULTS = join(ROOT, 'bench/results.json');
const PAGE = join(ROOT, 'docs/performance.md');

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (!options.report) {
    const parts = await measure(options);
    if (options.partial) return;
    const results: Results = {
      machine: machine(),
      versions: versions(),
      parts: { ...kept().parts, ...parts },
    };
    writeFileSync(RESULTS, `${JSON.stringify(results, undefined, 1)}\n`);
  }
  writeFileSync(PAGE, performancePage(kept() as Results));
  console.log('docs/performance.md is written');
}

async function measure(options: Options): Promise<Record<string, PartResult>> {
  const build = spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: ROOT, stdio: 'inherit' });
  if (build.status !== 0) throw new Error('the build failed');
  const packages = { ours: ROOT, ...(options.against ? { other: resolve(options.against) } : {}) };
  const broker = await startMosquitto();
  const parts: Partial<Record<PartName, PartResult>> = {};
  try {
    for (const name of options.parts) {
      const begin = load();
      const rows = await measurePart(name, options, broker.port, packages, (text) => console.log(text));
      parts[name] = { at: new Date().toISOString(), cpu: machine().cpu, load: [begin, load()], rows };
      console.log(showRows(name, rows));
    }
  } finally {
    await broker.stop();
  }
  return parts;
}

function load(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100;
}

function kept(): Partial<Results> {
  try {
    return JSON.parse(readFileSync(RESULTS, 'utf8')) as Results;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

function machine(): Results['machine'] {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryMB: Math.round(totalmem() / 2 ** 20),
    os: `${type()} ${release()}`,
  };
}

function versions(): Results['versions'] {
  const of = (name: string): string =>
    (JSON.parse(readFileSync(join(ROOT, name, 'package.json'), 'utf8')) as { version: string }).version;
  return {
    '@dinox/node-red-dinox': of('.'),
    'node-red': of('node_modules/node-red'),
    mqtt: of('node_modules/mqtt'),
    node: process.versions.node,
    mosquitto: mosquittoVersion(),
  };
}

// What was started ends with it (`exit`).
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

main().catch((error: Error) => {
  console.error(`bench: ${error.stack}`);
  process.exitCode = 1;
});
