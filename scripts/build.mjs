/**
 * Builds `dist/`: one CommonJS runtime that all nodes share, a thin CommonJS entry for each (Node-RED 4.1 loads
 * with `require`, Node-RED 5 with `import()`), and beside it the editor's HTML, labels, help and icons where
 * Node-RED looks for them. Types are not checked here but by `npm run check`.
 *
 * All is built in memory first and only what changed is written, so that a build that fails, or two at once,
 * leave no half-made folder behind.
 *
 *   node scripts/build.mjs [--verbose]
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';
import { buildDashboard } from './build-dashboard.mjs';
import { dialogOf } from './dialog.mjs';
import { helpMarkdown } from './help.mjs';
import { LANGUAGES, parts, ROOT, readJson, registerName, TEXTS_WITH, textOf, textsPath } from './layout.mjs';

const pkg = readJson('package.json');
const OUT = join(ROOT, 'dist');
const RUNTIME = 'lib/runtime.js';

/** Bundles one file; gives the code, its style sheets as one, and the modules that it still loads at run time. */
async function bundle(entry, options) {
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    bundle: true,
    write: false,
    outdir: 'out',
    metafile: true,
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'silent',
    ...options,
  });
  const imports = Object.values(result.metafile?.outputs ?? {}).flatMap((output) => output.imports);
  const textOf = (ending) => result.outputFiles?.find(({ path }) => path.endsWith(ending))?.text ?? '';
  const inputs = Object.keys(result.metafile?.inputs ?? {});
  return { code: textOf('.js'), css: textOf('.css'), inputs, imports: imports.filter((one) => one.external) };
}

/** The runtime. Dependencies stay outside of it and are loaded at first use: `@xmpp/client` is ESM only. */
async function runtime() {
  const { code, imports } = await bundle('src/index.ts', {
    platform: 'node',
    format: 'cjs',
    target: 'node20.19',
    external: Object.keys(pkg.dependencies),
  });
  const eager = imports.filter(({ path, kind }) => path in pkg.dependencies && kind !== 'dynamic-import');
  if (eager.length > 0) {
    throw new Error(`${eager.map(({ path }) => path).join(', ')}: load it with import() at first use`);
  }
  return code;
}

/** A script for a browser. */
const BROWSER = {
  platform: 'browser',
  format: 'iife',
  target: 'es2020',
  // The licences of what is bundled.
  legalComments: 'inline',
  // Names stay: the browser's tools and the palette's parser are to find them. Without the rest it is a fifth less.
  minifyWhitespace: true,
  minifySyntax: true,
  tsconfig: join(ROOT, 'tsconfig.editor.json'),
};

async function editorScript({ name, source }) {
  const { code, css, inputs } = await bundle(`${source}/editor.ts`, BROWSER);
  const texts = inputs.find((path) => path.startsWith('src/base/texts/'));
  if (texts)
    throw new Error(`${source}/editor.ts: ${texts} comes to the page with the labels, and not in a bundle`);
  // The palette's own parser wants the type's name and definition as they stand.
  if (!code.includes(`registerType("${name}",{`) && !code.includes(`registerPlugin("${name}",{`)) {
    throw new Error(`${source}/editor.ts: register "${name}" with its literal name and an object in place`);
  }
  const style = css === '' ? '' : `<style>\n${css}</style>\n`;
  return `${style}<script type="text/javascript">\n${code}</script>\n`;
}

function entry({ name }) {
  return `module.exports = function (RED) {\n  return require('../${RUNTIME}').${registerName(name)}(RED);\n};\n`;
}

/** Puts the files of one node or plugin into `files`; `missing` takes what a person has to write yet. */
async function addPart(part, files, missing) {
  const { name, kind, source } = part;
  files.set(`${kind}/${name}.js`, entry(part));
  const template = dialogOf(part);
  const hasScript = textOf(`${source}/editor.ts`) !== undefined;
  if (kind === 'nodes' && template === undefined) missing.push(`${source}/editor.html`);
  if (!hasScript) missing.push(`${source}/editor.ts`);
  else files.set(`${kind}/${name}.html`, `${template ?? ''}${await editorScript(part)}`);

  for (const language of LANGUAGES) {
    const labels = textOf(`${source}/locales/${language}.json`);
    if (labels === undefined) missing.push(`${source}/locales/${language}.json`);
    else files.set(`${kind}/locales/${language}/${name}.json`, labelsOf(name, labels, language));
    if (kind === 'plugins') continue;
    const help = textOf(`${source}/help.${language}.md`);
    // Help does not keep a node from running: here it is only said, `npm run check` insists.
    if (help === undefined) console.warn(`build: no ${source}/help.${language}.md`);
    else files.set(`${kind}/locales/${language}/${name}.html`, helpText(name, help));
  }
}

