/**
 * Builds `packages/node-red-dashboard-2-dinox`: the node with its dialog, and the widget that Dashboard 2.0 loads in the
 * browser. Called by `scripts/build.mjs`.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { helpMarkdown } from './help.mjs';
import { LANGUAGES, neededText, ROOT } from './layout.mjs';

const DASHBOARD = 'packages/node-red-dashboard-2-dinox';
const NAME = 'ui-dinox-tiles';

async function bundle(entry, options) {
  const { outputFiles = [] } = await build({
    absWorkingDir: ROOT,
    entryPoints: [`${DASHBOARD}/src/${entry}`],
    bundle: true,
    write: false,
    charset: 'utf8',
    logLevel: 'silent',
    legalComments: 'inline',
    ...options,
  });
  return outputFiles[0]?.text ?? '';
}

const BROWSER = /** @type {const} */ ({
  platform: 'browser',
  format: 'iife',
  target: 'es2020',
  minify: true,
  tsconfig: join(ROOT, 'tsconfig.editor.json'),
});

/** Path below the package → text. */
async function files() {
  const runtime = await bundle(`${NAME}.ts`, { platform: 'node', format: 'cjs', target: 'node20.19' });
  // The palette's own parser wants the type's name and definition as they stand.
  const editor = await bundle('editor.ts', { ...BROWSER, minify: false });
  const css = await bundle('widget.css', { minify: true });
  const widget = await bundle('widget.ts', {
    ...BROWSER,
    plugins: [
      {
        name: 'css',
        setup: (one) => one.onLoad({ filter: /\.css$/ }, () => ({ contents: css, loader: 'text' })),
      },
    ],
  });
  const made = {
    [`dist/${NAME}.js`]: `${runtime}\nmodule.exports = module.exports.registerUiDinoxTiles;\n`,
    [`dist/${NAME}.html`]: `${neededText(`${DASHBOARD}/src/editor.html`)}<script type="text/javascript">\n${editor}</script>\n`,
    [`resources/${NAME}.umd.js`]: widget,
  };
  for (const language of LANGUAGES) {
    const help = helpMarkdown(neededText(`${DASHBOARD}/src/help.${language}.md`));
    made[`dist/locales/${language}/${NAME}.json`] = neededText(`${DASHBOARD}/src/locales/${language}.json`);
    made[`dist/locales/${language}/${NAME}.html`] =
      `<script type="text/markdown" data-help-name="${NAME}">\n${help}\n</script>\n`;
  }
  return made;
}

export async function buildDashboard() {
  for (const [path, text] of Object.entries(await files())) {
    const target = join(ROOT, DASHBOARD, path);
    mkdirSync(dirname(target), { recursive: true });
    if (textOf(target) !== text) writeFileSync(target, text);
  }
}

function textOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
