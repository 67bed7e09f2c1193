/** Makes `docs/performance.md` of the results. Pure. */
import { NOTES } from './notes';
import { median, type PartResult, type Results, type Row, spread } from './results';
import { type Target, targetsOf } from './targets';

const LABELS: Readonly<Record<string, string>> = {
  mqttjs: 'MQTT.js alone',
  xmppjs: '@xmpp/client alone',
  floor: 'floor',
  'floor-many': 'floor, a node for each topic',
  core: 'core',
  ours: 'DinoX',
  empty: 'empty Node-RED',
  other: 'other checkout',
};
const ORDER = Object.keys(LABELS);

/** The title and text above the table of a part, and the name of each row. */
interface Section {
  readonly part: string;
  readonly title: string;
  readonly text: string;
  rows(row: Row): string | undefined;
}

const version = (row: Row): string => (row.case.version === 5 ? 'MQTT 5' : 'MQTT 3.1.1');
const count = (value: unknown): string => Number(value).toLocaleString('en-US');
const plural = (value: unknown, word: string): string => `${count(value)} ${word}${value === 1 ? '' : 's'}`;

function received(kind: string, arrival: string): Section['rows'] {
  return (row) =>
    row.case.kind === kind && row.case.arrival === arrival
      ? `${version(row)}, ${plural(row.case.filters, 'filter')}`
      : undefined;
}

