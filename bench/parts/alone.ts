/** What is measured without a Node-RED: the history, templates and devices, each in a process of its own. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { ROOT } from '../child';

/** Figures by name; each name ends with its unit. `worker`: a script of `bench/`, with what it is given. */
function aloneOnce(worker: string, ...args: readonly string[]): Record<string, number> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const script = join(folder, 'worker.cjs');
    buildSync({
      entryPoints: [join(ROOT, 'bench', worker)],
      bundle: true,
      platform: 'node',
      outfile: script,
      logLevel: 'error',
    });
    const { stdout, stderr, status } = spawnSync(process.execPath, ['--expose-gc', script, ...args], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`${worker} failed: ${stderr}`);
    return JSON.parse(stdout) as Record<string, number>;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function historyOnce(): Record<string, number> {
  return aloneOnce('history-worker.ts');
}

export function devicesOnce(): Record<string, number> {
  return aloneOnce('devices-worker.ts');
}

export function templatesOnce(): Record<string, number> {
  return aloneOnce('templates-worker.ts', join(ROOT, 'test/fixtures/homeassistant/templates.json'));
}
