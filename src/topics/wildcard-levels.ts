import { hasWildcard, matches, matchingPart } from './filter';

/**
 * The levels of a topic for which the wildcards of filters stand, by filter. Empty: one of the filters names the topic,
 * or none of them fits.
 */
export function wildcardLevels(topic: string, filters: readonly string[]): string[][] {
  const levels = topic.split('/');
  const found: string[][] = [];
  for (const filter of filters) {
    const wanted = matchingPart(filter).split('/');
    if (!matches(wanted, levels)) continue;
    const stood = hasWildcard(filter) ? standing(wanted, levels) : [];
    if (stood.length === 0) return [];
    found.push(stood);
  }
  return found;
}

/** The levels for which `+` and `#` stand. The last one behind `#` names what is said (`LWT`), unless it is the only one. */
function standing(filter: readonly string[], topic: readonly string[]): string[] {
  const plus = topic.filter((_, at) => filter[at] === '+');
  if (filter.at(-1) !== '#') return plus;
  const rest = topic.slice(filter.length - 1);
  return [...plus, ...(rest.length > 1 ? rest.slice(0, -1) : rest)];
}
