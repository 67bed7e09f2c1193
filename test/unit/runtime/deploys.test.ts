import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { Deploys } from '../../../src/runtime/deploys';

describe('deploys', () => {
  it('tell any number of nodes over one listener, and leave none behind', () => {
    const events = new EventEmitter();
    const deploys = new Deploys(events);
    let told = 0;
    const stops = Array.from({ length: 20 }, () => {
      const stop = deploys.onOver(() => {
        told += 1;
        if (told === 1) stop();
      });
      return stop;
    });
    assert.equal(events.listenerCount('flows:started'), 1);
    events.emit('flows:started');
    events.emit('flows:started');
    assert.equal(told, 39);
    for (const stop of stops) stop();
    assert.equal(events.listenerCount('flows:started'), 0);
    deploys.onOver(() => {});
    assert.equal(events.listenerCount('flows:started'), 1);
  });
});
