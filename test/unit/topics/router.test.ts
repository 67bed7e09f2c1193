import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checkFilter, checkTopic } from '../../../src/topics/check';
import { matches } from '../../../src/topics/filter';
import { Router } from '../../../src/topics/router';
import { allTopics, naiveMatch } from './reference-router';

// Few and short names, so that random filters and topics meet.
const name = fc.constantFrom('a', 'b', '', '$x', 'ä€', '$');
const topicArb = fc
  .array(name, { minLength: 1, maxLength: 5 })
  .map((levels) => levels.join('/'))
  .filter((topic) => topic !== '');
const plainFilterArb = fc
  .tuple(
    fc.array(fc.oneof({ weight: 3, arbitrary: name }, { weight: 2, arbitrary: fc.constant('+') }), {
      maxLength: 5,
    }),
    fc.boolean(),
  )
  .map(([levels, many]) => (many ? [...levels, '#'] : levels).join('/'))
  .filter((filter) => filter !== '');
const filterArb = fc.oneof(
  { weight: 5, arbitrary: plainFilterArb },
  { weight: 1, arbitrary: plainFilterArb.map((filter) => `$share/group/${filter}`) },
);

function routerOf(filters: readonly string[]): Router<number> {
  const router = new Router<number>();
  filters.forEach((filter, index) => {
    router.add(filter, index);
  });
  return router;
}

