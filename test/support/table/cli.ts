/**
 * `npm run docs:servers` writes docs/servers.md; with `-- --check` it compares the file with a fresh run and ends
 * with 1 where they differ.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failures, render } from './render';
import { measureServers } from './run';

const FILE = join(__dirname, '../../../docs/servers.md');

async function main(): Promise<void> {
  const results = await measureServers();
  const text = render(results);
  const failed = failures(results.behaviours);
  if (failed.length > 0) throw new Error(failed.join('\n'));
  if (!process.argv.includes('--check')) {
    writeFileSync(FILE, text);
    console.log(`written: ${FILE}`);
    return;
  }
  if (readFileSync(FILE, 'utf8') === text) {
    console.log('docs/servers.md says what the servers do.');
    return;
  }
  console.error(
    `docs/servers.md differs from what the servers do: npm run docs:servers. They do:\n\n${text}`,
  );
  process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
