/**
 * Messages over XMPP PubSub while the server is restarted and the line is cut: every publication whose `done` came
 * without an error is in its node, every receiver ends with the last item of each node, and nothing comes twice.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import {
  type Generation,
  type Proxy as Line,
  type RestartableServer,
  startEjabberd,
  startProsody,
  startProxy,
} from '../support/servers/index';
import { figure, LONG, until } from './lasting-support';
import {
  complaints,
  dinoxBroker,
  dinoxIn,
  dinoxOut,
  flowOf,
  Harness,
  online,
  PASSWORD,
  TLS,
  USER,
  users,
} from './nodes-support';
import { XmppPartner } from './nodes-xmpp';
import { pubsubKillSuite } from './pubsub-kill-suite';

const NODES = 10;
const EVERY_MS = 20;
/** Lines that do not hold are tried again after ever longer waits, so the first one is short. */
const QUICK = { mqttReconnectTime: 50 };
/**
 * How long a line lives. The back-off begins anew behind one that lived for 5 s: with short lives the long form would only
 * wait, and so does ejabberd, which takes long to start.
 */
const lifeMs = (name: string): number => (LONG || name === 'ejabberd' ? 5_200 : 200);
/** The back-off's longest wait, and a login. */
const LONGEST_WAIT_MS = 70_000;

interface Case {
  name: string;
  generation: Generation;
  start(generation: Generation): Promise<RestartableServer & { c2sPort: number; c2sTlsPort: number }>;
}

const prosody: Case['start'] = (generation) =>
  startProsody({ generation, users, extra: `admins = { "${USER}@localhost" }` });
const ejabberd: Case['start'] = (generation) => startEjabberd({ generation, users });
const cases: Case[] = [
  { name: 'Prosody', generation: 'debian12', start: prosody },
  { name: 'Prosody', generation: 'debian13', start: prosody },
  { name: 'ejabberd', generation: 'debian12', start: ejabberd },
  { name: 'ejabberd', generation: 'debian13', start: ejabberd },
];

/** One generation of each in the short form. */
const chosen = LONG ? cases : cases.slice(1, 3);

const { restarts, cuts } = LONG ? { restarts: 20, cuts: 50 } : { restarts: 2, cuts: 5 };

for (const { name, generation, start } of chosen) {
  describe(`lasting: PubSub on ${name} [${generation}], ${restarts} restarts and ${cuts} cuts`, () => {
    let server: Awaited<ReturnType<Case['start']>>;
    let line: Line;
    const harness = new Harness();

    before(async function () {
      this.timeout(60_000);
      server = await start(generation);
      line = await startProxy({ target: { port: server.c2sPort } });
    });
    after(async () => {
      await harness.end();
      await line?.stop();
      await server?.kill();
    });

    it('loses nothing that was confirmed, and brings nothing twice', async function () {
      // A slow machine needs longer for each of them: up to the longest wait of the back-off.
      this.timeout(90_000 + (restarts + cuts) * 30_000);
      const topic = harness.topic();
      const flow = await harness.flow(
        flowOf(
          dinoxBroker({
            jid: `${USER}@localhost`,
            xmppService: `xmpp://localhost:${line.port}`,
            tls: TLS,
            transport: 'pubsub',
          }),
          dinoxIn('in', `${topic}/#`),
          dinoxIn('one', `${topic}/0`),
          dinoxOut(),
        ),
        undefined,
        QUICK,
      );
      await online(flow, 'out');
      const sent: { topic: string; payload: number; qos: number; retain: boolean }[] = [];
      const timer = setInterval(() => {
        const number = sent.length;
        const message = { topic: `${topic}/${number % NODES}`, payload: number, qos: 1, retain: true };
        sent.push(message);
        flow.send('out', message);
      }, EVERY_MS);
      harness.after(async () => clearInterval(timer));
      const isOnline = (): boolean => flow.statusesOf('out').at(-1)?.fill === 'green';
      const between = Math.max(1, Math.floor(cuts / restarts));
      for (let cut = 1, restarted = 0; cut <= cuts; cut++) {
        await sleep(lifeMs(name) + Math.random() * 300);
        line.cut();
        await until('it is back', isOnline, LONGEST_WAIT_MS);
        if (cut % between !== 0 || restarted === restarts) continue;
        restarted += 1;
        await sleep(lifeMs(name));
        await server.restart();
        line.cut();
        await until('it is back after a restart', isOnline, LONGEST_WAIT_MS);
      }
      await sleep(300);
      clearInterval(timer);
      // An answer that a restart lost is missed after 30 s.
      await until('all are done', () => flow.completions.length >= sent.length, 90_000);
      const done = flow.completions.map(({ msg, error }) => [Number(msg.payload), error] as const);
      assert.deepEqual(
        done.sort(([a], [b]) => a - b),
        sent.map(({ payload }) => [Number(payload), undefined]),
        'done',
      );
      const last = Array.from({ length: NODES }, (_, node) =>
        sent.findLast(({ payload }) => payload % NODES === node),
      );
      const me = harness.keep(await XmppPartner.connect(server.c2sTlsPort, USER, PASSWORD));
      for (const one of last) {
        assert.ok(one);
        assert.match(await me.lastItem(one.topic), new RegExp(`<json[^>]*>${one.payload}</json>`));
      }
      // What came last, not only what came: an older item behind a newer one would be a wrong value for good.
      const lastAt = (sink: string, on: string): number =>
        Number(flow.at(sink).findLast((message) => message.topic === on)?.payload);
      const ends = (): unknown[] => [
        ...last.map((one) => lastAt('in-sink', one?.topic ?? '')),
        lastAt('one-sink', `${topic}/0`),
      ];
      const expected = [...last, last[0]].map((one) => Number(one?.payload));
      await until('the last of each node', () => isDeepStrictEqual(ends(), expected), 10_000).catch(() => {});
      const all = flow.at('in-sink').map(({ payload }) => Number(payload));
      const seen = new Set<number>();
      const twice = all.filter((one) => seen.size === seen.add(one).size);
      assert.deepEqual(twice, [], 'came twice');
      const ones = flow.at('one-sink').map(({ payload }) => Number(payload));
      assert.equal(new Set(ones).size, ones.length, 'came twice for the overlapping filter');
      assert.deepEqual(ends(), expected, 'what each receiver ends with');
      const late = flow
        .at('in-sink')
        .filter(({ pubsub }) => (pubsub as { late?: boolean }).late === true).length;
      figure(`${name} ${generation}`, { sent: sent.length, came: all.length, late });
      assert.deepEqual(
        complaints(flow).filter((text) => /keeps|node/.test(text)),
        [],
      );
    });

    // One of each kind is enough.
    if (LONG || name === 'Prosody') pubsubKillSuite(() => ({ c2sTlsPort: server.c2sTlsPort, line }));
  });
}
