/** xmpp-out in a Node-RED without any server: what is refused before anything is sent. */
import assert from 'node:assert/strict';
import english from '../../src/base/texts/en-US.json';
import type { OutNode } from '../../src/nodes/xmpp-out/admin';
import { MADE_UP } from '../../src/runtime/chat/message-sample';
import type { SendCode } from '../../src/xmpp/send-error';
import { type Flow, node, sink, tab } from '../support/flows';
import type { Message, NodeModule } from '../support/runtime';
import { RunningFlow } from '../support/runtime';

const out = (properties: object = {}) =>
  node('xmpp-out', 'out', {
    broker: 'account',
    to: 'ben@example.org',
    kind: 'auto',
    format: 'payload',
    wires: [['sent'], ['receipts']],
    ...properties,
  });

function flowOf(broker: object, properties: object = {}): Flow {
  return [
    tab(),
    { id: 'account', type: 'dinox-broker', name: '', usetls: true, ...broker },
    out(properties),
    sink('sent'),
    sink('receipts'),
    node('catch', 'catch', { scope: null, uncaught: false, wires: [['errors']] }),
    sink('errors'),
  ];
}

async function start(flow: Flow, password = '', room = ''): Promise<RunningFlow> {
  const ours = require('../../src/index') as typeof import('../../src/index');
  const modules = [ours.registerDinoxBroker, ours.registerXmppOut] as NodeModule[];
  const credentials = {
    ...(password && { account: { password } }),
    ...(room && { out: { password: room } }),
  };
  return RunningFlow.start(modules, flow, credentials);
}

describe('xmpp-out', () => {
  let flow: RunningFlow;
  afterEach(() => flow?.stop());
  const refused = async (msg: Message): Promise<string> => {
    const { error = '' } = await flow.call('out', msg);
    assert.equal(flow.completionsOf(msg).length, 1, 'done was not called exactly once');
    return error;
  };

  it('bad input ends in done with an error, and the next message is looked at all the same', async () => {
    const account = { jid: 'anna@localhost', xmppService: 'xmpp://127.0.0.1:1' };
    flow = await start(flowOf(account), 'secret-0815');
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    const cases: [Message, SendCode][] = [
      [{}, 'payload-missing'],
      [{ payload: circle }, 'payload-json'],
      [{ payload: { n: 1n } }, 'payload-json'],
      [{ payload: Symbol('x') }, 'payload-type'],
      [{ payload: 'x', to: 'not a jid@' }, 'receiver-jid'],
      [{ payload: 'x', to: {} }, 'receiver-type'],
      [{ payload: 'x', kind: 7 }, 'kind'],
      [{ payload: 'x', replaces: [] }, 'replaces'],
    ];
    for (const [msg, code] of cases) {
      const [beginning = ''] = english.send[code].split('__');
      assert.ok((await refused(msg)).startsWith(beginning), code);
    }
    await flow.messages('errors', cases.length);
    assert.equal(flow.at('sent').length, 0);
    assert.ok(!JSON.stringify([flow.logged, flow.statuses]).includes('secret-0815'));
  });

  it('without a password nothing is tried, and every message hears why', async () => {
    flow = await start(flowOf({ jid: 'anna@localhost', xmppService: 'xmpp://127.0.0.1:1' }));
    assert.match(
      await refused({ payload: 'x', to: ['ben@localhost', 'ben@example.org'] }),
      /^2 of 2 recipients .*ben@localhost: .*ben@example\.org: /,
    );
    assert.match(await refused({ payload: 'x', to: 'ben@localhost' }), /password of anna@localhost/);
    assert.deepEqual(flow.statusesOf('out').at(-1)?.fill, 'red');
  });

  it('shows its dialog what came last, and lends the room password only to where it goes already', async () => {
    const to = 'team@rooms.example.org, anna@example.org';
    flow = await start(flowOf({ jid: 'bot@localhost' }, { to }), '', 'sesam');
    const { dinoxOut } = flow.node('out') as unknown as Required<OutNode>;
    assert.equal(dinoxOut.sample(), undefined);
    await refused({ payload: 21.5, topic: 'home/a', unit: '°C', to: 'not a jid@' });
    const { at, ...sample } = dinoxOut.sample() ?? MADE_UP;
    assert.deepEqual(sample, { payload: 21.5, topic: 'home/a', unit: '°C', files: 0 });
    assert.equal(typeof at, 'number');
    const lent = (broker: string, ...rooms: string[]) => dinoxOut.roomPassword(broker, rooms);
    assert.equal(lent('account', 'team@rooms.example.org'), 'sesam');
    assert.equal(lent('account', 'team@rooms.example.org', 'spy@rooms.example.net'), undefined);
    assert.equal(lent('other', 'team@rooms.example.org'), undefined);
  });

  it('fresh from the palette it says what is missing, without an error in the log', async () => {
    flow = await start(flowOf({ jid: '' }));
    assert.equal(flow.statusesOf('out').at(-1)?.fill, 'grey');
    assert.deepEqual(flow.complaints(), []);
  });

  it('a connection that is missing', async () => {
    flow = await start(flowOf({}, { broker: 'gone' }));
    assert.deepEqual(flow.statusesOf('out').at(-1), {
      fill: 'red',
      shape: 'ring',
      text: 'xmpp-out.status.broker',
    });
    assert.match(await refused({ payload: 'x' }), /The connection .* is missing/);
  });
});
