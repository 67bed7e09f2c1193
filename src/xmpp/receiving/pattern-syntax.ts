import { text, words } from '../../base/catalogue';
import { Fault } from '../../base/fault';

export type PatternType = 'text' | 'wildcard' | 'regex';

const PATTERN_MOST = 2_000;

/** What keeps a pattern from being used. */
export function patternFault(pattern: string, type: PatternType): Fault | undefined {
  if (pattern.length > PATTERN_MOST) return new Fault('long', text('pattern.long', { most: PATTERN_MOST }));
  const regex = type === 'regex' ? readRegex(pattern) : undefined;
  return regex instanceof Fault ? regex : undefined;
}

/** A regular expression, or `/expression/flags`. */
export function readRegex(pattern: string): RegExp | Fault {
  const [, inner = pattern, flags = ''] = /^\/(.+)\/([a-z]*)$/s.exec(pattern) ?? [];
  try {
    // With g or y it would remember its place in the previous text.
    return new RegExp(inner, flags.replace(/[gyd]/g, ''));
  } catch (error) {
    return new Fault('syntax', words((error as Error).message));
  }
}
