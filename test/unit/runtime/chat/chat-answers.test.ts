import assert from 'node:assert/strict';
import { readActuators } from '../../../../src/answers/actuators';
import { HomeNames } from '../../../../src/homeassistant/names';
import { Recorder } from '../../../../src/recorder/recorder';
import { Answering } from '../../../../src/runtime/chat/answering';
import { ChatAnswers, saidTo } from '../../../../src/runtime/chat/chat-answers';
import { ChatReceiver } from '../../../../src/runtime/chat/chat-receiver';
import type { ChatMessage } from '../../../../src/xmpp/receiving/stanza-reader';
import { FakeClock } from '../../transport/fake-clock';

const ANNA = 'anna@example.org';

function setUp(line: { connected: boolean; tell?: () => void } = { connected: true }) {
  const clock = new FakeClock();
  const sent: object[] = [];
  const warned: string[] = [];
  const state = { read: (key: string) => key, reachesAlerts: false };
  const stanzas = {
    account: 'bot@example.org',
    state: { phase: 'connecting' },
    onState: () => () => {},
    onStanza: () => () => {},
    load: () => new Promise(() => {}),
  };
  const chat = {
    answering: new Answering(undefined, clock, () => {}),
    ...{ stanzas, rooms: { nickIn: () => 'bot' }, kinds: {}, uploads: {}, memory: {} },
    quickDevices: { shows: () => new Promise(() => {}) },
  };
  const broker = {
    ...{ chat, recorder: new Recorder(clock), names: new HomeNames(1), usable: true },
    get connected() {
      return line.connected;
    },
    onConnected: (watcher: () => void) => {
      line.tell = watcher;
      return () => {};
    },
    ...{ watcher: { watch: () => () => {}, watchNames: () => () => {} }, register: () => {} },
    deregister: () => Promise.resolve(),
    config: { limits: { ttl: 0 } },
    ...{ homeAssistant: { templates: undefined }, presets: { memory: { all: [] } } },
    publish: (order: object, done: () => void) => {
      sent.push(order);
      done();
    },
  };
  const row = { name: 'light', topic: 'home/light/set', payload: '{{value}}', allow: ANNA };
  const make = (id: string, rows: object[], filters: string[], reachesAlerts: () => boolean) =>
    new ChatAnswers({
      node: { id, log: () => {}, warn: (said: unknown) => warned.push(String(said)) } as never,
      ...{ broker: broker as never, filters, actuators: readActuators(rows).actuators },
      ...{ publishAllow: '', links: false },
      ...{ nick: '', roomPassword: undefined, clock, translate: (key: string) => key },
      ...{ reachesAlerts, hasAcknowledged: () => false },
      read: ({ key }) => state.read(key),
    });
  const answers = make('in', [row], ['home/#'], () => state.reachesAlerts);
  const message = (text: string, more: object = {}): ChatMessage =>
    ({
      ...{ text, from: `${ANNA}/phone`, bare: ANNA, resource: 'phone', chat: ANNA, to: ANNA, kind: 'chat' },
      ...{
        type: 'chat',
        stamp: clock.now(),
        delayed: false,
        truncated: false,
        wantsReceipt: false,
        carbon: false,
      },
      ...more,
    }) as ChatMessage;
  return { answers, make, row, message, sent, warned, state, clock, broker };
}

