/** `xmpp-in` in a Node-RED without a server: what it says about its fields. */
import assert from 'node:assert/strict';
import { dinoxBroker } from '../servers/nodes-support';
import { BROKER, type FlowNode, node, sink, tab } from '../support/flows';
import { type NodeModule, RunningFlow } from '../support/runtime';

describe('xmpp-in in a Node-RED', () => {
  let flow: RunningFlow | undefined;

  afterEach(async () => {
    await flow?.stop();
    flow = undefined;
  });

  /** Nothing listens on that port. */
  const account = { jid: 'bot@localhost', xmppService: 'xmpp://127.0.0.1:1' };

  async function start(properties: object, broker: object = account): Promise<RunningFlow> {
    const ours = require('../../src/index') as typeof import('../../src/index');
    const nodes: FlowNode[] = [
      tab(),
      dinoxBroker(broker),
      node('xmpp-in', 'in', {
        broker: BROKER,
        allow: 'anna@example.org',
        wires: [['out'], []],
        ...properties,
      }),
      sink('out'),
    ];
    flow = await RunningFlow.start([ours.registerDinoxBroker, ours.registerXmppIn] as NodeModule[], nodes, {
      [BROKER]: { password: 'tr3ppe-Otter' },
    });
    return flow;
  }

  const said = (level: string): string[] =>
    (flow?.logged ?? [])
      .filter((entry) => entry.node === 'in' && entry.level === level)
      .map(({ text }) => text);

  const shows = (text: RegExp) =>
    flow?.until(`status ${text}`, () => text.test(flow?.statusesOf('in').at(-1)?.text ?? ''));

  it('says that its connection is missing', async () => {
    await start({ broker: 'nowhere' });
    await shows(/status\.broker|connection missing/);
    assert.equal(said('error').length, 1);
  });

  it('does not listen with a field that cannot be read, and names it', async () => {
    await start({ pattern: '(', patternType: 'regex', rooms: 'rooms.example.org', maxAge: 'soon' });
    await shows(/status\.problem|check the field/);
    assert.equal(said('error').length, 3);
  });

  it('says once where only its own account may speak, and where everyone may', async () => {
    await start({ allow: '' });
    assert.equal(said('warn').length, 1);
    assert.match(said('warn')[0] ?? '', /onlyOwn|Only the devices of bot@localhost/);
    await flow?.stop();
    await start({ allow: '*' });
    assert.equal(said('warn').length, 1);
    assert.match(said('warn')[0] ?? '', /everyone/);
  });

  it('names entries that let nobody speak, and that no presence means no messages', async () => {
    await start({ allow: 'anna@example.org, anna, b@@c' }, { ...account, presence: 'none' });
    assert.equal(said('error').length, 2);
    assert.match(said('warn').join(), /presence/);
  });

  it('says nothing but its status where nothing is typed yet', async () => {
    await start({ allow: '' }, { jid: '', host: '' });
    await shows(/status\.unconfigured|not configured/);
    assert.deepEqual([said('warn'), said('error')], [[], []]);
  });

  it('closes while it tries to connect', async () => {
    await start({ rooms: 'team@rooms.example.org' });
    await flow?.until('it tries', () => flow?.statusesOf('in').at(-1)?.fill === 'yellow');
    await flow?.stop();
    assert.deepEqual(said('error'), []);
  });
});
