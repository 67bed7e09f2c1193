/** What a run of the bench leaves behind (`bench/results.json`). */

/** Something that was measured once in each round. */
export interface Row {
  /** What was done: `{filters: 100, version: 4}`. */
  readonly case: Readonly<Record<string, number | string>>;
  /** The measured implementation: `ours`, `core`, `floor`, `mqttjs`, `xmppjs`. */
  readonly variant: string;
  readonly unit: 'µs' | 'ms' | 'KB' | 'MB' | 'packets' | 'a second';
  /** One value for each round. */
  readonly samples: readonly number[];
}

export interface PartResult {
  /** The processor that it was measured on; parts may come from several machines. */
  readonly cpu: string;
  /** ISO 8601. */
  readonly at: string;
  /** The machine's load average over a minute, when the part began and when it ended. */
  readonly load: readonly [number, number];
  readonly rows: readonly Row[];
}

export interface Results {
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryMB: number;
    readonly os: string;
  };
  /** Versions of what was measured, by name: `node`, `node-red`, `mqtt`, `mosquitto`, … */
  readonly versions: Readonly<Record<string, string>>;
  readonly parts: Readonly<Record<string, PartResult>>;
}

/** The middle value; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? upper) + upper) / 2;
}

/** Half of the distance between the smallest and the largest value, as a share of the median. */
export function spread(values: readonly number[]): number {
  return (Math.max(...values) - Math.min(...values)) / 2 / Math.abs(median(values));
}
