/** Characters of all matches and their groups. */
const MAX_MADE = 500_000;

/**
 * The program that searches, in a context of its own: `question` is JSON of `[source, flags, subject, most]`, its value
 * JSON of the matches, or `null` where they are too much.
 */
export const SEARCH = `(() => {
  const [source, flags, subject, most] = JSON.parse(question);
  const search = new RegExp(source, flags);
  const found = [];
  let size = 0;
  for (let match = search.exec(subject); match !== null && found.length < most; match = search.exec(subject)) {
    const names = JSON.stringify(match.groups ?? {}, (_, value) => value === undefined ? null : value);
    for (const one of match) size += one?.length ?? 0;
    if (size > ${MAX_MADE}) return 'null';
    found.push({ index: match.index, groups: Array.from(match, (one) => one ?? null), names });
    if (match[0] === '') search.lastIndex += subject.codePointAt(search.lastIndex) > 0xffff ? 2 : 1;
  }
  return JSON.stringify(found);
})()`;
