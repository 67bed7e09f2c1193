import type { StateChange } from '../types';

/** A state of a key and when it lasted, in milliseconds since the epoch. */
export interface StateSpan {
  from: number;
  to: number;
  state: string;
}

/** A row of a timeline, or a shade of a line: one state, or all that have no row of their own (`state` undefined). */
export interface StateLane {
  state: string | undefined;
  /** Total time in milliseconds, and how often. */
  ms: number;
  times: number;
  spans: StateSpan[];
}

/** Words for people: of states, and how long something is. */
export interface StateWords {
  other: string;
  /** What a state is called. @default the state itself */
  state?(state: string): string;
  duration(ms: number): string;
}

/** Words for pictures that are made without a language. */
export const PLAIN_WORDS: StateWords = {
  other: '…',
  duration: (ms) => {
    const minutes = Math.round(ms / 60_000);
    if (minutes < 1) return `${Math.round(ms / 1_000)} s`;
    const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
    return [hours > 0 ? `${hours} h` : '', rest > 0 || hours === 0 ? `${rest} min` : '']
      .filter((part) => part !== '')
      .join(' ');
  },
};

/** A span of time with the states in it. */
export interface Timeline {
  /** Milliseconds since the epoch. */
  from: number;
  to: number;
  /** States as `History.states` gives them: oldest first, beginning with the one in force at `from`. */
  states: readonly StateChange[];
  /** Until when the last state is known to have lasted. @default `to` */
  known?: number;
}

/**
 * The states as rows, the one that lasted longest first. Beyond `most` those that lasted shortest share the last row.
 * A state that just began has a span without length: a picture shows it all the same.
 */
export function lanesOf({ from, to, states, known = to }: Timeline, most: number): StateLane[] {
  if (!(to > from)) return [];
  const end = Math.min(to, Math.max(from, known));
  const lanes = new Map<string, StateLane>();
  for (const [index, { at, state }] of states.entries()) {
    const begin = Math.max(from, at);
    const next = Math.min(end, states[index + 1]?.at ?? end);
    if (!(begin <= next)) continue;
    const lane = lanes.get(state) ?? { state, ms: 0, times: 0, spans: [] };
    lanes.set(state, lane);
    lane.ms += next - begin;
    lane.times += 1;
    lane.spans.push({ from: begin, to: next, state });
  }
  // If two lasted equally long, the earlier one is first.
  const sorted = [...lanes.values()].sort((a, b) => b.ms - a.ms);
  if (sorted.length <= most) return sorted;
  const others = sorted.slice(most - 1);
  const spans = others.flatMap((lane) => lane.spans).sort((a, b) => a.from - b.from);
  return [
    ...sorted.slice(0, most - 1),
    {
      state: undefined,
      ms: others.reduce((sum, { ms }) => sum + ms, 0),
      times: others.reduce((sum, { times }) => sum + times, 0),
      spans,
    },
  ];
}

/** A state for people: on one line, and short. */
export function showState(state: string | undefined, words: StateWords, most = 24): string {
  if (state === undefined) return words.other;
  const text = (words.state?.(state) ?? state)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim();
  const letters = [...text];
  return letters.length > most ? `${letters.slice(0, most - 1).join('')}…` : text || '""';
}

/** `open 3×, 50 min`. */
export function showLane({ state, ms, times }: StateLane, words: StateWords): string {
  return `${showState(state, words)} ${times > 1 ? `${times}×, ` : ''}${words.duration(ms)}`;
}
