/**
 * Handed over is not arrived: a whole Node-RED is killed, restarted and kept waiting while its chat is away, and the
 * phone gets every alert, once.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Element } from '@xmpp/client';
import { AlertStore } from '../../src/alert/alert-store';
import { systemClock } from '../../src/base/clock';
import { type Flow, node, tab } from '../support/flows';
import { startNodeRed } from '../support/node-red';
import { type Prosody, startProxy } from '../support/servers/index';
import { ownFolder } from '../support/servers/process';
import { XmppPeer } from '../support/xmpp-peer';
import { ANNA, BOT, type Ends, until } from './chat-support';
import { TLS, tlsConfig } from './nodes-support';

const KEYS = 25;
const WAIT = 30_000;

function flowFor(port: number): Flow {
  const value = (id: string, topic: string, payload: string) =>
    node('inject', id, {
      props: [{ p: 'payload' }, { p: 'topic', vt: 'str' }],
      topic,
      payload,
      payloadType: 'num',
      wires: [['alert']],
    });
  const burst = (id: string, payload: number) => [
    node('inject', id, { props: [], wires: [[`${id}-all`]] }),
    node('function', `${id}-all`, {
      func: `for (let i = 0; i < ${KEYS}; i++) node.send({ topic: 'load/' + i + '.', payload: ${payload} });`,
      wires: [['alert']],
    }),
  ];
  return [
    tab(),
    tlsConfig(),
    {
      ...{ id: 'broker', type: 'dinox-broker', name: '', jid: 'bot@localhost', tls: TLS, usetls: true },
      ...{ xmppService: `xmpp://127.0.0.1:${port}`, queueTtl: '3s' },
    },
    node('dinox-alert', 'alert', {
      condition: 'above',
      limit: '25',
      history: 'off',
      wires: [['tag'], [], []],
    }),
    // Whoever wants to see what comes for the second time.
    node('function', 'tag', {
      func: "if (msg.payload.again) msg.payload.text = 'AGAIN ' + msg.payload.text; return msg;",
      wires: [['out']],
    }),
    node('xmpp-out', 'out', {
      broker: 'broker',
      to: 'anna@localhost',
      format: 'payload',
      rate: '6000',
      wires: [[], []],
    }),
    value('warm', 'freezer', '30'),
    value('cold', 'freezer', '10'),
    ...burst('rise', 30),
    ...burst('fall', 10),
  ];
}

const bodyOf = (stanza: Element): string => stanza.getChildText('body') ?? '';

export async function toldOrAgain(server: Prosody, ends: Ends): Promise<void> {
  const anna = ends.add(new XmppPeer({ port: server.c2sTlsPort, ...ANNA, stays: true, resource: 'told' }));
  await until('anna is there', () => anna.ready, WAIT);
  const line = ends.add(await startProxy({ target: { port: server.c2sPort } }));
  const userDir = ownFolder(tmpdir());
  const nodeRed = await startNodeRed({
    version: '4',
    linkPackage: true,
    userDir,
    flows: flowFor(line.port),
    credentials: { broker: { password: BOT.password } },
  });
  ends.add({ stop: () => nodeRed.kill() });
  const states = (): string => readFileSync(join(userDir, 'dinox/alerts/alert.log'), 'utf8');
  const untold = (): number =>
    new AlertStore({
      path: join(userDir, 'dinox/alerts/alert.log'),
      clock: systemClock,
      events: NOTHING,
    }).load()?.undelivered?.length ?? 0;
  let heard = 0;
  const bodies = (): string[] => anna.messages.map(bodyOf).filter((body) => body !== '');
  /** The message that comes, and that no other comes beside it. */
  const next = async (what: string): Promise<Element> => {
    await until(
      () => `${what}: ${bodies().slice(heard)}\n${nodeRed.logs().slice(-3_000)}`,
      () => bodies().length > heard,
      WAIT,
    );
    await until('nothing is owed any more', () => untold() === 0, WAIT);
    await sleep(200);
    assert.equal(bodies().length, heard + 1, `${what}: ${bodies().slice(heard).join(' | ')}`);
    heard += 1;
    return anna.messages.filter((stanza) => bodyOf(stanza) !== '')[heard - 1] as Element;
  };
  const online = (): Promise<unknown> =>
    nodeRed.until('online', () => /online as|bot@localhost\//.test(nodeRed.logs()), WAIT);
  const away = async (): Promise<void> => {
    await line.refuse(true);
    line.cut();
  };

  // Killed while the chat server is away.
  await online();
  await away();
  await nodeRed.inject('warm');
  await until('the alert is on disk', () => untold() === 1, WAIT);
  await nodeRed.kill();
  await line.refuse(false);
  await nodeRed.restart();
  const first = await next('after a kill');
  assert.match(bodyOf(first), /^AGAIN 🟠 #1 freezer: 30 is above 25/);

  // A proper restart while it is away: what was told is not said again, and the end comes in the place of the message that anna has.
  await online();
  await away();
  await nodeRed.inject('cold');
  await until('the end is on disk', () => untold() === 1, WAIT);
  await nodeRed.stop();
  await line.refuse(false);
  await nodeRed.restart();
  assert.match(bodyOf(await next('after a restart')), /^AGAIN .*✔ resolved/s);

  // Away for longer than queueTtl: given up with an error, and sent when it is back, without a restart.
  await online();
  await away();
  await nodeRed.inject('warm');
  await nodeRed.until('given up', () => /queueTtl/.test(nodeRed.logs()), WAIT);
  await line.refuse(false);
  assert.match(bodyOf(await next('after queueTtl')), /^AGAIN .*freezer: 30 is above/s);

  // Killed under load: every begin and every end that was on disk is told.
  for (const [inject, sign] of [
    ['rise', 'is above'],
    ['fall', '✔'],
  ] as const) {
    const before = bodies().length;
    await nodeRed.inject(inject);
    await sleep(20 + Math.random() * 80);
    await nodeRed.kill();
    const known = [...states().matchAll(/load\/\d+\./g)].map(([key]) => key);
    await nodeRed.restart();
    await nodeRed.inject(inject);
    const missing = (): string[] => {
      const said = bodies().slice(before);
      return [...new Set(known)].filter(
        (key) => !said.some((body) => body.includes(key) && body.includes(sign)),
      );
    };
    await until(
      () => `${inject}: ${missing()}`,
      () => missing().length === 0 && untold() === 0,
      WAIT,
    );
    assert.ok(known.length > 0, 'the kill came before anything was on disk');
  }
}

const NOTHING = { failed: () => {}, recovered: () => {}, setAside: () => {}, damaged: () => {} };
