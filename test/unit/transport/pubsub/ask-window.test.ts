import assert from 'node:assert/strict';
import { AskWindow } from '../../../../src/transport/pubsub/ask-window';
import { FakeClock } from '../fake-clock';

/** Fills the window, and answers everything after `ms`. @returns how much fitted */
function round(window: AskWindow, clock: FakeClock, ms: number): number {
  const ends: (() => void)[] = [];
  while (window.hasRoom) ends.push(window.begin());
  clock.advance(ms);
  for (const end of ends) end();
  return ends.length;
}

describe('the window of questions', () => {
  it('grows while answers are quick, up to its bound', () => {
    const clock = new FakeClock();
    const window = new AskWindow(clock);
    const sizes = Array.from({ length: 8 }, () => round(window, clock, 10));
    assert.deepEqual(sizes.slice(0, 3), [16, 32, 64]);
    assert.equal(sizes.at(-1), 256);
  });

  it('shrinks while they are slow, and some always go', () => {
    const clock = new FakeClock();
    const window = new AskWindow(clock);
    const sizes = Array.from({ length: 5 }, () => round(window, clock, 2_000));
    assert.equal(sizes[0], 16);
    assert.equal(sizes.at(-1), 4);
  });

  it('runs steps in their order, each as soon as there is room, failed ones too', async () => {
    const window = new AskWindow(new FakeClock());
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const steps = Array.from({ length: 20 }, (_, n) =>
      window.inTurn(async () => {
        begun.push(n);
        const end = window.begin();
        await new Promise<void>((resolve) => ends.push(resolve));
        end();
        if (n === 0) throw new Error('failed');
      }),
    );
    assert.equal(begun.length, 16);
    for (const end of ends.splice(0)) end();
    await assert.rejects(steps[0] as Promise<void>, /failed/);
    await new Promise(setImmediate);
    for (const end of ends.splice(0)) end();
    await Promise.all(steps.slice(1));
    assert.deepEqual(
      begun,
      Array.from({ length: 20 }, (_, n) => n),
    );
  });
});
