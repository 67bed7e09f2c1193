import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { Deploys } from '../../../src/runtime/deploys';
import { FakeClock } from '../transport/fake-clock';

describe('deploys', () => {
  it('tell any number of nodes over one listener of each event, and leave none behind', () => {
    const events = new EventEmitter();
    const clock = new FakeClock();
    const deploys = new Deploys(events, clock);
    const told: boolean[] = [];
    const stops = Array.from({ length: 20 }, () => deploys.listen((underWay) => told.push(underWay)));
    for (const name of events.eventNames()) assert.equal(events.listenerCount(name), 1, String(name));
    events.emit('flows:started');
    assert.deepEqual(told, [...Array(20).fill(true), ...Array(20).fill(false)]);
    for (const stop of stops) stop();
    assert.deepEqual(events.eventNames(), []);
    assert.equal(clock.waiting, 0);
  });
});
