/**
 * `npm run check`: everything about the code that can be told without running it, in one go. Every part is named
 * with its time; all of them run, and one that finds something fails the whole.
 *
 *   npm run check
 *   npm run check -- layers locales     these parts only
 *   npm run check -- --write            accept the packed files as the written list
 */
import { spawn } from 'node:child_process';
import { relative } from 'node:path';
import { checkComments } from './check/comments.mjs';
import { checkHelp } from './check/help.mjs';
import { checkLayers } from './check/layers.mjs';
import { checkLinks } from './check/links.mjs';
import { checkLocales } from './check/locales.mjs';
import { checkManual } from './check/manual.mjs';
import { checkNamespaces } from './check/namespaces.mjs';
import { checkPackage } from './check/package.mjs';
import { checkScorecard } from './check/scorecard.mjs';
import { checkTexts } from './check/texts.mjs';
import { checkVersions } from './check/versions.mjs';
import { ROOT } from './layout.mjs';

/** At most this many lines of a tool's output are shown. */
const LINES = 80;

/** A tool from node_modules: what it says is a problem where it ends with another code than 0. */
function tool(script, ...args) {
  return () =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, [`node_modules/${script}`, ...args], {
        cwd: ROOT,
        env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let output = '';
      const collect = (chunk) => {
        output += chunk;
      };
      child.stdout.setEncoding('utf8').on('data', collect);
      child.stderr.setEncoding('utf8').on('data', collect);
      child.once('error', (error) => resolve([error.message]));
      child.once('close', (code) => resolve(code === 0 ? [] : output.trimEnd().split('\n')));
    });
}

/** A second check looks only at what has changed since the first. */
function incremental(name) {
  return ['--noEmit', '--incremental', '--tsBuildInfoFile', `.cache/${name}.tsbuildinfo`];
}

async function build() {
  const child = spawn(process.execPath, ['scripts/build.mjs'], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    errors += chunk;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  return code === 0 ? [] : errors.trimEnd().split('\n');
}

/** Linter and formatter, one line a problem; `npm run format` mends most of them. */
async function biome() {
  const lines = await tool(
    '@biomejs/biome/bin/biome',
    'ci',
    '--reporter=github',
    '--diagnostic-level=warn',
    '--error-on-warnings',
    '--max-diagnostics=none',
  )();
  const problems = lines.map((line) => /^::\w+ title=([^,]*),file=([^,]*),line=(\d+)[^:]*::(.*)$/.exec(line));
  const known = problems.filter(Boolean);
  if (known.length === 0) return lines;
  return known.map(([, rule, file, line, text]) => `${relative(ROOT, file)}:${line}: ${text} (${rule})`);
}

const PARTS = {
  build,
  types: tool('typescript/bin/tsc', '-p', '.', ...incremental('types')),
  'editor types': tool('typescript/bin/tsc', '-p', 'tsconfig.editor.json', ...incremental('editor')),
  'script types': tool('typescript/bin/tsc', '-p', 'tsconfig.scripts.json', ...incremental('scripts')),
  biome,
  knip: tool('knip/bin/knip.js', '--no-progress'),
  layers: checkLayers,
  namespaces: checkNamespaces,
  comments: checkComments,
  locales: checkLocales,
  texts: checkTexts,
  help: checkHelp,
  scorecard: checkScorecard,
  package: () => checkPackage(process.argv.includes('--write')),
  versions: checkVersions,
  links: checkLinks,
  manual: checkManual,
};

async function run(name) {
  const start = performance.now();
  let problems;
  try {
    problems = await PARTS[name]();
  } catch (error) {
    problems = [String(error.stack ?? error)];
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(5);
  console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${seconds} s  ${name}`);
  for (const line of problems.slice(0, LINES)) console.log(`       ${line}`);
  if (problems.length > LINES) console.log(`       … and ${problems.length - LINES} lines more`);
  return problems.length === 0;
}

const named = process.argv.slice(2).filter((arg) => !arg.startsWith('-'));
const unknown = named.filter((name) => !(name in PARTS));
if (unknown.length > 0) {
  console.error(`no such part: ${unknown.join(', ')}; there are: ${Object.keys(PARTS).join(', ')}`);
  process.exit(2);
}
const names = named.length > 0 ? named : Object.keys(PARTS);
const failed = [];
for (const name of names) if (!(await run(name))) failed.push(name);
console.log(failed.length === 0 ? `check: ${names.length} parts ok` : `check: FAILED: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
