/** Result of `series`: one entry for each pixel. If nothing was recorded, all but `t` and `count` are null. */
export interface Series {
  /** Milliseconds since the epoch, as asked for. */
  from: number;
  to: number;
  /** Beginning of each pixel. */
  t: number[];
  min: (number | null)[];
  max: (number | null)[];
  /** The value at the end of the pixel. */
  last: (number | null)[];
  mean: (number | null)[];
  /** Samples of the pixel. */
  count: number[];
}

/** From then on this was the state. */
export interface StateChange {
  /** Milliseconds since the epoch. */
  at: number;
  state: string;
}

/** The newest of a key, be it a number or a state. */
export interface Latest {
  /** Milliseconds since the epoch. */
  at: number;
  value: number | string;
}

export interface HistoryOptions {
  /**
   * Span in milliseconds. Up to a day there is a bucket for each minute; beyond that, 1,440 buckets of as many whole
   * minutes as it takes.
   * @default 86400000, most 7 days
   */
  span?: number;
  /** Buckets of ten minutes for seven days as well; only for a span of a day. @default false */
  week?: boolean;
  /** Raw points kept for each key beside the buckets, rounded up to a power of two. @default 64 */
  points?: number;
  /** Keys; beyond, the one that was not seen for longest goes. @default 10000 */
  maxKeys?: number;
  /** Never let go to make room: a key with an open alert. Asked only when room is needed. */
  keep?: (key: string) => boolean;
  /**
   * If given, a timestamp more than five minutes ahead of it counts as now. A device with a wrong date would otherwise
   * push the whole day out.
   */
  clock?: { now(): number };
}
