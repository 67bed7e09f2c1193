/**
 * The catalogues of what the runtime says (`src/base/texts/`) against the code, in both directions: every key that the
 * code makes is there and its parameters are those of the words, every key that is there is made somewhere, and the
 * languages have the same keys with the same parameters. No words for people stand beside them (`prose.mjs`).
 */
import ts from 'typescript';
import { LANGUAGES, readJson, textsPath } from '../layout.mjs';
import { checkProse } from './prose.mjs';
import { filesBelow, parse, placeOf, walk } from './source.mjs';

/** `{room: {name: words}}` as a map from `room.name` to the words. */
function catalogue(language) {
  const rooms = Object.entries(readJson(textsPath(language)));
  return new Map(
    rooms.flatMap(([room, words]) => Object.entries(words).map(([name, text]) => [`${room}.${name}`, text])),
  );
}

const paramsOf = (text) => [...new Set([...text.matchAll(/__(\w+?)__/g)].map(([, name]) => name))].sort();
const same = (a, b) => a.join() === b.join();

function compareLanguages([first, firstTexts], [second, secondTexts]) {
  const problems = [];
  for (const [key, text] of firstTexts) {
    const other = secondTexts.get(key);
    if (typeof text !== 'string' || text.trim() === '') problems.push(`${textsPath(first)}: ${key} is empty`);
    else if (other === undefined) problems.push(`${textsPath(second)} lacks ${key}`);
    else if (other.trim() === '') problems.push(`${textsPath(second)}: ${key} is empty`);
    else if (!same(paramsOf(text), paramsOf(other)))
      problems.push(`${key} has other parameters in ${second} than in ${first}`);
  }
  for (const key of secondTexts.keys())
    if (!firstTexts.has(key)) problems.push(`${textsPath(first)} lacks ${key}`);
  return problems;
}

/** Names of an object literal; undefined where one cannot be told by reading it. */
function namesOf(node) {
  if (node === undefined) return [];
  if (!ts.isObjectLiteralExpression(node)) return undefined;
  const names = node.properties.map((one) => one.name && ts.isIdentifier(one.name) && one.name.text);
  return names.every(Boolean) ? names.sort() : undefined;
}

/** Keys that an expression may be: a literal, or either side of a condition. */
function keysIn(node) {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isConditionalExpression(node)) return [...keysIn(node.whenTrue), ...keysIn(node.whenFalse)];
  return [];
}

const isTextCall = (node) =>
  ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'text';

/** Reads `text(\`room.${name}\`, …)`: the room, where all of a key but its name is written. */
function roomOf(node) {
  const [first] = isTextCall(node) ? node.arguments : [];
  if (!first || !ts.isTemplateExpression(first)) return undefined;
  return /^(\w+)\.$/.exec(first.head.text)?.[1];
}

/** What stands in the code: every literal, the rooms whose names are put in, and the errors that do it. */
function gather(sources) {
  const literals = new Set();
  const rooms = new Set();
  const errors = new Map();
  for (const source of sources)
    walk(source, (node) => {
      if (ts.isStringLiteralLike(node)) literals.add(node.text);
      const room = roomOf(node);
      if (room) rooms.add(room);
      const name = ts.isClassDeclaration(node) ? node.name?.text : undefined;
      if (name)
        walk(node, (inner) => {
          const own = roomOf(inner);
          if (own && /Error$|^Refusal$/.test(name)) errors.set(name, own);
        });
    });
  return { literals, rooms, errors };
}

/** What one file makes wrongly. */
function readCode(source, texts, errors) {
  const problems = [];
  walk(source, (node) => {
    const room = ts.isNewExpression(node) ? errors.get(node.expression.getText()) : undefined;
    if (!room && !isTextCall(node)) return;
    const [first, params] = node.arguments ?? [];
    if (!first) return;
    for (const name of keysIn(first)) {
      const key = room ? `${room}.${name}` : name;
      if (!texts.has(key)) {
        problems.push(`${placeOf(source, node)}: ${key} is in no catalogue`);
        continue;
      }
      const given = namesOf(params);
      if (given && !same(given, paramsOf(texts.get(key))))
        problems.push(
          `${placeOf(source, node)}: ${key} takes ${paramsOf(texts.get(key)).join(', ') || 'no parameters'}, not ${given.join(', ') || 'none'}`,
        );
    }
  });
  return problems;
}

export function checkTexts() {
  const [english = '', ...others] = LANGUAGES;
  const texts = catalogue(english);
  const problems = others.flatMap((other) => compareLanguages([english, texts], [other, catalogue(other)]));
  const sources = filesBelow('src', '.ts').map((path) => parse(path));
  const { literals, rooms, errors } = gather(sources);
  for (const source of sources) problems.push(...readCode(source, texts, errors));
  for (const key of texts.keys()) {
    const [room, name] = key.split('.');
    if (!literals.has(key) && !(rooms.has(room) && literals.has(name)))
      problems.push(`${textsPath(english)}: nothing says ${key}`);
  }
  return [...problems, ...checkProse(sources)];
}
