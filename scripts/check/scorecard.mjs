/**
 * The palette's scorecard (flows.nodered.org, `node-red-dev validate`), as far as it can be told without asking a
 * server, and read as its parser reads. The codes are the scorecard's own. Two of its checks need the public
 * catalogue (N01, P05: a name that nobody else has); here the prefix stands for them.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { LANGUAGES, parts, ROOT, readJson, textOf } from '../layout.mjs';
import { repositoryOf } from '../packing.mjs';
import { parse, walk } from './source.mjs';

const MAX_DEPENDENCIES = 6;
/** Every type begins with one of them. */
const PREFIXES = ['dinox-', 'xmpp-'];
const CATEGORIES = ['DinoX', 'config'];
/** What the scorecard calls incompatible: package and the first version that is good. */
const BAD_PACKAGES = { 'agent-base': [6, 0, 0] };
const LITERALS = ['category', 'color', 'icon', 'inputs', 'outputs'];

function checkManifest(pkg) {
  const nodeRed = pkg['node-red'] ?? {};
  const rules = [
    ['P01 licence', pkg.license === 'Apache-2.0' && /Apache License/.test(textOf('LICENSE') ?? '')],
    ['P02 README.md', (textOf('README.md') ?? '').length > 200],
    ['P04 scoped name', /^@[a-z\d][\w.-]*\/[a-z\d][\w.-]*$/.test(pkg.name)],
    ['P06 keyword node-red', pkg.keywords?.includes('node-red')],
    ['P07 node-red.version', /^>=4\.0\.0$/.test(nodeRed.version ?? '')],
    ['P08 engines.node', /^>=20\.\d+/.test(pkg.engines?.node ?? '')],
    [
      `D01 at most ${MAX_DEPENDENCIES} dependencies`,
      Object.keys(pkg.dependencies).length <= MAX_DEPENDENCIES,
    ],
    [
      'no scripts run at installation',
      !['preinstall', 'install', 'postinstall'].some((name) => pkg.scripts[name]),
    ],
    ['no native build', !existsSync(join(ROOT, 'binding.gyp')) && !pkg.gypfile],
  ];
  return rules.filter(([, holds]) => !holds).map(([rule]) => `package.json: ${rule}`);
}

function isOlder(version, limit) {
  const numbers = version.split(/[.-]/).map(Number);
  for (const [at, bound] of limit.entries()) if (numbers[at] !== bound) return numbers[at] < bound;
  return false;
}

/** Paths in package-lock.json of everything that the dependencies bring along. */
function runtimePackages(lock) {
  return Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && !dev);
}

