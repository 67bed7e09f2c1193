import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { text } from '../../../../src/base/catalogue';
import { AskWindow } from '../../../../src/transport/pubsub/ask-window';
import { NodeDirectory, type NodeList } from '../../../../src/transport/pubsub/directory';
import type { PubsubService } from '../../../../src/transport/pubsub/service';
import { StanzaError } from '../../../../src/xmpp/stanzas';
import { reader } from '../../xmpp/parse';
import { FakeClock } from '../fake-clock';

const LOOKS = 'pubsub-looks (info)';

describe('the look at the nodes of a PubSub service', () => {
  let read: Awaited<ReturnType<typeof reader>>;
  before(async () => {
    read = await reader();
  });

  /** A directory at a service that lists `nodes()`, and of which the account owns `own()`; undefined: it does not say. */
  function directory(
    poll: number,
    nodes: () => string[],
    own: () => string[] | undefined = () => undefined,
    said: (note: unknown) => void = () => {},
  ) {
    const clock = new FakeClock();
    const lists: NodeList[] = [];
    const notices: string[] = [];
    const requests = { nodes: () => 'nodes', affiliations: () => 'affiliations' };
    const answer = (question: string): unknown => {
      if (question === 'nodes') {
        const listed = nodes().map((node) => `<item jid='pubsub.x' node='${node}'/>`);
        return read(
          `<iq type='result'><query xmlns='http://jabber.org/protocol/disco#items'>${listed.join('')}</query></iq>`,
        );
      }
      const owned = own();
      if (!owned) throw new StanzaError('service-unavailable', 'cancel', text('any.words', { words: 'no' }));
      const relations = owned.map((node) => `<affiliation node='${node}' affiliation='owner'/>`);
      return read(
        `<iq type='result'><pubsub xmlns='http://jabber.org/protocol/pubsub'><affiliations>${relations.join('')}</affiliations></pubsub></iq>`,
      );
    };
    const service = { jid: 'pubsub.x', clock, requests, ask: async (question: string) => answer(question) };
    const made = new NodeDirectory(service as unknown as PubsubService, new AskWindow(clock), poll, {
      notice: (code, note, level) => {
        notices.push(level ? `${code} (${level})` : code);
        said(note);
      },
      looked: (list) => lists.push(list),
    });
    return { clock, directory: made, lists, notices };
  }

  const settle = async (): Promise<void> => {
    for (let turns = 0; turns < 5; turns++) await turn();
  };
  const many = (count: number): string[] => Array.from({ length: count }, (_, n) => `t/${n}`);

  it('is as old as its question: a node may have come while the answer was under way', async () => {
    let asked = 0;
    const made = directory(10_000, () => {
      asked += 1;
      made.clock.advance(asked === 1 ? 2_500 : 0);
      return [];
    });
    for (let read = 0; read < 3; read++) await made.directory.read();
    assert.equal(asked, 2);
  });

  it('comes in its time, however often something changes meanwhile', async () => {
    const { clock, directory: looking, lists } = directory(10_000, () => []);
    looking.watch(true);
    for (let second = 0; second < 11; second++) {
      clock.advance(1_000);
      looking.watch(true);
      await settle();
    }
    assert.equal(lists.length, 1);
    looking.stop();
    assert.equal(clock.waiting, 0);
  });

  it('comes ever more seldom, down to every five minutes, while nothing changes, and soon again when it does', async () => {
    let nodes = ['a'];
    const { clock, directory: looking, lists } = directory(60_000, () => nodes);
    await looking.read();
    looking.watch(true);
    const waits: number[] = [];
    const wait = async (): Promise<number> => {
      const before = lists.length;
      for (let seconds = 10; seconds <= 900; seconds += 10) {
        clock.advance(10_000);
        await settle();
        if (lists.length > before) return seconds;
      }
      return Number.NaN;
    };
    for (let looks = 0; looks < 5; looks++) waits.push(await wait());
    assert.deepEqual(waits, [60, 120, 240, 300, 300]);
    nodes = ['a', 'b'];
    assert.deepEqual([await wait(), await wait(), await wait()], [300, 60, 120]);
    looking.stop();
  });

  it('a wait that is longer than five minutes stays as it is', async () => {
    const { clock, directory: looking, lists } = directory(3_600_000, () => ['a']);
    looking.watch(true);
    for (let hour = 0; hour < 3; hour++) {
      clock.advance(3_600_000);
      await settle();
    }
    assert.equal(lists.length, 3);
    looking.stop();
  });

  it('a list of a hundred beside affiliations leaves nodes out: the own ones are added, and it is said', async () => {
    const cut = directory(
      60_000,
      () => many(100),
      () => ['own/1', 't/0'],
    );
    const list = await cut.directory.read();
    assert.deepEqual([list.complete, list.nodes.size, list.nodes.has('own/1')], [false, 101, true]);
    assert.deepEqual(cut.notices, ['pubsub-cut', LOOKS]);
    const short = directory(
      60_000,
      () => many(99),
      () => ['own/1'],
    );
    assert.deepEqual([(await short.directory.read()).complete, short.notices], [true, [LOOKS]]);
    // A service that knows no affiliations lists all.
    const whole = directory(60_000, () => many(1_000));
    const { complete, nodes } = await whole.directory.read();
    assert.deepEqual([complete, nodes.size, whole.notices], [true, 1_000, [LOOKS]]);
  });

  it('comes at once after a lost line, once for all filters, and not before the first list', async () => {
    const { clock, directory: looking, lists } = directory(60_000, () => ['a']);
    looking.lookAgain();
    clock.advance(1_000);
    await settle();
    assert.equal(lists.length, 0);
    await looking.read();
    looking.stop();
    for (let filters = 0; filters < 3; filters++) looking.lookAgain();
    clock.advance(1);
    await settle();
    assert.equal(lists.length, 1);
    // And then in its time.
    clock.advance(59_000);
    await settle();
    assert.equal(lists.length, 1);
    looking.stop();
    assert.equal(clock.waiting, 0);
  });

  it('says once what it costs', async () => {
    const said: unknown[] = [];
    const { directory: looking } = directory(
      60_000,
      () => many(1_000),
      undefined,
      (note) => said.push(note),
    );
    await looking.read();
    looking.forget();
    await looking.read();
    assert.deepEqual(said, [
      text('pubsub.looks', { service: 'pubsub.x', count: 1_000, least: 60, most: 300, size: 37 }),
    ]);
  });
});