/** The catalogue of what the runtime says comes to the page once, with the node that all others need. */
function labelsOf(name, labels, language) {
  const all = JSON.parse(labels);
  if (name === TEXTS_WITH) all[name].text = readJson(textsPath(language));
  return JSON.stringify(all);
}

/** Node-RED's editor renders Markdown help itself. */
function helpText(name, markdown) {
  if (/<\/script/i.test(markdown)) throw new Error(`help of ${name}: must not hold a script`);
  return `<script type="text/markdown" data-help-name="${name}">\n${helpMarkdown(markdown)}\n</script>\n`;
}

/** Pages beside the editor: each script becomes one file, with the style sheets that it imports; the rest is copied. */
async function addPages(files) {
  for (const page of readdirSync(join(ROOT, 'src/pages'))) {
    const source = `src/pages/${page}`;
    for (const name of readdirSync(join(ROOT, source))) {
      const to = `pages/${page}/${name}`;
      if (name === `${page}.ts` || name === 'worker.ts') {
        const { code, css } = await bundle(`${source}/${name}`, { ...BROWSER, minify: true });
        files.set(to.replace(/ts$/, 'js'), code);
        if (css) files.set(to.replace(/ts$/, 'css'), css);
      } else if (/\.(html|png|svg|webmanifest)$/.test(name)) {
        files.set(to, readFileSync(join(ROOT, source, name)));
      }
    }
  }
}

function addIcons(files) {
  const icons = readdirSync(join(ROOT, 'icons')).filter((icon) => icon.endsWith('.svg'));
  for (const icon of icons) files.set(`nodes/icons/${icon}`, readFileSync(join(ROOT, 'icons', icon), 'utf8'));
}

function filesBelow(folder) {
  try {
    const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
    return entries.filter((one) => one.isFile()).map((one) => join(one.parentPath ?? one.path, one.name));
  } catch {
    return [];
  }
}

/** Writes what differs under another name and renames it; removes what is not built any more. */
function write(files) {
  let changed = 0;
  for (const [path, text] of files) {
    const target = join(OUT, path);
    if (isSame(target, text)) continue;
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(`${target}.${process.pid}`, text);
    renameSync(`${target}.${process.pid}`, target);
    changed += 1;
  }
  for (const file of filesBelow(OUT)) {
    if (files.has(relative(OUT, file)) || /\.\d+$/.test(file)) continue;
    rmSync(file, { force: true });
    removeIfEmpty(dirname(file));
  }
  return changed;
}

function isSame(file, content) {
  try {
    return readFileSync(file).equals(Buffer.from(content));
  } catch {
    return false;
  }
}

function removeIfEmpty(folder) {
  try {
    rmdirSync(folder);
  } catch {
    // Something else is still in there.
  }
}

function explain(error) {
  const errors = error.errors ?? [{ text: error.message }];
  return errors.map(({ text, location }) =>
    location ? `${location.file}:${location.line}: ${text}` : (text ?? String(error)),
  );
}

async function main() {
  const start = performance.now();
  const files = new Map();
  const missing = [];
  const all = parts(pkg);
  const jobs = [
    runtime().then((code) => files.set(RUNTIME, code)),
    addPages(files),
    buildDashboard(),
    ...all.map((part) => addPart(part, files, missing)),
  ];
  const failed = (await Promise.allSettled(jobs)).filter((job) => job.status === 'rejected');
  const errors = [
    ...missing.map((path) => `${path} is missing`),
    ...failed.flatMap(({ reason }) => explain(reason)),
  ];
  if (errors.length > 0) {
    for (const error of errors) console.error(`build: ${error}`);
    process.exitCode = 1;
    return;
  }
  addIcons(files);
  const changed = write(files);
  if (process.argv.includes('--verbose')) {
    for (const [path, text] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
      console.log(`dist/${path} ${Buffer.byteLength(text)}`);
    }
  }
  const ms = Math.round(performance.now() - start);
  console.log(`build: ${all.length} nodes and plugins, ${files.size} files, ${changed} changed, ${ms} ms`);
}

await main();
