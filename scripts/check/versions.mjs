/**
 * One version: package.json, package-lock.json, the newest entry of CHANGELOG.md and the packages beside name the same;
 * and a release publishes each of them.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { neededText, ROOT, readJson, textOf } from '../layout.mjs';

const RELEASE = '.github/workflows/release.yml';
const PUBLISHES = /^ +- run: npm publish --provenance --access public$(?:\n +working-directory: (\S+)$)?/gm;

/** Packages that live beside the one of the root, each in a folder below `packages/`. */
function checkPackages({ version, repository }) {
  const published = [...neededText(RELEASE).matchAll(PUBLISHES)].map(([, folder = '.']) => folder);
  const folders = readdirSync(join(ROOT, 'packages')).map((name) => `packages/${name}`);
  const unpublished = ['.', ...folders].filter((folder) => !published.includes(folder));
  const problems = unpublished.map((folder) => `${RELEASE} does not publish the package in ${folder}`);
  const url = `git+https://github.com/${repository.replace(/^github:/, '')}.git`;
  for (const directory of folders) {
    const one = readJson(`${directory}/package.json`);
    if (one.version !== version)
      problems.push(`${directory}/package.json says ${one.version}, package.json ${version}`);
    // With the directory, a registry's page of the package leads to its own README.
    const { url: named, directory: below } = one.repository ?? {};
    if (named !== url || below !== directory)
      problems.push(`${directory}/package.json: "repository" has to have the url ${url} and this directory`);
  }
  return problems;
}

/**
 * A registry that does not hold the binaries of other platforms makes npm leave them out of the lock file, and then
 * `npm ci` refuses it.
 */
function missingInLock(lock) {
  const isThere = (path, name) =>
    [`${path}/node_modules/${name}`, `node_modules/${name}`].some((place) => place in lock.packages);
  return Object.entries(lock.packages)
    .filter(([, { inBundle }]) => !inBundle)
    .flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies)
        .filter((name) => !isThere(path, name))
        .map((name) => `package-lock.json lacks ${name}, an optional dependency of ${path}`),
    );
}

export function checkVersions() {
  const problems = [];
  const pkg = readJson('package.json');
  const { version, dependencies } = pkg;
  const lock = readJson('package-lock.json');
  if (lock.version !== version)
    problems.push(`package-lock.json says ${lock.version}, package.json ${version}`);
  problems.push(...missingInLock(lock), ...checkPackages(pkg));
  const text = neededText('package-lock.json');
  if (text.includes('"resolved"')) problems.push('package-lock.json must not name a registry ("resolved")');
  const newest = /^## \[(\d[^\]]*)\] - (unreleased|\d{4}-\d\d-\d\d)$/m.exec(textOf('CHANGELOG.md') ?? '');
  if (!newest) problems.push('CHANGELOG.md: no entry like "## [0.1.0] - unreleased"');
  else if (newest[1] !== version) problems.push(`CHANGELOG.md says ${newest[1]}, package.json ${version}`);
  for (const [name, range] of Object.entries(dependencies)) {
    // What the libraries really do was measured on these very versions.
    if (!/^\d+\.\d+\.\d+$/.test(range))
      problems.push(`package.json: ${name} must be an exact version, not ${range}`);
  }
  return problems;
}
