/** The parts of the bench: which cases each has, and its rounds. */
import type { FlowVariant } from '../flows';
import type { Options, PartName } from '../options';
import type { Row } from '../results';
import { Rows } from '../rows';
import { type AlertVariant, alertRound, quietSample } from './alert';
import { devicesOnce, historyOnce, templatesOnce } from './alone';
import { type ChatDirection, type ChatPlace, type ChatVariant, chatPlace, chatRound } from './chat';
import { deployOnce } from './deploy';
import { ENTITY_SIZES, entityRound } from './entities';
import { startOnce } from './load';
import { publishRound } from './publish';
import { manyNodes, type PubsubVariant, pubsubPlace, pubsubRound, shapedNodes } from './pubsub';
import { type ReceiveCase, receiveRound } from './receive';

type Packages = Readonly<Record<string, string>>;
type Say = (text: string) => void;

const KINDS = [
  ['exact', 'stream'],
  ['exact', 'burst'],
  ['+', 'stream'],
] as const;

export async function measurePart(
  name: PartName,
  options: Options,
  port: number,
  packages: Packages,
  say: Say,
): Promise<Row[]> {
  const rows = new Rows();
  if (name === 'chat') return measureChat(rows, options, say);
  if (name === 'pubsub') return measurePubsub(rows, options, say);
  const others: FlowVariant[] = packages.other ? ['other'] : [];
  for (let round = 0; round < options.rounds; round++) {
    const inOrder = <T>(list: readonly T[]): T[] => (round % 2 === 0 ? [...list] : [...list].reverse());
    const receive = async (what: ReceiveCase, messages: number): Promise<void> => {
      const variants: FlowVariant[] = ['mqttjs', 'floor', ...others, 'ours'];
      if (what.filters > 1 && what.kind === 'exact') variants.push('floor-many');
      if (what.filters <= MAX_FOR_CORE) variants.push('core');
      const of = (variant: FlowVariant): number =>
        variant === 'core' && what.kind !== 'fan-out' && what.filters > 10
          ? Math.ceil((messages * 2) / what.filters) + 600
          : messages;
      const found = await receiveRound(inOrder(variants), what, of, port, packages);
      for (const [variant, cpu] of found) rows.add({ ...what }, variant, 'µs', cpu);
      say(`${name} ${round + 1}/${options.rounds} ${JSON.stringify(what)} ${show(found)}`);
    };
    if (name === 'receive') {
      for (const version of options.versions) {
        for (const filters of options.filters) {
          for (const [kind, arrival] of KINDS) {
            if (options.partial ? kind === '+' && filters === 1 : isLeftOut(kind, arrival, version, filters))
              continue;
            await receive({ kind, arrival, version, filters, payload: 30 }, options.messages);
          }
        }
      }
    } else if (name === 'payloads') {
      for (const version of options.versions) {
        await receive(
          { kind: 'exact', arrival: 'stream', version, filters: 1, payload: 1_024 },
          options.messages / 2,
        );
        await receive(
          { kind: 'exact', arrival: 'stream', version, filters: 1, payload: 65_536 },
          options.messages / 30,
        );
      }
    } else if (name === 'fan-out') {
      for (const version of options.versions)
        await receive(
          { kind: 'fan-out', arrival: 'stream', version, filters: 100, payload: 30 },
          options.messages,
        );
    } else if (name === 'publish') {
      for (const version of options.versions) {
        for (const qos of [0, 1, 2]) {
          const variants: FlowVariant[] = ['mqttjs', 'floor', 'core', ...others, 'ours'];
          const messages = qos === 0 ? options.messages : options.messages / 2;
          const found = await publishRound(inOrder(variants), { version, qos }, messages, port, packages);
          for (const [variant, cpu] of found) rows.add({ version, qos }, variant, 'µs', cpu);
          say(`publish ${round + 1}/${options.rounds} v${version} QoS ${qos} ${show(found)}`);
        }
      }
    } else if (name === 'alert')
      await alertRounds(
        rows,
        options,
        inOrder(['core', ...(others as AlertVariant[]), 'ours']),
        packages,
        say,
      );
    else if (name === 'deploy')
      await deployRound(rows, options, inOrder(['core', ...others, 'ours']), port, packages, say);
    else if (name === 'history') aloneRound(rows, name, historyOnce(), say);
    else if (name === 'templates') aloneRound(rows, name, templatesOnce(), say);
    else if (name === 'devices') aloneRound(rows, name, devicesOnce(), say);
    else if (name === 'entities') await entityRounds(rows, options, port, packages.ours ?? '', say);
    else await loadRound(rows, inOrder(['empty', ...others, 'ours']), packages, say);
  }
  return rows.all;
}

/**
 * What a whole run does without, for half of the time: between the versions only the packets differ, so bursts and
 * wildcards are measured on MQTT 5 alone, bursts at both ends, and wildcards where there are many.
 */
function isLeftOut(kind: string, arrival: string, version: number, filters: number): boolean {
  if (kind === '+') return version === 4 || filters < 1_000;
  return arrival === 'burst' && (version === 4 || (filters > 1 && filters < 10_000));
}

/** Beyond this core needs more than a millisecond for each message. */
const MAX_FOR_CORE = 1_000;

