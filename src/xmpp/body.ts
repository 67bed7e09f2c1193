/** The text of a message, taken apart into what is said and what is quoted. */
import { NS } from './namespaces';
import type { Parts } from './parts';

/** Characters of a body that are passed on; a server takes stanzas of 256 kB. */
const TEXT_MOST = 100_000;
const QUOTE_MOST = 4_000;
/** For what a fallback in the body may stand; others (an address of a place, say) are the only text there is. */
const CUT_AWAY: readonly string[] = [NS.reply, NS.reactions, NS.retract];

export interface BodyParts {
  text: string;
  truncated: boolean;
  quote?: string;
}

/** Takes out what XML 1.0 forbids (§2.2): a server should not have let it through. */
export function cleanText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  return text.toWellFormed().replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '');
}

/** The body without the fallback of a reply (XEP-0461 §3.2, XEP-0428) and without the lines that it quotes. */
export function bodyOf(parts: Parts): BodyParts {
  const bodies = parts.all('body');
  const body = bodies.find(({ attrs }) => attrs['xml:lang'] === undefined) ?? bodies[0];
  const whole = body?.text() ?? '';
  const truncated = whole.length > TEXT_MOST;
  const kept = cut(whole.slice(0, TEXT_MOST), parts);
  const { text, quote } = unquoted(cleanText(kept.text), kept.quote);
  return { text, truncated, ...(quote !== '' && { quote: quote.slice(0, QUOTE_MOST) }) };
}

interface Cut {
  text: string;
  /** What was cut away, with its marks. */
  quote: string;
}

/**
 * Cuts away what stands in the body only for clients that know less. The places are counted in code points
 * (XEP-0426); without places the whole body is meant.
 */
function cut(whole: string, parts: Parts): Cut {
  const fallbacks = parts
    .all('fallback', NS.fallback)
    .filter(({ attrs }) => attrs.for === undefined || CUT_AWAY.includes(attrs.for))
    .slice(0, CUT_AWAY.length);
  if (fallbacks.length === 0) return { text: whole, quote: '' };
  const points = [...whole];
  const keep = points.map(() => true);
  let quote = '';
  for (const fallback of fallbacks) {
    const part = fallback.getChild('body');
    if (!part) continue;
    const start = place(part.attrs.start, 0, points.length);
    const end = place(part.attrs.end, points.length, points.length);
    if (start >= end) continue;
    keep.fill(false, start, end);
    if (fallback.attrs.for === NS.reply) quote = points.slice(start, end).join('');
  }
  return { text: points.filter((_, at) => keep[at]).join(''), quote };
}

function place(value: string | undefined, fallback: number, most: number): number {
  const number = value === undefined ? fallback : Number(value);
  return Number.isInteger(number) && number >= 0 ? Math.min(number, most) : fallback;
}

/** Lines that begin with `>` above the text are a quote (XEP-0393 §5.1.4); alone they are what is said. */
function unquoted(text: string, already: string): { text: string; quote: string } {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => !line.startsWith('>'));
  const rest = first < 0 ? [] : lines.slice(first);
  const said = rest.join('\n').replace(/^\n+/, '');
  if (already !== '')
    return { text: first > 0 && said.trim() !== '' ? said : text, quote: unmarked(already) };
  if (first <= 0 || said.trim() === '') return { text, quote: '' };
  return { text: said, quote: unmarked(lines.slice(0, first).join('\n')) };
}

function unmarked(quoted: string): string {
  return cleanText(quoted)
    .split('\n')
    .map((line) => line.replace(/^> ?/, ''))
    .join('\n')
    .trim();
}
