import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Compares with a file beside the tests that somebody has looked at. `DINOX_GOLDEN=1` writes them anew: look at them
 * before they are committed.
 */
export function assertGolden(name: string, actual: string): void {
  const path = join(__dirname, 'golden', name);
  if (process.env.DINOX_GOLDEN) writeFileSync(path, actual);
  assert.equal(actual, readFileSync(path, 'utf8'), `${name} differs`);
}
