/** The search over topics and their names: text, a topic filter with wildcards, or `/a regular expression/`. */
export interface TopicSearch {
  matches(topic: string, name?: string): boolean;
  /** True if the regular expression is not valid. */
  fault: boolean;
  isEmpty: boolean;
}

/** Characters of a topic that are searched, because a regular expression may take very long. */
const MAX_LENGTH = 512;

export function searchFor(text: string): TopicSearch {
  const wanted = text.trim();
  if (wanted === '') return { matches: () => true, fault: false, isEmpty: true };
  const regex = /^\/(.*?)(\/i?)?$/s.exec(wanted);
  // `/kitchen` may be the beginning of an expression or a part of a topic; the second slash decides.
  if (regex?.[2] && regex[1]) return byExpression(regex[1]);
  if (/(^|\/)\+(\/|$)|(^|\/)#$/.test(wanted)) return byFilter(wanted);
  const words = wanted.toLowerCase().split(/\s+/);
  return {
    matches: (topic, name = '') => {
      const lower = `${topic}\n${name}`.toLowerCase();
      return words.every((word) => lower.includes(word));
    },
    fault: false,
    isEmpty: false,
  };
}

function byExpression(source: string): TopicSearch {
  try {
    const expression = new RegExp(source, 'iu');
    return {
      matches: (topic, name = '') =>
        expression.test(topic.slice(0, MAX_LENGTH)) || (name !== '' && expression.test(name)),
      fault: false,
      isEmpty: false,
    };
  } catch {
    return { matches: () => true, fault: true, isEmpty: false };
  }
}

/** MQTT 5 §4.7: `+` one level, `#` the rest and its parent; topics that begin with `$` are matched only by name. */
function byFilter(filter: string): TopicSearch {
  const levels = filter.split('/');
  return { matches: (topic) => filterMatches(levels, topic.split('/')), fault: false, isEmpty: false };
}

function filterMatches(filter: readonly string[], topic: readonly string[]): boolean {
  if (topic[0]?.startsWith('$') && (filter[0] === '+' || filter[0] === '#')) return false;
  for (let i = 0; i < filter.length; i++) {
    if (filter[i] === '#') return true;
    if (i >= topic.length) return false;
    if (filter[i] !== '+' && filter[i] !== topic[i]) return false;
  }
  return filter.length === topic.length;
}
