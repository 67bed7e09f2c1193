/** kind: what is remembered for a while must not keep what a deploy has ended. */
import assert from 'node:assert/strict';
import { ChatDispatcher, type ReceivedCopy } from '../../../../src/nodes/dinox-alert/chat-dispatcher';
import { FakeClock } from '../../transport/fake-clock';

describe('chat dispatcher of alerts', () => {
  it('an alert that a deploy ended is kept by nothing that it heard', () => {
    const dispatcher = new ChatDispatcher(new FakeClock(), () => false);
    const engine = {
      commands: {
        name: 'Freezer',
        knows: () => false,
        misunderstood: () => ({ ok: false, cmd: '', text: '?' }),
      },
      answers: () => [],
      recordings: {},
    } as unknown as ReceivedCopy['engine'];
    const remove = dispatcher.add(engine);
    const hear = (one: ReceivedCopy['engine']): void => {
      const msg = {
        payload: 'what',
        xmpp: { from: 'bob@example.org/x', id: '1' },
      } as unknown as ReceivedCopy['msg'];
      dispatcher.receive({ engine: one, msg, send: () => {}, done: () => {} });
    };
    hear(engine);
    remove();
    assert.deepEqual(
      [
        ...(
          dispatcher as unknown as { dispatches: Map<string, { reached: Set<unknown> }> }
        ).dispatches.values(),
      ].map(({ reached }) => reached.size),
      [0],
    );
  });

  // The kind: an id that others choose is trusted to be one.
  it('what a script says again under the same id is a command again; copies of one are none', () => {
    const clock = new FakeClock();
    const dispatcher = new ChatDispatcher(clock, () => false);
    let asked = 0;
    const engines = ['Freezer', 'Door'].map(
      (name) =>
        ({
          commands: {
            name,
            knows: () => false,
            misunderstood: () => {
              asked += 1;
              return { ok: false, cmd: '', text: '?' };
            },
          },
          answers: () => [],
          recordings: {},
        }) as unknown as ReceivedCopy['engine'],
    ) as [ReceivedCopy['engine'], ReceivedCopy['engine']];
    for (const engine of engines) dispatcher.add(engine);
    let done = 0;
    const say = (payload: string, ...to: ReceivedCopy['engine'][]): number => {
      asked = 0;
      const msg = {
        payload,
        xmpp: { from: 'bot@example.org/x', id: 'always' },
      } as unknown as ReceivedCopy['msg'];
      for (const engine of to) {
        dispatcher.receive({
          engine,
          msg,
          send: () => {},
          done: () => {
            done += 1;
          },
        });
      }
      clock.advance(100);
      return asked;
    };
    const [freezer, door] = engines;
    assert.equal(say('what', freezer, freezer), 1, 'over two wires');
    assert.equal(say('who', freezer), 1, 'another text');
    assert.equal(say('what', freezer), 0, 'a moment later');
    clock.advance(5_000);
    assert.equal(say('what', freezer), 1, 'said again');
    assert.equal(say('what', door), 1, 'a copy by a longer way');
    assert.equal(done, 6);
  });
});
