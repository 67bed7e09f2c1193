/** What the documents name exists: their links, headings in them, and paths of the repository in `code`. */
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { ROOT, textOf } from '../layout.mjs';
import { filesBelow } from './source.mjs';

const documents = () => [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md'],
  ...(existsSync(join(ROOT, 'docs')) ? filesBelow('docs', '.md') : []),
];

/** GitHub's anchor of a heading. */
function anchor(heading) {
  const plain = heading
    .replace(/[`*_]|\[([^\]]*)\]\([^)]*\)/g, '$1')
    .trim()
    .toLowerCase();
  return plain.replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');
}

const anchors = (text) => [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchor(heading));

function checkLink(path, text, target) {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return;
  const [file, fragment] = target.split('#');
  const full = file === '' ? path : normalize(join(dirname(path), decodeURI(file)));
  if (!existsSync(join(ROOT, full))) return `${path}: ${target} does not exist`;
  const other = file === '' ? text : full.endsWith('.md') ? textOf(full) : undefined;
  if (fragment && other !== undefined && !anchors(other).includes(fragment))
    return `${path}: no heading for ${target}`;
}

/** `src/topics/`, `scripts/build.mjs`: a path below one of our folders; one with a wildcard or a blank is a pattern. */
function checkPath(path, code) {
  if (!/^(src|test|scripts|docs|examples|icons|bench|\.ci)\/[\w./@-]*$/.test(code)) return;
  if (!existsSync(join(ROOT, code))) return `${path}: ${code} does not exist`;
}

/** ARCHITECTURE.md writes `topics/router.ts` for `src/topics/router.ts`. */
function checkSource(code) {
  if (!/^(?!src|test|scripts|docs|bench)[a-z][\w-]*\/[\w./-]*(\.ts|\/)$/.test(code)) return;
  const known = [code, `src/${code}`, `test/${code}`].some((one) => existsSync(join(ROOT, one)));
  if (!known) return `ARCHITECTURE.md: src/${code} does not exist`;
}

/** Targets of links, of pictures, and of pictures in HTML, which have a width. */
const targetsIn = (prose) =>
  [...prose.matchAll(/\]\(([^)\s]+)\)|<img\b[^>]*\bsrc="([^"]+)"/g)].map(
    ([, link, picture]) => link ?? picture,
  );

/** Pictures that no page shows. @param shown targets by page */
function unseenPictures(shown) {
  const seen = new Set(
    shown.flatMap(([path, targets]) => targets.map((target) => normalize(join(dirname(path), target)))),
  );
  return filesBelow('docs/images', '.png')
    .filter((picture) => !seen.has(picture))
    .map((picture) => `${picture} is on no page`);
}

export function checkLinks() {
  const shown = documents().map((path) => /** @type {const} */ ([path, targetsIn(textOf(path) ?? '')]));
  return [...checkPages(), ...unseenPictures(shown)];
}

function checkPages() {
  return documents().flatMap((path) => {
    const text = textOf(path);
    if (text === undefined) return [`${path} is missing`];
    const prose = text.replace(/^```[\s\S]*?^```/gm, '');
    const links = targetsIn(prose).map((target) => checkLink(path, prose, target));
    const paths = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code]) => checkPath(path, code));
    const sources =
      path === 'ARCHITECTURE.md'
        ? [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code]) => checkSource(code))
        : [];
    return [...links, ...paths, ...sources].filter(Boolean);
  });
}
