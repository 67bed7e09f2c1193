/** Asks for what is said to people that it can be read in every language. */
import assert from 'node:assert/strict';
import { inEnglish } from '../../src/base/english';
import type { Step } from '../../src/base/step';
import { render, type Text } from '../../src/base/text';
import german from '../../src/base/texts/de.json';
import english from '../../src/base/texts/en-US.json';

type Catalogue = Readonly<Record<string, Readonly<Record<string, string>>>>;

function readIn(catalogue: Catalogue, said: Text): string {
  return render(said, (key) => {
    const [room = '', name = ''] = key.split('.');
    const words = catalogue[room]?.[name];
    assert.ok(words, `no words for ${key}`);
    return words;
  });
}

export const inGerman = (said: Text): string => readIn(german, said);

/** In both languages, with nothing left over. */
export function assertReadable(said: Text): void {
  for (const words of [readIn(english, said), inGerman(said)]) {
    assert.doesNotMatch(words, /__\w+?__|\bundefined\b(?!-condition)|\[object/, JSON.stringify(said));
    assert.notEqual(words.trim(), '', JSON.stringify(said));
  }
  assert.equal(inEnglish(said), readIn(english, said));
}

export function assertStepReadable({ asked, answer, follows }: Step): void {
  for (const said of [asked, answer, follows]) assertReadable(said);
}

/** `asked: answer -> follows`, as the log has them. */
export function storyOf(steps: readonly Step[]): string {
  return steps
    .map(({ asked, answer, follows }) => `${inEnglish(asked)}: ${inEnglish(answer)} -> ${inEnglish(follows)}`)
    .join('\n');
}
