/** Keys that are dealt with before something else gets its turn: a millisecond, or two. */
export const KEYS_AT_ONCE = 16;
/** The same for entries that are only looked up. */
export const MANY_AT_ONCE = 2_048;
