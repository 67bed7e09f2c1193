import { matchingPart } from './filter';

/**
 * Prepares a function that tells what the wildcards of a filter stood for in a topic that it matches: a text for each
 * `+`, and one with the rest of the levels for `#`. `home/+/#` on `home/kitchen/light/on`: `['kitchen', 'light/on']`.
 */
export function wildcardLevels(filter: string): (topic: string) => string[] {
  const levels = matchingPart(filter).split('/');
  const places = levels.flatMap((level, index) => (level === '+' ? [index] : []));
  const rest = levels.at(-1) === '#' ? levels.length - 1 : undefined;
  if (places.length === 0 && rest === undefined) return () => [];
  return (topic) => {
    const parts = topic.split('/');
    const found = places.map((place) => parts[place] ?? '');
    if (rest !== undefined) found.push(parts.slice(rest).join('/'));
    return found;
  };
}
