import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../../src/base/clock';

describe('the clock of the system', () => {
  it('waits where setTimeout would not, which counts in 31 bits', async () => {
    let rang = false;
    const stop = systemClock.after(2 ** 31, () => {
      rang = true;
    });
    await sleep(20);
    stop();
    assert.equal(rang, false);
  });
});
