/**
 * What a reply quotes for clients that know less (XEP-0461 §3.2, XEP-0428). Its places are counted in code points
 * (XEP-0426), but clients count in bytes (Dino 0.4), in UTF-16 units, or with `&gt;` as four (Movim): so they are held
 * against the text, and what is no quote there is never cut away.
 */

/** A part of a text, in UTF-16 units: `end` is behind it. */
export interface TextRange {
  start: number;
  end: number;
}

/** A quote that ends behind it is found by its lines alone. */
const FARTHEST = 20_000;

/** How much a character counts. */
type Count = (char: string) => number;

const escapedAs = (char: string, all: boolean): number =>
  char === '>' || char === '<' ? 4 : char === '&' ? 5 : all && (char === '"' || char === "'") ? 6 : 0;
const one: Count = () => 1;
const units: Count = (char) => char.length;
const bytes: Count = (char) => {
  const point = char.codePointAt(0) as number;
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4;
};
/** What is right first, then what is common. */
const COUNTS: readonly Count[] = [
  one,
  bytes,
  units,
  ...[one, bytes, units].flatMap((count): Count[] => [
    (char) => escapedAs(char, false) || count(char),
    (char) => escapedAs(char, true) || count(char),
    // A line end of Windows, which XML made one character.
    (char) => (char === '\n' ? 2 : count(char)),
  ]),
];

/**
 * Where the quote stands that a sender says is between these two places, whichever way the sender counts. Undefined where
 * no way leads to lines of a quote: then the places say nothing.
 */
export function quotedRange(text: string, from: number, to: number): TextRange | undefined {
  if (to > FARTHEST) return undefined;
  const ranges = COUNTS.map((count) => textRangeOf(text, from, to, count));
  const found = ranges.find((range) => range && isQuote(text, range));
  if (found) return found;
  // Counted as it should be, whole lines, and only the first of several bears the mark.
  const [exact] = ranges;
  if (!exact || !startsLine(text, exact.start) || text[exact.start] !== '>') return undefined;
  return text[exact.end - 1] === '\n' ? exact : undefined;
}

/** Undefined if a place is behind the text, or within a character. */
function textRangeOf(text: string, from: number, to: number, count: Count): TextRange | undefined {
  let [counted, at] = [0, 0];
  let start: number | undefined = from === 0 ? 0 : undefined;
  for (const char of text) {
    counted += count(char);
    at += char.length;
    if (counted === from) start = at;
    if (counted >= to)
      return counted === to && start !== undefined && start < at ? { start, end: at } : undefined;
  }
  return undefined;
}

/** Whole lines, each of which begins with `>` (XEP-0393 §5.1.4). */
function isQuote(text: string, { start, end }: TextRange): boolean {
  const endsLine = text[end - 1] === '\n' || text[end] === '\n' || end === text.length;
  if (!endsLine || !startsLine(text, start)) return false;
  const lines = text.slice(start, end).replace(/\n+$/, '').split('\n');
  return lines.every((line) => line.startsWith('>'));
}

function startsLine(text: string, at: number): boolean {
  return at === 0 || text[at - 1] === '\n';
}
