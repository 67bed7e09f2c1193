/** One version: package.json, package-lock.json and the newest entry of CHANGELOG.md name the same. */
import { neededText, readJson, textOf } from '../layout.mjs';

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
  const { version, dependencies } = readJson('package.json');
  const lock = readJson('package-lock.json');
  if (lock.version !== version)
    problems.push(`package-lock.json says ${lock.version}, package.json ${version}`);
  problems.push(...missingInLock(lock));
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
