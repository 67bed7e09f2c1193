/** What of the demo is TypeScript, bundled when it starts: the part of this process, and the phone's page. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { ROOT } from '../layout.mjs';

const DEMO = join(ROOT, 'scripts', 'demo');
const PAGE = join(DEMO, 'phone', 'page');

/** @returns {Promise<typeof import('./world')>} */
export async function loadWorld() {
  const { outputFiles } = await build({
    ...{ entryPoints: [join(DEMO, 'world.ts')], absWorkingDir: ROOT, bundle: true, write: false },
    ...{ platform: 'node', format: 'esm', target: 'node20.19', packages: 'external', charset: 'utf8' },
  });
  // Below the repository, so that it finds the packages; under a name of its own, as two may start at once.
  const folder = join(ROOT, '.cache');
  const file = join(folder, 'start-world.mjs');
  const written = `${file}.${process.pid}`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(written, outputFiles[0].contents);
  renameSync(written, file);
  return import(pathToFileURL(file).href);
}

/** The files of the phone's page, by name. */
export async function buildPage() {
  const { outputFiles } = await build({
    ...{
      entryPoints: [join(PAGE, 'page.ts')],
      absWorkingDir: ROOT,
      bundle: true,
      write: false,
      outdir: PAGE,
    },
    ...{ platform: 'browser', format: 'iife', target: 'es2020', charset: 'utf8' },
    tsconfig: join(ROOT, 'tsconfig.editor.json'),
  });
  const files = new Map(
    outputFiles.map(({ path, contents }) => [path.split(/[\\/]/).at(-1) ?? '', contents]),
  );
  files.set('index.html', readFileSync(join(PAGE, 'index.html')));
  files.set('icon.svg', readFileSync(join(ROOT, 'src', 'pages', 'home', 'icon.svg')));
  return files;
}
