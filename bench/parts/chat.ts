/**
 * Messages between a bot and a phone through a real ejabberd without shaper: @xmpp/client alone beside our session. The
 * phone is the same for both, on a bare socket; the variants take turns by slices.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Ejabberd, startEjabberd } from '../../test/support/servers/index';
import { XmppPeer } from '../../test/support/xmpp-peer';
import { bundleOf } from '../bundle';
import { Child } from '../child';

export type ChatVariant = 'xmppjs' | 'ours';

export interface ChatFigures {
  /** Microseconds of the bot's CPU for each message. */
  cpu: number;
  /** Messages a second, until the last one has arrived. */
  rate: number;
}

export type ChatDirection = 'bot → phone' | 'phone → bot';

const SLICES = 3;
const PATIENCE_MS = 60_000;
const USERS = { raw: 'bench', ours: 'bench', phone: 'bench' };

export interface ChatPlace {
  readonly server: Ejabberd;
  readonly phone: XmppPeer;
  /** A bundle of our session, and the library, as URLs to import. */
  readonly session: string;
  readonly client: string;
  stop(): Promise<void>;
}

/** A server, a phone, and our session in one file. */
export async function chatPlace(): Promise<ChatPlace> {
  const { module: session, client, remove } = await bundleOf('src/xmpp/session/session.ts');
  // The library alone acknowledges too late for the default.
  const server = await startEjabberd({ generation: 'debian12', users: USERS, anyAckQueue: true });
  const phone = new XmppPeer({ port: server.c2sTlsPort, user: 'phone', password: 'bench' });
  await until(() => phone.ready);
  return {
    server,
    phone,
    session,
    client,
    async stop() {
      await phone.end();
      await server.stop();
      remove();
    },
  };
}

/** One round of `messages` in one direction. */
export async function chatRound(
  variants: readonly ChatVariant[],
  direction: ChatDirection,
  messages: number,
  { server, phone, session, client }: ChatPlace,
): Promise<Map<ChatVariant, ChatFigures>> {
  const runs: { variant: ChatVariant; child: Child; cpu: number; wall: number }[] = [];
  try {
    for (const variant of variants) {
      const options = { mode: 'chat', variant, port: server.c2sPort, session, client };
      runs.push({ variant, child: await Child.start(options), cpu: 0, wall: 0 });
    }
    await sleep(300);
    for (let slice = -1; slice < SLICES; slice++) {
      for (const run of slice % 2 === 0 ? runs : [...runs].reverse()) {
        const count = slice < 0 ? 1_000 : messages;
        const { cpu, wall } =
          direction === 'bot → phone'
            ? await toPhone(run.child, phone, count)
            : await toBot(run.child, phone, run.variant === 'ours' ? 'ours' : 'raw', count);
        // The first slice is for the compiler.
        if (slice < 0) continue;
        run.cpu += cpu;
        run.wall += wall;
      }
    }
    const all = messages * SLICES;
    return new Map(
      runs.map(({ variant, cpu, wall }) => [variant, { cpu: cpu / all, rate: (all / wall) * 1e6 }]),
    );
  } finally {
    await Promise.all(runs.map(({ child }) => child.stop()));
  }
}

/** In microseconds, of all messages. */
async function toPhone(
  child: Child,
  phone: XmppPeer,
  count: number,
): Promise<ChatFigures & { wall: number }> {
  phone.stanzas.length = 0;
  const began = process.hrtime.bigint();
  const arrived = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the messages did not arrive')), PATIENCE_MS);
    let seen = 0;
    phone.onStanza = ({ name }) => {
      phone.stanzas.length = 0;
      if (name === 'message') seen += 1;
      if (seen < count) return;
      clearTimeout(timer);
      resolve();
    };
  });
  await Promise.all([child.ask({ send: count }, 'armed'), arrived]);
  const wall = Number(process.hrtime.bigint() - began) / 1_000;
  const { cpu } = await child.ask({ spend: true }, 'batch');
  return { cpu, wall, rate: 0 };
}

async function toBot(
  child: Child,
  phone: XmppPeer,
  bot: string,
  count: number,
): Promise<{ cpu: number; wall: number }> {
  const text = `<message type='chat' to='${bot}@localhost' id='b'><body>How warm is it in the living room?</body></message>`;
  const answered = child.answer('batch');
  await child.ask({ expect: count }, 'armed');
  for (let sent = 0; sent < count; sent += 50) phone.write(text.repeat(Math.min(50, count - sent)));
  const { cpu, wall } = await answered;
  return { cpu: cpu * count, wall: wall * count };
}

async function until(look: () => boolean): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; !look(); await sleep(20)) {
    if (Date.now() > deadline) throw new Error('the phone does not get in');
  }
}
