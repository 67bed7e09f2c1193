import { text } from '../../base/catalogue';
import { TemplateError } from './errors';

/** Steps of one run: nodes of the tree, turns of loops, members of lists that a filter makes. */
const MAX_STEPS = 20_000;
/** Characters that are looked through in the time of a step. */
const CHARACTERS_A_STEP = 64;
/** Characters that one run may make, all intermediate texts included. */
const MAX_CHARACTERS = 1_000_000;
/** A longer text that is looked for is paid for by what the worst text takes: length times length. */
const LONG_NEEDLE = 100;
/** Milliseconds that all regular expressions of one run may take. */
const MAX_SEARCH_MS = 100;
/** How deep expressions, blocks and values may be nested. */
export const MAX_DEPTH = 80;

/** What one run of a template may still take. Throws a {@link TemplateError} (`work`) beyond it. */
export class Work {
  private steps = MAX_STEPS;
  private characters = MAX_CHARACTERS;
  private searchMs = MAX_SEARCH_MS;

  /** Called for every step, and before something is made that has many members. */
  spend(steps = 1): void {
    // A negative length must not give any back.
    this.steps -= Math.max(0, steps);
    // A length that is no number (NaN) must not pass either.
    if (!(this.steps >= 0)) throw new TemplateError('work', text('template.tooMuchWork'));
  }

  /** Called before a text of this length is looked through. */
  read(characters: number): void {
    if (characters > CHARACTERS_A_STEP) this.spend(Math.ceil(characters / CHARACTERS_A_STEP));
  }

  /** Called before a text is looked for in another one. */
  find(needle: string, subject: string): void {
    this.read(subject.length * (needle.length > LONG_NEEDLE ? needle.length : 1));
  }

  /** Called before a text of this length is made. */
  grow(characters: number): void {
    this.characters -= Math.max(0, characters);
    if (!(this.characters >= 0)) throw new TemplateError('work', text('template.tooLong'));
  }

  /** Called behind a regular expression that took so long. */
  searched(ms: number): void {
    this.searchMs -= Math.max(0, ms);
    if (!(this.searchMs >= 0)) throw new TemplateError('work', text('template.tooMuchWork'));
  }
}
