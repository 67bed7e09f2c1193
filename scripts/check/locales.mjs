/** Labels and help: the same keys in every language, nothing empty, and every key that is used is there. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { dialogOf } from '../dialog.mjs';
import { LANGUAGES, neededText, parts, ROOT, textOf } from '../layout.mjs';
import { filesBelow } from './source.mjs';

/** `{a: {b: 'x'}}` as the pairs `a.b`, `x`. */
function flat(value, prefix = '') {
  return Object.entries(value).flatMap(([key, inner]) => {
    const path = prefix ? `${prefix}.${key}` : key;
    return inner !== null && typeof inner === 'object' ? flat(inner, path) : [[path, inner]];
  });
}

const placeholders = (text) =>
  [...text.matchAll(/__\w+__|\{\{\w+\}\}/g)]
    .map(([match]) => match)
    .sort()
    .join();

function compare(name, { language: first, texts: firstTexts }, { language: second, texts: secondTexts }) {
  const problems = [];
  for (const [key, text] of firstTexts) {
    const other = secondTexts.get(key);
    if (other === undefined) problems.push(`${name}: ${second} lacks ${key}`);
    else if (placeholders(other) !== placeholders(text)) {
      problems.push(`${name}: ${key} has other placeholders in ${second} than in ${first}`);
    }
  }
  for (const key of secondTexts.keys())
    if (!firstTexts.has(key)) problems.push(`${name}: ${first} lacks ${key}`);
  return problems;
}

/** Literal keys in `data-i18n` of the dialog and in `RED._('…')` of the code beside it. */
function usedKeys(part) {
  const { name, source } = part;
  const html = dialogOf(part) ?? '';
  const code = filesBelow(source, '.ts')
    .map((path) => textOf(path))
    .join('\n');
  const used = [];
  for (const [, list] of html.matchAll(/data-i18n="([^"]*)"/g)) {
    used.push(...list.split(';').map((key) => key.replace(/^\[[^\]]*\]/, '').trim()));
  }
  used.push(...[...code.matchAll(/\b_\(\s*'([^']+)'/g)].map(([, key]) => key));
  used.push(...ownReasons(code).map((reason) => `${name}.problem.${reason}`));
  // A key of another namespace (`common.label.name`, `node-red:…`) is Node-RED's own.
  return [...new Set(used)].filter((key) => key.startsWith(`${name}.`));
}

/** Reasons that a dialog gives in words of its own: `ownReason('password')`. */
const ownReasons = (code) => [...code.matchAll(/\bownReason\(\s*'([^']+)'/g)].map(([, reason]) => reason);

/** Reasons in the labels that no dialog gives, neither its own nor a part that dialogs share. */
function unusedReasons({ name, source }, texts) {
  const files = [...filesBelow(source, '.ts'), ...filesBelow('src/editor', '.ts')];
  const code = files.map((path) => textOf(path)).join('\n');
  const given = new Set(ownReasons(code).map((reason) => `${name}.problem.${reason}`));
  return [...texts.keys()]
    .filter((key) => key.startsWith(`${name}.problem.`) && !given.has(key) && !code.includes(`'${key}'`))
    .map((key) => `${name}: no dialog gives the reason ${key}`);
}

function checkPart(part) {
  const problems = [];
  const texts = LANGUAGES.map((language) => {
    const path = `${part.source}/locales/${language}.json`;
    const text = textOf(path);
    if (text === undefined) problems.push(`${path} is missing`);
    const pairs = flat(JSON.parse(text ?? '{}'));
    for (const [key, value] of pairs) {
      if (typeof value !== 'string' || value.trim() === '') problems.push(`${path}: ${key} is empty`);
    }
    return { language, texts: new Map(pairs) };
  });
  for (const other of texts.slice(1)) problems.push(...compare(part.name, texts[0], other));
  for (const key of usedKeys(part)) {
    if (!texts[0].texts.has(key)) problems.push(`${part.name}: ${key} is used, and in no language`);
  }
  if (part.kind === 'plugins') return problems;
  problems.push(...unusedReasons(part, texts[0].texts));
  const help = LANGUAGES.map((language) => `${part.source}/help.${language}.md`);
  for (const path of help) if (!textOf(path)?.trim()) problems.push(`${path} is missing`);
  const headings = help.map((path) =>
    [...(textOf(path) ?? '').matchAll(/^#+ /gm)].map(([match]) => match).join(),
  );
  if (new Set(headings).size > 1)
    problems.push(`${part.name}: the help has other headings in ${LANGUAGES.join(' than in ')}`);
  return problems;
}

/** Texts of a folder, which come to the browser with its script. */
function checkFolder(folder) {
  const texts = LANGUAGES.map((language) => ({
    language,
    texts: new Map(Object.entries(JSON.parse(neededText(`${folder}/locales/${language}.json`)))),
  }));
  return texts.slice(1).flatMap((other) => compare(folder, texts[0], other));
}

export function checkLocales() {
  const pages = readdirSync(join(ROOT, 'src/pages')).map((page) => `src/pages/${page}`);
  return [...parts().flatMap(checkPart), ...['src/editor/tiles', ...pages].flatMap(checkFolder)];
}
