import { words } from '../../base/catalogue';
import { CodedError } from '../../base/coded-error';
import type { Text } from '../../base/text';

/** Refusal of a route: the HTTP status, a code for the dialog, and a text for people. */
export class Refusal extends CodedError {
  override readonly name = 'Refusal';
  constructor(
    readonly status: number,
    /** A key of the texts of these routes. */
    code: string,
    /** Replaces the text under the key. */
    readonly story?: Text,
    /** Parameters for the text under the key. */
    readonly params: Readonly<Record<string, string | number>> = {},
  ) {
    super(code, story ?? words(code));
  }
}