function checkDependencies(lock) {
  return runtimePackages(lock).flatMap(([path, { version, deprecated, hasInstallScript }]) => {
    const name = path.replace(/^.*node_modules\//, '');
    const problems = [];
    if (name in BAD_PACKAGES && isOlder(version, BAD_PACKAGES[name]))
      problems.push(`D02 ${name}@${version} is incompatible`);
    if (deprecated) problems.push(`${name}@${version} is deprecated: ${deprecated}`);
    if (hasInstallScript) problems.push(`${name}@${version} runs a script at installation (a native build?)`);
    return problems;
  });
}

/** What the palette's parser finds in a node's HTML: type → its definition's properties, as syntax. */
function definitions(html, path) {
  const found = new Map();
  for (const [, script] of html.matchAll(
    /<script.+?type=['"]text\/javascript['"].*?>([\S\s]*?)<\/script>/gi,
  )) {
    walk(parse(path, script), (node) => {
      if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return;
      if (node.expression.name.text !== 'registerType') return;
      const [type, definition] = node.arguments;
      if (!ts.isStringLiteral(type) || !ts.isObjectLiteralExpression(definition)) return;
      const properties = new Map();
      for (const property of definition.properties) {
        const name = property.name && 'text' in property.name ? property.name.text : undefined;
        properties.set(name, ts.isPropertyAssignment(property) ? property.initializer : undefined);
      }
      found.set(type.text, properties);
    });
  }
  return found;
}

const literal = (node) =>
  node && (ts.isStringLiteral(node) || ts.isNumericLiteral(node)) ? node.text : undefined;

function checkNode({ name, entry }) {
  const htmlPath = entry.replace(/\.js$/, '.html');
  const html = textOf(htmlPath);
  if (html === undefined) return [`${htmlPath} is missing`];
  const types = definitions(html, htmlPath);
  const definition = types.get(name);
  if (types.size !== 1 || !definition)
    return [`${htmlPath}: must register ${name} and nothing else, literally`];
  const problems = [];
  const complain = (text) => problems.push(`${name}: ${text}`);
  if (!PREFIXES.some((prefix) => name.startsWith(prefix)))
    complain(`N01 must begin with ${PREFIXES.join(' or ')}`);
  for (const property of LITERALS) {
    if (definition.has(property) && literal(definition.get(property)) === undefined)
      complain(`${property} is no literal`);
  }
  for (const property of ['defaults', 'credentials']) {
    const value = definition.get(property);
    if (value && !ts.isObjectLiteralExpression(value)) complain(`${property} is not written in place`);
  }
  const category = literal(definition.get('category'));
  if (!CATEGORIES.includes(category ?? ''))
    complain(`category ${category} is none of ${CATEGORIES.join(', ')}`);
  if (category !== 'config' && (!definition.has('inputs') || !definition.has('outputs')))
    complain('no inputs or outputs');
  if (!definition.has('defaults')) complain('no defaults');
  const icon = literal(definition.get('icon'));
  if (icon !== `${name}.svg` || textOf(`dist/nodes/icons/${name}.svg`) === undefined)
    complain('no icon of its own');
  if (!html.includes(`data-template-name="${name}"`)) complain('no dialog');
  for (const language of LANGUAGES) {
    const help = textOf(`dist/nodes/locales/${language}/${name}.html`) ?? '';
    if (!help.includes(`data-help-name="${name}"`) || help.length < 300) complain(`no help in ${language}`);
  }
  return problems.concat(checkEntry(name, entry));
}

/** Node-RED 4.1 loads with `require`: an entry has to be CommonJS and register the type that it is named after. */
function checkEntry(name, entry) {
  const runtime = textOf('dist/lib/runtime.js') ?? '';
  const registers = new RegExp(`registerType\\(\\s*["']${name}["']`).test(runtime);
  const problems = [];
  if (!/^module\.exports = function \(RED\)/m.test(textOf(entry) ?? ''))
    problems.push(`${entry}: no CommonJS entry`);
  if (!registers) problems.push(`dist/lib/runtime.js: does not register ${name}`);
  return problems;
}

/** N02: for every node that is no config node, an example that uses it. */
function checkExamples(nodes) {
  const folder = join(ROOT, 'examples');
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  const problems = [];
  const used = new Set();
  for (const name of names) {
    const flow = readJson(`examples/${name}`);
    for (const { type } of flow) used.add(type);
    if (!flow.some(({ type }) => type === 'comment' || type === 'tab'))
      problems.push(`examples/${name}: explains nothing`);
  }
  for (const { name, entry } of nodes) {
    const html = textOf(entry.replace(/\.js$/, '.html')) ?? '';
    const isConfig = literal(definitions(html, entry).get(name)?.get('category')) === 'config';
    if (!isConfig && !used.has(name)) problems.push(`N02 no example uses ${name}`);
  }
  return problems;
}

export function checkScorecard() {
  const pkg = readJson('package.json');
  if (!repositoryOf(pkg)) console.log('note: P03: package.json names no repository yet, only a placeholder');
  const nodes = parts(pkg).filter(({ kind }) => kind === 'nodes');
  return [
    ...checkManifest(pkg),
    ...checkDependencies(readJson('package-lock.json')),
    ...nodes.flatMap(checkNode),
    ...checkExamples(nodes),
  ];
}
