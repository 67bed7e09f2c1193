/** Last levels that say nothing about what a topic is. */
const EMPTY_WORDS = new Set(['state', 'status', 'value', 'get', 'out', '']);

/** A title for a topic that nobody has named: `home/sensors/temperature/living_room` becomes `living room`. */
export function titleOf(topic: string): string {
  const levels = topic.split('/');
  const level = levels.findLast((one) => !EMPTY_WORDS.has(one.toLowerCase())) ?? topic;
  return level.replace(/[_-]+/g, ' ').trim() || topic;
}
