import { randomBytes } from 'node:crypto';
import type { NodeAPI } from 'node-red';
import { DependencyHub, type NodeDependencies } from '../../alert/dependencies';
import type { AlertMachine } from '../../alert/machine';
import { NumberPool } from '../../alert/number-pool';
import type { SteadyClock } from '../../alert/steady-clock';
import { text } from '../../base/catalogue';
import { systemClock } from '../../base/clock';
import { oneLine, plain } from '../../base/printable';
import type { Text } from '../../base/text';
import type { ReadText, Translate } from '../../base/translate';
import type { Broker } from '../../runtime/broker/broker';
import { findBroker } from '../../runtime/broker/find-broker';
import { onRead, serveChats } from '../../runtime/chat/alerts-behind';
import { SendingListeners } from '../../runtime/chat/sending-reports';
import { DataFolders } from '../../runtime/data-folder';
import { DeployWatcher } from '../../runtime/handover/deploy-watcher';
import { knownBrokers } from '../../runtime/known-brokers';
import { RunningFlowGraph } from '../../runtime/running-flow-graph';
import { readError } from '../../runtime/translator';
import { wildcardLevels } from '../../topics/wildcard-levels';
import type { AlertDelivery } from './alert-delivery';
import { AlertEngine } from './alert-engine';
import { AlertInput } from './alert-input';
import type { AlertNode } from './alert-node';
import { ChatDispatcher } from './chat-dispatcher';
import { chatInputOf, isHarmless } from './chat-input';
import type { AlertConfig } from './config';
import type { Message, MessageReader } from './message-reader';
import { NodeDevices } from './node-devices';
import { alertsBehind, answersBesides, reachesOthers } from './other-consumers';
import { watchParents } from './parents';
import { PendingReplies } from './pending-replies';
import { publishAlerts } from './publish-alerts';
import { AlertShown } from './shown-alert';
import { alertStatus, PacedStatus } from './status';
import { openAlertStore, openHistoryStore, sweepDeletedNodes, watchConnection } from './stores';
import { TopicNames } from './topic-names';

const steadyClock: SteadyClock = { ...systemClock, steady: () => performance.now() };

/** A running `dinox-alert`. */
export interface RunningAlert {
  engine: AlertEngine;
  input: AlertInput;
  /** Never rejects: write failures are reported. */
  close(removed: boolean): Promise<void>;
}

/** What all `dinox-alert`s of one Node-RED share: short numbers, commands from chats, folders, the wires, deploys. */
export class AlertRuntime {
  private readonly deploys: DeployWatcher;
  private readonly sendings: SendingListeners<AlertDelivery>;
  private readonly graph: RunningFlowGraph;
  private readonly folders: DataFolders;
  private readonly numbers = new NumberPool();
  private readonly dispatcher: ChatDispatcher;
  private readonly dependencies = new DependencyHub();
  /** The running nodes: their engines, and the way to their output 3. */
  private readonly running = new Map<string, { engine: AlertEngine; answer(messages: Message[]): void }>();
  /** Alerts that wait for what was written while nobody listened. */
  private readonly reading = new Set<() => void>();
  private hasSwept = false;

  constructor(
    private readonly RED: NodeAPI,
    private readonly translate: Translate,
    private readonly read: ReadText,
  ) {
    this.deploys = new DeployWatcher(RED.events, systemClock);
    this.sendings = new SendingListeners(RED.events, systemClock);
    this.graph = new RunningFlowGraph(RED);
    this.folders = new DataFolders(RED.settings as never, 'alerts', systemClock, (folder, owner) => {
      const values = { folder, pid: String(owner?.pid ?? '?'), host: owner?.host ?? '?' };
      RED.log.warn(`[dinox-alert] ${translate('warning.locked', values)}`);
    });
    this.dispatcher = new ChatDispatcher(
      steadyClock,
      (listeners) => reachesOthers(RED, listeners) || answersBesides(RED, listeners),
    );
    // One for all of them: Node.js warns of eleven listeners to one event.
    onRead(RED.events, () => {
      for (const read of [...this.reading]) read();
    });
    serveChats(RED.events, {
      takeLate: (msg, listeners) => this.takeLate(msg, listeners),
      behind: (listeners) =>
        [...alertsBehind(RED, listeners)].flatMap((id) => {
          const commands = this.running.get(id)?.engine.commands;
          return commands ? [{ id, commands }] : [];
        }),
    });
  }

