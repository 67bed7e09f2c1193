import { type NameIn, text } from '../../base/catalogue';
import { CodedError } from '../../base/coded-error';
import type { Text } from '../../base/text';

type Params = Readonly<Record<string, string | number>>;

/** Refusal of a route: the HTTP status, a code for the dialog, and a text for people. */
export class Refusal extends CodedError {
  override readonly name = 'Refusal';
  /** For a dialog that has words of its own. */
  readonly params: Params;
  constructor(status: number, code: NameIn<'route'>, said?: Params);
  constructor(status: number, code: string, said: Text, params?: Params);
  constructor(
    readonly status: number,
    code: string,
    said: Text | Params = {},
    params?: Params,
  ) {
    const isText = typeof said.key === 'string';
    super(code, isText ? (said as Text) : text(`route.${code as NameIn<'route'>}`, said as Params));
    this.params = params ?? (isText ? {} : (said as Params));
  }
}
