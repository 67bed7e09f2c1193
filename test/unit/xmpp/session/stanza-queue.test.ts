import assert from 'node:assert/strict';
import { words } from '../../../../src/base/catalogue';
import { XmppError } from '../../../../src/xmpp/errors';
import { lossOf } from '../../../../src/xmpp/session/poison-stanzas';
import { type QueuedStanza, StanzaQueue } from '../../../../src/xmpp/session/stanza-queue';
import { FakeClock } from '../../transport/fake-clock';

describe('chat queue', () => {
  let clock: FakeClock;
  let written: string[];
  let done: Map<string, (string | undefined)[]>;
  let counts: number[];
  const write = ({ text }: QueuedStanza) => void written.push(text);
  const make = (limits = {}) => {
    clock = new FakeClock();
    [written, done, counts] = [[], new Map(), []];
    const queue: StanzaQueue = new StanzaQueue(
      { messages: 100, bytes: 1_000_000, ttl: 60_000, ...limits },
      clock,
      () => counts.push(queue.waiting),
    );
    return queue;
  };
  const push = (queue: StanzaQueue, ...texts: string[]) => {
    for (const text of texts) {
      const got: (string | undefined)[] = [];
      done.set(text, got);
      queue.push(text, (error) => got.push(error?.message));
    }
  };
  const results = () => Object.fromEntries([...done].filter(([, got]) => got.length > 0));
  const lost = new XmppError('network', words('lost'));

  it('waits for a stream, goes out in order, and is done when acknowledged', () => {
    const queue = make();
    push(queue, 'a', 'b', 'c');
    assert.deepEqual(written, []);
    queue.attach(write, () => {});
    assert.deepEqual(written, ['a', 'b', 'c']);
    assert.deepEqual(results(), {});
    assert.equal(queue.acknowledged(2), true);
    assert.deepEqual(results(), { a: [undefined], b: [undefined] });
    assert.equal(queue.acknowledged(2), false);
    assert.equal(queue.acknowledged(1), true);
    assert.deepEqual(results(), { a: [undefined], b: [undefined], c: [undefined] });
    assert.deepEqual([queue.waiting, queue.underway], [0, 0]);
  });

  it('what the state handlers send goes before what waits, and behind the session itself', () => {
    const queue = make();
    push(queue, 'waiting');
    queue.attach(write, () => {
      queue.now('own presence');
      push(queue, 'join');
    });
    push(queue, 'later');
    assert.deepEqual(written, ['own presence', 'join', 'waiting', 'later']);
  });

  it('resumed: what the server does not have goes out again, in order, done once', () => {
    const queue = make();
    queue.attach(write, () => {});
    push(queue, 'a', 'b', 'c');
    queue.detach();
    push(queue, 'd');
    assert.equal(queue.acknowledged(1), true);
    written = [];
    queue.resumed(write);
    assert.deepEqual(written, ['b', 'c', 'd']);
    queue.acknowledged(3);
    assert.deepEqual(results(), { a: [undefined], b: [undefined], c: [undefined], d: [undefined] });
  });

  it('forgotten: messages go out again first, questions get the reason', () => {
    const queue = make();
    queue.attach(write, () => {});
    push(queue, 'a');
    const question: (string | undefined)[] = [];
    queue.now('iq', (error) => question.push(error?.message));
    push(queue, 'b');
    queue.detach();
    push(queue, 'c');
    queue.forgotten(lost);
    assert.deepEqual(question, ['lost']);
    written = [];
    queue.attach(write, () => queue.now('presence'));
    assert.deepEqual(written, ['presence', 'a', 'b', 'c']);
  });

  it('no more than a window is on the line; one stanza always is', () => {
    const queue = make({ bytes: 10_000_000 });
    queue.attach(write, () => {});
    push(queue, ...['a', 'b', 'c', 'd'].map((name) => name.repeat(40_000)), 'e'.repeat(200_000), 'f');
    assert.equal(written.length, 1);
    for (let count = 2; count <= 6; count++) {
      queue.acknowledged(1);
      assert.equal(written.length, count);
    }
  });

  it('bounds: the oldest goes with a reason, a giant never waits, what was under way pushes nothing out', () => {
    const queue = make({ messages: 3, bytes: 1_000 });
    push(queue, 'a', 'b', 'c', 'd', 'x'.repeat(1_001));
    assert.match(
      done.get('a')?.[0] ?? '',
      /queue is full \(3 messages or 1000 bytes\), and the oldest goes first/,
    );
    assert.match(done.get('x'.repeat(1_001))?.[0] ?? '', /more than 1000 bytes \(queueBytes\)/);
    queue.attach(write, () => {});
    assert.deepEqual(written, ['b', 'c', 'd']);
    queue.detach();
    push(queue, 'e', 'f', 'g');
    queue.forgotten(lost);
    written = [];
    queue.attach(write, () => {});
    assert.deepEqual(written, ['b', 'c', 'd', 'e', 'f', 'g']);
    assert.deepEqual([...done.values()].filter(([first]) => first !== undefined).length, 2);
  });

  it('time is up when the server takes nothing over for so long, not when it is slow', () => {
    const queue = make({ bytes: 10_000_000 });
    const texts = Array.from({ length: 12 }, (_item, index) =>
      String.fromCharCode(97 + index).repeat(40_000),
    );
    push(queue, ...texts);
    queue.attach(write, () => {});
    // One every 50 s with a time to live of 60 s.
    for (let round = 0; round < 10; round++) {
      clock.advance(50_000);
      assert.equal(queue.acknowledged(1), true);
    }
    assert.ok([...done.values()].every(([first]) => first === undefined));
    clock.advance(60_000);
    const [eleventh, twelfth] = texts.slice(10).map((text) => done.get(text)?.[0] ?? '');
    assert.match(eleventh ?? '', /took nothing over for 60 s \(queueTtl\)/);
    assert.match(twelfth ?? '', /took nothing over/);
    // It is counted all the same, and done only once.
    assert.equal(queue.acknowledged(1), true);
    assert.equal(queue.acknowledged(1), false);
    assert.ok([...done.values()].every(({ length }) => length === 1));
  });

  it('what is over is not sent again, and keeps its place in the count', () => {
    const queue = make();
    queue.attach(write, () => {});
    push(queue, 'a', 'b');
    clock.advance(30_000);
    push(queue, 'c');
    queue.detach();
    clock.advance(31_000);
    assert.deepEqual(Object.keys(results()), ['a', 'b']);
    assert.equal(queue.acknowledged(1), true);
    written = [];
    queue.resumed(write);
    assert.deepEqual(written, ['c']);
  });

  it('a suspect goes alone, and is given up after the third stream', () => {
    const queue = make();
    push(queue, 'a', 'poison', 'c');
    const complaint = new XmppError('policy', words('too big'));
    for (let stream = 1; stream <= 4; stream++) {
      written = [];
      queue.attach(write, () => {});
      // The server acknowledges what it likes, one by one, and closes for the poison.
      while (written.length > 0 && !written.includes('poison')) {
        queue.acknowledged(queue.underway);
        if (queue.underway === 0) break;
      }
      if (!written.includes('poison')) break;
      queue.detach({ how: 'closed', error: complaint });
      queue.forgotten(lost);
    }
    queue.acknowledged(queue.underway);
    assert.deepEqual(done.get('poison'), ['too big']);
    assert.deepEqual([done.get('a'), done.get('c')], [[undefined], [undefined]]);
  });

  it('lines that break without a word: the culprit is found, tried alone once more, and given up', () => {
    const queue = make();
    push(queue, 'a', 'poison', 'c');
    const broke = new XmppError('network', words('the line broke'));
    let streams = 0;
    for (; streams < 10; streams++) {
      written = [];
      queue.attach(write, () => {});
      while (written.length > 0 && !written.includes('poison')) {
        queue.acknowledged(queue.underway);
        if (queue.underway === 0) break;
      }
      if (!written.includes('poison')) break;
      if (streams === 2) assert.deepEqual(written.at(-1), 'poison', 'nothing goes behind it any more');
      queue.detach({ how: 'broke', error: broke });
      queue.forgotten(lost);
    }
    queue.acknowledged(queue.underway);
    assert.equal(streams, 3);
    assert.match(done.get('poison')?.join() ?? '', /broke 3 times/);
    assert.deepEqual([done.get('a'), done.get('c')], [[undefined], [undefined]]);
  });

  // Kind: the wrong one is blamed. A line that is bad breaks behind whatever is on it.
  it('a line that breaks again and again costs no short message; one that never gets through is given up, not for its length', () => {
    for (const isResumed of [true, false]) {
      const queue = make();
      push(queue, '<message>21.5</message>', '<message/>');
      queue.attach(write, () => {});
      const lose = (times: number): void => {
        for (let i = 0; i < times; i++) {
          queue.detach(lossOf(new XmppError('network', words('the line broke'))));
          if (isResumed) queue.resumed(write);
          else {
            queue.forgotten(lost);
            queue.attach(write, () => {});
          }
        }
      };
      lose(9);
      assert.deepEqual(results(), {});
      while (queue.underway > 0) queue.acknowledged(queue.underway);
      assert.deepEqual(results(), { '<message>21.5</message>': [undefined], '<message/>': [undefined] });
      push(queue, '<message>words</message>');
      lose(12);
      const said = done.get('<message>words</message>')?.join() ?? '';
      assert.match(
        said,
        /broke 12 times in a row before the server confirmed this message.*line to the server is bad/,
      );
      assert.doesNotMatch(said, /bytes|less/);
    }
  });

  it('a server that shuts down, and a line that is lost now and then, cost no message', () => {
    const queue = make();
    const broke = new XmppError('network', words('the line broke'));
    for (let round = 0; round < 20; round++) {
      push(queue, `m${round}`);
      queue.attach(write, () => {});
      queue.detach(
        round % 2
          ? lossOf(new XmppError('shutdown', words('bye'), { cause: { condition: 'system-shutdown' } }))
          : lossOf(broke),
      );
      queue.forgotten(lost);
      queue.attach(write, () => {});
      while (queue.underway > 0) queue.acknowledged(queue.underway);
      queue.detach();
    }
    assert.deepEqual(new Set([...done.values()].map((got) => got.join())), new Set(['']));
  });

  it('closed: every done gets the reason, and one that pushes again in it does no harm', () => {
    const queue = make();
    queue.attach(write, () => {});
    const got: string[] = [];
    queue.push('a', () => {
      got.push('a');
      queue.close(lost);
    });
    queue.push('b', (error) => got.push(`b ${error?.message}`));
    queue.acknowledged(2);
    assert.deepEqual(got, ['a', 'b lost']);
  });

  it('says how many wait, and only when that changed', () => {
    const queue = make();
    push(queue, 'a', 'b');
    queue.attach(write, () => {});
    queue.acknowledged(2);
    assert.deepEqual(counts, [1, 2, 0]);
  });

  it('says how many wait where what was under way waits again, and that it waits no more', () => {
    const queue = make();
    push(queue, 'a');
    queue.attach(write, () => {});
    queue.detach();
    queue.forgotten(lost);
    let seen = 0;
    queue.attach(write, () => {
      // A status is shown here, from the number as it is now: it must hear of the end of this change.
      seen = queue.waiting;
    });
    assert.equal(seen, 1);
    assert.deepEqual([counts, queue.waiting], [[1, 0, 1, 0], 0]);
  });

  it('gives away messages in order, what was under way first; the heir has their age, and bounds push none out', () => {
    const queue = make();
    push(queue, '<message 1/>', '<presence/>', '<message 2/>');
    queue.attach(write, () => {});
    queue.acknowledged(0);
    queue.detach();
    push(queue, '<message 3/>');
    queue.now('<iq/>', (error) => assert.match(String(error), /no connection/));
    clock.advance(40_000);
    const given = queue.giveAway(lost);
    assert.deepEqual(
      given.map(({ text }) => text),
      ['<message 1/>', '<message 2/>', '<message 3/>'],
    );
    assert.deepEqual(results(), { '<presence/>': ['lost'] });
    assert.deepEqual([queue.waiting, queue.underway, clock.waiting], [0, 0, 0]);

    const heir = new StanzaQueue({ messages: 2, bytes: 1_000, ttl: 60_000 }, clock, () => {});
    heir.take(given);
    push(heir, '<message 4/>');
    assert.equal(heir.waiting, 4);
    written = [];
    heir.attach(write, () => {});
    assert.deepEqual(written, ['<message 1/>', '<message 2/>', '<message 3/>', '<message 4/>']);
    heir.acknowledged(1);
    heir.detach();
    heir.close(lost);
    assert.deepEqual(done.get('<message 1/>'), [undefined]);
    assert.deepEqual(done.get('<message 2/>'), ['lost']);
  });

  it('what was given away grows old at the heir', () => {
    const queue = make();
    push(queue, '<message 1/>');
    clock.advance(40_000);
    const heir = new StanzaQueue({ messages: 2, bytes: 1_000, ttl: 60_000 }, clock, () => {});
    heir.take(queue.giveAway(lost));
    clock.advance(19_000);
    assert.deepEqual(results(), {});
    clock.advance(2_000);
    assert.match(done.get('<message 1/>')?.join() ?? '', /^not acknowledged/);
  });
});
