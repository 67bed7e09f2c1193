import { words } from './catalogue';
import { inEnglish } from './english';
import type { Text } from './text';

/**
 * An error of this package: `code` decides, `text` is for people (its message is the text in English), `cause` is what
 * lies behind it.
 */
export class CodedError<Code extends string = string> extends Error {
  constructor(
    readonly code: Code,
    readonly text: Text,
    options?: ErrorOptions & {
      /** The text as its reader has it. @default in English */
      message?: string;
    },
  ) {
    super(options?.message ?? inEnglish(text), options);
  }
}

/** What an error says, as a text; of a foreign error its own words. */
export function textOf(error: unknown): Text {
  if (error instanceof CodedError) return error.text;
  return words(error instanceof Error ? error.message : String(error));
}
