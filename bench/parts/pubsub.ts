/**
 * PubSub through a real Prosody: @xmpp/client alone doing the same stanzas, beside our link; and 1,000 nodes under one
 * wildcard, with and without the shaper of Debian's package.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Prosody, startProsody } from '../../test/support/servers/index';
import { XmppComponent } from '../../test/support/xmpp-component';
import { XmppPeer } from '../../test/support/xmpp-peer';
import { type Bundle, bundleOf } from '../bundle';
import { Child } from '../child';
import type { Rows } from '../rows';

export type PubsubVariant = 'xmppjs' | 'ours';

const SERVICE = 'pubsub.localhost';
const SLICES = 3;
const PATIENCE_MS = 240_000;
const USERS = { raw: 'bench', ours: 'bench', phone: 'bench' };
/** Makes the nodes: no shaper holds back a component. */
const MAKER = { name: 'maker.localhost', secret: 'bench' };
const NODES = 1_000;
const PUBSUB = 'http://jabber.org/protocol/pubsub';
/** Milliseconds until the first look, when the last items have come; the second comes twice as long after it. */
const POLL_MS = 8_000;
/** Milliseconds around a look, and an equally long time without one. */
const LOOK_MS = 2_000;

export interface PubsubPlace {
  readonly server: Prosody;
  readonly phone: XmppPeer;
  readonly bundle: Bundle;
  stop(): Promise<void>;
}

/** @param shaper with the limits of Debian's own configuration */
export async function pubsubPlace(shaper: boolean): Promise<PubsubPlace> {
  const bundle = await bundleOf('bench/pubsub-ours.ts');
  const server = await startProsody({
    users: USERS,
    component: MAKER,
    extra: `admins = { "${MAKER.name}" }`,
    ...(shaper && {
      packageConfig: true,
      last: `Component "${MAKER.name}"\n  component_secret = "${MAKER.secret}"\n`,
    }),
  });
  const phone = new XmppPeer({ port: server.c2sTlsPort, user: 'phone', password: 'bench' });
  await until('the phone', () => phone.ready);
  const maker = new XmppComponent({ port: server.componentPort, ...MAKER });
  await until('the maker', () => maker.ready);
  await makeNodes(maker, [
    'bench/one',
    ...Array.from({ length: NODES }, (_, n) => `many/room-${n}/temperature`),
  ]);
  maker.end();
  return {
    server,
    phone,
    bundle,
    async stop() {
      await phone.end();
      await server.stop();
      bundle.remove();
    },
  };
}