describe('answers in the chat', () => {
  it('that fail leave the message to the flow, and Node-RED alive', async () => {
    const { answers, message, sent, warned, state } = setUp();
    state.read = (key) => {
      if (key === 'act.done') throw new Error('no words');
      return key;
    };
    assert.equal(await answers.take(message('light on')), undefined);
    assert.deepEqual([sent.length, warned.length], [1, 1]);
    // Over PubSub what begins as JSON is refused by a topic of JSON, unless a person said it.
    assert.equal((sent[0] as { isSaid?: true }).isSaid, true);
  });

  it('take an order back to the state that a device tells within JSON, as Zigbee2MQTT does', async () => {
    const { answers, broker, message, sent } = setUp();
    const payload = Buffer.from('{"state": "OFF", "power": 63.2, "linkquality": 140}');
    broker.recorder.take({ topic: 'home/light', payload, qos: 0, retain: true, dup: false } as never, true);
    await answers.take(message('light on'));
    await answers.take(message('undo'));
    assert.deepEqual(
      (sent as { topic: string; payload: string }[]).map((one) => `${one.topic} ${one.payload}`),
      ['home/light/set ON', 'home/light/set OFF'],
    );
  });

  it('are looked up for one person a number of times in a minute, and said once to be too many', async () => {
    const { answers, message, warned, clock } = setUp();
    const heard = (from: string) =>
      Array.from({ length: 100 }, () => answers.take(message('topics', { bare: from }))).filter(Boolean);
    assert.equal(heard(ANNA).length, 60);
    assert.equal(warned.length, 1);
    assert.equal(heard('ben@example.org').length, 60);
    clock.advance(61_000);
    assert.equal(heard(ANNA).length, 60);
  });

  it('begin with the nick of who asked, and with no command for another bot', () => {
    assert.equal(saidTo('anna', 'a: 1'), 'anna: a: 1');
    assert.equal(saidTo('🦊 Ärger', 'a: 1\nb: 2'), '🦊 Ärger:\na: 1\nb: 2');
    for (const nick of ['!kick ben', '/me leaves', '.op me', ' !x', '@bot', '$run', '-x', '> quoted'])
      assert.equal(saidTo(nick, 'a: 1'), 'a: 1', nick);
  });

  it('tell with the word help what all nodes do that hear it, once', async () => {
    const { answers, make, row, message } = setUp();
    const devices = make('devices', [{ ...row, name: 'garage' }], [], () => false);
    const topics = make('topics', [], ['home/#'], () => false);
    const help = message('help');
    const given = await Promise.all([devices, answers, topics].map((one) => one.take(help)));
    const all = 'act.help\nanswers.help\nanswers.helpCall\nact.help';
    assert.deepEqual(new Set(given.map((one) => one?.text)), new Set([all]));
    assert.equal(new Set(given).size, 1, 'said once');
    assert.equal((await devices.take(message('help')))?.text, 'act.help', 'nobody else has heard this one');
    assert.equal(devices.helpFor(message('help')), undefined);
  });

  it('leave the word help to an alert that hears it, with what all nodes do', async () => {
    const { make, row, message } = setUp();
    const devices = make('devices', [row], [], () => false);
    const alerts = make('alerts', [], ['home/#'], () => true);
    for (const order of [[devices, alerts] as const, [alerts, devices] as const]) {
      const help = message('help');
      const given = order.flatMap((one) => [one.take(help), one.helpFor(help)] as const);
      const isOfAlert = (text: unknown) =>
        /answers.help\n/.test(String(text)) && /act.help/.test(String(text));
      assert.deepEqual((await Promise.all(given)).filter(Boolean).map(isOfAlert), [true]);
      assert.equal(alerts.helpFor(message('status')), undefined);
    }
  });

  it('wait after a start for the line to the devices, ten seconds at most', async () => {
    for (const comes of [true, false]) {
      const line: Parameters<typeof setUp>[0] & {} = { connected: false };
      const { answers, message, sent, clock } = setUp(line);
      answers.start();
      let isOver = false;
      void answers.loadingFor(message('light on'))?.then(() => {
        isOver = true;
      });
      clock.advance(9_000);
      await new Promise(setImmediate);
      assert.equal(isOver, false);
      line.connected = comes;
      if (comes) line.tell?.();
      else clock.advance(1_000);
      await new Promise(setImmediate);
      assert.deepEqual([isOver, answers.loadingFor(message('light on'))], [true, undefined]);
      assert.equal((await answers.take(message('light on')))?.kind, comes ? 'act' : 'refused');
      assert.equal(sent.length, comes ? 1 : 0);
    }
    const { answers, message } = setUp();
    answers.start();
    assert.equal(answers.loadingFor(message('light on')), undefined, 'the line is there');
    const gone = setUp({ connected: false });
    gone.state.reachesAlerts = true;
    gone.answers.start();
    assert.equal(gone.answers.loadingFor(message('ok')), undefined, 'alerts may ring meanwhile');
    const waits = gone.answers.loadingFor(message('light on'));
    assert.ok(waits);
    gone.answers.close();
    await waits;
  });

  it('a question that waits for the line goes to the node that a deploy makes anew, once', async () => {
    const { answers, message, sent } = setUp({ connected: false });
    answers.start();
    const passed: unknown[] = [];
    const back: ChatMessage[] = [];
    const chat = {
      ...{ stanzas: { account: 'bot@example.org', state: {}, onState: () => () => {} } },
      rooms: { onEvent: () => () => {}, onTrouble: () => () => {} },
      inbox: { add: () => (_: boolean, more: ChatMessage[]) => back.push(...more) },
    };
    const receiver = new ChatReceiver(
      { id: 'in', send: (msg: unknown) => passed.push(msg) } as never,
      chat as never,
      {
        ...{ allow: ANNA, rooms: [], nick: '', password: undefined, kind: 'any', pattern: undefined },
        ...{ addressed: false, maxAge: undefined, archive: true, answers },
      },
      new FakeClock(),
      (key) => key,
      ({ key }) => key,
    );
    receiver.start();
    const asked = message('light on');
    const pass = receiver.offer(asked);
    assert.ok(typeof pass === 'function');
    pass(['in']);
    answers.close();
    receiver.close(false);
    await new Promise(setImmediate);
    assert.deepEqual([back, passed, sent], [[asked], [], []]);
  });

  it('a node that is gone orders nothing', async () => {
    const { answers, message, sent } = setUp();
    answers.close();
    assert.equal(await answers.take(message('light on')), undefined);
    assert.deepEqual(sent, []);
  });

  it('a message of an archive whose age nobody knows orders nothing', async () => {
    const { answers, message, sent, clock } = setUp();
    const later = { archived: true, isAgeUnknown: true, stamp: clock.now() + 3_600_000 };
    assert.equal((await answers.take(message('light on', later)))?.kind, 'refused');
    assert.deepEqual(sent, []);
  });
});
