/** The tarball: exactly the files of `scripts/check/package-files.txt`, nothing more and nothing less. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { ROOT, textOf } from '../layout.mjs';

const LIST = 'scripts/check/package-files.txt';
/** Unpacked, in bytes: more than this, and something got in that nobody meant. */
const SIZE_LIMIT = 3_000_000;
/** What the editor loads, gzipped, in bytes: the nodes' HTML in one answer, the plugins' in another. */
const EDITOR_LIMIT = 153_000;

const run = promisify(execFile);

async function packed() {
  // Built before; the scripts would only write their own words between the JSON.
  const { stdout } = await run(
    'npm',
    ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=error'],
    {
      cwd: ROOT,
      maxBuffer: 1 << 26,
    },
  );
  // An array of one, or from npm 11 on an object with one property.
  return Object.values(JSON.parse(stdout))[0];
}

/** @param write whether what is packed now becomes the written list */
export async function checkPackage(write) {
  const { files, unpackedSize } = await packed();
  const is = files.map(({ path }) => path).sort();
  if (write) writeFileSync(join(ROOT, LIST), `${is.join('\n')}\n`);
  const should = (textOf(LIST) ?? '').split('\n').filter(Boolean);
  const problems = [
    ...is.filter((path) => !should.includes(path)).map((path) => `packed, and not in ${LIST}: ${path}`),
    ...should.filter((path) => !is.includes(path)).map((path) => `in ${LIST}, and not packed: ${path}`),
  ];
  if (unpackedSize > SIZE_LIMIT) problems.push(`${unpackedSize} bytes unpacked: more than ${SIZE_LIMIT}`);
  const html = (folder) =>
    is.filter((path) => new RegExp(`^dist/${folder}/[^/]+\\.html$`).test(path)).map((path) => textOf(path));
  const loaded = [html('nodes'), html('plugins')].map((texts) => gzipSync(texts.join('')).length);
  const all = loaded[0] + loaded[1];
  if (all > EDITOR_LIMIT) problems.push(`the editor loads ${all} bytes gzipped: more than ${EDITOR_LIMIT}`);
  return problems;
}
