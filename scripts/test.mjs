/**
 * `npm test`: builds, installs what the tests need and is missing, runs every `*.test.ts` below `test/` with mocha, and
 * says at the end which did not run and why. The last line is always `N passed, N failed, N skipped`.
 *
 *   npm test                                  all of them
 *   npm test -- test/nodes test/unit/x.test.ts    these folders and files
 *   npm test -- --grep NAME                   what mocha itself understands
 *   npm test -- --jobs 1                      one file at a time (default 3: they wait more than they work)
 *
 * Every file runs in a process of its own, so that none sees what another left behind; the unit tests share two.
 * A file that failed beside others runs once more, alone: what passes then is listed as UNSTEADY, for somebody to mend,
 * and what fails again is a failure. Where the environment variable CI is set, a suite that cannot run is a failure.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ROOT } from './layout.mjs';
import { endAll, runFiles } from './test/run-file.mjs';

const CI = Boolean(process.env.CI);
/** The longest first, so that none is left to run alone at the end. */
const FOLDERS = ['test/editor/', 'test/servers/', 'test/nodes/', 'test/conformance/'];
/** More files than this failing is no matter of a busy machine. */
const MAX_SECOND_LOOKS = 5;
/** In the list at the end; all of it stands further up. */
const LINES_OF_A_FAILURE = 20;

function options(argv) {
  const chosen = { jobs: 3, paths: /** @type {string[]} */ ([]), mocha: /** @type {string[]} */ ([]) };
  for (let at = 0; at < argv.length; at += 1) {
    const arg = argv[at];
    if (arg === '--jobs') chosen.jobs = Math.max(1, Number(argv[++at]) || 1);
    else if (arg === '--grep' || arg === '-g') chosen.mocha.push('--grep', argv[++at]);
    else if (arg.startsWith('-')) chosen.mocha.push(arg);
    else if (existsSync(join(ROOT, arg))) chosen.paths.push(arg);
    else throw new Error(`no such test file or folder: ${arg}`);
  }
  return chosen;
}

function testFiles(path) {
  const full = join(ROOT, path);
  if (statSync(full).isFile()) return [path];
  return readdirSync(full, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => relative(ROOT, join(full, name)))
    .sort();
}

/** What has to run in one process: the unit tests in two, every other file alone. */
function groupsOf(paths) {
  const files = [...new Set((paths.length > 0 ? paths : ['test']).flatMap(testFiles))];
  const units = files.filter((file) => file.startsWith('test/unit/'));
  const rank = (file) =>
    (FOLDERS.findIndex((folder) => file.startsWith(folder)) + FOLDERS.length) % FOLDERS.length;
  const others = files.filter((file) => !file.startsWith('test/unit/')).sort((a, b) => rank(a) - rank(b));
  // The unit tests are the longest of all: begun last, they would run alone.
  const halves = [0, 1].map((half) => units.filter((_, at) => at % 2 === half));
  return [...halves.filter((files) => files.length > 0), ...others.map((file) => [file])];
}

/** A folder for what is installed once: the usual one, or where that is not ours, one that is. */
function cacheFolder() {
  if (process.env.DINOX_TEST_CACHE) return process.env.DINOX_TEST_CACHE;
  const usual = '/var/cache/dinox-test';
  try {
    mkdirSync(usual, { recursive: true });
    accessSync(usual, constants.W_OK);
    return usual;
  } catch {
    return join(tmpdir(), 'dinox-test');
  }
}

/** Runs a script with its output on ours; gives whether it went well. */
function step(name, args) {
  const start = Date.now();
  const { status } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  times.push([name, (Date.now() - start) / 1000]);
  return status === 0;
}

const times = [];

async function runAll(groups, { jobs, mocha }) {
  const queue = [...groups];
  const results = [];
  const isInBrowser = ([file]) => file.startsWith('test/editor/');
  // A browser keeps a core busy, and servers are mostly waited for: one works through the one kind, the rest through the other.
  const worker = async (_, at) => {
    const isMine = (files) => isInBrowser(files) === (at === 0);
    const next = () => queue.splice(Math.max(0, queue.findIndex(isMine)), 1)[0];
    for (let files = next(); files !== undefined; files = next()) results.push(await runOne(files, mocha));
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return secondLook(results, mocha);
}

async function runOne(files, mocha) {
  const result = await runFiles(files, mocha);
  const sum = `${result.passed} passed, ${result.failed.length} failed, ${result.skipped.length} skipped`;
  console.log(`\n=== ${result.name}: ${sum}, ${result.seconds.toFixed(1)} s`);
  console.log(result.output.trimEnd());
  times.push([result.name, result.seconds]);
  return result;
}

/** Runs what failed once more, with the machine to itself, and keeps what it said the first time. */
async function secondLook(results, mocha) {
  const failed = results.filter((result) => result.failed.length > 0);
  if (failed.length === 0 || failed.length > MAX_SECOND_LOOKS) return results;
  console.log(`\n--- once more, alone: ${failed.map(({ name }) => name).join(', ')}`);
  const again = new Map();
  for (const first of failed) {
    const second = await runOne(first.files, mocha);
    again.set(first, second.failed.length > 0 ? second : { ...second, unsteady: first.failed });
  }
  return results.map((result) => again.get(result) ?? result);
}

function list(title, lines) {
  if (lines.length === 0) return;
  console.log(`\n${title}`);
  for (const line of [...new Set(lines)]) {
    const count = lines.filter((other) => other === line).length;
    const shown = line.split('\n').slice(0, LINES_OF_A_FAILURE).join('\n    ');
    console.log(`  ${shown}${count > 1 ? ` (${count} times)` : ''}`);
  }
}

function report(results, failedSteps) {
  const failed = [...failedSteps, ...results.flatMap((result) => result.failed)];
  const skipped = results.flatMap((result) => result.skipped);
  const suites = results.flatMap((result) =>
    result.suites.map((line) => line.replace('SKIPPED SUITE: ', '')),
  );
  if (CI) failed.push(...suites.map((suite) => `did not run, which in CI is a failure: ${suite}`));
  times.sort(([, a], [, b]) => b - a);
  list(
    'Time',
    times.slice(0, 25).map(([name, seconds]) => `${seconds.toFixed(1).padStart(6)} s  ${name}`),
  );
  list('SKIPPED', skipped);
  list(
    'UNSTEADY: failed beside others, passed alone',
    results.flatMap((result) => result.unsteady ?? []),
  );
  list('SUITES THAT DID NOT RUN', suites);
  list('FAILED', failed);
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  console.log(`\n${passed} passed, ${failed.length} failed, ${skipped.length} skipped`);
  const didNothing = passed === 0 && skipped.length === 0;
  process.exitCode = failed.length > 0 || didNothing ? 1 : 0;
}

async function main() {
  const chosen = options(process.argv.slice(2));
  process.env.DINOX_TEST_CACHE = cacheFolder();
  mkdirSync(process.env.DINOX_TEST_CACHE, { recursive: true });
  const failedSteps = [];
  if (!step('build', ['scripts/build.mjs'])) failedSteps.push('the build failed');
  else if (!step('prepare', ['--import', 'tsx', 'test/support/prepare.ts'])) {
    failedSteps.push('what the tests need could not be prepared');
  }
  const mayRun = failedSteps.length === 0;
  report(mayRun ? await runAll(groupsOf(chosen.paths), chosen) : [], failedSteps);
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await endAll();
    process.exit(130);
  });
}
try {
  await main();
} catch (error) {
  report([], [error.message]);
}
