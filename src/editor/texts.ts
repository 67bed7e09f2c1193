/// <reference path="./red.d.ts" />

import { render, type Text } from '../base/text';

/** Words that dialogs share: those of `dinox-broker`, which every one of them needs. */
export function shared(key: string, params?: Record<string, unknown>): string {
  return RED.nodes.getType('dinox-broker')?._?.(`dinox-broker.${key}`, params) ?? key;
}

/** The words of a key as they stand in the catalogue: `dinox-broker` brings it to the page for all. */
export const wordsOf = (key: string): string => shared(`text.${key}`, { skipInterpolation: true });

/** What the runtime tells, in the editor's language. @param words where it has others than the catalogue */
export function readText(said: Text, words: (key: string) => string = wordsOf): string {
  return render(said, words, (value) => value.toLocaleString());
}
