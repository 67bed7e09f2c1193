/** Points that are kept of a window, whatever comes in it. */
const MAX_POINTS = 32;
/** Values that must have grown, without a fall, before a fall counts as a counter that starts over. */
const SURE = 3;

/**
 * The change per minute over a window. Memory does not grow with the rate of samples: the window is divided, and each
 * part keeps its first point. The newest point before the window stays, so that rare samples have a rate as well.
 */
export class RateWindow {
  private readonly points: { at: number; value: number }[] = [];
  private last = Number.NaN;
  /** Added to a counter's value: its total before it started over. */
  private offset = 0;
  private growth = 0;

  constructor(
    private readonly ms: number,
    /** Counters only grow: who watches for falling wants to see a fall. */
    private readonly counters: boolean,
  ) {}

  /** When the newest point was measured. */
  get newest(): number {
    return this.points.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
  }

  /** The change per minute up to this sample; undefined as long as less than half of the window is known. */
  add(at: number, raw: number): number | undefined {
    if (this.counters) this.count(raw);
    const value = raw + this.offset;
    this.last = raw;
    // A clock that went back.
    while (this.points.length > 0 && (this.points[this.points.length - 1]?.at ?? 0) > at) this.points.pop();
    while (this.points.length > 1 && (this.points[1]?.at ?? at) <= at - this.ms) this.points.shift();
    const first = this.points[0];
    const newest = this.points[this.points.length - 1];
    if (!newest || at - newest.at >= this.ms / (MAX_POINTS - 2)) this.points.push({ at, value });
    if (!first || at - first.at < this.ms / 2) return undefined;
    return ((value - first.value) / (at - first.at)) * 60_000;
  }

  /** The clock was set. */
  shift(ms: number): void {
    for (const point of this.points) point.at += ms;
  }

  private count(raw: number): void {
    if (raw >= this.last) this.growth += raw > this.last ? 1 : 0;
    else if (raw < this.last) {
      // A counter begins near zero again; a value that goes up and down does not.
      if (this.growth >= SURE && raw >= 0 && raw <= this.last / 2) this.offset += this.last;
      else this.growth = Number.NEGATIVE_INFINITY;
    }
  }
}
