/** Scripts of `node:vm` that may run too long. */

import type { Context, Script } from 'node:vm';

/**
 * Runs a script for at most `ms` milliseconds. It is tried twice, because that is wall-clock time, which another process
 * may have used.
 * @throws what the script throws; {@link isTimeout} tells a time-out.
 */
export function runTimed(script: Script, context: Context, ms: number): unknown {
  const run = (): unknown => script.runInContext(context, { timeout: ms });
  try {
    return run();
  } catch (error) {
    if (!isTimeout(error)) throw error;
    return run();
  }
}

export function isTimeout(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
