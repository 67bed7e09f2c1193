/** Where the parts of a node lie in the source, shared by the build and the checks. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
export const LANGUAGES = ['en-US', 'de'];

/** The catalogue of one language: everything that the runtime says to people, by room. */
export const textsPath = (language) => `src/base/texts/${language}.json`;
/** The node whose labels carry it to the browser. */
export const TEXTS_WITH = 'dinox-broker';

export function readJson(path) {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
}

/** `dinox-mqtt-in` -> `registerDinoxMqttIn`: the function that `src/index.ts` exports for this node or plugin. */
export function registerName(name) {
  return `register${name.replace(/(?:^|-)(\w)/g, (_, letter) => letter.toUpperCase())}`;
}

/**
 * The nodes and plugins that package.json lists under `node-red`. Each has its name, its kind (`nodes` or
 * `plugins`), the entry that Node-RED loads (`dist/nodes/NAME.js`) and its source folder (`src/nodes/NAME`).
 */
export function parts(pkg = readJson('package.json')) {
  return ['nodes', 'plugins'].flatMap((kind) =>
    Object.entries(pkg['node-red'][kind] ?? {}).map(([name, entry]) => {
      if (basename(entry) !== `${name}.js` || dirname(entry) !== `dist/${kind}`) {
        throw new Error(
          `package.json: "${name}" in node-red.${kind} must be dist/${kind}/${name}.js, not ${entry}`,
        );
      }
      return { name, kind, entry, source: `src/${kind}/${name}` };
    }),
  );
}

/**
 * The text of a file of the repository, or undefined where there is none.
 * @param {string} path
 */
export function textOf(path) {
  const file = join(ROOT, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/**
 * The same of a file that has to be there.
 * @param {string} path
 */
export function neededText(path) {
  const text = textOf(path);
  if (text === undefined) throw new Error(`${path} is missing`);
  return text;
}