const SECTIONS: readonly Section[] = [
  {
    part: 'receive',
    title: 'Receiving',
    text: 'CPU for each message, from the socket to the end of a flow. Every node has a topic of its own, and the topics take turns as fast as Mosquitto sends. A fast variant reads few messages at a time here, and so pays for more reads.',
    rows: received('exact', 'stream'),
  },
  {
    part: 'receive',
    title: 'Receiving a burst',
    text: 'The same, but 5,000 messages wait in the socket before the first is read. Reading then costs next to nothing, and only the work on each message counts.',
    rows: received('exact', 'burst'),
  },
  {
    part: 'receive',
    title: 'Receiving with wildcards',
    text: 'Every node has a filter with `+` of its own (`place/7/+`).',
    rows: received('+', 'stream'),
  },
  {
    part: 'payloads',
    title: 'Larger payloads',
    text: 'One node, JSON of 1 KB and of 64 KB.',
    rows: (row) => `${version(row)}, ${plural(row.case.payload, 'byte')}`,
  },
  {
    part: 'fan-out',
    title: 'One message to 100 nodes',
    text: 'CPU for each message at the end of the flows. MQTT.js alone receives it once.',
    rows: version,
  },
  {
    part: 'publish',
    title: 'Publishing',
    text: 'CPU for each message, from a flow until its `done`: written (QoS 0), acknowledged (1), completed (2). At most 1,000 messages are under way. The floor is MQTT.js and `JSON.stringify` in a node. DinoX can be below the floor, because it writes the packets of one turn of the event loop at once.',
    rows: (row) => `${version(row)}, QoS ${row.case.qos}`,
  },
  {
    part: 'alert',
    title: 'Alerts',
    text: 'CPU for one quiet sample, which changes no state: in the machine and its history alone, and in a flow from the source to the node’s `done`, source included. An alert with nothing wired is compared with core’s `filter`; an alert that passes every sample on is compared with core’s `function` with `return msg`.',
    rows: (row) =>
      row.case.what === 'machine'
        ? `machine and history, ${plural(row.case.keys, 'key')}`
        : `in a flow, ${row.case.passes} passed on`,
  },
  {
    part: 'deploy',
    title: 'Many nodes',
    text: 'Nodes with a filter each are deployed beside an existing one. Then all of them are deployed once more. Memory is the growth that they cause, after a garbage collection.',
    rows: (row) => `${version(row)}, ${plural(row.case.nodes, 'node')}: ${row.case.what}`,
  },
  {
    part: 'load',
    title: 'Loading the package',
    text: 'The start of a Node-RED with an empty flow, with the package installed and without it.',
    rows: (row) => String(row.case.what),
  },
  {
    part: 'chat',
    title: 'Chat',
    text: 'Messages between a bot and a phone through a real ejabberd without a shaper: the bot’s CPU for each message, and the messages that arrive in a second. @xmpp/client alone is the unchanged library. It counts a message as sent once it is written; our session waits until the server has acknowledged it. The phone is the same for both.',
    rows: (row) => `${row.case.direction}, ${count(row.case.messages)} messages: ${row.case.what}`,
  },
  {
    part: 'pubsub',
    title: 'PubSub',
    text: 'Messages of one node through a real Prosody without limits, and 1,000 nodes under one wildcard. @xmpp/client alone does the same stanzas, with as many questions under way; *publishing* ends when the service has confirmed all, *receiving* when the last event has come. Prosody is the slower side, so the throughput says only that nothing waits for us. With the limits of Debian’s package (10 kB a second from each client), subscribing takes as long as its stanzas take; meanwhile the phone writes to the bot every second, and the bot answers at once.',
    rows: (row) => String(row.case.what),
  },
  {
    part: 'history',
    title: 'History',
    text: 'The history alone, without a Node-RED: a day of 10,000 topics of a home. The topics are temperatures, humidities, noisy power, counters, contacts, means with all their digits and constant values, every 10 seconds to every 10 minutes. *Loop held* is the most CPU within one turn of the event loop, other threads included.',
    rows: (row) => String(row.case.what),
  },
  {
    part: 'templates',
    title: 'Templates of Home Assistant',
    text: 'CPU for what a value template makes of a payload, without a Node-RED. *The median template* is that of the templates in the style of seven public projects, whose answers agree with a real Home Assistant.',
    rows: (row) => String(row.case.what),
  },
  {
    part: 'entities',
    title: 'Entities of Home Assistant',
    text: 'One node takes all entities that devices announce on a Mosquitto, five for each device, with one JSON message for the five. All is retained. It is deployed into a running Node-RED beside a *dinox-mqtt-in* that receives the same messages; heap is the growth, after a garbage collection. CPU for a state includes that node’s. At most 20,000 entities are read of a connection: there are 25,000.',
    rows: (row) => `${count(row.case.messages)} entities: ${row.case.what}`,
  },
  {
    part: 'devices',
    title: 'Every device of a house',
    text: 'A node that watches 2,000 devices of Zigbee2MQTT with all checks, without a Node-RED: CPU for a report with a battery, a link quality and an update that is not there, parsed from text, and for a message that says nothing about a device.',
    rows: (row) => String(row.case.what),
  },
];

export function performancePage(results: Results): string {
  const { machine, versions } = results;
  const lines = [
    '# Performance',
    '',
    '<!-- Written by `npm run bench -- --report` from bench/results.json: change neither by hand. -->',
    '',
    `Measured on the processor named below each table, ${machine.cores} cores, ${Math.round(machine.memoryMB / 1024)} GB, ${machine.os}, with ${Object.entries(
      versions,
    )
      .map(([name, one]) => `${name} ${one}`)
      .join(
        ', ',
      )}. The raw figures are in [bench/results.json](../bench/results.json). \`npm run bench\` measures them anew.`,
    '',
    'All figures of a table come from one run, against one real Mosquitto on the same machine. The variants run at the same time, each in a process of its own, and take turns by slices. Each round has new processes. A figure is the **median** of the rounds; ± is half of the distance between the smallest and the largest. A ratio under *Targets* is the median of the rounds’ own ratios, so that what the machine does between two rounds concerns both sides. CPU time is user and system time of the whole process, with compiler and garbage collector.',
    '',
    '- **MQTT.js alone**: the client library and an empty callback, without Node-RED.',
    '- **floor**: MQTT.js, `JSON.parse` and one `node.send` in a node. No node can cost less on this platform.',
    '- **floor, a node for each topic**: the same, sent by as many nodes as there are topics.',
    "- **core**: Node-RED's own MQTT nodes.",
    '',
    '## Targets',
    '',
    ...targetTable(targetsOf(results)),
  ];
  lines.push('', ...reach(results), ...NOTES);
  for (const section of SECTIONS) {
    const part = results.parts[section.part];
    if (part)
      lines.push(
        '',
        `## ${section.title}`,
        '',
        section.text,
        '',
        ...table(section, part),
        '',
        conditions(part),
      );
  }
  return `${lines.join('\n')}\n`;
}

