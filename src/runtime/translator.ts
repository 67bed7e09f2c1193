import type { NodeAPI } from 'node-red';
import type { Translate } from '../base/translate';

/** Translates keys of the locale of a node or plugin into the language of the process. */
export function translator(RED: Pick<NodeAPI, '_'>, type: string): Translate {
  return (key, values) => RED._(`${type}.${key}`, values as Record<string, string>);
}