  /** Takes what was written to alerts while Node-RED was down: an acknowledgement counts however old it is. */
  private takeLate(msg: Message, listeners: readonly string[]): boolean {
    const { RED, running, dispatcher } = this;
    if (!isHarmless(chatInputOf(msg))) return false;
    const alerts = [...alertsBehind(RED, listeners)].flatMap((id) => running.get(id) ?? []);
    for (const { engine, answer } of alerts)
      dispatcher.receive({ engine, msg: { ...msg }, send: answer, done: () => {} });
    return alerts.length > 0;
  }

  /** @param def the node's definition, for its name and its connection */
  start(
    node: AlertNode,
    def: Readonly<Record<string, unknown>>,
    config: AlertConfig,
    reader: MessageReader,
  ): RunningAlert {
    const { RED, translate, read, sendings, dispatcher } = this;
    const { folder, flow, release } = this.folders.acquire();
    // Node ids are unique only in one flow file, and projects can be switched.
    const key = `${flow}\n${node.id}`;
    if (folder && !this.hasSwept) {
      this.hasSwept = true;
      sweepDeletedNodes(RED, folder);
    }
    let hasWarned = false;
    let shown: AlertShown | undefined;
    const names = new TopicNames(config, () => this.namingBroker(def));
    const engine = new AlertEngine({
      names,
      messageFailed: (why) => node.error(readError(why, read)?.message ?? ''),
      config,
      clock: steadyClock,
      translate,
      read,
      name: String(def.name || translate('text.name')),
      newId: () => randomBytes(6).toString('hex'),
      id: node.id,
      numbers: this.numbers,
      dependencies: this.dependenciesOf(node, config),
      store: config.persist ? openAlertStore(folder, node, translate) : undefined,
      historyStore: config.persist ? openHistoryStore(folder, node, translate) : undefined,
      send: (messages) => {
        node.send([messages, null, null] as never);
        topics?.tell(messages);
      },
      forgotten: (gone) => {
        topics?.forget(gone);
        shown?.changed();
      },
      leadsToChat: () => this.graph.reaches(node, 0, 'xmpp-out'),
      predecessor: sendings.of(key),
      tooManyUndelivered: () => {
        if (!hasWarned) node.warn(translate('warning.untold'));
        hasWarned = true;
      },
      changed: () => {
        topics?.settle();
        status.changed();
        shown?.changed();
      },
      sampled: config.showInHomeAssistant ? () => shown?.sampled() : undefined,
    });
    const { machine, delivery } = engine;
    const topics = config.publishAlerts
      ? publishAlerts(RED, node, def, machine, { translate, read })
      : undefined;
    const status = new PacedStatus(
      systemClock,
      () => alertStatus(machine, translate, engine.devices?.size),
      (shown) => node.status(shown),
    );
    names.look();
    if (config.message?.fault)
      node.error(read(text('config.problem', { field: 'message', text: config.message.fault.text })));
    const replies = this.pendingReplies(node, machine);
    engine.start();
    engine.devices = this.devicesOf(node, def, engine, () => status.changed());
    topics?.resume();
    shown = config.showInHomeAssistant ? this.showIn(node, def, engine) : undefined;
    sendings.add(key, delivery);
    const answer = (messages: Message[]): void => node.send([null, null, messages] as never);
    const run = { engine, answer };
    this.running.set(node.id, run);
    const ends = [
      () => {
        if (this.running.get(node.id) === run) this.running.delete(node.id);
      },
      dispatcher.add(engine),
      this.afterDeploy(() => {
        engine.started();
        replies.started();
      }),
      () => replies.close(),
      this.deploys.listen((underWay) => !underWay && names.look()),
      () => names.close(),
      watchConnection(RED, node, def, machine, translate),
      watchParents({
        ...{ RED, node, machine, translate, clock: systemClock, deploys: this.deploys },
        dependsOn: config.dependsOn,
      }),
      () => status.close(),
      () => shown?.close(),
    ];
    status.changed();
    const input = new AlertInput({
      ...{ engine, reader, dispatcher, translate, read, clock: systemClock },
      name: String(def.name ?? ''),
      passesOn: () => isWired(node, 1),
      answers: () => isWired(node, 2),
      warn: (text) => node.warn(text),
    });
    const close = async (removed: boolean): Promise<void> => {
      for (const end of ends) end();
      if (removed) topics?.clearAll();
      sendings.remove(key, delivery, removed);
      await engine.close(!removed);
      release();
    };
    return { engine, input, close };
  }

