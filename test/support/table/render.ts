/** The measured servers as Markdown. The same measurements always give the same text. */
import { WAYS, type Way } from '../../servers/behaviours/columns';
import type { BehaviourRow, Cell } from '../../servers/behaviours/run';
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

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function table(rows: readonly Row[], columns: readonly Column[]): string {
  const head = ['server', ...columns.map(([title]) => title)];
  return [
    line(head),
    line(head.map(() => '---')),
    ...rows.map(({ target, measured }) => line([target.name, ...columns.map(([, cell]) => cell(measured))])),
  ].join('\n');
}

const text = ({ text: found, failure }: Cell): string => found ?? `FAILED: ${failure}`;

/** One way's cell, both generations of servers in one where they agree. */
function cellOf({ cells }: BehaviourRow, way: Way): string {
  const found = cells.filter((cell) => cell.way === way);
  const [first, ...others] = found.map(text);
  if (first !== undefined && others.every((other) => other === first)) return first;
  return found.map((cell) => `${cell.version}: ${text(cell)}`).join('; ');
}

/** A row for what differs from way to way, and a list of the rest. */
function behaviourTable(rows: readonly BehaviourRow[]): string {
  const isSame = ({ cells }: BehaviourRow): boolean => new Set(cells.map(text)).size === 1;
  const differing = rows.filter((row) => !isSame(row));
  const head = ['', ...WAYS];
  return [
    line(head),
    line(head.map(() => '---')),
    ...differing.map((row) => line([row.title, ...WAYS.map((way) => cellOf(row, way))])),
    '',
    'Everywhere the same:',
    '',
    ...rows.filter(isSame).map((row) => `- ${row.title}: ${cellOf(row, WAYS[0])}.`),
  ].join('\n');
}

/** What may not happen anywhere, and did. */
export function failures(rows: readonly BehaviourRow[]): string[] {
  return rows.flatMap(({ title, cells }) =>
    cells
      .filter(({ failure }) => failure !== undefined)
      .map((cell) => `${title}, ${cell.way} ${cell.version}: ${cell.failure}`),
  );
}

export function render({ rows, behaviours }: { rows: Row[]; behaviours: BehaviourRow[] }): string {
  return `# What the servers can do

This page is generated. \`npm run docs:servers\` starts the servers of Debian 12 and Debian 13, speaks MQTT to them and writes down their answers. The package goes by the same answers: its profiles are in \`src/servers/profiles/\`. Do not edit it by hand.

## Connections

${table(rows, CONNECTION)}

CONNACK 5 means "not authorized". Mosquitto has a password file here; without one it lets everybody in.

## Messages

${table(rows, MESSAGES)}

The column *QoS* lists the levels that the server acknowledges. Prosody's bridge delivers messages of higher levels, but never acknowledges them. Payloads were tried up to 10 MB. With Prosody's bridge the limit was 300 kB, because it loses some of 1 MB and more.

## Subscriptions

${table(rows, SUBSCRIPTIONS)}

*Copies* counts how often a message comes that matches two filters of one connection. The bridge that Debian 12 ships (2023-02-23) is broken. It never answers SUBSCRIBE, so the rest could not be measured.

## The nodes, over each way that messages take

The tables above are about the servers alone. Here *mqtt in* and *mqtt out* run on all of them side by side, beside other clients that share nothing with ours: MQTT.js, and plain XEP-0060 over XMPP. The payload type is JSON, the topics that others make are open to everybody, and all other fields are as they come. A broker of one's own can do whatever Mosquitto can.

${behaviourTable(behaviours)}

*Refused* means: with the reason, in the \`done\` of that message or under that node, and the next good one passes. *At the next look* is within the field *Look for new topics every*. *Bridge and account* is Prosody's bridge, chosen as transport, with the account beside it; such topics keep their last item, retained or not. Over PubSub, what others publish while the line is lost comes as long as the stream can be resumed (5 to 10 minutes); after that, what the topic has kept comes once, marked as late.
`;
}
