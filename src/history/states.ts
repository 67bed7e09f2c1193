import type { StateChange } from './types';

/** Changes kept for each key, and characters of all their texts: some 30 KB at most, with wide characters. */
const MAX_CHANGES = 512;
const MAX_CHARACTERS = 8_192;
/** Characters that are kept of a longer state. */
const MAX_STATE_LENGTH = 256;

/** The states of a key, oldest first. Only changes are kept. */
export class StateTimeline {
  private readonly changes: StateChange[] = [];
  private characters = 0;

  get newest(): StateChange | undefined {
    return this.changes.at(-1);
  }

  get size(): number {
    return this.changes.length;
  }

  /** A state of that moment; late ones find their place. False if it changes nothing. */
  record(at: number, text: string): boolean {
    const { changes } = this;
    const state = text.length > MAX_STATE_LENGTH ? text.slice(0, MAX_STATE_LENGTH) : text;
    const place = this.placeOf(at);
    const before = changes[place - 1];
    const after = changes[place];
    if (before?.state === state) return false;
    if (before?.at === at) {
      // Two at the same moment: the second is the newer one.
      this.characters += state.length - before.state.length;
      changes[place - 1] = { at, state };
      this.join(place - 1);
    } else if (after?.state === state) {
      changes[place] = { at, state: after.state };
    } else {
      changes.splice(place, 0, { at, state: this.known(state) });
      this.characters += state.length;
    }
    while (changes.length > MAX_CHANGES || this.characters > MAX_CHARACTERS) this.drop();
    return true;
  }

  /** The changes between the two, both included; before them the one that was in force at `from`. */
  between(from: number, to: number): StateChange[] {
    const first = Math.max(0, this.placeOf(from) - 1);
    return this.changes.slice(first, this.placeOf(to)).map(({ at, state }) => ({ at, state }));
  }

  /** Behind all that are not newer than `at`. */
  private placeOf(at: number): number {
    const { changes } = this;
    let low = 0;
    let high = changes.length;
    if ((changes[high - 1]?.at ?? Number.NEGATIVE_INFINITY) <= at) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((changes[middle] as StateChange).at <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** A change that became none goes. */
  private join(place: number): void {
    const { changes } = this;
    for (const at of [place + 1, place]) {
      const [one, two] = [changes[at - 1], changes[at]];
      if (!one || !two || one.state !== two.state) continue;
      changes.splice(at, 1);
      this.characters -= two.state.length;
    }
  }

  /** The same text once in memory: a door has two. */
  private known(state: string): string {
    const { changes } = this;
    return changes.slice(-4).find((change) => change.state === state)?.state ?? state;
  }

  private drop(): void {
    this.characters -= this.changes.shift()?.state.length ?? 0;
  }
}
