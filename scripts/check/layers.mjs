/**
 * The layers: who may import whom is read from the table in ARCHITECTURE.md, so that the table cannot lie.
 * Types may come from any layer below; values only from those that the table names. Dialogs, sidebar and pages run in a
 * browser: they import what the row `src/editor/` has, and of their own node or plugin what a browser can run. Nodes and
 * plugins are neighbours, and none imports another. A module keeps no state of its own: no `let` at its top.
 */
import ts from 'typescript';
import { neededText } from '../layout.mjs';
import { filesBelow, importsOf, parse, placeOf } from './source.mjs';

/** What the build puts into the editor's page. */
const EDITOR_PACKAGES = ['qrcode-generator'];

/** What knows Node-RED, and imports its types. */
const NODE_RED_LAYERS = ['runtime', 'nodes', 'plugins'];

/** The rows `| src/x/ | … | may import |` as `{x: ['a', 'b']}`, in their order; throws where one is not understood. */
function table() {
  const layers = {};
  for (const line of neededText('ARCHITECTURE.md').split('\n')) {
    const match = /^\|\s*`src\/(\w+)\/(?:<\w+>\/)?`\s*\|.*\|\s*([^|]*?)\s*\|\s*$/.exec(line);
    if (!match) continue;
    const [, layer, may] = match;
    const above = Object.keys(layers);
    layers[layer] = may === 'all of the above' ? above : /^(–|nothing)$/.test(may) ? [] : may.split(/,\s*/);
    const unknown = layers[layer].filter((name) => !above.includes(name));
    if (unknown.length > 0) throw new Error(`ARCHITECTURE.md: ${layer} may import "${may}": not understood`);
  }
  return layers;
}

/** Everything that a layer may know of, directly or through others. */
function belowOf(layers, layer, seen = new Set()) {
  for (const next of layers[layer] ?? []) {
    if (seen.has(next)) continue;
    seen.add(next);
    belowOf(layers, next, seen);
  }
  return seen;
}

const layerOf = (path) => /^src\/(\w+)\//.exec(path)?.[1];
const isEditor = (path) => /^src\/(editor\/|pages\/|(nodes|plugins)\/[^/]+\/editor(\/|\.ts$|$))/.test(path);

/** `nodes/xmpp-in`: a neighbour of all others of its kind. */
const homeOf = (path) => /^src\/((nodes|plugins|pages)\/[^/]+)\//.exec(path)?.[1];

function judgeEditor(path, { to, place }, layers) {
  if (!to.startsWith('src/'))
    return EDITOR_PACKAGES.includes(to) ? undefined : `${place}: a dialog must not import the package ${to}`;
  const shared = ['editor', ...layers['editor']];
  if (shared.includes(layerOf(`${to}/`))) return;
  const home = homeOf(path);
  if (home !== undefined && homeOf(to) === home) return;
  return `${place}: a dialog must not import ${to}`;
}

function judgeRuntime(path, { to, typeOnly, place }, layers) {
  const layer = layerOf(path);
  if (!to.startsWith('src/')) {
    const isNodeRed = /^(@node-red\/|node-red($|\/|-))/.test(to);
    return isNodeRed && !NODE_RED_LAYERS.includes(layer ?? '')
      ? `${place}: ${layer} must not know Node-RED (${to})`
      : undefined;
  }
  if (isEditor(to)) return `${place}: runtime code must not import the dialog ${to}`;
  const other = layerOf(`${to}/`) ?? layerOf(to);
  const [home, theirs] = [homeOf(path), homeOf(to)];
  if (home !== undefined && theirs !== undefined && home !== theirs)
    return `${place}: ${home} must not import its neighbour (${to})`;
  if (layer === undefined || other === undefined || other === layer) return;
  if (layers[layer]?.includes(other)) return;
  if (typeOnly && belowOf(layers, layer).has(other)) return;
  return `${place}: ${layer} must not import ${typeOnly ? 'types of ' : ''}${other} (${to})`;
}

function moduleState(path) {
  const source = parse(path);
  return source.statements
    .filter((node) => ts.isVariableStatement(node))
    .filter((node) => !(node.declarationList.flags & ts.NodeFlags.Const))
    .filter((node) => !node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword))
    .map((node) => `${placeOf(source, node)}: no state at the top of a module (let)`);
}

export function checkLayers() {
  const layers = table();
  const files = filesBelow('src', '.ts');
  const known = new Set(files.map(layerOf).filter((layer) => layer !== undefined));
  const problems = [...known]
    .filter((layer) => !(layer in layers))
    .map((layer) => `src/${layer}: not in the table of ARCHITECTURE.md`);
  if (Object.keys(layers).length === 0) problems.push('ARCHITECTURE.md: no table of layers found');
  for (const path of files) {
    const judge = isEditor(path) ? judgeEditor : judgeRuntime;
    problems.push(
      ...importsOf(path)
        .map((one) => judge(path, one, layers))
        .filter((problem) => problem !== undefined),
    );
    problems.push(...moduleState(path));
  }
  return problems;
}
