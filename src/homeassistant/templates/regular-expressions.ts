/**
 * Python's regular expressions, run where they can be stopped: a pattern such as `(a+)+$` would hold the process for
 * years, and nothing in a JavaScript program can end it. A `vm` context can. A call there costs 50 µs, so that its
 * results are kept.
 */

import { type Context, createContext, Script } from 'node:vm';
import { BoundedMap, BoundedSet } from '../../base/bounded-map';
import { text } from '../../base/catalogue';
import { isTimeout, runTimed } from '../../base/timed-script';
import { TemplateError } from './errors';
import { SEARCH } from './search-script';
import type { Work } from './work';

/** Milliseconds that one search may take. */
const MAX_MS = 50;
const MAX_PATTERN = 500;
/** Characters of a text in which is searched, and of what a replacement may make. */
const MAX_TEXT = 100_000;
const MAX_MATCHES = 10_000;
const MAX_RESULTS = 500;
/** Only short questions are kept: 500 of them stay below 2 MB. */
const MAX_KEPT = 1_000;
/** A pattern that ran out of time so often is not tried again: once or twice may be the machine's fault. */
const MAX_TIMES = 3;
/** After so many in all, only patterns that went well before are tried: somebody sends one bad pattern after the other. */
const MAX_ALL_TIMES = 60;
const MAX_PATTERNS = 500;

/** The groups of a match, by number; 0 is the whole of it. A group that took no part is undefined. */
export interface Match {
  readonly index: number;
  readonly groups: readonly (string | undefined)[];
  readonly names: ReadonlyMap<string, string | undefined>;
}

type Found = readonly {
  readonly index: number;
  readonly groups: readonly (string | null)[];
  readonly names: string;
}[];

export class RegularExpressions {
  private made: { readonly context: Context; readonly search: Script } | undefined;
  private readonly results = new BoundedMap<string, readonly Match[]>(MAX_RESULTS);
  /** By pattern, how often it ran out of time. */
  private readonly stopped = new BoundedMap<string, number>(MAX_PATTERNS);
  private allStopped = 0;
  private readonly good = new BoundedSet<string>(MAX_PATTERNS);

  /**
   * All matches, or with `most` the first ones.
   * @param pattern as Python writes it
   */
  find(
    pattern: string,
    subject: string,
    ignoreCase: boolean,
    work: Pick<Work, 'searched'>,
    most = MAX_MATCHES,
  ): readonly Match[] {
    if (pattern.length > MAX_PATTERN || subject.length > MAX_TEXT)
      throw new TemplateError('work', text('template.tooLong'));
    const key = `${ignoreCase ? 'i' : ''}${most}/${pattern.length}/${pattern}${subject}`;
    const known = this.results.get(key);
    if (known) return known;
    this.refuseBad(pattern);
    const begin = performance.now();
    const found = this.run(pattern, subject, ignoreCase, Math.min(most, MAX_MATCHES));
    // A pause of the whole process is not the pattern's fault.
    work.searched(Math.min(MAX_MS, performance.now() - begin));
    if (!found) throw new TemplateError('work', text('template.tooLong'));
    const matches = found.map(({ index, groups, names }) => ({
      index,
      groups: groups.map((one) => one ?? undefined),
      names: new Map(
        Object.entries(JSON.parse(names) as Record<string, string | null>).map(([name, one]) => [
          name,
          one ?? undefined,
        ]),
      ),
    }));
    if (key.length <= MAX_KEPT && found.length < 20) this.results.set(key, matches);
    return matches;
  }

  private refuseBad(pattern: string): void {
    const isBad = (this.stopped.get(pattern) ?? 0) >= MAX_TIMES;
    if (isBad || (this.allStopped >= MAX_ALL_TIMES && !this.good.has(pattern))) throw stoppedError(pattern);
  }

  private run(pattern: string, subject: string, ignoreCase: boolean, most: number): Found | null {
    const { source, flags } = translate(pattern);
    const { context, search } = this.machine();
    context.question = JSON.stringify([
      source,
      ignoreCase && !flags.includes('i') ? `${flags}i` : flags,
      subject,
      most,
    ]);
    try {
      const found = runTimed(search, context, MAX_MS) as string;
      this.good.add(pattern);
      return JSON.parse(found) as Found | null;
    } catch (error) {
      if (isTimeout(error)) {
        this.allStopped += 1;
        this.stopped.set(pattern, (this.stopped.get(pattern) ?? 0) + 1);
        throw stoppedError(pattern);
      }
      throw new TemplateError('value', text('template.badPattern', { pattern }));
    } finally {
      context.question = undefined;
    }
  }

