/** kind: what is remembered for a while must not keep what a deploy has ended. */
import assert from 'node:assert/strict';
import { type Hearing, Rounds } from '../../../src/nodes/dinox-alert/rounds';
import { FakeClock } from '../transport/fake-clock';

describe('rounds of alerts', () => {
  it('an alert that a deploy ended is kept by nothing that it heard', () => {
    const rounds = new Rounds(new FakeClock(), () => false);
    const station = {
      desk: { name: 'Freezer', knows: () => false, misunderstood: () => ({ ok: false, cmd: '', text: '?' }) },
      answers: () => [],
    } as unknown as Hearing['station'];
    const remove = rounds.add(station);
    const hear = (one: Hearing['station']): void => {
      const msg = {
        payload: 'what',
        xmpp: { from: 'bob@example.org/x', id: '1' },
      } as unknown as Hearing['msg'];
      rounds.hear({ station: one, msg, send: () => {}, done: () => {} });
    };
    hear(station);
    remove();
    assert.deepEqual(
      [...(rounds as unknown as { rounds: Map<string, { reached: Set<unknown> }> }).rounds.values()].map(
        ({ reached }) => reached.size,
      ),
      [0],
    );
  });
});
