/** The history without a Node-RED: what a sample costs, what 10,000 keys take in memory and on disk, and pictures. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { ROOT } from '../child';

/** Figures by name; each name ends with its unit. */
export function historyOnce(): Record<string, number> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const script = join(folder, 'worker.cjs');
    buildSync({
      entryPoints: [join(ROOT, 'bench/history-worker.ts')],
      bundle: true,
      platform: 'node',
      outfile: script,
      logLevel: 'error',
    });
    const { stdout, stderr, status } = spawnSync(process.execPath, ['--expose-gc', script], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`the history's worker failed: ${stderr}`);
    return JSON.parse(stdout) as Record<string, number>;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
