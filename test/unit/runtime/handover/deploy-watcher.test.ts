import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { DeployWatcher } from '../../../../src/runtime/handover/deploy-watcher';
import { FakeClock } from '../../transport/fake-clock';

function setUp() {
  const events = new EventEmitter();
  const clock = new FakeClock();
  const deploys = new DeployWatcher(events, clock);
  const told: boolean[] = [];
  const stop = deploys.listen((underWay) => void told.push(underWay));
  return { events, clock, deploys, told, stop };
}

describe('deploys', () => {
  it('are under way when the first node is made, and over when all are there', () => {
    const { events, told } = setUp();
    assert.deepEqual(told, [true]);
    events.emit('flows:started');
    events.emit('flows:started');
    assert.deepEqual(told, [true, false]);
  });

  it('begin with the first node that stops; what starts then belongs to the same', () => {
    const { events, told } = setUp();
    events.emit('flows:started');
    for (const event of ['flows:stopping', 'flows:stopped', 'flows:starting', 'flows:started'])
      events.emit(event);
    assert.deepEqual(told, [true, false, true, false]);
  });

  it('that never end are over after a while', () => {
    const { clock, told } = setUp();
    clock.advance(19_999);
    assert.deepEqual(told, [true]);
    clock.advance(1);
    assert.deepEqual(told, [true, false]);
  });

  it('tell a newcomer how it stands, and nobody who has gone', () => {
    const { events, deploys, told, stop } = setUp();
    events.emit('flows:started');
    const other: boolean[] = [];
    const stopOther = deploys.listen((underWay) => void other.push(underWay));
    assert.deepEqual(other, [false]);
    stop();
    events.emit('flows:stopping');
    assert.deepEqual(
      [told, other],
      [
        [true, false],
        [false, true],
      ],
    );
    stopOther();
    assert.equal(events.eventNames().length, 0);
  });
});
