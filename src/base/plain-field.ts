/** Lower case; empty: all of the payload. */
const PLAIN: ReadonlySet<string> = new Set(['', 'value', 'state', 'payload']);

/** True for the name of a field of JSON, in lower case, that says nothing about what is measured. */
export const isPlainField = (name: string): boolean => PLAIN.has(name);
