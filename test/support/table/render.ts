/** The measured servers as Markdown. The same measurements always give the same text. */
import { MAX_LEVELS, type Measured, type Target } from './measure';

export interface Row {
  target: Target;
  measured: Measured;
}

type Column = [title: string, cell: (measured: Measured) => string];

const yes = (value: boolean | undefined): string => (value === undefined ? '–' : value ? 'yes' : 'no');
const VERSIONS = { 3: '3.1', 4: '3.1.1', 5: '5' };

function loginText({ without, wrong, right }: Measured['login']): string {
  if (without === 0 && wrong === 0) return 'none; what is sent is ignored';
  const refused = without === wrong ? `${without}` : `${without}, ${wrong}`;
  return right === 0 ? `needed; otherwise CONNACK ${refused}` : `refused (CONNACK ${right})`;
}

function sessionText({ sessionKept, sessionExpiry }: Measured): string {
  if (!sessionKept) return 'not kept';
  return sessionExpiry === 86_400 ? 'as asked' : `${sessionExpiry} s`;
}

function sizeText(bytes: number): string {
  return bytes >= 1_000_000 ? `${bytes / 1_000_000} MB` : `${bytes / 1_000} kB`;
}

function levelsText(levels: number | undefined): string {
  if (levels === undefined) return '–';
  return levels >= MAX_LEVELS ? `${MAX_LEVELS} and more` : `${levels}`;
}

const CONNECTION: Column[] = [
  ['MQTT', ({ versions }) => versions.map((version) => VERSIONS[version]).join(', ')],
  ['login', ({ login }) => loginText(login)],
  ['WebSocket', ({ webSocket }) => yes(webSocket)],
  ['session, a day asked for', sessionText],
  ['same client id twice', ({ takeover }) => takeover],
  [
    'receive maximum',
    ({ receiveMaximum: most, versions }) => (versions.includes(5) ? `${most ?? 'not said'}` : '–'),
  ],
  [
    'topic alias maximum',
    ({ topicAliasMaximum: most, versions }) => (versions.includes(5) ? `${most ?? 0}` : '–'),
  ],
];

const MESSAGES: Column[] = [
  ['QoS', ({ messages }) => messages?.acknowledged.join(', ') ?? '–'],
  ['retained', ({ messages }) => yes(messages?.retained)],
  ['will', ({ will, subscribes }) => (subscribes ? yes(will) : '–')],
  ['largest payload', ({ messages }) => (messages ? sizeText(messages.largest) : '–')],
];

const SUBSCRIPTIONS: Column[] = [
  ['SUBSCRIBE answered', ({ subscribes }) => yes(subscribes)],
  ['UNSUBSCRIBE answered', ({ filters }) => yes(filters?.confirmsUnsubscribe)],
  ['wildcards', ({ filters }) => yes(filters?.wildcards)],
  ['most levels in a filter', ({ filters }) => levelsText(filters?.maxLevels)],
  ['`$share`', ({ filters }) => yes(filters?.shared)],
  ['subscription ids', ({ filters }) => yes(filters?.subscriptionIds)],
  ['copies for two filters, 3.1.1', ({ filters }) => (filters?.wildcards ? `${filters.copies.v4}` : '–')],
  ['copies, 5', ({ filters }) => `${filters?.copies.v5 ?? '–'}`],
];

function table(rows: readonly Row[], columns: readonly Column[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const head = ['server', ...columns.map(([title]) => title)];
  return [
    line(head),
    line(head.map(() => '---')),
    ...rows.map(({ target, measured }) => line([target.name, ...columns.map(([, cell]) => cell(measured))])),
  ].join('\n');
}

export function render(rows: readonly Row[]): string {
  return `# What the servers can do

This page is generated. \`npm run docs:servers\` starts the servers of Debian 12 and Debian 13, speaks MQTT to them and writes down their answers. A test compares this page with a fresh run, and both with the profiles in \`src/servers/profiles/\`. Do not edit it by hand.

## Connections

${table(rows, CONNECTION)}

CONNACK 5 means "not authorized". Mosquitto has a password file here; without one it lets everybody in.

## Messages

${table(rows, MESSAGES)}

The column *QoS* lists the levels that the server acknowledges. Prosody's bridge delivers messages of higher levels, but never acknowledges them. Payloads were tried up to 10 MB. With Prosody's bridge the limit was 300 kB, because it loses some of 1 MB and more.

## Subscriptions

${table(rows, SUBSCRIPTIONS)}

*Copies* counts how often a message comes that matches two filters of one connection. The bridge that Debian 12 ships (2023-02-23) is broken. It never answers SUBSCRIBE, so the rest could not be measured.
`;
}
