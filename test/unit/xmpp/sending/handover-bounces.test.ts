import assert from 'node:assert/strict';
import { type Bounce, HandoverBounces } from '../../../../src/xmpp/sending/handover-bounces';
import type { PendingStanza } from '../../../../src/xmpp/session/stanza-queue';
import { FakeClock } from '../../transport/fake-clock';
import { OutStanzas } from '../out-stanzas';

const STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas';
const ROOM = 'home@rooms.example.org';

async function setUp() {
  const stanzas = await OutStanzas.make();
  const clock = new FakeClock();
  const told: Bounce[] = [];
  const results: string[] = [];
  const handedOver = new HandoverBounces(stanzas, clock, (back) => told.push(back));
  const message = (id: string): PendingStanza => ({
    ...{ text: '<message/>', since: 0, room: ROOM, id },
    done: (error) => results.push(`${id} ${error?.message ?? 'done'}`),
  });
  const { xml } = stanzas;
  const back = (id: string) =>
    stanzas.receive(
      xml(
        'message',
        { type: 'error', from: `${ROOM}/robot`, id },
        xml(
          'error',
          { type: 'auth' },
          xml('forbidden', { xmlns: STANZAS }),
          xml('text', { xmlns: STANZAS }, 'Banned'),
        ),
      ),
    );
  return { clock, told, results, handedOver, message, back };
}

describe('messages that were handed over', () => {
  it('are told of where they come back, those of a moment together', async () => {
    const { clock, told, results, handedOver, message, back } = await setUp();
    const watched = handedOver.watch(['a', 'b', 'c'].map(message));
    for (const { done } of watched) done();
    assert.deepEqual(results, ['a done', 'b done', 'c done']);
    for (const id of ['a', 'a', 'elsewhere', 'b']) back(id);
    clock.advance(1_000);
    assert.deepEqual(told, [{ count: 2, to: ROOM, why: 'forbidden: Banned' }]);
    back('c');
    handedOver.close();
    assert.equal(told.length, 2, 'nothing is kept to itself by a close');
  });

  it('are forgotten: one that failed at once, all a while after the server had them', async () => {
    const { clock, told, results, handedOver, message, back } = await setUp();
    const [first, second] = handedOver.watch(['a', 'b'].map(message));
    first?.done(new Error('too old'));
    back('a');
    clock.advance(10 * 60_000);
    second?.done();
    clock.advance(5 * 60_000);
    back('b');
    clock.advance(1_000);
    assert.deepEqual([told, results], [[], ['a too old', 'b done']]);
    assert.equal(clock.waiting, 0);
  });
});
