import assert from 'node:assert/strict';
import { Clearing } from '../../../../../src/plugins/dinox-sidebar/routes/clearing';
import type { Broker } from '../../../../../src/runtime/broker/broker';
import type { Publication } from '../../../../../src/transport/messages';
import { FakeClock } from '../../../transport/fake-clock';

/** A connection whose server keeps these messages, and refuses some topics. */
class House {
  readonly kept = new Map<string, string>();
  readonly refused = new Set<string>();
  readonly broker = {
    recorder: {
      last: (topic: string) => {
        const payload = Buffer.from(this.kept.get(topic) ?? '');
        return { payload, bytes: payload.length, complete: true, retained: payload.length > 0, at: 1 };
      },
      cleared: () => {},
    },
    publish: ({ topic, payload }: Publication, done: (error?: Error) => void) => {
      if (this.refused.has(topic)) return done(new Error('refused'));
      this.kept.set(topic, payload.toString());
      done();
    },
  } as unknown as Broker;
  private tokens = 0;
  readonly clearing = new Clearing(new FakeClock(), () => String(++this.tokens));

  constructor(topics: readonly string[]) {
    for (const topic of topics) this.kept.set(topic, `${topic} old`);
  }

  clear(): ReturnType<Clearing['clear']> {
    return this.clearing.clear('house', this.broker, [...this.kept.keys()]);
  }
}

describe('sidebar: clearing, and its undo', () => {
  it('tells what could not be restored, and tries it again', async () => {
    const house = new House(['a', 'b']);
    const { undo = '' } = await house.clear();
    house.refused.add('b');
    const first = await house.clearing.undo('house', house.broker, undo);
    assert.deepEqual([first.restored, first.failed], [1, 1]);
    assert.ok(first.why);
    house.refused.clear();
    const second = await house.clearing.undo('house', house.broker, first.undo ?? '');
    assert.deepEqual(second, { restored: 1, failed: 0 });
    assert.deepEqual([...house.kept.values()], ['a old', 'b old']);
  });

  it('leaves a topic alone that has got another message since', async () => {
    const house = new House(['a', 'b']);
    const { undo = '' } = await house.clear();
    house.kept.set('a', 'a new');
    const answer = await house.clearing.undo('house', house.broker, undo);
    assert.deepEqual(answer, { restored: 1, failed: 0, newer: 1 });
    assert.deepEqual([...house.kept.values()], ['a new', 'b old']);
  });
});
