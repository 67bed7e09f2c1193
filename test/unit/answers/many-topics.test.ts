import assert from 'node:assert/strict';
import { TopicIndex } from '../../../src/answers/topic-index';

/** Words that begin like each other and are of one length: each has to be looked at. */
const invented = (n: number): string =>
  `q${[...n.toString(2).padStart(28, '0')].map((bit) => 'ab'[Number(bit)]).join('')}`;

describe('questions about topics that a stranger invented', () => {
  it('hold the process up for less than a second, however wrong their words are', function () {
    this.timeout(120_000);
    const topics = Array.from({ length: 5_000 }, (_, n) => `home/${invented(n * 50_000)}`);
    const fields = new Map(
      topics.map((topic, n) => [topic, [1, 2, 3, 4, 5, 6].map((k) => invented(n * 50_000 + k * 7))]),
    );
    const index = new TopicIndex(['#'], {
      topics: () => topics,
      fieldsOf: (topic) => fields.get(topic) ?? [],
      nameOf: () => undefined,
      namesVersion: 1,
    });
    index.all(1);
    const words = [1, 2, 3, 4, 5].map((n) => `z${'cd'.repeat(13)}z${'xyzuv'[n - 1]}`);
    const begun = performance.now();
    assert.equal(index.find(words, 2).count, 0);
    const took = performance.now() - begun;
    assert.ok(took < 2_000, `${Math.round(took)} ms`);
  });
});
