import type { Duplex } from 'node:stream';

/** Bytes that are read in one turn of the event loop: at most what one read from a socket gives. */
const TURN_BYTES = 65_536;

/**
 * Lets everything else have its turn after each 64 KB read. Node reads up to 2 MB of a socket at a stretch, and all
 * packets in it are handled before a timer or the next node of a flow runs: with short messages that takes seconds,
 * and tens of thousands wait between two nodes.
 */
export function readFairly(stream: Duplex): void {
  const pause = stream.pause.bind(stream);
  const resume = stream.resume.bind(stream);
  let taken = 0;
  let resting = false;
  /** The reader of the stream has asked for a pause itself. */
  let paused = false;
  stream.pause = () => {
    paused = true;
    return pause();
  };
  stream.resume = () => {
    paused = false;
    return resting ? stream : resume();
  };
  const nextTurn = (): void => {
    taken = 0;
    if (!resting) return;
    resting = false;
    if (!paused) resume();
  };
  stream.on('data', (chunk: Buffer) => {
    if (taken === 0) setImmediate(nextTurn);
    taken += chunk.length;
    if (taken < TURN_BYTES || resting) return;
    resting = true;
    pause();
  });
}
