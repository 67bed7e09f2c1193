/** Translates a key of a locale file, with the values for its placeholders. */
export type Translate = (key: string, values?: Readonly<Record<string, string | number>>) => string;
