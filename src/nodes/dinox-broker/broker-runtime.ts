import type { Node, NodeAPI, NodeDef } from 'node-red';
import { text } from '../../base/catalogue';
import { systemClock } from '../../base/clock';
import type { Text } from '../../base/text';
import type { ReadText } from '../../base/translate';
import { RecorderPool } from '../../recorder/recorder-pool';
import { Broker } from '../../runtime/broker/broker';
import { loadMqtt } from '../../runtime/broker/load-mqtt';
import { createPlanFinder, planFiles } from '../../runtime/broker/plan-finder';
import { FaultRegistry } from '../../runtime/broker/subscription-faults';
import { brokerConfig, type RawBroker, type RawCredentials } from '../../runtime/config/broker-config';
import { allChosenTopics } from '../../runtime/config/chosen-topics';
import { definitionOf } from '../../runtime/config/node-definition';
import { DataFolders } from '../../runtime/data-folder';
import { DeployWatcher } from '../../runtime/handover/deploy-watcher';
import { chatHandover, HandoverStore, type PendingInbound } from '../../runtime/handover/handover-store';
import { showConnection } from '../../runtime/homeassistant/shown-connection';
import { clientIdFor, installationId, installationOf } from '../../runtime/installation';
import { type TileAccess, tileAccess } from '../../runtime/tiles/tile-access';
import { textReader, translator } from '../../runtime/translator';
import {
  announcedFile,
  archiveFile,
  lastTextsFile,
  presetsFile,
  queueFile,
  sentFile,
  topicNamesFile,
} from '../../storage/user-dir';
import { tlsSettings } from './tls-settings';

/** The config node as other nodes see it. */
export interface BrokerNode extends Node<RawCredentials> {
  /** True while MQTT is connected; core's name, for flows that look at it. */
  connected: boolean;
  dinox: Broker;
  /** Its topics as tiles, for other packages. */
  dinoxTiles: TileAccess;
}

/** What all `dinox-broker` nodes of a Node-RED share, and how one of them opens its connection. */
export class BrokerRuntime {
  private readonly handovers = new HandoverStore(systemClock);
  private readonly inboundHandovers = new HandoverStore<PendingInbound>(systemClock);
  private readonly chatHandover = chatHandover(systemClock);
  private readonly read: ReadText;
  private readonly faults = new FaultRegistry();
  private readonly deploys: DeployWatcher;
  private readonly recorders: RecorderPool;
  private readonly folders: DataFolders;
  /** Installation ids by user directory, so that notices about one are logged once. */
  private readonly installations = new Map<string | undefined, string>();

  constructor(private readonly RED: NodeAPI) {
    this.read = textReader(RED);
    const warn = (said: Text): void => RED.log.warn(`[dinox-broker] ${this.read(said)}`);
    this.deploys = new DeployWatcher(RED.events, systemClock);
    this.recorders = new RecorderPool(systemClock, () => brokerIds(RED), warn);
    this.folders = new DataFolders(RED.settings as never, 'brokers', systemClock, (folder, owner) =>
      warn(text('log.locked', { folder, pid: String(owner?.pid ?? '?'), host: owner?.host ?? '?' })),
    );
  }