async function deployRound(
  rows: Rows,
  options: Options,
  variants: readonly FlowVariant[],
  port: number,
  packages: Packages,
  say: Say,
): Promise<void> {
  for (const version of options.versions) {
    for (const nodes of [1_000, 10_000]) {
      for (const variant of variants) {
        const found = await deployOnce(variant, nodes, version, port, packages);
        const add = (what: string, unit: Row['unit'], value: number): void =>
          rows.add({ what, nodes, version }, variant, unit, value);
        add('deploy, CPU', 'ms', found.cpu);
        add('deploy, until done', 'ms', found.wall);
        add('deploy again, CPU', 'ms', found.again);
        add('first SUBSCRIBE to last SUBACK', 'ms', found.subscribing);
        add('SUBSCRIBE packets', 'packets', found.packets);
        add('heap for 1,000 nodes', 'MB', found.heap / 2 ** 20);
        add('resident memory for 1,000 nodes', 'MB', found.rss / 2 ** 20);
        say(`deploy v${version} ${nodes} ${variant} ${JSON.stringify(found)}`);
      }
    }
  }
}

async function alertRounds(
  rows: Rows,
  options: Options,
  variants: readonly AlertVariant[],
  packages: Packages,
  say: Say,
): Promise<void> {
  for (const keys of [1, 10_000]) {
    const cpu = quietSample(keys, options.messages * 20);
    rows.add({ what: 'machine', keys }, 'ours', 'µs', cpu);
    say(`alert: a quiet sample, ${keys} keys: ${cpu.toFixed(3)} µs`);
  }
  for (const passes of ['nothing', 'output 2']) {
    const found = await alertRound(variants, passes === 'output 2', options.messages, packages);
    for (const [variant, cpu] of found) rows.add({ what: 'flow', passes }, variant, 'µs', cpu);
    say(`alert: in a flow, ${passes} passed on: ${show(found)}`);
  }
}

async function loadRound(
  rows: Rows,
  variants: readonly string[],
  packages: Packages,
  say: Say,
): Promise<void> {
  for (const variant of variants) {
    const { cpu, wall, heap, rss } = await startOnce(packages[variant]);
    rows.add({ what: 'start, CPU' }, variant, 'ms', cpu);
    rows.add({ what: 'start, until done' }, variant, 'ms', wall);
    rows.add({ what: 'heap' }, variant, 'MB', heap / 2 ** 20);
    rows.add({ what: 'resident memory' }, variant, 'MB', rss / 2 ** 20);
    say(
      `load ${variant}: ${Math.round(cpu)} ms CPU, ${Math.round(wall)} ms, ${(rss / 2 ** 20).toFixed(1)} MB`,
    );
  }
}

const DIRECTIONS: readonly ChatDirection[] = ['bot → phone', 'phone → bot'];

async function measureChat(rows: Rows, options: Options, say: Say): Promise<Row[]> {
  let place: ChatPlace | undefined;
  try {
    place = await chatPlace();
    for (let round = 0; round < options.rounds; round++) {
      const variants: ChatVariant[] = round % 2 === 0 ? ['xmppjs', 'ours'] : ['ours', 'xmppjs'];
      for (const direction of DIRECTIONS) {
        // A small run is a trial.
        for (const messages of options.partial ? [1_000] : [1_000, 10_000]) {
          const found = await chatRound(variants, direction, messages, place);
          for (const [variant, { cpu, rate }] of found) {
            rows.add({ direction, messages, what: 'CPU' }, variant, 'µs', cpu);
            rows.add({ direction, messages, what: 'throughput' }, variant, 'a second', rate);
            say(
              `chat ${round + 1}/${options.rounds} ${direction} ${messages} ${variant}: ${cpu.toFixed(1)} µs, ${Math.round(rate)}/s`,
            );
          }
        }
      }
    }
  } finally {
    await place?.stop();
  }
  return rows.all;
}

async function measurePubsub(rows: Rows, options: Options, say: Say): Promise<Row[]> {
  const messages = 500;
  // The server is slow: each takes a minute.
  const rounds = Math.min(options.rounds, 3);
  const place = await pubsubPlace(false);
  try {
    for (let round = 0; round < rounds; round++) {
      const variants: PubsubVariant[] = round % 2 === 0 ? ['xmppjs', 'ours'] : ['ours', 'xmppjs'];
      await pubsubRound(rows, variants, messages, place);
      await manyNodes(rows, place);
      for (const { case: what, variant, unit, samples } of rows.all)
        say(`pubsub ${round + 1}/${rounds} ${what.what}: ${variant} ${samples.at(-1)} ${unit}`);
    }
  } finally {
    await place.stop();
  }
  const shaped = await pubsubPlace(true);
  try {
    await shapedNodes(rows, shaped);
  } finally {
    await shaped.stop();
  }
  return rows.all;
}

async function entityRounds(
  rows: Rows,
  options: Options,
  port: number,
  pkg: string,
  say: Say,
): Promise<void> {
  // A small run is a trial.
  for (const size of options.partial ? ENTITY_SIZES.slice(0, 1) : ENTITY_SIZES)
    await entityRound(rows, size, port, pkg);
  for (const { case: what, unit, samples } of rows.all)
    say(`entities ${what.messages} ${what.what}: ${samples.at(-1)} ${unit}`);
}

function aloneRound(rows: Rows, part: PartName, found: Record<string, number>, say: Say): void {
  for (const [name, value] of Object.entries(found)) {
    const [, what = name, unit = ''] = /^(.*), (?:CPU )?(µs|ms|KB|MB)$/.exec(name) ?? [];
    const isCpu = name.endsWith(`, CPU ${unit}`);
    rows.add({ what: isCpu ? `${what}, CPU` : what }, 'ours', unit as Row['unit'], value);
    say(`${part} ${name}: ${value.toFixed(3)}`);
  }
}

function show(found: ReadonlyMap<string, number>): string {
  return [...found].map(([variant, cpu]) => `${variant} ${cpu.toFixed(2)}`).join('  ');
}
