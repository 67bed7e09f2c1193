/** Why a route does not answer: the HTTP status, a code for the dialog, and a text for people. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(
    readonly status: number,
    /** A key of the texts of these routes. */
    readonly code: string,
    /** A text that stands in for the one under the key. */
    message = '',
    /** What the text names. */
    readonly params: Readonly<Record<string, string | number>> = {},
  ) {
    super(message);
  }
}