  private pendingReplies(node: AlertNode, machine: AlertMachine): PendingReplies {
    const { RED, graph } = this;
    const reaches = (id: string): boolean => {
      const listener = RED.nodes.getNode(id) as AlertNode | null | undefined;
      return Boolean(listener && graph.reaches(listener, 0, 'dinox-alert', node));
    };
    return new PendingReplies({
      ...{ machine, clock: systemClock },
      isBehind: () => knownBrokers(RED).some(({ broker }) => broker.openedChat?.behind.some(reaches)),
      onRead: (read) => {
        this.reading.add(read);
        return () => this.reading.delete(read);
      },
    });
  }

  /** The node's connection, or the only one that there is. */
  private namingBroker({ broker: id }: Readonly<Record<string, unknown>>): Broker | undefined {
    const own = findBroker(this.RED, id);
    if (own) return own;
    const [only, ...others] = knownBrokers(this.RED);
    return others.length === 0 ? only?.broker : undefined;
  }

  private devicesOf(
    node: AlertNode,
    { broker }: Readonly<Record<string, unknown>>,
    { machine, config: { devices: rules } }: AlertEngine,
    counted: () => void,
  ): NodeDevices | undefined {
    if (!rules) return undefined;
    return new NodeDevices({
      ...{ machine, rules, clock: systemClock, counted },
      reader: findBroker(this.RED, broker)?.homeAssistant.reader(),
      full: () => node.warn(this.translate('warning.devicesFull', { max: machine.rules.maxKeys })),
      slow: (topic) => node.warn(this.translate('warning.devicesSlow', { topic: plain(topic, 200) })),
    });
  }

  private showIn(
    node: AlertNode,
    { broker: id, name }: Readonly<Record<string, unknown>>,
    engine: AlertEngine,
  ): AlertShown | undefined {
    const { RED, read, translate } = this;
    const broker = findBroker(RED, id);
    const warn = (said: Text): void => node.warn(read(said));
    if (!broker) {
      warn(text('shown.noBroker'));
      return undefined;
    }
    const { announcer } = broker;
    const shownName = String(name || translate('text.name'));
    return new AlertShown({
      ...{ engine, announcer, read, warn, clock: systemClock },
      id: node.id,
      name: shownName,
    });
  }

  private dependenciesOf(node: AlertNode, { dependsOn }: AlertConfig): NodeDependencies {
    const keys = dependsOn.flatMap((one) =>
      one.type === 'key' ? [{ node: one.node || node.id, pattern: one.pattern }] : [],
    );
    const filters = dependsOn.flatMap((one) => (one.type === 'topic' ? [one.filter] : []));
    const tools = {
      circle: (key: string, other: string) =>
        node.warn(this.translate('warning.dependsCircle', { key: oneLine(key), other: oneLine(other) })),
      missing: (id: string) => node.warn(this.translate('warning.dependsMissing', { node: id })),
    };
    return this.dependencies.of(node.id, keys, tools, (topic) => wildcardLevels(topic, filters));
  }

  /** Calls `started` once all nodes of a deploy are there; the returned function cancels that. */
  private afterDeploy(started: () => void): () => void {
    let isStarted = false;
    return this.deploys.listen((underWay) => {
      if (underWay) this.graph.forget();
      if (underWay) return;
      this.dependencies.deployed();
      if (isStarted) return;
      isStarted = true;
      started();
    });
  }
}

/** Asked whenever it matters: a deploy may wire a node that goes on running. */
function isWired(node: AlertNode, output: number): boolean {
  return ((node as { wires?: unknown[][] }).wires?.[output]?.length ?? 0) > 0;
}