/** Messages a second that fill one core, so that nothing is left for the work of the flow. */
function reach({ parts }: Results): string[] {
  const rate = (variant: string, filters: number): string => {
    const row = parts.receive?.rows.find(
      (one) =>
        one.variant === variant &&
        one.case.filters === filters &&
        one.case.version === 4 &&
        one.case.kind === 'exact' &&
        one.case.arrival === 'stream',
    );
    return row ? count(Math.round(1e6 / median(row.samples) / 100) * 100) : '–';
  };
  if (!parts.receive) return [];
  return [
    '## How far one process goes',
    '',
    'Messages of 30 bytes that fill one core in a second, on this machine. The flow ends behind the node.',
    '',
    '| topics, each with a node | core | DinoX |',
    '|---:|---:|---:|',
    ...[1, 100, 1_000, 10_000].map(
      (filters) => `| ${count(filters)} | ${rate('core', filters)} | ${rate('ours', filters)} |`,
    ),
    '',
  ];
}

function targetTable(targets: readonly Target[]): string[] {
  if (targets.length === 0) return ['Nothing has been measured yet.'];
  return [
    '| target | figure | |',
    '|---|---|---|',
    ...targets.map(({ what, figure, met }) => `| ${what} | ${figure} | ${wordOf(met)} |`),
  ];
}

function wordOf(met: boolean | string): string {
  if (typeof met === 'string') return met;
  return met ? 'met' : '**not met**';
}

function table({ rows: nameOf }: Section, part: PartResult): string[] {
  const names = new Map<string, Map<string, Row>>();
  for (const row of part.rows) {
    const name = nameOf(row);
    if (name === undefined) continue;
    const known = names.get(name) ?? new Map<string, Row>();
    names.set(name, known.set(row.variant, row));
  }
  const variants = ORDER.filter((variant) => [...names.values()].some((known) => known.has(variant)));
  return [
    `| | ${variants.map((variant) => LABELS[variant]).join(' | ')} |`,
    `|---|${variants.map(() => '---:|').join('')}`,
    ...[...names].map(
      ([name, known]) => `| ${name} | ${variants.map((one) => cell(known.get(one))).join(' | ')} |`,
    ),
  ];
}

function cell(row: Row | undefined): string {
  if (!row) return '–';
  const value = median(row.samples);
  if (row.unit === 'packets') return count(Math.round(value));
  return `${figure(value)} ${row.unit} ±${Math.round(spread(row.samples) * 100)} %`;
}

/** Three digits that count. */
function figure(value: number): string {
  const size = Math.abs(value);
  return size >= 100 ? count(Math.round(value)) : value.toFixed(size >= 10 ? 1 : 2);
}

function conditions({ at, cpu, load, rows }: PartResult): string {
  const rounds = Math.max(...rows.map(({ samples }) => samples.length));
  return `${at.slice(0, 10)}, on ${cpu}, ${plural(rounds, 'round')}, load average ${load[0]} at the beginning and ${load[1]} at the end.`;
}

/** For the console. */
export function showRows(name: string, rows: readonly Row[]): string {
  return rows
    .map((row) => `${name}: ${Object.values(row.case).join(' ')}: ${row.variant} ${cell(row)}`)
    .join('\n');
}
