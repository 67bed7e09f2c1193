/**
 * Chat that goes on for ever: 20 messages a second both ways while the line is cut and the server restarts again and
 * again. Nothing is lost, `done` is called once, and what comes twice is what was under way, under the same id.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Ejabberd,
  type Proxy as Line,
  type Prosody,
  startEjabberd,
  startProsody,
  startProxy,
} from '../support/servers/index';
import { XmppPeer } from '../support/xmpp-peer';
import { ANNA, BotSession, chatUsers, Ends, until } from './chat-support';
import { Tap } from './chat-tap';
import { figure, heap, LONG, mib } from './lasting-support';

const TIMES = LONG ? 50 : 5;
/** 20 messages a second. */
const EVERY_MS = 50;
/** Growth that is still called flat, in bytes. */
const FLAT = 3 * 1_048_576;
/** What the test itself keeps of a message: two stanzas as elements, ids in maps. */
const KEPT = 6_000;

const ALL = [
  { name: 'ejabberd 24.12', start: () => startEjabberd({ generation: 'debian13', users: chatUsers }) },
  { name: 'Prosody 0.12', start: () => startProsody({ generation: 'debian12', users: chatUsers }) },
  { name: 'ejabberd 23.01', start: () => startEjabberd({ generation: 'debian12', users: chatUsers }) },
  { name: 'Prosody 13', start: () => startProsody({ generation: 'debian13', users: chatUsers }) },
];
/** In the long form one server after the other, so that a busy machine is not what is measured. */
const ROUNDS = LONG ? ALL.map((one) => [one]) : [ALL.slice(0, 2)];

type Server = Ejabberd | Prosody;

interface Trouble {
  server: Server;
  line: Line;
  bot: BotSession;
}

/** Runs `trouble` while messages go both ways, and looks at what became of them. */
async function through(
  name: string,
  what: string,
  { server, line }: { server: Server; line: Line },
  { servers, tap, mayLose, ends }: { servers: number; tap: Tap; mayLose: boolean; ends: Ends },
  trouble: (on: Trouble) => Promise<void>,
): Promise<{ resumed: number; fresh: number }> {
  const anna = ends.add(new XmppPeer({ port: server.c2sTlsPort, ...ANNA, stays: true }));
  const bot = ends.add(await BotSession.online(line.port));
  await until('anna is there', () => anna.ready);
  const sent: string[] = [];
  let number = 0;
  const both = setInterval(() => {
    number += 1;
    bot.message(`up${number}`, 'anna@localhost', `up ${number}`);
    anna.message(`down${number}`, 'bot@localhost', `down ${number}`);
    sent.push(`down${number}`);
  }, EVERY_MS);
  const heaps: { at: number; bytes: number }[] = [];
  try {
    for (let time = 1; time <= TIMES; time++) {
      await sleep(200 + Math.random() * 300);
      await trouble({ server, line, bot });
      await bot.phase('online');
      await until('anna is back', () => anna.ready);
      if (time === Math.ceil(TIMES / 4) || time === TIMES) heaps.push({ at: number, bytes: heap() });
    }
    await sleep(300);
  } finally {
    clearInterval(both);
  }
  await until('all is done', () => [...bot.done.values()].every(({ length }) => length > 0));
  await until('anna sent all', () => sent.every((id) => anna.confirmed.has(id)));
  const missingUp = () => [...bot.done.keys()].filter((id) => anna.count(id) === 0);
  const missingDown = () => {
    const came = new Set(bot.messages.map(({ attrs }) => attrs.id));
    return sent.filter((id) => !came.has(id));
  };
  // Confirmed to who sent it, and not acknowledged by who should have it: the line itself says so, below our code.
  const lostUp = () => missingUp().filter((id) => tap.confirmed(line.port, id));
  const lostDown = () => missingDown().filter((id) => !tap.taken(line.port, id));
  const open = () => missingUp().length + missingDown().length - lostUp().length - lostDown().length;
  let since = Date.now();
  let last = -1;
  await until(
    () => `everything arrived on ${name}: up ${missingUp()}, down ${missingDown()}`,
    () => {
      const missing = missingUp().length + missingDown().length;
      if (missing !== last) since = Date.now();
      last = missing;
      return missing === 0 || (open() === 0 && Date.now() - since > 10_000);
    },
    60_000,
    200,
  );
  const lost = [...lostUp(), ...lostDown()];
  const taken = bot.messages.filter(({ attrs }) => tap.taken(line.port, attrs.id ?? ''));
  assert.ok(taken.length > bot.messages.length / 2, 'the tap sees what is acknowledged');
  assert.ok(mayLose || lost.length === 0, `lost: ${lost}`);
  assert.ok(lost.length <= TIMES, `the server lost ${lost}`);
  assert.deepEqual(bot.wrong, [], 'every done was called once, without an error');
  const copies = [...bot.done.keys()].filter((id) => anna.count(id) > 1).length;
  // What may be on the line at once; on a busy machine the server is silent for seconds before it goes.
  assert.ok(copies <= TIMES * 100, `${copies} came twice`);
  const bodies = new Map<string, string>();
  for (const message of anna.messages) {
    const { id = '' } = message.attrs;
    const body = message.getChildText('body') ?? '';
    assert.equal(bodies.get(id) ?? body, body, 'a copy is the same message');
    bodies.set(id, body);
  }
  const online = bot.states.filter((state) => state.phase === 'online');
  const resumed = online.filter((state) => state.phase === 'online' && state.resumed).length;
  const [middle, end] = heaps;
  assert.ok(middle && end);
  const growth = end.bytes - middle.bytes - (end.at - middle.at) * KEPT * servers;
  figure(`${name}, ${TIMES} ${what}`, {
    sent: number,
    'lost by us': 0,
    'confirmed, and lost by the server': lost.length,
    'twice at the phone': copies,
    resumed,
    fresh: online.length - resumed,
    heap: `${mib(middle.bytes)} → ${mib(end.bytes)}`,
  });
  assert.ok(growth < FLAT, `the heap grew by ${mib(growth)}`);
  assert.deepEqual(bot.notices, []);
  return { resumed, fresh: online.length - resumed };
}

