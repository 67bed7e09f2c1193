import { lanesOf, PLAIN_WORDS, type StateWords, showLane, type Timeline } from './state-spans';

/** Shades, from the longest-lasting state to the shortest. The last one stands for all others. */
const SHADES = ['░', '█', '▒', '▓', '▚'] as const;
const USUAL_CHARACTERS = 24;
const MAX_CHARACTERS = 512;

export interface StateLineOptions {
  /** Characters of the line, without the figures. @default 24 */
  width?: number | undefined;
  /** True: the meaning of each shade follows the line. @default true */
  figures?: boolean;
  words?: StateWords | undefined;
}

/**
 * A line of states for a chat: `░░░░█░░░░█░░  ░ closed 3×, 23 h 10 min · █ open 2×, 50 min`. Where several states fall
 * into one character it shows the rarest, so that a door that was open for a minute shows. Empty where nothing is known.
 */
export function stateLine(timeline: Timeline, options: StateLineOptions = {}): string {
  const width = Math.min(
    MAX_CHARACTERS,
    Math.max(1, Math.floor(options.width ?? USUAL_CHARACTERS) || USUAL_CHARACTERS),
  );
  const lanes = lanesOf(timeline, SHADES.length);
  if (lanes.length === 0) return '';
  const cells = new Array<string>(width).fill(' ');
  const cellOf = (at: number): number =>
    Math.min(width - 1, Math.floor(((at - timeline.from) / (timeline.to - timeline.from)) * width));
  for (const [index, { spans }] of lanes.entries()) {
    const shade = lanes.length === 1 ? SHADES[1] : (SHADES[index] as string);
    for (const { from, to } of spans) {
      // A state that ends where a character begins is not in it.
      const end = to > from ? cellOf(to - 1) : cellOf(to);
      for (let cell = cellOf(from); cell <= end; cell++) cells[cell] = shade;
    }
  }
  const line = cells.join('');
  if (options.figures === false) return line;
  const words = options.words ?? PLAIN_WORDS;
  const figures = lanes.map(
    (lane, index) => `${lanes.length === 1 ? SHADES[1] : SHADES[index]} ${showLane(lane, words)}`,
  );
  return `${line}  ${figures.join(' · ')}`;
}
