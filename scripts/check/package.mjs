/** The tarballs: exactly the files of the lists beside this file, nothing more and nothing less. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { ROOT, textOf } from '../layout.mjs';

/** Unpacked sizes in bytes: more than these, and something got in that nobody meant. */
const FIRST = { folder: '.', list: 'scripts/check/package-files.txt', limit: 3_500_000 };
const SECOND = {
  folder: 'packages/node-red-dashboard-2-dinox',
  list: 'scripts/check/dashboard-package-files.txt',
  limit: 60_000,
};
/** What the editor loads, gzipped, in bytes: the nodes' HTML in one answer, the plugins' in another. */
const EDITOR_LIMIT = 192_000;

const run = promisify(execFile);

async function packed(folder) {
  // Built before; the scripts would only write their own words between the JSON.
  const { stdout } = await run(
    'npm',
    ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=error'],
    {
      cwd: join(ROOT, folder),
      maxBuffer: 1 << 26,
    },
  );
  // An array of one, or from npm 11 on an object with one property.
  return Object.values(JSON.parse(stdout))[0];
}

/** Names of the packed files, and what is wrong with them. */
async function looked({ folder, list, limit }, write) {
  const { files, unpackedSize } = await packed(folder);
  const is = files.map(({ path }) => path).sort();
  if (write) writeFileSync(join(ROOT, list), `${is.join('\n')}\n`);
  const should = (textOf(list) ?? '').split('\n').filter(Boolean);
  const problems = [
    ...is.filter((path) => !should.includes(path)).map((path) => `packed, and not in ${list}: ${path}`),
    ...should.filter((path) => !is.includes(path)).map((path) => `in ${list}, and not packed: ${path}`),
  ];
  if (unpackedSize > limit) problems.push(`${folder}: ${unpackedSize} bytes unpacked: more than ${limit}`);
  return { is, problems };
}

/** @param write whether what is packed now becomes the written list */
export async function checkPackage(write) {
  const { is, problems } = await looked(FIRST, write);
  problems.push(...(await looked(SECOND, write)).problems);
  const html = (folder) =>
    is.filter((path) => new RegExp(`^dist/${folder}/[^/]+\\.html$`).test(path)).map((path) => textOf(path));
  const loaded = [html('nodes'), html('plugins')].map((texts) => gzipSync(texts.join('')).length);
  const all = loaded[0] + loaded[1];
  if (all > EDITOR_LIMIT) problems.push(`the editor loads ${all} bytes gzipped: more than ${EDITOR_LIMIT}`);
  return problems;
}
