/** MQTT 5 §4.7, read word by word and without any cleverness: what the router is held against. */

/** True if a topic name matches a topic filter. For `$share/<group>/<filter>` the filter counts (§4.8.2). */
export function naiveMatch(filter: string, topic: string): boolean {
  let wanted = filter.split('/');
  if (wanted[0] === '$share') wanted = wanted.slice(2);
  const levels = topic.split('/');
  // §4.7.2: a filter that starts with a wildcard does not match topic names beginning with $.
  if (topic.startsWith('$') && (wanted[0] === '#' || wanted[0] === '+')) return false;
  const many = wanted.at(-1) === '#';
  const fixed = many ? wanted.slice(0, -1) : wanted;
  // §4.7.1.2: # stands for the parent and any number of child levels.
  if (many ? levels.length < fixed.length : levels.length !== fixed.length) return false;
  // §4.7.1.3: + is exactly one level, which may be empty; §4.7.3: all else is compared character by character.
  return fixed.every((level, index) => level === '+' || level === levels[index]);
}

/** Every topic of at most `depth` levels over `names`. */
export function allTopics(names: readonly string[], depth: number): string[] {
  let row: string[] = [...names];
  const all = [...row];
  for (let level = 1; level < depth; level++) {
    row = row.flatMap((topic) => names.map((name) => `${topic}/${name}`));
    all.push(...row);
  }
  return all.filter((topic) => topic !== '');
}
