import assert from 'node:assert/strict';
import type { Element } from '@xmpp/client';
import { StanzaQueue } from '../../../../src/xmpp/session/stanza-queue';
import { countOf, StreamManagement } from '../../../../src/xmpp/session/stream-management';
import type { Xml } from '../../../../src/xmpp/stanzas';
import type { XmppStream } from '../../../../src/xmpp/stream/stream';
import { FakeClock } from '../../transport/fake-clock';

const SM = 'urn:xmpp:sm:3';

describe('chat line', () => {
  let xml: Xml;
  let clock: FakeClock;
  let queue: StanzaQueue;
  let line: StreamManagement;
  let stream: {
    written: number;
    text: string;
    failed: string;
    onData(): void;
    beforeFlush(): void;
    onElement(element: Element): void;
    write(text: string): void;
    wake(): void;
    fail(error: Error): void;
  };
  let handled: Element[];
  before(async () => {
    ({ xml } = await import('@xmpp/client'));
  });

  function start(counting = true): void {
    clock = new FakeClock();
    handled = [];
    queue = new StanzaQueue({ messages: 10_000, bytes: 10_000_000, ttl: 3_600_000 }, clock, () => {});
    stream = {
      written: 0,
      text: '',
      failed: '',
      onData: () => {},
      beforeFlush: () => {},
      onElement: () => {},
      write(text) {
        this.text += text;
        this.written += text.length;
      },
      wake: () => {},
      fail(error) {
        this.failed ||= error.message;
      },
    };
    line = new StreamManagement({
      stream: stream as unknown as XmppStream,
      xml,
      clock,
      queue,
      counting,
      counts: { inbound: 0, acknowledged: 0 },
      domain: 'example.org',
      deliver: (element) => handled.push(element),
    });
    queue.attach(line.write, () => {});
  }

  const asked = () => stream.text.match(/<r /g)?.length ?? 0;
  const acknowledge = (h: number) => stream.onElement(xml('a', { xmlns: SM, h: String(h) }));

  it('asks behind what went out in one turn, and behind every ten', () => {
    start();
    queue.push('<m/>', () => {});
    assert.equal(asked(), 0);
    stream.beforeFlush();
    assert.equal(asked(), 1);
    for (let count = 0; count < 25; count++) queue.push('<m/>', () => {});
    stream.beforeFlush();
    assert.equal(asked(), 3);
    acknowledge(21);
    assert.equal(asked(), 4, 'behind the five that nobody asked about');
    acknowledge(26);
    assert.equal(asked(), 4);
    assert.equal(queue.underway, 0);
  });

  it('counts what came, and says so when asked, or after a second', () => {
    start();
    for (const name of ['message', 'presence', 'iq']) stream.onElement(xml(name));
    for (let count = 0; count < 3; count++) stream.onElement(xml('r', { xmlns: SM }));
    stream.beforeFlush();
    assert.equal(stream.text.match(/<a /g)?.length, 1);
    assert.match(stream.text, /<a xmlns='urn:xmpp:sm:3' h='3'\/>$/);
    stream.onElement(xml('message'));
    clock.advance(1_000);
    assert.match(stream.text, /h='4'\/>$/);
    assert.equal(line.lastWords(), "<a xmlns='urn:xmpp:sm:3' h='4'/>");
    assert.equal(handled.length, 4);
  });

  it('a line that went dead is noticed within 30 s of use', () => {
    start();
    queue.push('<m/>', () => {});
    stream.beforeFlush();
    clock.advance(24_000);
    assert.equal(stream.failed, '');
    clock.advance(6_000);
    assert.match(stream.failed, /the line is dead: nothing came for \d\d s/);
  });

  it('a clock that is set, back or forward, makes no dead line live and no living one dead', () => {
    for (const jump of [-3_600_000, 3_600_000]) {
      start();
      queue.push('<m/>', () => {});
      stream.beforeFlush();
      clock.set(jump);
      clock.advance(20_000);
      assert.equal(stream.failed, '');
      clock.advance(10_000);
      assert.match(stream.failed, /nothing came for 2\d s/);
    }
  });

  it('a silent line is asked, and lives while it answers', () => {
    start();
    for (let minute = 0; minute < 10; minute++) {
      clock.advance(58_000);
      assert.equal(asked(), minute + 1);
      stream.onData();
      acknowledge(0);
    }
    assert.equal(stream.failed, '');
    clock.advance(58_000 + 28_000);
    assert.match(stream.failed, /dead/);
  });

  it('a large stanza has the time that the slowest shaper needs', () => {
    start();
    queue.push('x'.repeat(200_000), () => {});
    stream.beforeFlush();
    clock.advance(120_000);
    assert.equal(stream.failed, '');
    clock.advance(10_000);
    assert.match(stream.failed, /dead/);
  });

  it('counts beyond 2^32 go on from nought', () => {
    assert.equal(countOf('3', 2 ** 32 - 2), 5);
    assert.equal(countOf('4294967295', 4294967290), 5);
    for (const h of ['4294967296', '-1', '1.5', '', 'x', ' 1', undefined])
      assert.equal(countOf(h, 0), undefined);
    start();
    queue.push('<m/>', () => {});
    acknowledge(2);
    assert.match(stream.failed, /acknowledged more than it was sent/);
  });

  it('without counting, a ping behind the stanzas says that they are there', () => {
    start(false);
    const done: string[] = [];
    queue.push('<m1/>', () => done.push('m1'));
    stream.beforeFlush();
    queue.push('<m2/>', () => done.push('m2'));
    const ids = () =>
      [...stream.text.matchAll(/<iq type="get" id="([^"]+)" to="example.org">/g)].map(([, id]) => id);
    assert.equal(ids().length, 1);
    const pong = (id: string | undefined, from: string, type: string) =>
      stream.onElement(xml('iq', { type, from, id: id ?? '' }));
    pong(ids()[0], 'evil.org', 'result');
    assert.deepEqual(done, []);
    pong(ids()[0], 'example.org', 'error');
    assert.deepEqual(done, ['m1']);
    pong(ids()[1], 'example.org', 'result');
    assert.deepEqual(done, ['m1', 'm2']);
    assert.equal(handled.length, 1, 'only the forged one is anybody else’s');
  });
});
