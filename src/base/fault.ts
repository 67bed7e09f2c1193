import type { Text } from './text';

/**
 * Why a text that somebody typed cannot be used: `code` decides, `text` is for people. A value and no error, because an
 * error has its words with it, and a dialog gets them with the labels: so both read a text by the same rule.
 */
export class Fault<Code extends string = string> {
  constructor(
    readonly code: Code,
    readonly text: Text,
  ) {}
}
