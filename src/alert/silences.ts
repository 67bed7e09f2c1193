/** One silence: which alerts are muted, and until when. */
export interface Silence {
  /** Milliseconds since the epoch. */
  until: number;
  /** One key; absent: see `filter`. */
  key?: string | undefined;
  /** Part of a key, or a pattern with `*`, `+`, `#`; absent, like `key`: all. */
  filter?: string | undefined;
  by: string;
  at: number;
  /** The alert whose message was answered: taking the answer back ends it. */
  alertId?: string | undefined;
  /** JID of the person whose reaction made it. */
  reactor?: string | undefined;
}

const MAX = 200;

/** True if a filter means this key: a part of it, or a pattern (`+` one level, `#` and `*` anything). */
export function matchesFilter(key: string, filter: string): boolean {
  const wanted = filter.trim().toLowerCase();
  const text = key.toLowerCase();
  if (!/[*+#]/.test(wanted)) return text.includes(wanted);
  // Works without a regular expression, because a pattern of many stars would take forever.
  const parts = wanted.replace(/\/#$/, '*').split(/[*#]+/);
  let at = 0;
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    const found = findPart(text, part, at, index === 0, isLast);
    if (found < 0) return false;
    at = found;
  }
  return parts.length > 1 || at === text.length;
}

/** End of a part of the pattern in the text; -1: it is not in it. `+` stands for the text between two slashes. */
function findPart(text: string, part: string, from: number, isFirst: boolean, isLast: boolean): number {
  if (part === '') return isLast ? text.length : from;
  for (let start = from; start <= text.length; start++) {
    const end = matchAt(text, part, start);
    if (end >= 0 && (!isLast || end === text.length)) return end;
    if (isFirst) return -1;
  }
  return -1;
}

function matchAt(text: string, part: string, start: number): number {
  let at = start;
  for (const char of part) {
    if (char === '+') {
      const slash = text.indexOf('/', at);
      at = slash < 0 ? text.length : slash;
    } else if (text[at] === char) at += 1;
    else return -1;
  }
  return at;
}

export class Silences {
  private list: Silence[] = [];

  get all(): readonly Silence[] {
    return this.list;
  }

  /** When the first one ends. */
  get next(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { until } of this.list) next = Math.min(next, until);
    return next;
  }

  add(silence: Silence): void {
    // The same once more replaces the former: a silence can be made shorter, too.
    this.list = this.list.filter((one) => one.key !== silence.key || one.filter !== silence.filter);
    this.list.push(silence);
    if (this.list.length > MAX) this.list.shift();
  }

  /** Ends those that `isMeant`; gives how many. */
  end(isMeant: (silence: Silence) => boolean): number {
    const before = this.list.length;
    this.list = this.list.filter((one) => !isMeant(one));
    return before - this.list.length;
  }

  /** The one that ends last of those that hold for a key. */
  of(key: string, now: number): Silence | undefined {
    let found: Silence | undefined;
    for (const one of this.list) {
      if (one.until <= now || (found && found.until >= one.until)) continue;
      if (
        one.key !== undefined ? one.key === key : one.filter === undefined || matchesFilter(key, one.filter)
      ) {
        found = one;
      }
    }
    return found;
  }

  shift(ms: number): void {
    for (const one of this.list) {
      one.until += ms;
      one.at += ms;
    }
  }

  restore(list: readonly Silence[]): void {
    this.list = list.slice(-MAX).map((one) => ({ ...one }));
  }
}