  /** Only texts go in and come out: no object of ours can be reached from there. */
  private machine(): { readonly context: Context; readonly search: Script } {
    if (this.made) return this.made;
    const context = createContext(Object.create(null), { codeGeneration: { strings: false, wasm: false } });
    const search = new Script(SEARCH);
    // The first run takes longest, and that is no pattern's fault.
    context.question = '["","g","",0]';
    search.runInContext(context);
    this.made = { context, search };
    return this.made;
  }
}

/** Flags that stand before the pattern: `(?i)`. */
const FLAGS = /^\(\?([aimsux]+)\)/;
const PIECE = /\\.|\(\?P<\w+>|\(\?P=\w+\)|\(\?#[^)]*\)|\{\d*,\d*\}|\{\d+\}|./gsu;
/** Escapes outside and inside of a class; what is not named is the same in both languages, or the character itself. */
const ESCAPES: Readonly<Record<string, readonly [outside: string, inside: string]>> = {
  A: ['(?<![^])', ''],
  Z: ['(?![^])', ''],
  a: ['\\x07', '\\x07'],
  w: ['[\\p{L}\\p{N}_]', '\\p{L}\\p{N}_'],
  W: ['[^\\p{L}\\p{N}_]', '\\W'],
  d: ['\\p{Nd}', '\\p{Nd}'],
  D: ['\\P{Nd}', '\\P{Nd}'],
  '-': ['-', '\\-'],
};
const SAME = /^\\[bBsSnrtfvxu0-9^$\\.*+?()[\]{}|/]$/u;

/** Python's spelling in JavaScript's, and its flags. What only one of them has is an error there. */
function translate(pattern: string): { source: string; flags: string } {
  const [head = '', flags = ''] = FLAGS.exec(pattern) ?? [];
  let source = '';
  let inClass = false;
  for (const [piece] of pattern.slice(head.length).matchAll(PIECE)) {
    if (piece.length === 2 && piece.startsWith('\\')) {
      const known = ESCAPES[piece.charAt(1)];
      source += known ? known[inClass ? 1 : 0] : SAME.test(piece) ? piece : piece.slice(1);
    } else if (inClass) {
      // A bracket right at the beginning of a class is one of its members.
      const first = source.endsWith('[') || source.endsWith('[^');
      inClass = piece !== ']' || first;
      source += piece === '[' || (piece === ']' && first) ? `\\${piece}` : piece;
    } else {
      inClass = piece === '[';
      source += outside(piece);
    }
  }
  return { source, flags: `gu${flags.replace(/[^ims]/g, '')}` };
}

function outside(piece: string): string {
  if (piece.startsWith('(?P<')) return piece.replace('?P<', '?<');
  if (piece.startsWith('(?P=')) return `\\k<${piece.slice(4, -1)}>`;
  if (piece.startsWith('(?#')) return '';
  // Python also finds the end before a last line break.
  if (piece === '$') return '(?=\\n?(?![^]))';
  if (piece === '{' || piece === '}' || piece === ']' || piece === '{,}')
    return piece.replace(/[{}\]]/g, '\\$&');
  return piece.startsWith('{,') ? `{0${piece.slice(1)}` : piece;
}

function stoppedError(pattern: string): TemplateError {
  return new TemplateError('work', text('template.patternStopped', { pattern }));
}

/** What stands for a match: `\1`, `\g<name>`, `\n`. */
export function expand(replacement: string, match: Match): string {
  return replacement.replace(
    /\\(?:g<(\w+)>|(\d{1,2})|(.))/gs,
    (_, group?: string, digits?: string, other?: string) => {
      const name = group ?? digits;
      if (name !== undefined) {
        const index = /^\d+$/.test(name) ? Number(name) : undefined;
        const known = index === undefined ? match.names.has(name) : index < match.groups.length;
        if (!known) throw new TemplateError('value', text('template.badPattern', { pattern: replacement }));
        return (index === undefined ? match.names.get(name) : match.groups[index]) ?? '';
      }
      if (other === 'n') return '\n';
      if (other === 't') return '\t';
      if (other === 'r') return '\r';
      if (/[a-zA-Z]/.test(other ?? ''))
        throw new TemplateError('value', text('template.badPattern', { pattern: replacement }));
      return other === '\\' ? '\\' : `\\${other}`;
    },
  );
}
