/**
 * The presence of Home Assistant, as far as its own signs of life tell: a birth when it starts, and a farewell, which
 * the server says in its place if it dies. Without any it may be there or not.
 */
export class Presence {
  private known: 'unknown' | 'there' | 'away' = 'unknown';
  private isAnswered = false;

  /** It misses what is said now. */
  get isAway(): boolean {
    return this.known === 'away';
  }

  /** It hears what is said now. */
  get isThere(): boolean {
    return this.known === 'there';
  }

  /** Another connection: what happened before it is not known. */
  forget(): void {
    this.known = 'unknown';
    this.isAnswered = false;
  }

  /**
   * It said goodbye.
   * @param isKept the server has kept that, from whatever time
   * @returns true if that proves that it has heard everything until now: its birth would have been seen
   */
  left(isKept: boolean): boolean {
    const wasThere = this.known !== 'away' && !isKept;
    this.known = 'away';
    this.isAnswered = false;
    return wasThere;
  }

  /**
   * It starts, and knows only what the server keeps.
   * @returns true unless it was there all the time, and only its line was not
   */
  born(): boolean {
    const isNew = !this.isThere;
    this.known = 'away';
    return isNew;
  }

  /** Its birth was answered: everything is announced. */
  answered(): void {
    this.isAnswered = true;
  }

  /** The answer, if there was one, has had time to arrive. Returns if there was one. */
  settled(): boolean {
    const { isAnswered } = this;
    if (isAnswered) this.known = 'there';
    this.isAnswered = false;
    return isAnswered;
  }
}
