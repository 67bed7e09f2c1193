import type { Canvas, Colour } from './canvas';
import { encodeCanvases } from './png';
import { Frame, type FrameOptions, GRID, LINE } from './png-frame';
import { lanesOf, PLAIN_WORDS, type StateWords, showLane, showState, type Timeline } from './state-spans';

export interface StatePngOptions extends FrameOptions {
  words?: StateWords | undefined;
}

/** Colours of the rows, longest-lasting state first. People who see no red and green can tell them apart. */
const COLOURS: readonly Colour[] = [
  [173, 181, 189],
  LINE,
  [253, 126, 20],
  [111, 66, 193],
  [32, 201, 151],
  [214, 51, 132],
];
const SPACE = 6;
/** A row is no higher than that, or a door looks like a wall. */
const HIGHEST = 44;

/**
 * The states of a key as PNG, for a chat: a row for each state with its name, what lasted longest at the bottom, the
 * times of alerts, and times of the day below. A state that was short is two pixels wide all the same.
 */
export function statePng(timeline: Timeline, options: StatePngOptions): Buffer {
  return encodeCanvases([drawStates(timeline, options)]);
}

/** The same as a picture that may stand above others. */
export function drawStates(timeline: Timeline, options: StatePngOptions): Canvas {
  const words = options.words ?? PLAIN_WORDS;
  const lanes = lanesOf(timeline, COLOURS.length);
  const frame = new Frame(timeline.from, timeline.to, options);
  const { canvas, top, bottom, right } = frame;
  const names = lanes.map(({ state }) => showState(state, words));
  const room = frame.reserve(names);
  frame.timeAxis();
  frame.marks();
  const high = Math.min(HIGHEST, (bottom - top - SPACE) / Math.max(1, lanes.length) - SPACE);
  for (const [index, { spans }] of lanes.entries()) {
    const y = Math.round(bottom - (index + 1) * (high + SPACE));
    const height = Math.max(2, Math.round(high));
    canvas.rectangle(frame.left, y + height - 1, right - frame.left, 1, GRID);
    for (const { from, to } of spans) {
      const left = Math.min(right - 2, Math.round(frame.x(from)));
      const wide = Math.max(2, Math.round(frame.x(to)) - left);
      canvas.rectangle(left, y, wide, height, COLOURS[index] as Colour);
    }
    frame.label(names[index] as string, y + height / 2, room);
  }
  // Rare states are the interesting ones.
  const rare = lanes.slice(1, 3).map((lane) => showLane(lane, words));
  const [only] = lanes;
  frame.heading(rare.length > 0 ? rare.join('   ') : only ? showLane(only, words) : '–');
  return canvas;
}
