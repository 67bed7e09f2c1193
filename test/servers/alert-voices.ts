/** One bot, one voice; and two bots that hear each other come to an end. */
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

const WAIT = 30_000;
/** Longer than anything that would go on by itself takes to do so. */
const STILL = 600;

const connection = (id: string, jid: string, port: number) => ({
  ...{ id, type: 'dinox-broker', name: '', jid, tls: TLS, usetls: true },
  xmppService: `xmpp://127.0.0.1:${port}`,
});
const alert = (id: string, out: string, limit = '25') =>
  node('dinox-alert', id, { name: id, condition: 'above', limit, history: 'off', wires: [[out], [], [out]] });
const bodyOf = (stanza: Element): string => stanza.getChildText('body') ?? '';
const isEdit = (stanza: Element): boolean => !!stanza.getChild('replace', 'urn:xmpp:message-correct:0');

/** Three alerts behind three `xmpp-in`s of one account, and a fourth for another flow. */
export async function oneVoice(server: Ejabberd | Prosody, ends: Ends): Promise<void> {
  const names = ['Freezer', 'Washer', 'Door'];
  const hears = (id: string, to: string, more: object = {}) =>
    node('xmpp-in', id, { broker: 'broker', allow: 'anna@localhost', wires: [[to], []], ...more });
  const flow: Flow = [
    tab(),
    tlsConfig(),
    connection('broker', 'bot@localhost', server.c2sPort),
    ...names.flatMap((name) => [alert(name, 'out'), hears(`in ${name}`, name)]),
    hears('in light', 'light', { pattern: 'light *', patternType: 'wildcard' }),
    sink('light'),
    node('xmpp-out', 'out', { broker: 'broker', to: 'anna@localhost' }),
  ];
  const anna = ends.add(new XmppPeer({ port: server.c2sTlsPort, user: ANNA.user, password: ANNA.password }));
  await until('anna is there', () => anna.ready, WAIT);
  const running = ends.add(
    await RunningFlow.start([nodeRedTls as NodeModule, ...modules()], flow, {
      broker: { password: BOT.password },
    }),
  );
  for (const name of [...names, 'light']) await running.shows(`in ${name}`, 'green', WAIT);
  await isPresent(server);
  const said = (): Element[] => anna.messages.filter((stanza) => bodyOf(stanza) !== '');
  const answers = (): string[] =>
    said()
      .filter((stanza) => !isEdit(stanza))
      .map(bodyOf);
  const heard = (pattern: RegExp): Promise<void> =>
    until(
      () => `${pattern} in ${answers().join(' | ')}`,
      () => answers().some((text) => pattern.test(text)),
      WAIT,
    );
  let count = 0;
  const say = (text: string): void => {
    count += 1;
    anna.write(`<message to='bot@localhost' type='chat' id='say${count}'><body>${text}</body></message>`);
  };

  await running.call('Freezer', { topic: 'a', payload: 30 });
  await heard(/#1 a/);
  await running.call('Door', { topic: 'b', payload: 30 });
  await heard(/#2 b/);
  say('ok');
  await heard(/acknowledged: #2 b/);
  await until('its message edits itself', () => said().some(isEdit), WAIT);
  say('light on');
  await running.messages('light', 1, WAIT);
  say('what is this?');
  await heard(/do not understand “what is this/);
  say('status');
  await heard(/open alert: 2 of 2/);
  await sleep(STILL);
  assert.equal(answers().length, 5, answers().join('\n'));

  // A bot of another make, which answers whatever it gets.
  anna.onStanza = (stanza) => {
    if (stanza.name === 'message' && bodyOf(stanza) !== '')
      say(`Sorry? You said ${bodyOf(stanza).length}: ${count}.`);
  };
  await running.call('Washer', { topic: 'c', payload: 30 });
  await heard(/I will not answer this again for a while/);
  await sleep(STILL);
  assert.equal(
    answers().length,
    9,
    `an alert and three answers, and no more: ${answers().slice(5).join('\n')}`,
  );
  assert.deepEqual(running.complaints(), []);
  // Her phone has the higher priority: while the server knows it, the bot that is called anna next hears nothing.
  await anna.end();
  await running.stop();
}

/** Two of ours: each hears the other. */
export async function twoBots(server: Ejabberd | Prosody, ends: Ends): Promise<void> {
  const bot = (id: string, other: string) => [
    connection(`broker ${id}`, `${id}@localhost`, server.c2sPort),
    node('xmpp-in', `in ${id}`, {
      ...{ broker: `broker ${id}`, allow: `${other}@localhost` },
      wires: [[`alert ${id}`], []],
    }),
    alert(`alert ${id}`, `out ${id}`),
    node('xmpp-out', `out ${id}`, {
      broker: `broker ${id}`,
      to: `${other}@localhost`,
      wires: [[`sent ${id}`], []],
    }),
    sink(`sent ${id}`),
  ];
  const flow: Flow = [tab(), tlsConfig(), ...bot('bot', 'anna'), ...bot('anna', 'bot')];
  const credentials = {
    'broker bot': { password: BOT.password },
    'broker anna': { password: ANNA.password },
  };
  const all = [nodeRedTls as NodeModule, ...modules()];
  const running = ends.add(await RunningFlow.start(all, flow, credentials));
  for (const id of ['in bot', 'in anna']) await running.shows(id, 'green', WAIT);
  for (const user of [BOT.user, ANNA.user]) await isPresent(server, user);
  running.send('out bot', { payload: 'Hello, it is me.' });
  const [answer] = await running.messages('sent anna', 1, WAIT);
  assert.match(String(answer?.payload), /do not understand “Hello/);
  await running.call('alert bot', { topic: 'a', payload: 30 });
  await running.messages('sent bot', 2, WAIT);
  await sleep(STILL);
  assert.equal(running.at('sent anna').length, 1, 'an answer is not answered, nor is an alert');
  assert.equal(running.at('sent bot').length, 2);
  await running.stop();
}
