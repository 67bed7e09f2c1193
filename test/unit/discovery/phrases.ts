import assert from 'node:assert/strict';
import type { Notice, Step } from '../../../src/discovery/types';
import { Phrases } from '../../../src/editor/phrases';

const SAID = new Phrases(() => '✓');
/** `✓`, and what stands in it that has to be a phrase, too. */
const DETAILS = new Phrases((_key, { reason = '✓', advice = '✓' } = {}) => reason + advice);
const WHOLE = new Phrases((key, { text = '✓', reason = '✓', advice = '✓', answers = '✓' } = {}) =>
  [text, AS_IT_CAME.includes(key) ? '✓' : reason, advice, answers].join(''),
);
/** In which the reason stands in parentheses, in the words of the system. */
const AS_IT_CAME = ['tlsFailed', 'unreachable'];

/** Every step can be told in every language: what was asked, and what follows, is one of the phrases. */
export function assertTellable({ asked, follows }: Pick<Step, 'asked' | 'follows'>): void {
  if (!asked.startsWith('SRV ')) assert.equal(SAID.translate(asked), '✓', `no phrase for: ${asked}`);
  assert.match(SAID.translate(follows), /^✓(; ✓)*$/, `no phrase for: ${follows}`);
}

/** So can why it failed, and what a person should know. */
export function assertTold(text: string): void {
  assert.match(DETAILS.translate(text), /^✓+$/, `no phrase for: ${text}`);
}

/** The same with every word of it, but those that stand as they came in parentheses and quotes. */
export function assertToldWhole(text: string): void {
  assert.match(WHOLE.translate(text), /^[✓; ]+$/, `no phrase for a part of: ${text}`);
}

export function assertNoticesTold(notices: readonly Pick<Notice, 'text'>[]): void {
  for (const { text } of notices) assertTold(text);
}
