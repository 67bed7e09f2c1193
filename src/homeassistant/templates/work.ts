import { text } from '../../base/catalogue';
import { TemplateError } from './errors';

/** Steps of one run: nodes of the tree, turns of loops, members of lists that a filter makes. */
const MAX_STEPS = 20_000;
/** Characters that are looked through in the time of a step. */
const CHARACTERS_A_STEP = 64;
/** Characters that one run may make, all intermediate texts included. */
const MAX_CHARACTERS = 1_000_000;
/** How deep expressions, blocks and values may be nested. */
export const MAX_DEPTH = 80;

/** What one run of a template may still take. Throws a {@link TemplateError} (`work`) beyond it. */
export class Work {
  private steps = MAX_STEPS;
  private characters = MAX_CHARACTERS;

  /** Called for every step, and before something is made that has many members. */
  spend(steps = 1): void {
    this.steps -= steps;
    // A length that is no number (NaN) must not pass either.
    if (!(this.steps >= 0)) throw new TemplateError('work', text('template.tooMuchWork'));
  }

  /** Called before a text of this length is looked through. */
  read(characters: number): void {
    if (characters > CHARACTERS_A_STEP) this.spend(Math.ceil(characters / CHARACTERS_A_STEP));
  }

  /** Called before a text of this length is made. */
  grow(characters: number): void {
    this.characters -= characters;
    if (!(this.characters >= 0)) throw new TemplateError('work', text('template.tooLong'));
  }
}
