/** Without an archive (XEP-0313): what somebody wrote while Node-RED was away comes from where the server keeps it offline. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import nodeRedTls from '@node-red/nodes/core/network/05-tls.js';
import type { Element } from '@xmpp/client';
import { modules } from '../nodes/alert-support';
import { type Flow, node, sink, tab } from '../support/flows';
import { type NodeModule, RunningFlow } from '../support/runtime';
import type { Ejabberd, Prosody } from '../support/servers/index';
import { XmppPeer } from '../support/xmpp-peer';
import { ANNA, BOT, type Ends, isPresent, until } from './chat-support';
import { TLS, tlsConfig } from './nodes-support';

const WAIT = 60_000;
const bodyOf = (stanza: Element): string => stanza.getChildText('body') ?? '';

const flowFor = (port: number, maxAge: string): Flow => [
  tab(),
  tlsConfig(),
  {
    ...{ id: 'broker', type: 'dinox-broker', name: '', jid: 'bot@localhost', tls: TLS, usetls: true },
    xmppService: `xmpp://127.0.0.1:${port}`,
  },
  node('xmpp-in', 'in', {
    broker: 'broker',
    allow: 'anna@localhost',
    maxAge,
    wires: [['alert'], ['events']],
  }),
  node('dinox-alert', 'alert', {
    ...{ condition: 'above', limit: '25', history: 'off', chatControl: true },
    wires: [['out'], [], ['out']],
  }),
  node('xmpp-out', 'out', { broker: 'broker', to: 'anna@localhost' }),
  sink('events'),
];

/** A command is obeyed and answered once, and nothing is done that is older than the node takes. */
export async function offlineCommands(server: Ejabberd | Prosody, ends: Ends): Promise<void> {
  const anna = ends.add(new XmppPeer({ port: server.c2sTlsPort, ...ANNA }));
  await until('anna is there', () => anna.ready, WAIT);
  const start = async (maxAge: string): Promise<RunningFlow> => {
    const all = [nodeRedTls as NodeModule, ...modules()];
    const flow = await RunningFlow.start(all, flowFor(server.c2sPort, maxAge), {
      broker: { password: BOT.password },
    });
    ends.add(flow);
    await flow.shows('in', 'green', WAIT);
    await isPresent(server);
    return flow;
  };
  const bodies = (): string[] => anna.messages.map(bodyOf).filter((body) => body !== '');
  const heard = (count: number): Promise<void> =>
    until(
      () => `message ${count} of ${bodies().join(' | ')}`,
      () => bodies().length >= count,
      WAIT,
    );
  let said = 0;
  const say = (text: string): void => anna.message(`offline${++said}`, 'bot@localhost', text);
  /** Resolves once the server has ended the bot's session: what is said then waits for its next one. */
  const away = async (flow: RunningFlow): Promise<void> => {
    const from = String(anna.messages.findLast((one) => bodyOf(one) !== '')?.attrs.from);
    await flow.stop();
    const isGone = (): boolean =>
      anna.stanzas.some(({ attrs }) => attrs.id === `there${said}` && attrs.type === 'error');
    for (const end = Date.now() + WAIT; !isGone() && Date.now() < end; await sleep(100))
      anna.write(`<iq type='get' id='there${said}' to='${from}'><ping xmlns='urn:xmpp:ping'/></iq>`);
    assert.ok(isGone(), `${from} is still there`);
  };

  let flow = await start('5m');
  say('status');
  await heard(1);
  await away(flow);
  say('set limit 28');
  await until('the server has it', () => anna.confirmed.has(`offline${said}`), WAIT);

  flow = await start('5m');
  await heard(2);
  assert.equal(bodies()[1], 'limit is now 28.');
  // What is said now is worked off behind all that came.
  say('status');
  await heard(3);
  assert.equal(bodies()[2], 'Nothing to watch yet.', 'answered once');
  await away(flow);
  say('set limit 40');
  await until('the server has it', () => anna.confirmed.has(`offline${said}`), WAIT);
  await sleep(2_100);

  flow = await start('2s');
  const late = await flow.until(
    'what is too old',
    () => flow.at('events').find((msg) => (msg.payload as { event?: string }).event === 'late'),
    WAIT,
  );
  assert.equal((late.payload as { text?: string }).text, 'set limit 40');
  await flow.call('alert', { topic: 'a', payload: 30 });
  await heard(4);
  assert.match(bodies()[3] ?? '', /^\S+ #\d+ a: 30 is above 25/, 'nothing was done, and nothing said');
  await flow.stop();
  await anna.end();
}
