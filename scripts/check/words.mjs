/** The words of a page in Markdown, and of what was made of it. */

/** Words of the context of a difference. */
const CONTEXT = 6;

const words = (text) => text.match(/[\p{L}\p{N}]+/gu) ?? [];

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"' };

function characterOf(reference) {
  const [, hex, decimal] = /^#(?:x([\da-f]+)|(\d+))$/i.exec(reference) ?? [];
  if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
  return decimal ? String.fromCodePoint(Number(decimal)) : ENTITIES[reference];
}

function wordsOfHtml(html) {
  const text = html.replace(/<[^>]*>/g, ' ');
  return words(text.replace(/&(#?\w+);/g, (whole, name) => characterOf(name) ?? whole));
}

/** Without the marks of Markdown; what a mark interrupts stays one text, as it does when it is rendered. */
function wordsOfMarkdown(markdown) {
  const plain = markdown
    .replace(/^```\w*$/gm, '')
    .replace(/^\d+\. /gm, '')
    .replace(/\]\([^)]*\)/g, ']');
  return words(plain.replace(/<[^>]*>/g, ' '));
}

function firstDifference(wanted, shown) {
  const at = wanted.findIndex((word, index) => word !== shown[index]);
  if (at < 0 && shown.length === wanted.length) return undefined;
  const from = at < 0 ? wanted.length : at;
  const around = (list) => list.slice(Math.max(0, from - CONTEXT), from + CONTEXT).join(' ');
  return `“${around(wanted)}” is rendered as “${around(shown)}”`;
}

/** Where the words that are shown are no longer those of the source; undefined where they are. */
export const lostWords = (markdown, html) => firstDifference(wordsOfMarkdown(markdown), wordsOfHtml(html));
