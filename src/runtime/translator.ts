import type { NodeAPI } from 'node-red';
import { CodedError, textOf } from '../base/coded-error';
import { inEnglish } from '../base/english';
import { render } from '../base/text';
import type { ReadText, Translate } from '../base/translate';

/** Translates keys of the locale of a node or plugin into the language of the process. */
export function translator(RED: Pick<NodeAPI, '_'>, type: string): Translate {
  return (key, values) => RED._(`${type}.${key}`, values as Record<string, string>);
}

/** The labels of `dinox-broker`, for whoever asks: Node-RED looks for a key without it in the labels of the node that asks. */
const BROKER = '@dinox/node-red-dinox/dinox-broker';

/** Reads texts of the catalogue in the language of the process; the labels of `dinox-broker` carry it. */
export function textReader(RED: Pick<NodeAPI, '_'>): ReadText {
  return (said) =>
    render(said, (key) => {
      const label = `dinox-broker.text.${key}`;
      const found = RED._(`${BROKER}:${label}`, { skipInterpolation: true } as never);
      return found.endsWith(label) ? inEnglish({ key }) : found;
    });
}

/** An error as a flow gets it: its code and text, and its message in the language of the process. */
export function readError(error: unknown, read: ReadText): CodedError {
  const said = textOf(error);
  const code = error instanceof CodedError ? error.code : 'failed';
  return new CodedError(code, said, { cause: error, message: read(said) });
}
