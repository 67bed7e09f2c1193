import { text } from '../../base/catalogue';
import type { Text } from '../../base/text';

/**
 * Limits of what one stanza may cost. They stand before the parser, and see where a stanza begins and ends. Past a
 * bound the rest of that one stanza is skipped, and the line goes on: cutting the line would bring the same stanza
 * again with the resumption (XEP-0198), for ever.
 */

/** The bound that a stanza went over. */
export type Excess = 'bytes' | 'elements' | 'depth' | 'attributes';

/** Depth that no XMPP extension reaches. Beyond it, recursive functions would run out of stack. */
const DEEPEST = 64;
/** The list of the rooms of a large service has some ten thousand. */
const MAX_ELEMENTS = 50_000;
/** Attributes of one element. */
const MAX_ATTRIBUTES = 1_000;
/** Characters; more than any server in its packaged configuration lets a stanza have. */
const MAX_LENGTH = 2 * 1_048_576;

export interface StanzaLimitHandlers {
  /** Text for the parser, in order. */
  pass(text: string): void;
  /** Called when the current stanza goes over a bound. The parser is to forget it, and gets no more of it. */
  cut(): void;
  /** Called at the end of a stanza that was cut. `name` is that of its element. */
  skipped(name: string, excess: Excess): void;
}

/** Position in the text: between tags, right behind a `<`, in a tag, in an attribute's value, in a `<!` or `<?`. */
type Place = 'text' | 'open' | 'tag' | 'value' | 'declaration' | 'special';

export class StanzaLimits {
  private place: Place = 'text';
  /** Elements that are open inside the stream's own. */
  private depth = 0;
  private elements = 0;
  private attributes = 0;
  /** Characters of the stanza so far. */
  private stanzaSize = 0;
  private excess: Excess | undefined;
  private name = '';
  private naming = false;
  private closes = false;
  private slash = false;
  private quote = '';
  /** The beginning of a `<!`, or the last characters of what may be the end of it. */
  private part = '';
  private end = '';

  constructor(private readonly handlers: StanzaLimitHandlers) {}

  /** Characters of the stanza that has begun and has not ended; 0 between stanzas. */
  get size(): number {
    return this.stanzaSize;
  }

  /** Takes incoming text, cut anywhere. */
  write(text: string): void {
    /** Text before this position was passed on, or is to be left out. */
    let done = 0;
    /** Text before this position belongs to earlier stanzas. */
    let begin = 0;
    let at = 0;
    while (at < text.length) {
      if (this.place !== 'tag') {
        at = this.skim(text, at);
        continue;
      }
      at = this.tag(text, at);
      // The tag goes on in the next packet.
      if (this.place === 'tag' || this.place === 'value') continue;
      if (this.depth > 0) {
        if (!this.excess && this.over()) {
          this.handlers.pass(text.slice(done, at));
          this.handlers.cut();
        }
        continue;
      }
      if (this.excess) {
        const excess = this.excess;
        this.excess = undefined;
        this.handlers.skipped(this.name, excess);
        done = at;
      }
      begin = at;
      this.stanzaSize = 0;
      this.elements = 0;
    }
    this.stanzaSize = this.depth === 0 && this.place === 'text' ? 0 : this.stanzaSize + text.length - begin;
    if (!this.excess && this.stanzaSize > MAX_LENGTH) {
      if (begin > done) this.handlers.pass(text.slice(done, begin));
      this.excess = 'bytes';
      this.handlers.cut();
    }
    if (!this.excess && done < text.length) this.handlers.pass(done === 0 ? text : text.slice(done));
  }

  /** Goes on outside of tags, up to the next place. */
  private skim(text: string, at: number): number {
    switch (this.place) {
      case 'text': {
        const next = text.indexOf('<', at);
        if (next < 0) return text.length;
        this.place = 'open';
        return next + 1;
      }
      case 'open': {
        const first = text[at];
        this.closes = first === '/';
        this.slash = false;
        this.attributes = 0;
        this.naming = this.depth === 0 && !this.closes;
        if (this.naming) this.name = '';
        this.part = '';
        this.end = '?>';
        this.place = first === '!' ? 'declaration' : first === '?' ? 'special' : 'tag';
        return this.place === 'tag' && !this.closes ? at : at + 1;
      }
      case 'declaration':
        return this.declaration(text, at);
      case 'value': {
        const next = text.indexOf(this.quote, at);
        if (next < 0) return text.length;
        this.place = 'tag';
        return next + 1;
      }
      default: {
        const rest = this.part + text.slice(at);
        const next = rest.indexOf(this.end);
        if (next < 0) {
          this.part = rest.slice(Math.max(0, rest.length - this.end.length + 1));
          return text.length;
        }
        const before = this.part.length;
        this.part = '';
        this.place = 'text';
        return at + next + this.end.length - before;
      }
    }
  }

  /** Goes on in a comment or a CDATA section, which a `>` does not end, or in what XMPP forbids. */
  private declaration(text: string, at: number): number {
    const part = this.part + text[at];
    if (part === '--' || part === '[CDATA[') {
      this.end = part === '--' ? '-->' : ']]>';
    } else if ('--'.startsWith(part) || '[CDATA['.startsWith(part)) {
      this.part = part;
      return at + 1;
    } else {
      this.end = '>';
      this.part = '';
      this.place = 'special';
      return at;
    }
    this.part = '';
    this.place = 'special';
    return at + 1;
  }

  /** Goes on in a tag, up to its end or an attribute's value. */
  private tag(text: string, from: number): number {
    for (let at = from; at < text.length; at++) {
      const code = text.charCodeAt(at);
      // `>`
      if (code === 62) {
        if (this.closes) this.depth = Math.max(0, this.depth - 1);
        else {
          this.elements += 1;
          if (!this.slash) this.depth += 1;
        }
        this.place = 'text';
        return at + 1;
      }
      // `"` and `'`
      if (code === 34 || code === 39) {
        this.attributes += 1;
        this.quote = code === 34 ? '"' : "'";
        this.place = 'value';
        return at + 1;
      }
      this.slash = code === 47;
      if (!this.naming) continue;
      if (code <= 32 || code === 47 || this.name.length >= 100) this.naming = false;
      else this.name += text[at];
    }
    return text.length;
  }

  private over(): boolean {
    if (this.depth > DEEPEST) this.excess = 'depth';
    else if (this.elements > MAX_ELEMENTS) this.excess = 'elements';
    else if (this.attributes > MAX_ATTRIBUTES) this.excess = 'attributes';
    return this.excess !== undefined;
  }
}

/** The reason why a stanza was left out, for the log. */
export function excessText(excess: Excess): Text {
  switch (excess) {
    case 'depth':
      return text('log.depth');
    case 'elements':
      return text('log.elements', { most: MAX_ELEMENTS });
    case 'attributes':
      return text('log.attributes', { most: MAX_ATTRIBUTES });
    default:
      return text('log.bytes', { most: MAX_LENGTH });
  }
}
