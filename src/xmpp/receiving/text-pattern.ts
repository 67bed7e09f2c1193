/** Patterns for the texts that a flow wants. */

import { createContext, Script } from 'node:vm';
import { text } from '../../base/catalogue';
import { CodedError } from '../../base/coded-error';
import { isTimeout, runTimed } from '../../base/timed-script';
import { type PatternType, patternFault, readRegex } from './pattern-syntax';

export interface Pattern {
  /**
   * The match, and the text of its groups or wildcards; undefined without a match.
   * @throws PatternError if it takes too long.
   */
  match(text: string): string[] | undefined;
}

/** `syntax`: it cannot be read. `time`: the text would have taken too long. */
export class PatternError extends CodedError<'syntax' | 'time'> {
  override readonly name = 'PatternError';
}

/** Characters of a text that are searched. */
const TEXT_MOST = 10_000;
/** A regular expression may take exponential time on a text made for it; nothing else runs meanwhile. */
const REGEX_MS = 50;

/**
 * `text`: the text holds it, in whatever case. `wildcard`: the whole text, in whatever case; `*` stands for any
 * text, `?` for a character. `regex`: a regular expression, or `/expression/flags`.
 * @throws PatternError if it cannot be read.
 */
export function compilePattern(pattern: string, type: PatternType): Pattern {
  const fault = patternFault(pattern, type);
  if (fault) throw new PatternError('syntax', fault.text);
  if (type === 'regex') return regexPattern(pattern);
  if (type === 'wildcard') return { match: (text) => wildcardMatch(pattern.trim(), bounded(text).trim()) };
  const wanted = fold(pattern);
  return { match: (text) => (fold(bounded(text)).includes(wanted) ? [pattern] : undefined) };
}

const bounded = (text: string): string => text.slice(0, TEXT_MOST);
const fold = (text: string): string => text.toLowerCase().normalize('NFC');

/** The greedy way with one point to come back to: at most pattern × text steps. */
function wildcardMatch(pattern: string, text: string): string[] | undefined {
  const [wanted, given] = [[...fold(pattern)], [...fold(text)]];
  const original = [...text.normalize('NFC')];
  const spans: [number, number][] = [];
  let [w, g, star, from] = [0, 0, -1, 0];
  while (g < given.length) {
    if (wanted[w] === '*') {
      star = w++;
      from = g;
      spans.push([g, g]);
    } else if (w < wanted.length && (wanted[w] === '?' || wanted[w] === given[g])) {
      w++;
      g++;
    } else if (star >= 0) {
      w = star + 1;
      from += 1;
      g = from;
      const span = spans.at(-1);
      if (span) span[1] = from;
    } else return undefined;
  }
  while (wanted[w] === '*') {
    spans.push([g, g]);
    w++;
  }
  if (w < wanted.length) return undefined;
  // Lower case of a few letters is longer than the letter.
  const shown = original.length === given.length ? original : given;
  return [text, ...spans.map(([start, end]) => shown.slice(start, end).join(''))];
}

function regexPattern(pattern: string): Pattern {
  const regex = readRegex(pattern);
  const context = createContext({ regex, text: '' });
  const script = new Script('regex.exec(text)');
  return {
    match(body) {
      context.text = bounded(body);
      try {
        const found = runTimed(script, context, REGEX_MS) as RegExpExecArray | null;
        return found ? Array.from(found, (group) => group ?? '') : undefined;
      } catch (error) {
        if (!isTimeout(error)) throw error;
        throw new PatternError('time', text('pattern.time', { ms: REGEX_MS, characters: body.length }));
      } finally {
        context.text = '';
      }
    },
  };
}

/** The text addressed to `nick` (`nick: text`, `@nick text`, `nick, text`); undefined if it is for somebody else. */
export function spokenTo(text: string, nick: string): string | undefined {
  const start = text.trimStart().replace(/^@/, '');
  if (nick === '' || fold(start.slice(0, nick.length)) !== fold(nick)) return undefined;
  const rest = start.slice(nick.length);
  // After a nick that ends within a word somebody else's begins.
  if (/^[\p{L}\p{N}_-]/u.test(rest)) return undefined;
  return rest.replace(/^\s*[:,;>!]?\s*/, '');
}
