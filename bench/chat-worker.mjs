/**
 * The bot of the part `chat`: @xmpp/client as it is, or our session, with nothing behind it. `{send: n}` sends n messages
 * and is answered when the server has taken them; `{spend: true}` with the CPU since the last order.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const BODY = 'Living room: 24.5 °C, above 24 °C since 14:03';

export async function chat({ variant, port, session, client: library }) {
  const arrivals = require('./nodes/counter.js')();
  const bot = await (variant === 'ours' ? ours : raw)({ port, session, library, arrived: arrivals.count });
  let cpu = process.cpuUsage();
  process.on('message', async ({ send, spend, stop }) => {
    if (stop) process.exit(0);
    if (spend) {
      const { user, system } = process.cpuUsage(cpu);
      process.send?.({ batch: { cpu: user + system, wall: 0 } });
    }
    if (send === undefined) return;
    cpu = process.cpuUsage();
    await bot.send(send);
    process.send?.({ armed: true });
  });
  process.send?.({ started: {} });
}

async function raw({ port, library, arrived }) {
  const { client, xml } = await import(library);
  const bot = client({
    service: `xmpp://localhost:${port}`,
    // Its own SCRAM takes that long on a busy machine.
    timeout: 30_000,
    domain: 'localhost',
    username: 'raw',
    password: 'bench',
    resource: 'bench',
  });
  bot.on('error', (error) => {
    throw error;
  });
  bot.on('stanza', (stanza) => stanza.is('message') && arrived());
  await bot.start();
  await bot.send(xml('presence'));
  return {
    async send(count) {
      const sent = [];
      for (let number = 0; number < count; number++) sent.push(bot.send(message(xml, number)));
      await Promise.all(sent);
    },
  };
}

async function ours({ port, session: module, library, arrived }) {
  /** @type {typeof import('../src/xmpp/session/session')} */
  const { XmppSession } = await import(module);
  const { xml } = await import(library);
  const session = new XmppSession(
    {
      jid: { local: 'ours', domain: 'localhost', bare: 'ours@localhost' },
      password: 'bench',
      resource: 'bench',
      service: { host: 'localhost', port, directTls: false },
      allowUnencrypted: false,
      presence: 'available',
      priority: 0,
      limits: { messages: 1_000_000, bytes: 1e9, ttl: 3_600_000 },
      software: { name: 'bench', version: '0' },
    },
    {
      clock: {
        now: Date.now,
        steady: () => performance.now(),
        after: (ms, action) => {
          const timer = setTimeout(action, ms);
          return () => clearTimeout(timer);
        },
      },
      random: Math.random,
      srv: async () => ({ kind: 'none' }),
      notice: ({ key, params }) => {
        throw new Error(`${key} ${JSON.stringify(params)}`);
      },
    },
  );
  session.onStanza((stanza) => stanza.name === 'message' && arrived());
  await new Promise((resolve, reject) => {
    session.onState((state) => {
      if (state.phase === 'online') resolve(state);
      if (state.phase === 'waiting' || state.phase === 'stopped') reject(state.reason);
    });
    session.start();
  });
  return {
    send: (count) =>
      new Promise((resolve, reject) => {
        let left = count;
        for (let number = 0; number < count; number++) {
          session.send(message(xml, number), (error) => {
            if (error) reject(error);
            left -= 1;
            if (left === 0) resolve(count);
          });
        }
      }),
  };
}

/** The same stanza for both: our session would add the origin-id (XEP-0359) itself. */
function message(xml, number) {
  const id = `m${number}`;
  const to = 'phone@localhost';
  const origin = xml('origin-id', { xmlns: 'urn:xmpp:sid:0', id });
  return xml('message', { type: 'chat', to, id }, xml('body', {}, BODY), origin);
}
