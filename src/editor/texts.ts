/// <reference path="./red.d.ts" />

import { render, type Text } from '../base/text';

/** A text that dialogs share, from `dinox-broker`, which every one of them needs. */
export function shared(key: string, params?: Record<string, unknown>): string {
  return RED.nodes.getType('dinox-broker')?._?.(`dinox-broker.${key}`, params) ?? key;
}

/** A key's text in the catalogue, which `dinox-broker` brings to the page for all. */
export const wordsOf = (key: string): string => shared(`text.${key}`, { skipInterpolation: true });

/** What is said for a device class of Home Assistant, in the editor's language. */
export const classWords = (deviceClass: string): string => wordsOf(`class.${deviceClass}`);

/** A text of the runtime, in the editor's language. @param words another source than the catalogue */
export function readText(said: Text, words: (key: string) => string = wordsOf): string {
  return render(said, words, (value) => value.toLocaleString());
}
