import assert from 'node:assert/strict';
import { EventLoopLag } from '../../../../src/transport/connection/event-loop-lag';

/** A clock whose timers run when the test says so, however late. */
function lateClock() {
  let time = 0;
  let timer: (() => void) | undefined;
  return {
    now: () => time,
    steady: () => time,
    after: (_ms: number, action: () => void) => {
      timer = action;
      return () => {
        timer = undefined;
      };
    },
    /** The timer that was set for 250 ms runs `delay` ms late. */
    run(delay: number) {
      const action = timer;
      timer = undefined;
      time += 250 + delay;
      action?.();
    },
    get waits() {
      return timer !== undefined;
    },
  };
}

describe('loop watch', () => {
  /** `each`: messages that come between two looks. */
  const start = (each = 1) => {
    let came = 0;
    const clock = lateClock();
    const told: boolean[] = [];
    const watch = new EventLoopLag(
      clock,
      (behind) => told.push(behind),
      () => (came += each),
    );
    watch.start();
    return { clock, told, watch };
  };

  it('tells when the loop is more than a second behind, and when it has caught up, once each', () => {
    const { clock, told } = start();
    for (const delay of [0, 999, 1_001, 5_000, 500, 101, 100, 0]) clock.run(delay);
    assert.deepEqual(told, [true, false]);
  });

  it('says nothing where no message comes: something else keeps the process busy', () => {
    const { clock, told } = start(0);
    for (const delay of [2_000, 0]) clock.run(delay);
    assert.deepEqual(told, []);
  });

  it('leaves no timer behind, and begins anew', () => {
    const { clock, told, watch } = start();
    clock.run(2_000);
    watch.stop();
    assert.equal(clock.waits, false);
    watch.start();
    clock.run(2_000);
    assert.deepEqual(told, [true, true]);
  });
});
