/**
 * Help: renders every page with what Node-RED's editor renders it with, and compares the words with those of the source,
 * so that nothing is swallowed on the way.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { helpMarkdown, PROPERTY } from '../help.mjs';
import { LANGUAGES, parts, ROOT, textOf } from '../layout.mjs';
import { lostWords } from './words.mjs';

const CLIENT = 'node_modules/@node-red/editor-client/public';

/** Cuts a part out of a file of Node-RED; says so where it does not look as it did. */
function cut(path, from, to) {
  const text = readFileSync(join(ROOT, CLIENT, path), 'utf8');
  const start = text.indexOf(from);
  const end = text.indexOf(to, start);
  if (start < 0 || end < 0) throw new Error(`${path} of Node-RED has changed: no ${start < 0 ? from : to}`);
  return text.slice(start, end);
}

/** The renderer of Node-RED's editor: its own copy of marked, and its own syntax. */
function renderer() {
  // Libraries stand there one behind the other; the next one begins with its licence.
  const marked = cut('vendor/vendor.js', '/**\n * marked v', ';/*');
  const syntax = cut('red/red.js', 'const descriptionList = {', 'const renderer = ');
  return runInNewContext(
    `${marked}; ${syntax}; marked.use({ extensions: [descriptionList, description] }); (text) => marked.parse(text)`,
  );
}

/** What is wrong with one page, given what renders it. */
function faultsOfHelp(markdown, render) {
  const html = render(helpMarkdown(markdown));
  const faults = [];
  const difference = lostWords(markdown, html);
  if (difference) faults.push(difference);
  const properties = markdown.split('\n').filter((line) => line.startsWith(':'));
  for (const line of properties) if (!PROPERTY.test(line)) faults.push(`no property: ${line}`);
  const terms = html.match(/<dt>/g)?.length ?? 0;
  if (terms !== properties.length) faults.push(`${properties.length} properties, rendered ${terms}`);
  return faults;
}

export function checkHelp() {
  const render = renderer();
  return parts()
    .filter(({ kind }) => kind === 'nodes')
    .flatMap(({ source }) => LANGUAGES.map((language) => `${source}/help.${language}.md`))
    .flatMap((path) => faultsOfHelp(textOf(path) ?? '', render).map((fault) => `${path}: ${fault}`));
}
