/** Characters that each entity has for itself: raw state and attributes of real ones are some hundred. */
const OWN = 2_048;
/** Characters beyond that for all of them together. */
const MAX_SHARED = 16_777_216;

/**
 * Room for the texts that entities keep. A stranger may announce thousands of entities, all on one topic, and send a long
 * message there once: it would be kept once for each of them.
 */
export class TextRoom {
  private left = MAX_SHARED;

  /** What an entity keeps changes its size. Returns false, and changes nothing, if there is no room. */
  resize(before: number, after: number): boolean {
    const more = Math.max(0, after - OWN) - Math.max(0, before - OWN);
    if (more > this.left) return false;
    this.left -= more;
    return true;
  }
}
