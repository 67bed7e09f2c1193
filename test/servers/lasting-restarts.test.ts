/**
 * A broker that is stopped and killed again and again, while 50 messages a second go both ways at QoS 1 over a session
 * that lasts: nothing published is lost, nothing subscribed is lost, and nothing piles up.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerType } from '../../src/servers/types';
import {
  type Proxy as Line,
  type RestartableServer,
  startEjabberd,
  startMosquitto,
  startProxy,
} from '../support/servers/index';
import { connection, figure, heap, LONG, type Login, mib, Peer, passed, until } from './lasting-support';

const RESTARTS = LONG ? 100 : 4;
/** 50 messages a second. */
const EVERY_MS = 20;
/** Growth that is still called flat, in bytes: numbers and captured packets of the test itself are taken off. */
const FLAT = 3 * 1_048_576;
/** What the test itself keeps of one message: its number in four sets and maps. */
const KEPT = 600;

interface Case {
  name: string;
  type: ServerType;
  login?: Login;
  start(): Promise<{ server: RestartableServer; port: number }>;
}

const cases: Case[] = [
  {
    name: 'Mosquitto with persistence',
    type: 'mosquitto',
    async start() {
      const server = await startMosquitto({
        extraConfig: 'persistence true\nautosave_on_changes true\nautosave_interval 1\nmax_queued_messages 0',
      });
      return { server, port: server.port };
    },
  },
  {
    name: 'ejabberd',
    type: 'ejabberd',
    login: { user: 'anna@localhost', password: 'tr3ppe-Otter' },
    async start() {
      const server = await startEjabberd({ users: { anna: 'tr3ppe-Otter' } });
      return { server, port: server.mqttPort };
    },
  },
];

