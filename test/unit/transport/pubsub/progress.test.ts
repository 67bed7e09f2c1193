import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { Progress } from '../../../../src/transport/pubsub/progress';
import { FakeClock } from '../fake-clock';

/** A step that ends when it is told to. */
function step(): { promise: Promise<void>; end(error?: Error): void } {
  const ends: { end?: (error?: Error) => void } = {};
  const promise = new Promise<void>((resolve, reject) => {
    ends.end = (error) => (error ? reject(error) : resolve());
  });
  promise.catch(() => {});
  return { promise, end: (error) => ends.end?.(error) };
}

describe('progress of subscribing', () => {
  let clock: FakeClock;
  let told: (string | undefined)[];
  let progress: Progress;

  beforeEach(() => {
    clock = new FakeClock();
    told = [];
    progress = new Progress(clock, (now) => told.push(now && `${now.done}/${now.all}`));
  });

  it('is not worth a word where it is over soon', async () => {
    const steps = [step(), step()];
    for (const { promise } of steps) void progress.count(promise);
    clock.advance(1_999);
    for (const { end } of steps) end();
    await turn();
    clock.advance(10_000);
    assert.deepEqual(told, []);
    assert.equal(clock.waiting, 0);
  });

  it('is told every two seconds until all have ended, failed ones too, and that it is over', async () => {
    const steps = [step(), step(), step()];
    for (const { promise } of steps) progress.count(promise).catch(() => {});
    steps[0]?.end();
    await turn();
    clock.advance(2_000);
    steps[1]?.end(new Error('forbidden'));
    await turn();
    clock.advance(2_000);
    steps[2]?.end();
    await turn();
    assert.deepEqual(told, ['1/3', '2/3', undefined]);
    assert.equal(clock.waiting, 0);
    void progress.count(step().promise);
    clock.advance(2_000);
    assert.equal(told.at(-1), '0/1', 'the next time counts anew');
  });
});
