import assert from 'node:assert/strict';
import { Phrases } from '../../../src/nodes/dinox-broker/editor/phrases';
import type { Step } from '../../../src/servers/types';

const SAID = new Phrases(() => '✓');

/** Every step can be told in every language: what was asked, and what follows, is one of the phrases. */
export function assertTellable({ asked, follows }: Pick<Step, 'asked' | 'follows'>): void {
  if (!asked.startsWith('SRV ')) assert.equal(SAID.translate(asked), '✓', `no phrase for: ${asked}`);
  assert.match(SAID.translate(follows), /^✓(; ✓)*$/, `no phrase for: ${follows}`);
}