describe('router', () => {
  const table: [filter: string, topic: string, match: boolean][] = [
    // The examples of MQTT 5 §4.7.1.2 and §4.7.1.3.
    ['sport/tennis/player1/#', 'sport/tennis/player1', true],
    ['sport/tennis/player1/#', 'sport/tennis/player1/ranking', true],
    ['sport/tennis/player1/#', 'sport/tennis/player1/score/wimbledon', true],
    ['sport/#', 'sport', true],
    ['#', 'sport/tennis', true],
    ['#', '/', true],
    ['sport/tennis/+', 'sport/tennis/player1', true],
    ['sport/tennis/+', 'sport/tennis/player1/ranking', false],
    ['sport/+', 'sport', false],
    ['sport/+', 'sport/', true],
    ['+', 'sport', true],
    ['+/tennis/#', 'sport/tennis', true],
    ['+/+', '/finance', true],
    ['/+', '/finance', true],
    ['+', '/finance', false],
    // §4.7.2
    ['#', '$SYS/broker/uptime', false],
    ['+/monitor/Clients', '$SYS/monitor/Clients', false],
    ['$SYS/#', '$SYS/', true],
    ['$SYS/#', '$SYS', true],
    ['$SYS/monitor/+', '$SYS/monitor/Clients', true],
    ['a/+', 'a/$x', true],
    // §4.7.3
    ['ACCOUNTS', 'Accounts', false],
    ['a/', 'a', false],
    ['a//b', 'a//b', true],
    ['a/+/b', 'a//b', true],
    ['a b', 'a b', true],
    // §4.8.2
    ['$share/g/sport/#', 'sport', true],
    ['$share/g/#', 'sport', true],
    ['$share/g/#', '$SYS/x', false],
    ['$share/g//x', '/x', true],
    ['$share/g/x', '$share/g/x', false],
  ];
  for (const [filter, topic, match] of table) {
    it(`${filter} ${match ? 'matches' : 'does not match'} ${topic}`, () => {
      assert.deepEqual([...routerOf([filter]).match(topic)], match ? [0] : []);
      assert.equal(naiveMatch(filter, topic), match, 'the reference itself');
    });
  }

  it('agrees with the standard on 100,000 random pairs', () => {
    let pairs = 0;
    let hits = 0;
    fc.assert(
      fc.property(
        fc.array(filterArb, { minLength: 10, maxLength: 25 }),
        fc.array(topicArb, { minLength: 10, maxLength: 25 }),
        (filters, topics) => {
          for (const filter of filters) checkFilter(filter);
          const router = routerOf(filters);
          for (const topic of topics) {
            checkTopic(topic);
            const expected = filters.flatMap((filter, index) => (naiveMatch(filter, topic) ? [index] : []));
            // Twice: from the trie, and from what is remembered.
            assert.deepEqual([...router.match(topic)].sort(byNumber), expected);
            assert.deepEqual([...router.match(topic)].sort(byNumber), expected);
            pairs += filters.length;
            hits += expected.length;
          }
        },
      ),
      { numRuns: 400 },
    );
    assert.ok(pairs >= 100_000, `${pairs} pairs`);
    assert.ok(hits > pairs / 50, `only ${hits} of ${pairs} pairs matched: the names are badly chosen`);
  });

  it('follows any sequence of adding and taking away, as a list would', () => {
    const step = fc.record({
      add: fc.boolean(),
      filter: filterArb,
      value: fc.integer({ min: 0, max: 3 }),
      topic: topicArb,
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const router = new Router<number>();
        const list: { filter: string; value: number }[] = [];
        for (const { add, filter, value, topic } of steps) {
          if (add) {
            router.add(filter, value);
            list.push({ filter: ordinary(filter), value });
          } else {
            const index = list.findIndex(
              (entry) => entry.filter === ordinary(filter) && entry.value === value,
            );
            assert.equal(router.remove(filter, value), index >= 0);
            if (index >= 0) list.splice(index, 1);
          }
          const expected = list
            .filter((entry) => naiveMatch(entry.filter, topic))
            .map((entry) => entry.value);
          assert.deepEqual([...router.match(topic)].sort(byNumber), expected.sort(byNumber));
        }
        for (const { filter, value } of list) assert.equal(router.remove(filter, value), true);
        assert.equal(router.countOverlapping('#'), 0);
        assert.equal(router.countOverlapping('$x/#'), 0);
      }),
      { numRuns: 400 },
    );
  });

  it('counts the filters that can meet another on some topic', () => {
    // A name that stands in no filter makes every level of a wildcard free; one level more than any filter has.
    const names = ['a', 'b', '', '$x', 'other'];
    // The empty topic does not exist, but `/#` and `+` would meet there: counting that costs no more than an id.
    const topics = ['', ...allTopics(names, 4)];
    const shortName = fc.constantFrom('a', 'b', '', '$x');
    const shortFilter = fc
      .tuple(fc.array(fc.oneof(shortName, fc.constant('+')), { maxLength: 3 }), fc.boolean())
      .map(([levels, many]) => (many ? [...levels, '#'] : levels).join('/'))
      .filter((filter) => filter !== '');
    fc.assert(
      fc.property(fc.array(shortFilter, { maxLength: 12 }), shortFilter, (filters, asked) => {
        const router = routerOf(filters);
        const reach = topics.filter((topic) => naiveMatch(asked, topic));
        const expected = filters.filter((filter) => reach.some((topic) => naiveMatch(filter, topic)));
        assert.equal(
          router.countOverlapping(asked),
          expected.length,
          `${asked} among ${filters.join(' ')}: ${expected.join(' ')}`,
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it('counts the filter itself', () => {
    const router = routerOf(['a/b', 'a/+', 'c/#']);
    assert.equal(router.countOverlapping('c/#'), 1);
    assert.equal(router.countOverlapping('a/b'), 2);
    assert.equal(router.countOverlapping('$share/g/a/b'), 2);
  });

  it('gives exact filters first', () => {
    const router = new Router<string>();
    for (const filter of ['#', 'a/+', 'a/b']) router.add(filter, filter);
    assert.equal(router.match('a/b')[0], 'a/b');
  });

  it('sees a filter that came or went after a topic was looked up', () => {
    const router = routerOf(['a/+']);
    assert.deepEqual([...router.match('a/b')], [0]);
    router.add('a/b', 7);
    assert.deepEqual([...router.match('a/b')].sort(byNumber), [0, 7]);
    router.remove('a/b', 7);
    router.remove('a/+', 0);
    assert.deepEqual([...router.match('a/b')], []);
  });

  it('remembers a bounded number of topics', () => {
    const router = routerOf(['#']);
    for (let i = 0; i < 20_000; i++) router.match(`topic/${i}`);
    const { cache } = router as unknown as { cache: Map<string, unknown> };
    assert.ok(cache.size <= 5_000, `${cache.size}`);
    assert.deepEqual([...router.match('topic/0')], [0]);
  });

  it('takes a filter as deep as MQTT allows', () => {
    const deep = `${'+/'.repeat(32_000)}#`;
    const router = routerOf([deep]);
    assert.deepEqual([...router.match('a/b')], []);
    assert.deepEqual([...router.match(`${'a/'.repeat(32_000)}a`)], [0]);
    assert.equal(router.countOverlapping(deep), 1);
    assert.equal(router.remove(deep, 0), true);
  });
});

describe('matches', () => {
  it('agrees with the standard', () => {
    fc.assert(
      fc.property(plainFilterArb, topicArb, (filter, topic) => {
        assert.equal(matches(filter.split('/'), topic.split('/')), naiveMatch(filter, topic));
      }),
      { numRuns: 5_000 },
    );
  });
});

function byNumber(a: number, b: number): number {
  return a - b;
}

function ordinary(filter: string): string {
  return filter.replace(/^\$share\/group\//, '');
}
