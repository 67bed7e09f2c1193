import assert from 'node:assert/strict';
import { AlertTopics } from '../../../../src/nodes/dinox-alert/alert-topics';
import type { Publication } from '../../../../src/transport/messages';

function setUp(error?: Error, waits = false) {
  const published: Publication[] = [];
  const failed: Error[] = [];
  const answers: ((error?: Error) => void)[] = [];
  let tell: (connected: boolean) => void = () => {};
  const map = new Map<string, { key: string; episode?: object; active?: boolean }>();
  const past: { key: string }[] = [];
  const topics = new AlertTopics({
    id: 'n1',
    name: 'Oven',
    keys: { map: map as never },
    past: { all: past as never },
    publisher: {
      publish: (publication, done) => {
        published.push(publication);
        if (waits) answers.push(done);
        else done(error);
      },
      onConnected: (watcher) => {
        tell = watcher;
        return () => {};
      },
    },
    failed: (why) => failed.push(why),
  });
  const alert = (key: string, state = 'firing', more: object = {}) => ({
    alertId: 'a',
    payload: { id: 'a', number: 1, key, state, spark: '▁', again: true, text: 't', ...more },
  });
  const sent = () => published.map(({ topic, payload }) => `${topic} ${payload}`);
  return { topics, published, failed, map, past, alert, sent, answers, connected: () => tell(true) };
}

describe('alerts as topics', () => {
  it('are retained at QoS 1, one level for each key, without line and repetition', () => {
    const { topics, published, alert } = setUp();
    topics.tell([alert('home/a+b#')]);
    assert.deepEqual(published, [
      {
        topic: 'nodered/alerts/n1/home%2Fa%2Bb%23',
        payload: JSON.stringify({ id: 'a', number: 1, key: 'home/a+b#', state: 'firing', text: 't' }),
        qos: 1,
        retain: true,
      },
    ]);
  });

  it('of a message about several are one for each; tests and messages about the connection are none', () => {
    const { topics, sent, alert } = setUp();
    topics.tell([
      alert('', 'firing', { number: 0, alerts: [alert('a').payload, alert('b').payload] }),
      alert('', 'nodata', { number: 0, reason: 'connection' }),
      { payload: alert('c').payload },
    ]);
    assert.deepEqual(
      sent().map((line) => line.split(' ')[0]),
      ['nodered/alerts/n1/a', 'nodered/alerts/n1/b'],
    );
  });

  it('of one key for all have the name of the node', () => {
    const { topics, published, alert } = setUp();
    topics.tell([alert('')]);
    assert.equal(published[0]?.topic, 'nodered/alerts/n1/Oven');
  });

  it('are cleared when the key is forgotten, and only what was published', () => {
    const { topics, sent, alert } = setUp();
    topics.tell([alert('a')]);
    topics.forget('a');
    topics.forget('a');
    topics.forget('never');
    assert.deepEqual(sent().slice(1), ['nodered/alerts/n1/a ']);
  });

  it('are cleared when they end without a message, not while they are open or said to be over', () => {
    const { topics, sent, alert, map } = setUp();
    map.set('a', { key: 'a', episode: {} });
    map.set('b', { key: 'b' });
    topics.tell([alert('a'), alert('b', 'normal')]);
    topics.settle();
    assert.equal(sent().length, 2);
    map.set('a', { key: 'a' });
    topics.settle();
    topics.settle();
    assert.deepEqual(sent().slice(2), ['nodered/alerts/n1/a ']);
  });

  it('of a deleted node are cleared, those of an earlier process included', () => {
    const { topics, sent, alert, map, past } = setUp();
    map.set('left', { key: 'left', episode: {}, active: true });
    map.set('fine', { key: 'fine', active: false });
    past.push({ key: 'over' });
    topics.resume();
    topics.tell([alert('a')]);
    topics.clearAll();
    assert.deepEqual(
      sent().slice(1).sort(),
      ['a', 'left', 'over'].map((key) => `nodered/alerts/n1/${key} `),
    );
  });

  it('of an earlier process are cleared when they end without a message, or their key is forgotten', () => {
    const { topics, sent, map, past } = setUp();
    map.set('open', { key: 'open', episode: {}, active: true });
    map.set('over', { key: 'over', active: false });
    past.push({ key: 'over' }, { key: 'open' });
    topics.resume();
    topics.settle();
    assert.deepEqual(sent(), [], 'nothing has ended yet');
    map.set('open', { key: 'open', active: false });
    topics.settle();
    topics.forget('over');
    assert.deepEqual(sent(), ['nodered/alerts/n1/open ', 'nodered/alerts/n1/over ']);
  });

  it('that were lost while the server was away are published when it is back: the last of a key', () => {
    const { topics, sent, alert, answers, connected } = setUp(undefined, true);
    topics.tell([alert('a'), alert('a', 'normal'), alert('b'), alert('c')]);
    const gone = new Error('it waited too long');
    for (const index of [0, 1, 2]) answers[index]?.(gone);
    answers[3]?.();
    connected();
    const again = sent().slice(4);
    assert.deepEqual(
      again.map((line) => line.split(' ')[0]),
      ['nodered/alerts/n1/a', 'nodered/alerts/n1/b'],
    );
    assert.match(again[0] ?? '', /"state":"normal"/);
    for (const index of [4, 5]) answers[index]?.();
    connected();
    assert.equal(sent().length, 6, 'once the server has them');
  });

  it('that cannot be published are reported once', () => {
    const { topics, failed, alert } = setUp(new Error('refused'));
    topics.tell([alert('a'), alert('b')]);
    assert.equal(failed.length, 1);
  });
});
