/**
 * What we tell everybody, on a real Mosquitto: the status of three bots, two in a Node-RED of the test and one in a process
 * that is killed; alerts and automations as topics.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modules, payload } from '../nodes/alert-support';
import { BROKER, type Flow, type FlowNode, sink, tab } from '../support/flows';
import { type NodeRed, startNodeRed } from '../support/node-red';
import { RunningFlow } from '../support/runtime';
import { type Mosquitto, startMosquitto } from '../support/servers/index';
import { dinoxBroker, dinoxIn, dinoxOut, flowOf, Harness, online, type Partner } from './nodes-support';

const STATUS = 'dinox/bots/status/';

describe('what we tell everybody, on Mosquitto', function () {
  this.timeout(60_000);
  let mosquitto: Mosquitto;
  let nodeRed: NodeRed | undefined;
  let watcher: Partner;
  const harness = new Harness();

  before(async () => {
    mosquitto = await startMosquitto();
  });
  beforeEach(async () => {
    watcher = await harness.partner(`mqtt://127.0.0.1:${mosquitto.port}`);
    await watcher.subscribe(`${STATUS}#`, 1);
  });
  afterEach(() => harness.end());
  after(async () => {
    await nodeRed?.kill();
    await mosquitto?.stop();
  });

  const bot = (id: string, properties: object = {}, node = BROKER): FlowNode =>
    dinoxBroker(
      {
        host: '127.0.0.1',
        port: String(mosquitto.port),
        usetls: false,
        botStatus: true,
        botId: id,
        ...properties,
      },
      node,
    );
  /** Resolves with the last status of a bot as soon as it fits. */
  const says = (level: string, fits: (said: Record<string, unknown>) => boolean, ms = 20_000) =>
    watcher.until(
      `the status of ${level}`,
      () => {
        const last = watcher.seen.findLast(({ topic }) => topic === STATUS + level);
        const said = last?.payload ? (JSON.parse(last.payload) as Record<string, unknown>) : undefined;
        return said && fits(said) && said;
      },
      ms,
    );
  const is = (status: string) => (said: Record<string, unknown>) => said.status === status;
  /** The status that the server keeps for those who come later. */
  const kept = async (level: string): Promise<Record<string, unknown>> => {
    const late = await harness.partner(`mqtt://127.0.0.1:${mosquitto.port}`);
    await late.subscribe(STATUS + level, 1);
    const [status] = await late.arrived(1, STATUS + level);
    assert.equal(status?.retain, true);
    return JSON.parse(status?.payload ?? '{}');
  };

  it('three bots are online; the one that is killed is offline by its will, the others stay', async () => {
    nodeRed = await startNodeRed({
      version: '4',
      linkPackage: true,
      flows: [tab(), bot('killed', { botName: 'The third' }), dinoxOut()],
    });
    await harness.flow(
      flowOf(
        bot('one/first', { protocolVersion: '5' }),
        bot('old', { protocolVersion: '4' }, 'other'),
        dinoxOut(),
        dinoxOut('out2', { broker: 'other' }),
      ),
    );
    const all = await Promise.all(['one%2Ffirst', 'old', 'killed'].map((level) => says(level, is('online'))));
    assert.deepEqual(
      all.map(({ id, name, interval, sent }) => [id, name, interval, sent]),
      [
        ['one/first', 'one/first', 300, 0],
        ['old', 'old', 300, 0],
        ['killed', 'The third', 300, 0],
      ],
    );
    await nodeRed.kill();
    const will = await says('killed', is('offline'));
    assert.deepEqual([will.time, will.received, will.since], [undefined, undefined, all[2]?.since]);
    assert.equal((await kept('killed')).status, 'offline');
    assert.equal((await kept('old')).status, 'online');
  });

  it('is there again after somebody with the same id has said goodbye', async () => {
    await harness.flow(flowOf(bot('twin')));
    await says('twin', is('online'));
    await watcher.publish(
      `${STATUS}twin`,
      JSON.stringify({ id: 'twin', status: 'offline', since: '2020-01-01T00:00:00.000Z' }),
      { retain: true, qos: 1 },
    );
    await says('twin', is('offline'));
    await says('twin', is('online'));
  });

  it('counts what flows receive and send, without the statuses themselves', async () => {
    const topic = harness.topic();
    const flow = await harness.flow(
      flowOf(bot('counts'), dinoxIn('in', `${topic}/#`), dinoxIn('statuses', `${STATUS}#`), dinoxOut()),
    );
    await online(flow, 'out');
    for (let n = 0; n < 3; n++) await flow.call('out', { topic: `${topic}/x`, payload: n, qos: 1 });
    await watcher.publish(`${topic}/y`, 'y');
    const before = flow.at('statuses-sink').length;
    const counted = await says('counts', ({ received }) => Number(received) >= 4, 30_000);
    assert.deepEqual([counted.received, counted.sent, counted.errors], [4, 3, 0]);
    assert.ok(before > 0, 'the flow heard the status');
  });

  it("a goodbye says offline, and the user's own will wins", async () => {
    const flow = await harness.flow(
      flowOf(bot('mine', { willTopic: 'my/will', willPayload: 'gone', botName: 'Mine' }), dinoxOut()),
    );
    await watcher.subscribe('my/will');
    await says('mine', is('online'));
    await flow.stop();
    const last = await says('mine', is('offline'));
    assert.equal(typeof last.time, 'string');
    assert.equal(watcher.seen.filter(({ topic }) => topic === 'my/will').length, 0);
  });

  it('a bot that only a chat flow would use connects for its status', async () => {
    await harness.flow(flowOf(bot('lonely')));
    await says('lonely', is('online'));
  });

  it('the example bot-monitor says which bot is silent, which is offline and which is back, DinoX too', async () => {
    const file = readFileSync(join(__dirname, '../../examples/bot-monitor.json'), 'utf8');
    const pressed = ['comment', 'inject', 'dinox-mqtt-out'];
    const example = (JSON.parse(file) as Flow).filter(({ type }) => !pressed.includes(type));
    // As the example is, without its buttons, with an address, a test's patience, and a sink for what it says.
    const flow = await harness.keep(
      await RunningFlow.start(modules(), [
        ...example.map((one) => ({
          ...one,
          ...(one.type === 'dinox-broker' && { ...bot('monitor'), id: one.id }),
          ...(one.type === 'dinox-alert' && {
            holdFor: '1s',
            ...(one.noDataAfter ? { noDataAfter: '3s' } : {}),
          }),
          ...(one.id === 'dinox-monitor-text' && sink('dinox-monitor-text')),
        })),
      ]),
    );
    await online(flow, 'dinox-monitor-bots');
    const tell = (id: string, status: string) =>
      watcher.publish(`${STATUS}${id}`, JSON.stringify({ id, status, interval: 300 }), { retain: true });
    const told = (key: string, state: string) =>
      flow.until(
        `${key} is ${state}`,
        () =>
          flow
            .at('dinox-monitor-text')
            .some((message) => payload(message).key === key && payload(message).state === state),
        15_000,
      );
    await tell('quiet', 'online');
    await tell('gone', 'offline');
    await watcher.publish('dinox/desk/availability', 'offline', { retain: true });
    await told(`${STATUS}gone`, 'firing');
    await told(`${STATUS}quiet`, 'nodata');
    await told('dinox/desk/availability', 'firing');
    await tell('gone', 'online');
    await told(`${STATUS}gone`, 'normal');
  });

  it('a bot that is not asked says nothing', async () => {
    const flow = await harness.flow(flowOf(bot('mute', { botStatus: false }), dinoxOut()));
    await online(flow, 'out');
    await flow.call('out', { topic: `${STATUS}settled`, payload: '{}', qos: 1 });
    await watcher.arrived(1, `${STATUS}settled`);
    assert.equal(watcher.seen.filter(({ topic }) => topic === `${STATUS}mute`).length, 0);
  });

  describe('alerts as topics', () => {
    const ALERTS = 'nodered/alerts/alert/';
    const alert = (properties: object = {}): FlowNode => ({
      ...{ id: 'alert', type: 'dinox-alert', z: 'tab', x: 1, y: 1, name: 'Oven', broker: BROKER },
      ...{ condition: 'above', limit: '20', publishAlerts: true, wires: [['told'], [], ['answers']] },
      ...properties,
    });
    const started = async (properties: object = {}) => {
      await watcher.subscribe('nodered/#', 1);
      const flow = await harness.keep(
        await RunningFlow.start(modules(), [
          tab(),
          bot('alerts', { botStatus: false }),
          alert(properties),
          sink('told'),
          sink('answers'),
        ]),
      );
      return flow;
    };
    const last = (key: string) => watcher.seen.findLast(({ topic }) => topic === ALERTS + key)?.payload;
    const state = (key: string) => {
      const said = last(key);
      return said ? (JSON.parse(said) as Record<string, unknown>).state : said;
    };

    it('are retained, as output 1 says them, and cleared when the key is forgotten', async () => {
      const flow = await started({ maxKeys: '1' });
      await flow.call('alert', { topic: 'home/oven', payload: 25 });
      await watcher.until('it fires', () => state('home%2Foven') === 'firing');
      const [told] = await flow.messages('told', 1);
      const { spark: _, ...expected } = payload(told);
      assert.deepEqual(JSON.parse(String(last('home%2Foven'))), expected);
      const late = await harness.partner(`mqtt://127.0.0.1:${mosquitto.port}`);
      await late.subscribe(`${ALERTS}#`, 1);
      assert.equal((await late.arrived(1, ALERTS))[0]?.retain, true);
      await flow.call('alert', { topic: 'home/oven', payload: 15 });
      await watcher.until('it is over', () => state('home%2Foven') === 'normal');
      // There is room for one key only.
      await flow.call('alert', { topic: 'home/fridge', payload: 5 });
      await watcher.until('it is forgotten', () => last('home%2Foven') === '');
    });

    it('do not stay open where nobody wants to hear of the end', async () => {
      const flow = await started({ sendResolved: false });
      await flow.call('alert', { topic: 'x', payload: 25 });
      await watcher.until('it fires', () => state('x') === 'firing');
      await flow.call('alert', { topic: 'x', payload: 15 });
      await watcher.until('it is cleared', () => last('x') === '');
    });
  });
});
