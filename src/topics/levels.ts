import { matchingPart } from './filter';

/**
 * Prepares a function that returns what the wildcards of a filter matched in a topic: a text for each `+`, and one
 * with the remaining levels for `#`. `home/+/#` on `home/kitchen/light/on`: `['kitchen', 'light/on']`.
 */
export function wildcardLevels(filter: string): (topic: string) => string[] {
  const levels = matchingPart(filter).split('/');
  const wild = levels.slice(0, levels.findLastIndex((level) => level === '+' || level === '#') + 1);
  if (wild.length === 0) return none;
  return (topic) => {
    const found: string[] = [];
    let start = 0;
    for (const level of wild) {
      const slash = topic.indexOf('/', start);
      const end = slash < 0 || level === '#' ? topic.length : slash;
      if (level === '+' || level === '#') found.push(topic.slice(start, end));
      start = end + 1;
    }
    return found;
  };
}

/** One for all filters without wildcards: with 10,000 nodes a function for each is one more thing that no cache holds. */
function none(): string[] {
  return [];
}