for (const round of ROUNDS) {
  describe(`lasting: chat on ${round.map(({ name }) => name).join(', ')}`, () => {
    const places: { name: string; server: Server; line: Line }[] = [];
    const servers = round.length;
    const ends = new Ends();
    let tap: Tap;
    before(async function () {
      this.timeout(120_000);
      tap = new Tap();
      await Promise.all(
        round.map(async ({ name, start }) => {
          const server = await start();
          places.push({ name, server, line: await startProxy({ target: { port: server.c2sPort } }) });
        }),
      );
    });
    afterEach(() => ends.all());
    after(async () => {
      tap.end();
      for (const { line, server } of places) {
        await line.stop();
        await server.kill();
      }
    });

    it(`${TIMES} cuts: the stream goes on`, async function () {
      this.timeout(60_000 + TIMES * 20_000);
      const all = places.map(async ({ name, ...place }) => {
        // So that there is something on the line, both ways, when it is cut.
        place.line.delay(30);
        const { resumed, fresh } = await through(
          name,
          'cuts',
          place,
          { servers, tap, mayLose: false, ends },
          async ({ bot, line }) => {
            const before = bot.states.length;
            line.cut();
            await until('the cut was noticed', () => bot.states.length > before);
          },
        );
        place.line.delay(0);
        assert.equal(fresh, 1, 'only the first login made a session');
        assert.equal(resumed, TIMES);
      });
      await Promise.all(all);
    });

    it(`${TIMES} restarts: it comes back by itself`, async function () {
      this.timeout(60_000 + TIMES * 60_000);
      const all = places.map(({ name, ...place }) =>
        through(name, 'restarts', place, { servers, tap, mayLose: true, ends }, async ({ bot, server }) => {
          const before = bot.states.length;
          // Killed, it would lose what it keeps in memory; a busy machine takes long.
          await server.stop(60_000);
          await until('the end was noticed', () => bot.states.length > before);
          await server.restart();
        }),
      );
      await Promise.all(all);
    });
  });
}

describe("lasting: a burst on the packages' own configurations", () => {
  const MESSAGES = LONG ? 1_000 : 300;
  const options = { packageConfig: true, generation: 'debian12', users: chatUsers } as const;
  const servers = [
    ['ejabberd, 3 kB a second', () => startEjabberd(options)],
    ['Prosody, 10 kB a second', () => startProsody(options)],
  ] as const;
  const ends = new Ends();
  after(() => ends.all());

  it(`${MESSAGES} messages at once, and slow is not taken for dead`, async function () {
    this.timeout(300_000);
    await Promise.all(servers.map(([name, start]) => burst(name, start)));
  });

  async function burst(name: string, start: () => Promise<Server>): Promise<void> {
    const server = ends.add(await start());
    const anna = ends.add(new XmppPeer({ port: server.c2sTlsPort, ...ANNA }));
    const bot = ends.add(await BotSession.online(server.c2sPort));
    await until('anna is there', () => anna.ready);
    const begun = Date.now();
    for (let number = 0; number < MESSAGES; number++) {
      bot.message(`b${number}`, 'anna@localhost', `alert ${number}`);
    }
    const done = () => [...bot.done.values()].filter(({ length }) => length > 0).length;
    await until(
      () => `all done, ${done()} are; ${JSON.stringify(bot.states)}`,
      () => done() === MESSAGES,
      240_000,
    );
    await until('all arrived', () => anna.messages.length >= MESSAGES);
    figure(`${MESSAGES} messages on ${name}`, `${((Date.now() - begun) / 1_000).toFixed(1)} s`);
    assert.deepEqual(bot.wrong, []);
    assert.deepEqual(
      anna.messages.map(({ attrs }) => attrs.id),
      [...bot.done.keys()],
    );
    assert.deepEqual(
      bot.states.map(({ phase }) => phase),
      ['connecting', 'online'],
    );
    if (!LONG) return;
    // 33 s without an acknowledgement on ejabberd, while the server reads it.
    bot.message('large', 'anna@localhost', 'x'.repeat(100_000));
    await until('the large one is done', () => bot.done.get('large')?.length === 1, 120_000);
    assert.equal(bot.states.length, 2, JSON.stringify(bot.states));
  }
});