  /**
   * Gives the node its connection.
   * @returns a function that closes it; `removed`: the node was deleted or disabled, and no deploy makes it again
   */
  open(node: BrokerNode, raw: NodeDef & RawBroker): (removed: boolean) => Promise<void> {
    const { RED, faults, read, recorders } = this;
    const def = definitionOf(RED, node, raw);
    const config = brokerConfig(def);
    // A value that cannot be read must not drop what is kept.
    const week = config.history === '7d' || config.problems.some(({ field }) => field === 'history');
    const { folder, flow, release } = this.folders.acquire();
    const user = node.credentials?.user;
    const reconnect = Number(RED.settings.mqttReconnectTime);
    const finder = createPlanFinder(node.id, planFiles(folder));
    node.connected = false;
    // Node ids are unique only in one flow file, and projects can be switched.
    const id = flow === '' ? node.id : `${flow}\n${node.id}`;
    node.dinox = new Broker({
      id,
      queueFile: folder && queueFile(folder, node.id),
      sentFile: folder && sentFile(folder, node.id),
      archiveFile: folder && archiveFile(folder, node.id),
      bus: RED.events,
      namesFile: folder && topicNamesFile(folder, node.id),
      presetsFile: folder && presetsFile(folder, node.id),
      saidFile: folder && lastTextsFile(folder, node.id),
      // While a node closes, Node-RED's flows are the new ones.
      isDisabled: () => brokerIds(RED).includes(node.id),
      handovers: this.handovers,
      inboundHandovers: this.inboundHandovers,
      chatHandover: this.chatHandover,
      faults: faults.claim(id, String(def.payloadType ?? '')),
      deploys: this.deploys,
      shown: {
        installation: installationOf(this.installation(RED.settings.userDir), flow),
        id: node.id,
        name: String(def.name ?? ''),
        file: folder && announcedFile(folder, node.id),
      },
      recorder: recorders.claim(node.id, folder, week),
      watch: allChosenTopics(RED.settings as { dinox?: unknown }),
      raw: def,
      // Node-RED resolves a variable only if it is the whole credential, never within a password.
      credentials: { ...node.credentials, ...(user && definitionOf(RED, node, { user })) },
      clientId: clientIdFor(this.installation(RED.settings.userDir), node.id, flow),
      tls: tlsSettings(RED, def, config.trusted),
      reconnectMin: reconnect > 0 ? reconnect : undefined,
      tools: { clock: systemClock, random: Math.random, findPlan: finder.find, loadMqtt },
      log: {
        info: (said) => node.log(read(said)),
        warn: (said) => node.warn(read(said)),
        error: (said) => node.error(read(said)),
      },
      translate: translator(RED, 'dinox-broker'),
      read,
      changed: (connected) => {
        node.connected = connected;
      },
    });
    node.dinoxTiles = tileAccess(RED, node.dinox);
    warnOfTwins(RED, node, def, read);
    const hide = node.dinox.config.showInHomeAssistant
      ? showConnection(node.id, node.dinox, systemClock, read)
      : undefined;
    return async (removed) => {
      hide?.();
      if (removed) faults.forget(id);
      try {
        await Promise.all([
          node.dinox.close(removed),
          removed ? finder.forget() : undefined,
          recorders.release(node.id, folder, removed),
        ]);
      } finally {
        release();
      }
    };
  }

  private installation(userDir: string | undefined): string {
    const known =
      this.installations.get(userDir) ??
      installationId(userDir, (said) => this.RED.log.info(`[dinox-broker] ${this.read(said)}`));
    this.installations.set(userDir, known);
    return known;
  }
}

/** Ids of all brokers in the flows, including disabled ones. */
function brokerIds(RED: NodeAPI): string[] {
  const ids: string[] = [];
  RED.nodes.eachNode(({ id, type }) => (type as string) === 'dinox-broker' && ids.push(id));
  return ids;
}

/** Warns at deploy of two connections with one client id, which throw each other out for ever. */
function warnOfTwins(RED: NodeAPI, node: BrokerNode, def: RawBroker, read: ReadText): void {
  const { clientid } = def;
  if (typeof clientid !== 'string' || !clientid) return;
  const address = (other: RawBroker): string =>
    [other.host || other.broker, other.port, other.jid].map((part) => String(part ?? '')).join('|');
  RED.nodes.eachNode((other) => {
    const raw = other as NodeDef & RawBroker;
    const isOther =
      raw.id !== node.id && (raw.type === 'dinox-broker' || (raw.type as string) === 'mqtt-broker') && !raw.d;
    if (isOther && raw.clientid === clientid && address(raw) === address(def)) {
      node.error(read(text('log.sameClientId', { client: clientid, node: raw.id })));
    }
  });
}