/** Open nodes that keep one item, which is there. */
async function makeNodes(maker: XmppComponent, nodes: readonly string[]): Promise<void> {
  const settings = { access_model: 'open', publish_model: 'open', persist_items: '1', max_items: '1' };
  const fields = Object.entries(settings).map(
    ([name, value]) => `<field var='pubsub#${name}'><value>${value}</value></field>`,
  );
  const form = `<configure><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>${PUBSUB}#node_config</value></field>${fields.join('')}</x></configure>`;
  const ask = (id: string, content: string): void =>
    maker.write(
      `<iq type='set' id='${id}' from='${MAKER.name}' to='${SERVICE}'><pubsub xmlns='${PUBSUB}'>${content}</pubsub></iq>`,
    );
  for (const [n, node] of nodes.entries()) {
    ask(`c${n}`, `<create node='${node}'/>${form}`);
    ask(
      `p${n}`,
      `<publish node='${node}'><item id='current'><json xmlns='urn:xmpp:json:0'>{"value":${n}}</json></item></publish>`,
    );
    // A server that is handed all at once is busy with reading.
    if (n % 50 === 0) await until('the nodes', () => maker.text.includes(`p${Math.max(0, n - 50)}`));
  }
  await until('the nodes', () => maker.text.includes(`p${nodes.length - 1}`));
  if (/type=['"]error/.test(maker.text))
    throw new Error(`a node could not be made: ${maker.text.slice(-500)}`);
}

function start({ server, bundle }: PubsubPlace, variant: PubsubVariant): Promise<Child> {
  return Child.start({
    ...{ mode: 'pubsub', variant, port: server.c2sPort, module: bundle.module, client: bundle.client },
    ...{ user: variant === 'ours' ? 'ours' : 'raw', password: 'bench', service: SERVICE, poll: POLL_MS },
  });
}

/** One round: publications until they are confirmed, and events until the last has come. */
export async function pubsubRound(
  rows: Rows,
  variants: readonly PubsubVariant[],
  messages: number,
  place: PubsubPlace,
): Promise<void> {
  const runs: { variant: PubsubVariant; child: Child }[] = [];
  try {
    for (const variant of variants) runs.push({ variant, child: await start(place, variant) });
    for (const what of ['publishing', 'receiving'] as const) {
      const spent = new Map(variants.map((variant) => [variant, { cpu: 0, wall: 0 }]));
      for (let slice = -1; slice < SLICES; slice++) {
        for (const { variant, child } of slice % 2 === 0 ? runs : [...runs].reverse()) {
          const found = await (what === 'publishing' ? publishes : receives)(child, place, messages);
          const sum = spent.get(variant);
          // The first slice is for the compiler.
          if (slice < 0 || !sum) continue;
          sum.cpu += found.cpu;
          sum.wall += found.wall;
        }
      }
      for (const [variant, { cpu, wall }] of spent) {
        rows.add({ what: `${what}, CPU` }, variant, 'µs', cpu / messages / SLICES);
        rows.add({ what: `${what}, throughput` }, variant, 'a second', (messages * SLICES * 1e6) / wall);
      }
    }
  } finally {
    await Promise.all(runs.map(({ child }) => child.stop()));
  }
}

/** In microseconds, of all messages. */
async function publishes(child: Child, _place: PubsubPlace, count: number) {
  return child.ask({ publish: count, node: 'bench/one' }, 'batch');
}

async function receives(child: Child, { phone }: PubsubPlace, count: number) {
  await child.ask({ subscribe: 'bench/one' }, 'armed');
  await child.ask({ expect: count }, 'armed');
  const ended = child.answer('batch');
  phone.stanzas.length = 0;
  let answered = 0;
  phone.onStanza = ({ name }) => {
    phone.stanzas.length = 0;
    if (name === 'iq') answered += 1;
  };
  // As many on the way as the others have.
  for (let sent = 0; sent < count; ) {
    for (; sent < count && sent - answered < 200; sent++)
      phone.write(
        `<iq type='set' id='p' to='${SERVICE}'><pubsub xmlns='${PUBSUB}'><publish node='bench/one'><item id='phone'><json xmlns='urn:xmpp:json:0'>{"value":24.5,"unit":"°C","at":${sent}}</json></item></publish></pubsub></iq>`,
      );
    await sleep(1);
  }
  const { cpu, wall } = await ended;
  return { cpu: cpu * count, wall: wall * count };
}

/** 1,000 nodes under one wildcard: until each has brought its last item, what the looks at the list cost, memory. */
export async function manyNodes(rows: Rows, place: PubsubPlace): Promise<void> {
  const child = await start(place, 'ours');
  const add = (what: string, unit: 'ms' | 'MB', value: number): void =>
    rows.add({ what }, 'ours', unit, value);
  try {
    const before = await child.ask({ memory: true }, 'memory');
    const { wall, cpu } = await ready(child);
    add('1,000 nodes under one wildcard, until ready', 'ms', wall);
    add('1,000 nodes under one wildcard, CPU until ready', 'ms', cpu);
    const begun = performance.now() - wall;
    add('the first look at 1,000 nodes, event loop', 'ms', await lookAt(child, begun + POLL_MS));
    add('a look at 1,000 nodes, event loop', 'ms', await lookAt(child, begun + 3 * POLL_MS));
    const after = await child.ask({ memory: true }, 'memory');
    add('1,000 nodes, heap', 'MB', (after.heap - before.heap) / 2 ** 20);
  } finally {
    await child.stop();
  }
}

/**
 * Milliseconds that the event loop's thread works on the look at `time`: less what it works without one, and without
 * the garbage of what went before, which is collected first.
 */
async function lookAt(child: Child, time: number): Promise<number> {
  const within = async (looks: number): Promise<number> => {
    const found = await child.ask({ busy: LOOK_MS }, 'busy');
    if (found.looks !== looks) throw new Error(`${found.looks} looks at the list where ${looks} belong`);
    return found.cpu / 1_000;
  };
  await child.ask({ memory: true }, 'memory');
  await sleep(time - LOOK_MS / 2 - performance.now());
  const withLook = await within(1);
  return withLook - (await within(0));
}

/** In milliseconds. */
async function ready(child: Child): Promise<{ wall: number; cpu: number }> {
  await child.ask({ expect: NODES }, 'armed');
  const came = child.answer('batch', PATIENCE_MS);
  await child.ask({ subscribe: 'many/#' }, 'armed');
  const { wall, cpu } = await came;
  return { wall: (wall * NODES) / 1_000, cpu: (cpu * NODES) / 1_000 };
}

/** The same through the shaper, while the phone writes to the bot every second and is answered. */
export async function shapedNodes(rows: Rows, place: PubsubPlace): Promise<void> {
  const { phone } = place;
  const child = await start(place, 'ours');
  const delays: number[] = [];
  const begun = new Map<string, number>();
  phone.onStanza = (stanza) => {
    const since = begun.get(stanza.getChildText('body') ?? '');
    if (since !== undefined) delays.push(performance.now() - since);
  };
  let number = 0;
  await child.ask({ echo: true }, 'armed');
  const writing = setInterval(() => {
    const body = `m${++number}`;
    begun.set(body, performance.now());
    phone.write(`<message type='chat' to='ours@localhost'><body>${body}</body></message>`);
  }, 1_000);
  try {
    const { wall } = await ready(child);
    const add = (what: string, value: number): void => rows.add({ what }, 'ours', 'ms', value);
    add("1,000 nodes through the package's shaper, until ready", wall);
    add(
      'an answer in the chat meanwhile, median',
      delays.sort((a, b) => a - b)[delays.length >> 1] ?? Number.NaN,
    );
    add('an answer in the chat meanwhile, the longest', Math.max(...delays));
  } finally {
    clearInterval(writing);
    await child.stop();
  }
}

async function until(what: string, look: () => boolean): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; !look(); await sleep(20)) {
    if (Date.now() > deadline) throw new Error(`not within ${PATIENCE_MS / 1_000} s: ${what}`);
  }
}
