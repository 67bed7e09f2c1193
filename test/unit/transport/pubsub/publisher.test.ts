import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { text } from '../../../../src/base/catalogue';
import { Publisher } from '../../../../src/transport/pubsub/publisher';
import type { PubsubService } from '../../../../src/transport/pubsub/service';
import { XmppError } from '../../../../src/xmpp/errors';
import { StanzaError } from '../../../../src/xmpp/stanzas';
import { reader } from '../../xmpp/parse';
import { FakeClock } from '../fake-clock';

/** A service that answers publications only when it is told to: a real one loses an answer at a moment of its own. */
class SilentService {
  readonly jid = 'pubsub.localhost';
  readonly clock = new FakeClock();
  readonly published: { id: string; answer(error?: Error): void }[] = [];
  readonly requests = {
    create: () => undefined,
    publish: (_node: string, id: string) => ({ id }),
  };

  ask(question: { id: string } | undefined): Promise<void> {
    if (!question) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const answer = (error?: Error): void => (error ? reject(error) : resolve());
      this.published.push({ id: question.id, answer });
    });
  }
}

const unanswered = (): XmppError => new XmppError('timeout', text('net.noAnswerFrom', { where: 'pubsub' }));

describe('publications over PubSub whose answer stays away', () => {
  let service: SilentService;
  let publisher: Publisher;
  let missed: number;
  let done: string[];

  const publish = async (id: string): Promise<void> => {
    const content = { type: 'utf8', text: id } as const;
    publisher.publish({ node: 'n', id, content, retain: true }, (error) =>
      done.push(error ? `${id}: ${error.message}` : id),
    );
    await turn();
  };
  const answer = async (index: number, error?: Error): Promise<void> => {
    service.published[index]?.answer(error);
    await turn();
  };

  beforeEach(() => {
    service = new SilentService();
    missed = 0;
    done = [];
    publisher = new Publisher(
      service as unknown as PubsubService,
      { access: 'open', publish: 'open', maxItems: 1 },
      { isAutocreated: async () => false, appeared: () => {}, clearing: () => () => {} },
      { notice: () => {}, drained: () => {}, unanswered: () => missed++ },
    );
  });

  it('are not done, but go out again under their ids, in their order', async () => {
    await publish('1');
    await publish('2');
    await answer(0, unanswered());
    assert.equal(missed, 1);
    publisher.forget();
    await publish('1');
    await publish('2');
    assert.deepEqual(
      service.published.map(({ id }) => id),
      ['1', '2', '1', '2'],
    );
    await answer(2);
    await answer(3);
    assert.deepEqual(done, ['1', '2']);
  });

  it('count no more once they are sent again, whatever comes of the first time', async () => {
    await publish('1');
    await publish('2');
    await answer(0, unanswered());
    publisher.forget();
    await publish('1');
    await publish('2');
    await answer(1, unanswered());
    assert.equal(missed, 1, 'the line is not given up a second time');
    await answer(3);
    await answer(2);
    assert.deepEqual(done, ['2', '1']);
  });
});

describe('a node whose settings nobody tells', () => {
  const FORBIDDEN = new StanzaError('forbidden', 'auth', text('net.noAnswerFrom', { where: 'pubsub' }));
  const ITEM = `<item id='newer'><json xmlns='urn:xmpp:json:0'>2</json></item>`;

  for (const [what, items, notices] of [
    ['keeps items where another publication came behind ours', ITEM, []],
    ['keeps none where there is none', '', ['pubsub-not-kept']],
  ] as const)
    it(what, async () => {
      const read = await reader();
      const found = read(
        `<iq><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='n'>${items}</items></pubsub></iq>`,
      );
      const ask = async (question: string): Promise<unknown> => {
        if (question === 'items') return found;
        if (question === 'publish') return undefined;
        throw FORBIDDEN;
      };
      const requests = {
        create: () => '',
        settings: () => '',
        publish: () => 'publish',
        lastItems: () => 'items',
      };
      const said: string[] = [];
      const publisher = new Publisher(
        { jid: 'pubsub.localhost', clock: new FakeClock(), requests, ask } as unknown as PubsubService,
        { access: 'open', publish: 'open', maxItems: 1 },
        { isAutocreated: async () => false, appeared: () => {}, clearing: () => () => {} },
        { notice: (code) => said.push(code), drained: () => {}, unanswered: () => {} },
      );
      const content = { type: 'json', text: '1' } as const;
      await new Promise((done) => publisher.publish({ node: 'n', id: 'ours', content, retain: true }, done));
      assert.deepEqual(said, notices);
    });
});