for (const { name, type, login, start } of cases) {
  describe(`lasting: ${name} restarts ${RESTARTS} times`, () => {
    let server: RestartableServer;
    let port: number;
    let line: Line;
    before(async function () {
      this.timeout(60_000);
      ({ server, port } = await start());
      line = await startProxy({ target: { port } });
    });
    const ends: (() => Promise<unknown>)[] = [];
    after(async () => {
      for (const end of ends) await end();
      await line?.stop();
      await server?.kill();
    });

    it('loses nothing, comes back by itself, and leaves nothing behind', async function () {
      this.timeout(60_000 + RESTARTS * 30_000);
      const settings = { cleanSession: false, sessionExpiry: 3_600 };
      const { client, reasons, notices } = connection(line.port, type, settings, login);
      ends.push(() => client.end(new Error('over')));
      const came = new Map<number, number>();
      let newest = 0;
      const done = new Map<number, (Error | undefined)[]>();
      client.subscriptions.add({
        owner: 'in',
        filter: 'down/#',
        options: { qos: 1, nl: false, rap: true, rh: 2 },
        deliver: ({ payload }) => {
          const number = Number(payload.toString());
          came.set(number, (came.get(number) ?? 0) + 1);
          newest = Math.max(newest, number);
        },
        refused: (error) => assert.fail(error),
      });
      client.connect();
      const peer = await Peer.connect(
        port,
        'up/#',
        login ? { username: login.user, password: login.password } : {},
      );
      ends.push(() => peer.end());
      await until('connected', () => client.connected);
      await sleep(300);

      let number = 0;
      const both = setInterval(() => {
        const mine = ++number;
        const results: (Error | undefined)[] = [];
        done.set(mine, results);
        client.publish({ topic: 'up/t', payload: String(mine), qos: 1, retain: false }, (error) =>
          results.push(error),
        );
        peer.publish('down/t', mine);
      }, EVERY_MS);
      const resources = (): Record<string, number> => {
        const counts: Record<string, number> = {};
        for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
        return counts;
      };
      const heaps: { at: number; bytes: number }[] = [];
      const begun = resources();
      const listenersBegun = listeners(client);
      try {
        for (let restart = 1; restart <= RESTARTS; restart++) {
          await sleep(300 + Math.random() * 400);
          if (restart % 2 === 0) await server.kill();
          else await server.stop();
          // A broker that forgot its sessions drops what nobody subscribes to: the peer comes first.
          await line.refuse(true);
          await sleep(Math.random() * 300);
          await server.restart();
          await until('the peer is back', () => peer.ready);
          await line.refuse(false);
          await until(`connected again after restart ${restart}`, () => client.connected, 20_000).catch(
            (error) => {
              error.message += `\n${JSON.stringify(client.state)}\n${reasons.slice(-8).join('\n')}`;
              throw error;
            },
          );
          // Its subscriptions are back: what the peer publishes from now on comes.
          const mark = number;
          await until(`messages come again after restart ${restart}`, () => newest > mark, 20_000);
          // In the middle, where caches are full, and at the end.
          if (restart === Math.ceil(RESTARTS / 4) || restart === RESTARTS)
            heaps.push({ at: number, bytes: heap() });
        }
        await sleep(500);
      } finally {
        clearInterval(both);
      }
      await until('all that was published is done', () =>
        [...done.values()].every(({ length }) => length > 0),
      );
      // What the broker still has to bring.
      for (let last = -1; last !== came.size + peer.came.size; await sleep(1_000))
        last = came.size + peer.came.size;

      const { confirmed, delivered } = passed(line);
      const numbers = [...done.keys()];
      const wrong = numbers.filter((one) => done.get(one)?.length !== 1 || done.get(one)?.[0] !== undefined);
      assert.deepEqual(wrong, [], 'every message was done once, without an error');
      assert.deepEqual(
        numbers.filter((one) => !confirmed.has(one)),
        [],
        'done says that the broker confirmed it',
      );
      assert.deepEqual(
        [...delivered].filter((one) => !came.has(one)),
        [],
        'what the broker brought reached the flow',
      );
      const forgotUp = numbers.filter((one) => !peer.came.has(one)).length;
      const forgotDown = [...peer.confirmed].filter((one) => !came.has(one)).length;
      const twice = [...came.values()].filter((count) => count > 1).length;
      const twiceUp = [...peer.came.values()].filter((count) => count > 1).length;
      figure(`${name}, ${RESTARTS} restarts`, {
        published: numbers.length,
        lost: 0,
        'twice at the other side': twiceUp,
        received: came.size,
        'twice here': twice,
        'confirmed and forgotten by the broker (out, in)': [forgotUp, forgotDown],
      });
      if (type === 'mosquitto') {
        // It keeps what it confirmed; only a kill may cost it what it had not written yet.
        assert.ok(forgotUp + forgotDown <= RESTARTS * 10, `${forgotUp} and ${forgotDown} forgotten`);
      }

      const [middle, end] = heaps;
      assert.ok(middle && end);
      const growth = end.bytes - middle.bytes - (end.at - middle.at) * KEPT;
      figure('heap', `${mib(middle.bytes)} after a quarter, ${mib(end.bytes)} at the end`);
      assert.ok(growth < FLAT, `the heap grew by ${mib(growth)}`);
      assert.deepEqual(listeners(client), listenersBegun);
      const ended = resources();
      for (const kind of Object.keys(ended)) {
        assert.ok((ended[kind] ?? 0) <= (begun[kind] ?? 0) + 2, `${kind}: ${begun[kind]} → ${ended[kind]}`);
      }
      assert.ok(reasons.length >= RESTARTS);
      assert.ok(
        reasons.every((text) => text.length > 30),
        reasons.join('\n'),
      );
      assert.ok(notices.length < 10, notices.join('\n'));
    });
  });
}

/** How many listeners the present connection's client and its socket have. */
function listeners(client: unknown): Record<string, number> {
  const { client: inner } = (
    client as { open: { link: { client: NodeJS.EventEmitter & { stream: NodeJS.EventEmitter } } } }
  ).open.link;
  const counts: Record<string, number> = {};
  for (const name of inner.eventNames()) counts[String(name)] = inner.listenerCount(name);
  for (const name of ['close', 'error', 'drain', 'data'])
    counts[`stream ${name}`] = inner.stream.listenerCount(name);
  return counts;
}
