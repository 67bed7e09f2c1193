/** The text of a message, split into its own words and the quote. */

import { replaceNonXml } from '../../base/xml-text';
import type { ChildIndex } from '../child-index';
import { NS } from '../namespaces';
import { quotedRange } from './reply-fallback';

/** Characters of a body that are passed on; a server takes stanzas of 256 kB. */
const TEXT_MOST = 100_000;
const QUOTE_MOST = 4_000;
const MAX_FALLBACKS = 3;
export interface BodyParts {
  text: string;
  truncated: boolean;
  quote?: string;
}

/** Removes characters that XML forbids, which a server should not have let through. */
export function cleanText(text: string): string {
  return replaceNonXml(text, '');
}

/** The body without the fallback of a reply (XEP-0461 §3.2, XEP-0428) and without the lines that it quotes. */
export function bodyOf(parts: ChildIndex): BodyParts {
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
  /** The part that was cut away, with its marks. */
  quote: string;
}

/** Cuts away the quote of a reply. What else may stand in a body for clients that know less is the only text there is. */
function cut(whole: string, parts: ChildIndex): Cut {
  for (const fallback of parts.all('fallback', NS.fallback).slice(0, MAX_FALLBACKS)) {
    const { attrs } = fallback.getChild('body') ?? {};
    if (!attrs || (fallback.attrs.for !== undefined && fallback.attrs.for !== NS.reply)) continue;
    const range = quotedRange(whole, Number(attrs.start ?? Number.NaN), Number(attrs.end ?? Number.NaN));
    if (!range) continue;
    const text = whole.slice(0, range.start) + whole.slice(range.end);
    // A quote without further text counts as the text.
    if (text.trim() !== '')
      return { text: text.replace(/^\n+/, ''), quote: whole.slice(range.start, range.end) };
  }
  return { text: whole, quote: '' };
}

/** Lines that begin with `>` above the text are a quote (XEP-0393 §5.1.4); alone they are what is said. */
function unquoted(text: string, already: string): { text: string; quote: string } {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => !line.startsWith('>'));
  const rest = first < 0 ? [] : lines.slice(first);
  const said = rest.join('\n').replace(/^\n+/, '');
  if (first <= 0 || said.trim() === '') return { text, quote: unmarked(already) };
  // A reply above its quote leaves both in the text.
  const own = lines.slice(0, first).join('\n');
  return { text: said, quote: unmarked(already === '' ? own : `${already.replace(/\n+$/, '')}\n${own}`) };
}

function unmarked(quoted: string): string {
  return cleanText(quoted)
    .split('\n')
    .map((line) => line.replace(/^> ?/, ''))
    .join('\n')
    .trim();
}
