/**
 * The part `pubsub`: @xmpp/client as it is, doing the same stanzas, or our link. Commands: `{publish: n, node}`,
 * `{subscribe: filter}`, `{expect: n}` (of `counter.js`), `{spend: true}`, `{echo: true}`, `{busy: ms}` (what the thread of the event loop works within that time, and how often the list was looked at), `{memory: true}`.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const PAYLOAD = '{"value":24.5,"unit":"°C","at":1796014113}';
/** As many questions as our link has under way at most. */
const UNDER_WAY = 256;

export async function pubsub(options) {
  const arrivals = require('./nodes/counter.js')();
  const bot = await (options.variant === 'ours' ? ours : raw)({ ...options, arrived: arrivals.count });
  let cpu = process.cpuUsage();
  process.on('message', async ({ publish, node, subscribe, spend, echo, busy, memory, stop }) => {
    if (stop) process.exit(0);
    if (spend) {
      const { user, system } = process.cpuUsage(cpu);
      cpu = process.cpuUsage();
      process.send?.({ batch: { cpu: user + system, wall: 0 } });
    }
    if (memory) {
      globalThis.gc?.();
      const { rss, heapUsed: heap } = process.memoryUsage();
      process.send?.({ memory: { rss, heap } });
    }
    if (busy) {
      const before = { cpu: loopCpu(), looks: bot.looks() };
      setTimeout(
        () => process.send?.({ busy: { cpu: loopCpu() - before.cpu, looks: bot.looks() - before.looks } }),
        busy,
      );
    }
    if (publish) {
      cpu = process.cpuUsage();
      const began = process.hrtime.bigint();
      await bot.publish(node, PAYLOAD, publish);
      const wall = Number(process.hrtime.bigint() - began) / 1_000;
      const { user, system } = process.cpuUsage(cpu);
      process.send?.({ batch: { cpu: user + system, wall } });
    }
    if (subscribe) {
      await bot.subscribe(subscribe);
      process.send?.({ armed: true });
    }
    if (echo) {
      bot.echo();
      process.send?.({ armed: true });
    }
  });
  process.send?.({ started: {} });
}

/** CPU time of the event loop's thread so far, in microseconds: compiler and collector have threads of their own. */
function loopCpu() {
  const [nanoseconds] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ');
  return Number(nanoseconds) / 1_000;
}

async function ours({ port, module, user, password, service, poll, arrived }) {
  /** @type {typeof import('./pubsub-ours')} */
  const { ours: start } = await import(module);
  return start({ port, user, password, service, poll, arrived });
}

async function raw({ port, client: library, user, password, service, arrived }) {
  const { client, xml } = await import(library);
  const bot = client({
    service: `xmpp://localhost:${port}`,
    timeout: 30_000,
    domain: 'localhost',
    username: user,
    password,
    resource: 'bench',
  });
  bot.on('error', (error) => {
    throw error;
  });
  // What a program needs at least of an event: that it is one, its node, and its payload.
  bot.on('stanza', (stanza) => {
    const items = stanza.is('message') && stanza.getChild('event')?.getChild('items');
    if (!items) return;
    for (const item of items.getChildren('item'))
      if (items.attrs.node && item.getChildText('json')) arrived();
  });
  await bot.start();
  await bot.send(xml('presence'));
  const ask = (content) =>
    bot.iqCaller.request(
      xml('iq', { type: 'set', to: service }, xml('pubsub', 'http://jabber.org/protocol/pubsub', content)),
      60_000,
    );
  const start = Date.now();
  let number = 0;
  return {
    // It knows its nodes.
    looks: () => 0,
    async publish(node, payload, count) {
      let left = count;
      const next = async () => {
        while (left > 0) {
          left -= 1;
          number += 1;
          const item = xml(
            'item',
            { id: `nr-bench-${start}${number}` },
            xml('json', 'urn:xmpp:json:0', payload),
          );
          await ask(xml('publish', { node }, item));
        }
      };
      await Promise.all(Array.from({ length: UNDER_WAY }, next));
    },
    subscribe: (node) => ask(xml('subscribe', { node, jid: `${user}@localhost` })),
    echo() {},
  };
}
