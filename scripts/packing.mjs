/**
 * What `npm pack` and `npm publish` do besides the build.
 *
 *   node scripts/packing.mjs may-publish    refuses while package.json's `repository` is the placeholder
 *   node scripts/packing.mjs absolute       README's and CHANGELOG's links lead to the repository: the palette's pages
 *                                           show them where docs/ is not
 *   node scripts/packing.mjs restore        brings the files back
 *
 * `repository` is the one place with the address; npm makes `homepage` and `bugs` of it.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, readJson } from './layout.mjs';

const PAGES = ['README.md', 'CHANGELOG.md'];
const KEPT = join(ROOT, '.cache/packing');
const PLACEHOLDER = 'OWNER';

/** `owner/name` of `github:owner/name`; undefined while it is the placeholder. */
export function repositoryOf({ repository }) {
  const [, owner, name] = /^github:([\w-]+)\/([\w.-]+)$/.exec(repository ?? '') ?? [];
  return owner && owner !== PLACEHOLDER ? `${owner}/${name}` : undefined;
}

/** Markdown whose relative links and pictures lead to this version in the repository. */
export function withAbsoluteLinks(text, repository, version) {
  return text.replace(/(!?)\[([^\]]*)\]\((?![a-z][a-z+.-]*:|#)([^)\s]+)\)/gi, (_, picture, words, path) =>
    picture
      ? `![${words}](https://raw.githubusercontent.com/${repository}/v${version}/${path})`
      : `[${words}](https://github.com/${repository}/blob/v${version}/${path})`,
  );
}

function toAbsolute(pkg) {
  const repository = repositoryOf(pkg);
  if (!repository) return;
  mkdirSync(KEPT, { recursive: true });
  for (const page of PAGES) {
    // What an interrupted packing left is the original.
    if (!existsSync(join(KEPT, page))) copyFileSync(join(ROOT, page), join(KEPT, page));
    const text = readFileSync(join(KEPT, page), 'utf8');
    writeFileSync(join(ROOT, page), withAbsoluteLinks(text, repository, pkg.version));
  }
}

function restore() {
  for (const page of PAGES) if (existsSync(join(KEPT, page))) renameSync(join(KEPT, page), join(ROOT, page));
}

function main(what) {
  const pkg = readJson('package.json');
  if (what === 'absolute') toAbsolute(pkg);
  else if (what === 'restore') restore();
  else if (what === 'may-publish' && repositoryOf(pkg)) return;
  else {
    const hint = `package.json: "repository" is "${pkg.repository}". Name the real one, github:owner/name, before publishing.`;
    console.error(what === 'may-publish' ? hint : 'packing.mjs may-publish | absolute | restore');
    process.exitCode = 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main(process.argv[2]);
