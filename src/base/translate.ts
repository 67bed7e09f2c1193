import type { Text } from './text';

/** Reads a text of the catalogue in somebody's language. */
export type ReadText = (said: Text) => string;

/** Translates a key of a locale file, with the values for its placeholders. */
export type Translate = (key: string, values?: Readonly<Record<string, string | number>>) => string;
