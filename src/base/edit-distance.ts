/** Letters to change, to add or to leave out (Levenshtein). */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + cost));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/**
 * True if {@link distance} is at most `most`, which is to be small: words that differ are left at their third letter,
 * and not compared letter by letter. A question is compared with each word of thousands of topics.
 */
export function isWithin(a: string, b: string, most: number, i = 0, j = 0): boolean {
  let [at, other] = [i, j];
  // What both begin with is the same in the shortest way, too.
  while (at < a.length && other < b.length && a.charCodeAt(at) === b.charCodeAt(other)) {
    at += 1;
    other += 1;
  }
  const [left, right] = [a.length - at, b.length - other];
  if (Math.max(left, right) <= most) return true;
  if (most === 0 || Math.abs(left - right) > most) return false;
  return (
    isWithin(a, b, most - 1, at + 1, other + 1) ||
    isWithin(a, b, most - 1, at + 1, other) ||
    isWithin(a, b, most - 1, at, other + 1)
  );
}
