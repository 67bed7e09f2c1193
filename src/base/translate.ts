/** Turns a key of a locale file, and the values that stand in its text, into the text. */
export type Translate = (key: string, values?: Readonly<Record<string, string | number>>) => string;
