import type { Node, NodeAPI } from 'node-red';
import { text } from '../../../base/catalogue';
import type { Text } from '../../../base/text';
import type { ExploreState } from '../../../recorder/topic-watcher';
import { Refusal } from '../../../runtime/admin/refusal';
import type { Broker } from '../../../runtime/broker/broker';
import type { SetAsideQueue } from '../../../runtime/broker/set-aside-queues';
import type { LoggedLoss } from '../../../runtime/connection-loss-log';
import type { KnownBroker } from '../../../runtime/known-brokers';
import { allRunning } from '../../../runtime/nodes-of-type';

/** Maximum nodes of one bot that are named. */
const MAX_NODES = 100;

/** A connection as the sidebar shows it. Nothing in it is secret. */
export interface ConnectionView {
  id: string;
  name: string;
  phase: string;
  /** `mqtts://host:8883`. */
  where?: string | undefined;
  server?: string | undefined;
  version?: number | undefined;
  client?: string | undefined;
  reason?: { code: string; text: Text } | undefined;
  losses: LoggedLoss[];
  queued: number;
  /** Messages that wait for earlier servers of the connection. They are sent only by hand. */
  held: SetAsideQueue[];
  received: number;
  published: number;
  topics: number;
  explore: ExploreState;
  watch: string[];
  /** Abilities of the server; absent while there is no connection. */
  can?: Record<string, number | boolean> | undefined;
  bot?: BotView | undefined;
}

/** An account's XMPP session, if something uses it. */
export interface BotView {
  account: string;
  phase: string;
  /** The full JID, while it is online. */
  jid?: string;
  /** Time of its last change between online and offline, in milliseconds since the epoch. */
  since: number;
  reason?: Text;
  losses: LoggedLoss[];
  /** Stanzas that wait for the server. */
  queued: number;
  /** The nodes that use it. */
  nodes: { id: string; type: string; name: string }[];
}

/** The running broker of this id. Throws the answer 404 where there is none. */
export function brokerOr404(RED: NodeAPI, id: string | undefined): Broker {
  const node = RED.nodes.getNode(id ?? '') as (Node & { dinox?: Broker }) | null;
  if (!node?.dinox) throw new Refusal(404, 'noBroker');
  return node.dinox;
}

export function connectionView(RED: NodeAPI, { id, name, broker }: KnownBroker): ConnectionView {
  const { client, config, present, recorder, watcher } = broker;
  const { reason } = present;
  const [problem] = config.problems;
  return {
    id,
    name,
    phase: config.unconfigured ? 'unconfigured' : problem ? 'stopped' : present.phase,
    where: present.where,
    server: client.server,
    // Over PubSub no MQTT is spoken.
    version: client.connected && !client.usesSession ? client.version : undefined,
    client: client.connected ? client.configuration.clientId : undefined,
    reason: problem
      ? { code: 'config', text: text('config.problem', { field: problem.field, text: problem.text }) }
      : reason && { code: reason.code, text: reason.text },
    losses: [...broker.losses],
    queued: client.queued,
    held: [...broker.setAsideQueues.list],
    received: recorder.received,
    published: broker.published,
    topics: recorder.size,
    explore: watcher.state,
    watch: config.watch,
    can: capabilitiesOf(broker),
    bot: botOf(RED, broker),
  };
}

function capabilitiesOf({ client }: Broker): Record<string, number | boolean> | undefined {
  const { capabilities } = client;
  if (!capabilities) return undefined;
  const { maxQos, retain, will, wildcards, shared, persistentSessions, maxFilterLevels, maximumPacketSize } =
    capabilities;
  return {
    maxQos,
    retain,
    will,
    wildcards,
    shared,
    persistentSessions,
    ...(maxFilterLevels === undefined ? {} : { maxFilterLevels }),
    maximumPacketSize,
  };
}

function botOf(RED: NodeAPI, { openedChat: chat }: Broker): BotView | undefined {
  if (!chat || (chat.nodeIds.length === 0 && chat.stanzas.state.phase === 'idle')) return undefined;
  const { state, account } = chat.stanzas;
  return {
    account: account.slice(0, 500),
    phase: state.phase,
    ...(state.phase === 'online' ? { jid: state.jid.slice(0, 1_000) } : {}),
    since: chat.since,
    ...('reason' in state && state.reason ? { reason: state.reason.text } : {}),
    losses: [...chat.losses],
    queued: chat.queued,
    nodes: nodesOfIds(RED, new Set(chat.nodeIds)),
  };
}

/** Nodes of the flows, as people know them; ids without a definition are left out. */
function nodesOfIds(RED: NodeAPI, ids: ReadonlySet<string>): BotView['nodes'] {
  return allRunning(RED)
    .filter(({ id }) => ids.has(id))
    .slice(0, MAX_NODES)
    .map(({ id, type, name = '' }) => ({ id, type, name: name.slice(0, 200) }));
}
