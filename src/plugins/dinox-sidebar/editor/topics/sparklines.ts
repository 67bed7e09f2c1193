import { brokerPath, post } from '../../../../editor/admin-api';
import { svg } from '../../../../editor/dom';
import type { SeriesAnswer } from '../rows';

const POINTS = 48;
/** Milliseconds after which a line is asked for again. */
const FRESH = 60_000;
const MAX_KEPT = 3_000;
const BATCH = 100;
const PAUSE = 300;
const WIDTH = 100;
const HEIGHT = 24;

export interface Sparkline {
  /** Length of one part, in milliseconds. */
  part: number;
  min: (number | null)[];
  max: (number | null)[];
  last: (number | null)[];
}

interface CachedSparkline {
  at: number;
  line: Sparkline | undefined;
  /** Rises with each new line, to tell if it is drawn already. */
  version: number;
}

/** A topic, and the number in its JSON. */
interface WantedLine {
  topic: string;
  field: string | undefined;
}

/** Lines of topics of one connection. */
async function topicLines(broker: string, wanted: readonly WantedLine[]): Promise<(Sparkline | undefined)[]> {
  const answer = await post<SeriesAnswer>(brokerPath(broker, 'series'), { points: POINTS, wanted });
  return wanted.map((_, i) => {
    const series = answer.series[i];
    return series && { ...series, part: (answer.to - answer.from) / Math.max(1, series.last.length) };
  });
}

/** Lines of the last 24 hours, asked for in batches and only for visible topics. */
export class Sparklines {
  private readonly kept = new Map<string, CachedSparkline>();
  private readonly wanted = new Map<string, WantedLine>();
  private timer: number | undefined;
  private broker = '';
  private asking = false;

  /** @param lines asks for lines, in the order in which they are wanted */
  constructor(
    private readonly arrived: () => void,
    private readonly lines: (
      broker: string,
      wanted: readonly WantedLine[],
    ) => Promise<(Sparkline | undefined)[]> = topicLines,
  ) {}

  look(broker: string): void {
    if (this.broker === broker) return;
    this.broker = broker;
    this.kept.clear();
    this.wanted.clear();
  }

  /** The line as far as it is known; asks for it if it is missing or old. */
  of(topic: string, field?: string): CachedSparkline | undefined {
    const key = `${topic}\0${field ?? ''}`;
    const known = this.kept.get(key);
    if (!known || performance.now() - known.at > FRESH) {
      this.wanted.set(key, { topic, field });
      if (this.timer === undefined && !this.asking)
        this.timer = window.setTimeout(() => void this.ask(), PAUSE);
    }
    return known;
  }

  /** Stops asking while the list is hidden. */
  pause(): void {
    window.clearTimeout(this.timer);
    this.timer = undefined;
    this.wanted.clear();
  }

  private async ask(): Promise<void> {
    this.timer = undefined;
    const batch = [...this.wanted].slice(0, BATCH);
    for (const [key] of batch) this.wanted.delete(key);
    if (batch.length === 0) return;
    const { broker } = this;
    this.asking = true;
    try {
      const lines = await this.lines(
        broker,
        batch.map(([, one]) => one),
      );
      if (broker === this.broker) for (const [i, [key]] of batch.entries()) this.keep(key, lines[i]);
    } catch {
      // The feed shows the fault; a missing line does no harm.
      if (broker === this.broker) for (const [key] of batch) this.keep(key, undefined);
    }
    this.asking = false;
    this.arrived();
    if (this.wanted.size > 0 && this.timer === undefined)
      this.timer = window.setTimeout(() => void this.ask(), PAUSE);
  }

  private keep(key: string, line: Sparkline | undefined): void {
    const version = (this.kept.get(key)?.version ?? 0) + 1;
    this.kept.delete(key);
    this.kept.set(key, { at: performance.now(), line, version });
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= MAX_KEPT) break;
      this.kept.delete(oldest);
    }
  }
}

/** An empty picture for {@link drawSpark}. Colours come from the style sheet. */
export function sparkElement(): SVGSVGElement {
  return svg(
    'svg',
    {
      class: 'dxs-spark',
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: 'none',
      'aria-hidden': 'true',
    },
    svg('path', { class: 'dxs-spark-band' }),
    svg('path', { class: 'dxs-spark-line' }),
  );
}

/**
 * Draws a day: the line of the last values, behind it the band from the least to the greatest. Pauses longer than
 * `bridge` milliseconds stay gaps. `steps`: values are on or off, with nothing between.
 */
export function drawSpark(
  element: SVGSVGElement,
  line: Sparkline | undefined,
  bridge: number,
  steps: boolean,
): void {
  const [band, path] = element.children;
  const { bandPath, linePath } = line ? pathsOf(line, bridge, steps) : { bandPath: '', linePath: '' };
  band?.setAttribute('d', bandPath);
  path?.setAttribute('d', linePath);
}

function pathsOf(
  { min, max, last, part }: Sparkline,
  bridge: number,
  steps: boolean,
): { bandPath: string; linePath: string } {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of min) if (value !== null && value < low) low = value;
  for (const value of max) if (value !== null && value > high) high = value;
  if (low > high) return { bandPath: '', linePath: '' };
  const span = high - low;
  const x = (i: number): string => (((i + 0.5) / last.length) * WIDTH).toFixed(1);
  const y = (value: number): string =>
    (span === 0 ? HEIGHT / 2 : 2 + (1 - (value - low) / span) * (HEIGHT - 4)).toFixed(1);
  let linePath = '';
  const upper: string[] = [];
  const lower: string[] = [];
  let bandPath = '';
  const closeBand = (): void => {
    if (upper.length > 1 && !steps) bandPath += `M${upper.join('L')}L${lower.reverse().join('L')}Z`;
    upper.length = 0;
    lower.length = 0;
  };
  let pen = false;
  let nothing = 0;
  for (let i = 0; i < last.length; i++) {
    const value = last[i] ?? null;
    if (value === null) {
      nothing += 1;
      if (nothing * part > bridge) {
        closeBand();
        pen = false;
      }
      continue;
    }
    nothing = 0;
    // A value that stands alone is a dot: a line of no length with round ends.
    linePath += !pen ? `M${x(i)} ${y(value)}h0.1` : steps ? `H${x(i)}V${y(value)}` : `L${x(i)} ${y(value)}`;
    pen = true;
    upper.push(`${x(i)} ${y(max[i] ?? value)}`);
    lower.push(`${x(i)} ${y(min[i] ?? value)}`);
  }
  closeBand();
  return { bandPath, linePath };
}
