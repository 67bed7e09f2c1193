/**
 * Node-RED's editor renders Markdown help itself, with a syntax of its own for properties (`: payload (string) : what`).
 * It looks for that syntax in every line: of whatever stands between two colons too many the words vanish. So each
 * other colon becomes a character reference, which reads the same and is none for that rule.
 */

const COLON = '&#58;';

/** A code span cannot hold a character reference in Markdown, in HTML it can; there every other mark is one, too. */
const codeSpan = (text) =>
  `<code>${text.replace(/[^\p{L}\p{N}\s]/gu, (mark) => `&#${mark.codePointAt(0)};`)}</code>`;

/** The line with no colon in it that the editor could take for its own. */
function withoutColons(line) {
  return line
    .split(/(`[^`]+`|\]\([^)]*\))/)
    .map((part, at) => {
      if (!part.includes(':')) return part;
      if (at % 2 === 0) return part.replaceAll(':', COLON);
      return part.startsWith('`') ? codeSpan(part.slice(1, -1)) : part;
    })
    .join('');
}

/** `: name (type) :` at the beginning of a line. */
export const PROPERTY = /^:[^:\n]+\([^:\n]+\)[^:\n]*:/;

function helpLine(line) {
  const [property = ''] = PROPERTY.exec(line) ?? [];
  return property + withoutColons(line.slice(property.length));
}

/** What the editor gets of a help page. */
export function helpMarkdown(markdown) {
  let isCode = false;
  return markdown
    .trim()
    .split('\n')
    .map((line) => {
      if (/^\s*```/.test(line)) isCode = !isCode;
      return isCode ? line : helpLine(line);
    })
    .join('\n');
}
