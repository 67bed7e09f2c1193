import assert from 'node:assert/strict';
import { words } from '../../../src/base/catalogue';
import { discoveryFilters } from '../../../src/homeassistant/announcement';
import { EXPLORE_LEASE_MS, isForNames, MAX_WAIT_MS, TopicWatcher } from '../../../src/recorder/topic-watcher';
import type { Subscription } from '../../../src/transport/subscriptions/subscription-set';
import { FakeClock } from '../transport/fake-clock';

class FakeBroker {
  readonly filters: Subscription[] = [];
  readonly users = new Set<string>();
  wildcards: boolean | undefined = true;

  subscribe(subscription: Subscription): void {
    this.filters.push(subscription);
  }

  unsubscribe(subscription: Subscription): void {
    this.filters.splice(this.filters.indexOf(subscription), 1);
  }

  register(user: { id: string }): void {
    this.users.add(user.id);
  }

  async deregister(user: { id: string }): Promise<void> {
    this.users.delete(user.id);
  }
}

describe('watcher', () => {
  let clock: FakeClock;
  let broker: FakeBroker;
  const watch = (...filters: string[]) => new TopicWatcher(broker, clock, filters, () => {});
  const named = () => broker.filters.map(({ filter }) => filter);

  beforeEach(() => {
    clock = new FakeClock();
    broker = new FakeBroker();
  });

  it('subscribes to what the broker watches, and so wants the connection', () => {
    watch('home/#', 'garden/+');
    assert.deepEqual(named(), ['home/#', 'garden/+', ...discoveryFilters()]);
    assert.equal(broker.users.size, 1);
  });

  it('wants nothing where nothing is watched', () => {
    const watcher = watch();
    assert.deepEqual([named(), broker.users.size, watcher.state], [[], 0, { phase: 'off' }]);
  });

  it('explores as long as somebody asks again, and not longer', () => {
    const watcher = watch();
    watcher.explore();
    assert.deepEqual(watcher.state, { phase: 'on', filters: ['#'] });
    clock.advance(EXPLORE_LEASE_MS - 1);
    watcher.explore();
    clock.advance(EXPLORE_LEASE_MS - 1);
    assert.deepEqual([named(), broker.users.size], [['#'], 1]);
    clock.advance(1);
    assert.deepEqual([named(), broker.users.size, watcher.state], [[], 0, { phase: 'off' }]);
  });

  it('tells when exploring has ended, once nothing is received by it any more', () => {
    const left: string[][] = [];
    const watcher = new TopicWatcher(
      broker,
      clock,
      ['home/#'],
      () => {},
      'ha',
      () => left.push(named()),
    );
    watcher.stopExploring();
    watcher.explore();
    clock.advance(EXPLORE_LEASE_MS);
    watcher.stopExploring();
    assert.deepEqual(left, [['home/#', ...discoveryFilters('ha')]]);
  });

  it('does not end between two questions of an editor to whom nothing comes (a lease as long as what renews it)', () => {
    const watcher = watch();
    const pauseBetweenQuestions = 5_000;
    watcher.explore();
    clock.advance(MAX_WAIT_MS + pauseBetweenQuestions);
    assert.deepEqual([named(), broker.users.size], [['#'], 1]);
  });

  it('tries +/# where # is refused, then says why it cannot', () => {
    const watcher = watch();
    watcher.explore();
    broker.filters[0]?.refused(new Error('not authorized'));
    assert.deepEqual(named(), ['+/#']);
    broker.filters[0]?.refused(new Error('not this either'));
    assert.deepEqual(watcher.state, { phase: 'unable', reason: words('not this either') });
  });

  it('names a server that has no wildcards', () => {
    broker.wildcards = false;
    const watcher = watch();
    watcher.explore();
    assert.deepEqual(watcher.state, { phase: 'unable', reason: 'wildcards' });
  });

  it('changes nothing for flows: its subscriptions are passive', () => {
    watch('home/#').explore();
    assert.ok(broker.filters.every(({ passive }) => passive === true));
  });

  it('asks for the names of what it watches, but not where it gets everything, and tells them apart', () => {
    watch('home/#');
    const [watched, names] = broker.filters;
    assert.ok(watched && names);
    assert.ok(isForNames([{ subscriptions: [names] }]));
    assert.ok(!isForNames([{ subscriptions: [names] }, { subscriptions: [watched] }]));
    broker.filters.length = 0;
    watch('#');
    assert.deepEqual(named(), ['#']);
  });

  it('ends with its broker', () => {
    const watcher = watch('home/#');
    watcher.explore();
    watcher.close();
    clock.advance(2 * EXPLORE_LEASE_MS);
    assert.deepEqual(named(), []);
  });
});
