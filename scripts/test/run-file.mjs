/** Runs mocha on some test files in a process of their own, and says what came of it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../layout.mjs';

/** A test file that takes longer is ended: one that hangs must not take the whole run with it. Long forms take their time. */
const TIME_LIMIT_MS = (process.env.DINOX_LONG === '1' ? 60 : 10) * 60_000;
/** From the end of the last test to the end of the process. Longer means: something was left running. */
const EXIT_LIMIT_MS = 15_000;
/** What a test process that is ended has to end its servers. */
const GRACE_MS = 3_000;

const running = new Set();

function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // Nothing of it is left.
  }
}

/** Ends a test process; at SIGTERM it ends its servers, which have groups of their own. */
async function endGroup(pid) {
  signalGroup(pid, 'SIGTERM');
  await sleep(GRACE_MS);
  signalGroup(pid, 'SIGKILL');
}

/** Ends every test process that runs now, with all that it started. */
export async function endAll() {
  await Promise.all([...running].map(endGroup));
}

function readResult(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Starts mocha; resolves with its output and how it ended. */
function mocha(files, args, resultFile) {
  return new Promise((resolve) => {
    const mochaArgs = [
      '--reporter',
      'scripts/test/reporter.cjs',
      '--forbid-only',
      '--no-color',
      ...args,
      ...files,
    ];
    const child = spawn(process.execPath, ['node_modules/mocha/bin/mocha.js', ...mochaArgs], {
      cwd: ROOT,
      env: { ...process.env, DINOX_TEST_RESULT: resultFile, FORCE_COLOR: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that it can be ended together with its servers.
      detached: true,
    });
    running.add(child.pid);
    let output = '';
    let why;
    const collect = (chunk) => {
      output += chunk;
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    const end = (reason) => {
      why = reason;
      void endGroup(child.pid);
    };
    const limit = setTimeout(() => end(`took longer than ${TIME_LIMIT_MS / 60_000} min`), TIME_LIMIT_MS);
    let finishedAt;
    const watch = setInterval(() => {
      if (readResult(resultFile)?.finished !== true) return;
      finishedAt ??= Date.now();
      if (Date.now() - finishedAt > EXIT_LIMIT_MS && why === undefined) {
        end(`did not end within ${EXIT_LIMIT_MS / 1000} s after its last test: something was left running`);
      }
    }, 1_000);
    const settle = (code, signal) => {
      clearTimeout(limit);
      clearInterval(watch);
      signalGroup(child.pid, 'SIGKILL');
      running.delete(child.pid);
      // What a killed group's own children still hold open must not keep us waiting for their output.
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ output, why, code, signal });
    };
    child.once('error', (error) => {
      output += error.message;
      settle(-1);
    });
    child.once('exit', (code, signal) => setTimeout(settle, 100, code, signal));
  });
}

/**
 * @param files test files, relative to the repository
 * @param args further arguments for mocha
 * @returns its output, the number of passed tests, and titles with reasons of failed and skipped ones
 */
export async function runFiles(files, args) {
  const folder = mkdtempSync(join(tmpdir(), 'dinox-result-'));
  const start = Date.now();
  const ended = await mocha(files, args, join(folder, 'result.json'));
  const result = readResult(join(folder, 'result.json'));
  rmSync(folder, { recursive: true, force: true });
  const failed = (result?.failed ?? []).map(({ title, error }) => `${title}: ${error}`);
  const skipped = result?.skipped ?? [];
  const passed = result?.passed ?? 0;
  const name = files.length === 1 ? files[0] : `${files.length} files`;
  if (ended.why) failed.push(`${name} ${ended.why}`);
  else if (result === undefined)
    failed.push(`${name} could not be started (code ${ended.code ?? ended.signal})`);
  else if (!result.finished) failed.push(`${name} broke off (code ${ended.code ?? ended.signal})`);
  else if (ended.code !== 0 && failed.length === 0) failed.push(`${name} ended with code ${ended.code}`);
  const failedTests = (result?.failed ?? []).filter(({ isHook }) => !isHook).length;
  const notRun = result ? result.total - passed - failedTests - skipped.length : 0;
  for (let one = 0; one < notRun; one += 1)
    skipped.push(`${name}: not run, because a hook failed or it broke off`);
  const suites = ended.output.split('\n').filter((line) => line.startsWith('SKIPPED SUITE:'));
  return { ...ended, files, name, passed, failed, skipped, suites, seconds: (Date.now() - start) / 1000 };
}
