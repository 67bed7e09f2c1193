/**
 * A sentence for people as data: the key of its words, and what stands in them. It becomes words where it is read, in
 * the reader's language; nothing decides by the words. `catalogue.ts` makes them.
 */
export interface Text {
  /** `room.name`, as in `texts/en-US.json`. */
  key: string;
  /** By the name of the placeholder; a list is joined by semicolons. */
  params?: Readonly<Record<string, TextParam>>;
}

export type TextParam = string | number | Text | readonly Text[];

/**
 * The words of a text. A placeholder that is left over shows as it stands; what a parameter holds is never read again.
 * @param wordsOf the words of a key, with `__name__` for each parameter
 */
export function render(
  { key, params = {} }: Text,
  wordsOf: (key: string) => string,
  numberOf: (value: number) => string = String,
): string {
  const inner = (one: Text): string => render(one, wordsOf, numberOf);
  return wordsOf(key).replace(/__(\w+?)__/g, (placeholder, name: string) => {
    const value = params[name];
    if (value === undefined) return placeholder;
    if (typeof value === 'string') return value;
    if (typeof value === 'number') return numberOf(value);
    return 'key' in value ? inner(value) : value.map(inner).join('; ');
  });
}

/** The same for texts that say the same: the same words with the same parameters. */
export function textId({ key, params }: Text): string {
  return JSON.stringify([key, params]);
}

/** True if both say the same, or neither says anything. */
export function isSameText(one: Text | undefined, two: Text | undefined): boolean {
  return one === two || (one !== undefined && two !== undefined && textId(one) === textId(two));
}
