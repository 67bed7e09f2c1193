/**
 * CPU for each message that reaches the end of a flow. All variants run at the same time, each in a process of its
 * own, and take turns by slices, so that what else the machine does meets all of them; each round has new processes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { RawPublisher } from '../broker';
import { Child } from '../child';
import { type FlowVariant, floor, type Place, receivers } from '../flows';

export interface ReceiveCase {
  readonly version: number;
  /** Nodes, each with a filter of its own, round which the messages go. */
  readonly filters: number;
  /** Bytes. */
  readonly payload: number;
  /** `exact`: `bench/7/value`; `+`: `bench/7/+`; `fan-out`: all nodes have the same filter. */
  readonly kind: 'exact' | '+' | 'fan-out';
  /** `stream`: as fast as the broker sends; `burst`: thousands wait in the socket, so that reading costs nothing. */
  readonly arrival: 'stream' | 'burst';
}

const SLICES = 6;
/** So many small messages fit into the socket's buffers. */
const BURST = 5_000;
/** How long the reader sleeps while a burst comes together, in milliseconds. */
const BURST_MS = 80;

/** CPU in microseconds for each message at the end of the flow, by variant, in one round of `messages` messages. */
export async function receiveRound(
  variants: readonly FlowVariant[],
  what: ReceiveCase,
  messagesOf: (variant: FlowVariant) => number,
  port: number,
  packages: Readonly<Record<string, string>>,
): Promise<Map<FlowVariant, number>> {
  const place = { port, version: what.version };
  const payload = payloadOf(what.payload);
  const publisher = await RawPublisher.connect(port);
  const runs: { variant: FlowVariant; child: Child; topics: string[]; cpu: number; seen: number }[] = [];
  try {
    const started = await Promise.allSettled(
      variants.map(async (variant) => {
        const child = await start(variant, what, place, packages);
        runs.push({ variant, child, topics: topicsOf(variant, what), cpu: 0, seen: 0 });
      }),
    );
    for (const one of started) if (one.status === 'rejected') throw one.reason;
    for (const { child, topics } of runs) await subscribed(publisher, child, topics);
    runs.sort((a, b) => variants.indexOf(a.variant) - variants.indexOf(b.variant));
    for (let slice = -SLICES; slice < SLICES; slice++) {
      for (const run of slice % 2 === 0 ? runs : [...runs].reverse()) {
        const copies = what.kind === 'fan-out' && run.variant !== 'mqttjs' ? what.filters : 1;
        const messages = Math.ceil(messagesOf(run.variant) / SLICES / copies);
        const cpu = await batch(publisher, run, payload, messages, copies, what.arrival);
        // The first half is for the compiler: ours and core have more to compile than the floor.
        if (slice < 0) continue;
        run.cpu += cpu * messages * copies;
        run.seen += messages * copies;
      }
    }
    return new Map(runs.map(({ variant, cpu, seen }) => [variant, cpu / seen]));
  } finally {
    publisher.close();
    await Promise.all(runs.map(({ child }) => child.stop()));
  }
}

function start(
  variant: FlowVariant,
  what: ReceiveCase,
  place: Place,
  packages: Readonly<Record<string, string>>,
): Promise<Child> {
  const all = `${variant}/#`;
  if (variant === 'mqttjs') return Child.start({ mode: 'receive', topic: all, ...place });
  const copies = what.kind === 'fan-out' ? what.filters : 1;
  if (variant === 'floor-many') {
    return Child.nodeRed(floor(place, all, 1, topicsOf(variant, what)), undefined);
  }
  if (variant === 'floor') return Child.nodeRed(floor(place, all, copies), undefined);
  const filters = Array.from({ length: what.filters }, (_, index) => {
    if (what.kind === 'fan-out') return `${variant}/all/value`;
    return `${variant}/${index}/${what.kind === '+' ? '+' : 'value'}`;
  });
  return Child.nodeRed(receivers(variant, place, filters), packages[variant]);
}

function topicsOf(variant: FlowVariant, { filters, kind }: ReceiveCase): string[] {
  if (kind === 'fan-out') return [`${variant}/all/value`];
  return Array.from({ length: filters }, (_, index) => `${variant}/${index}/value`);
}

/** JSON of about that many bytes, as a sensor or a camera writes it. */
function payloadOf(bytes: number): Buffer {
  const base = '{"value":21.5,"unit":"C","n":1}';
  if (bytes <= base.length) return Buffer.from(base);
  const one = '{"name":"sensor","value":21.5,"ok":true}';
  const list = Array.from({ length: Math.floor(bytes / (one.length + 1)) }, () => one);
  return Buffer.from(`[${list.join(',')}]`);
}

/** Waits until the last node's subscription stands, by asking it until it answers. */
async function subscribed(publisher: RawPublisher, child: Child, topics: readonly string[]): Promise<void> {
  let there = false;
  const answered = child.answer('batch').then(() => {
    there = true;
  });
  await child.ask({ expect: 1 }, 'armed');
  while (!there) {
    await publisher.publish(topics.slice(-1), payloadOf(0), 1);
    await Promise.race([answered, sleep(50)]);
  }
  // The messages behind the one that was answered.
  await sleep(300);
}

async function batch(
  publisher: RawPublisher,
  { child, topics }: { child: Child; topics: readonly string[] },
  payload: Buffer,
  messages: number,
  copies: number,
  arrival: ReceiveCase['arrival'],
): Promise<number> {
  const burst = arrival === 'burst';
  let cpu = 0;
  for (let left = messages; left > 0; ) {
    const now = burst ? Math.min(left, BURST) : left;
    const answered = child.answer('batch');
    await child.ask({ expect: now * copies, sleep: burst ? BURST_MS : 0 }, 'armed');
    await publisher.publish(topics, payload, now);
    cpu += (await answered).cpu * now;
    left -= now;
  }
  return cpu / messages;
}
