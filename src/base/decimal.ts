/** Number as people type it: with a comma or a point, with either minus. */
const NUMBER = /^[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?$/i;

/** A typed number; undefined for any other text. */
export function readDecimal(typed: string): number | undefined {
  const text = typed.trim().replace(/^\u2212/, '-');
  return NUMBER.test(text) ? Number(text.replace(',', '.')) : undefined;
}
