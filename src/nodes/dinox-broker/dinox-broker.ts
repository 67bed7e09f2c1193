import type { Node, NodeAPI, NodeDef } from 'node-red';
import { systemClock } from '../../base/clock';
import { RecorderPool } from '../../recorder/recorder-pool';
import { Broker } from '../../runtime/broker/broker';
import { loadMqtt } from '../../runtime/broker/load-mqtt';
import { createPlanFinder, planFiles } from '../../runtime/broker/plan-finder';
import { FaultRegistry } from '../../runtime/broker/subscription-faults';
import { brokerConfig, type RawBroker, type RawCredentials } from '../../runtime/config/broker-config';
import { definitionOf } from '../../runtime/config/node-definition';
import { DataFolders } from '../../runtime/data-folder';
import { DeployWatcher } from '../../runtime/handover/deploy-watcher';
import { chatHandover, HandoverStore, type PendingInbound } from '../../runtime/handover/handover-store';
import { clientIdFor, installationId } from '../../runtime/installation';
import { translator } from '../../runtime/translator';
import { queueFile, sentFile } from '../../storage/user-dir';
import { registerAdmin } from './admin';
import { tlsSettings } from './tls-settings';

/** The config node as other nodes see it. */
export interface BrokerNode extends Node<RawCredentials> {
  /** True while MQTT is connected; core's name, for flows that look at it. */
  connected: boolean;
  dinox: Broker;
}

/**
 * `dinox-broker`: the account. Holds the one MQTT connection of all nodes that name it in `broker`.
 * Errors in its configuration stand in the log at deploy and under every node that uses it.
 */
export function registerDinoxBroker(RED: NodeAPI): void {
  const handovers = new HandoverStore(systemClock);
  const inboundHandovers = new HandoverStore<PendingInbound>(systemClock);
  const forChat = chatHandover(systemClock);
  const faults = new FaultRegistry();
  const deploys = new DeployWatcher(RED.events, systemClock);
  const recorders = new RecorderPool(
    systemClock,
    () => brokerIds(RED),
    (text) => RED.log.warn(`[dinox-broker] ${text}`),
  );
  const folders = new DataFolders(RED.settings as never, 'brokers', systemClock, (where, owner) =>
    RED.log.warn(
      `[dinox-broker] ${RED._('dinox-broker.log.locked', { folder: where, pid: String(owner?.pid ?? '?'), host: owner?.host ?? '?' })}`,
    ),
  );
  /** Once for each user directory: what is said about it is said once. */
  const installations = new Map<string | undefined, string>();
  const installation = (userDir: string | undefined): string => {
    const known =
      installations.get(userDir) ?? installationId(userDir, (text) => RED.log.info(`[dinox-broker] ${text}`));
    installations.set(userDir, known);
    return known;
  };
  function DinoxBroker(this: BrokerNode, raw: NodeDef & RawBroker): void {
    RED.nodes.createNode(this, raw);
    const def = definitionOf(RED, this, raw);
    const { userDir } = RED.settings;
    const { folder, flow, release } = folders.hold();
    const user = this.credentials?.user;
    const reconnect = Number(RED.settings.mqttReconnectTime);
    const finder = createPlanFinder(this.id, planFiles(folder));
    this.connected = false;
    // Node ids are unique in one flow file, and a project may be exchanged for another.
    const id = flow === '' ? this.id : `${flow}\n${this.id}`;
    this.dinox = new Broker({
      id,
      queueFile: folder && queueFile(folder, this.id),
      sentFile: folder && sentFile(folder, this.id),
      handovers,
      inboundHandovers,
      chatHandover: forChat,
      faults: faults.claim(id, String(def.payloadType ?? '')),
      deploys,
      recorder: recorders.claim(this.id, folder),
      raw: def,
      // Node-RED fills in a variable that is all of a credential; within a password one is none.
      credentials: { ...this.credentials, ...(user && definitionOf(RED, this, { user })) },
      clientId: clientIdFor(installation(userDir), this.id, flow),
      tls: tlsSettings(RED, def, brokerConfig(def).trusted),
      reconnectMin: reconnect > 0 ? reconnect : undefined,
      tools: {
        clock: systemClock,
        random: Math.random,
        findPlan: finder.find,
        loadMqtt,
      },
      log: {
        info: (text) => this.log(text),
        warn: (text) => this.warn(text),
        error: (text) => this.error(text),
      },
      translate: translator(RED, 'dinox-broker'),
      changed: (connected) => {
        this.connected = connected;
      },
    });
    warnOfTwins(RED, this, def);
    this.on('close', (removed: boolean, done: () => void) => {
      if (removed) faults.forget(id);
      Promise.all([
        this.dinox.close(removed),
        removed ? finder.forget() : undefined,
        recorders.release(this.id, folder, removed),
      ]).then(
        () => {
          release();
          done();
        },
        (error: Error) => {
          release();
          this.error(error.message);
          done();
        },
      );
    });
  }

  registerAdmin(RED);
  RED.nodes.registerType('dinox-broker', DinoxBroker as never, {
    credentials: {
      password: { type: 'password' },
      user: { type: 'text' },
      mqttPassword: { type: 'password' },
    },
  });
}

/** Those of the flows, disabled ones included. */
function brokerIds(RED: NodeAPI): string[] {
  const ids: string[] = [];
  RED.nodes.eachNode(({ id, type }) => (type as string) === 'dinox-broker' && ids.push(id));
  return ids;
}

/** Two connections with one client id throw each other out for ever: says so at deploy. */
function warnOfTwins(RED: NodeAPI, node: BrokerNode, def: RawBroker): void {
  const { clientid } = def;
  if (typeof clientid !== 'string' || !clientid) return;
  const address = (other: RawBroker): string =>
    [other.host || other.broker, other.port, other.jid].map((part) => String(part ?? '')).join('|');
  RED.nodes.eachNode((other) => {
    const raw = other as NodeDef & RawBroker;
    const isOther =
      raw.id !== node.id && (raw.type === 'dinox-broker' || (raw.type as string) === 'mqtt-broker') && !raw.d;
    if (isOther && raw.clientid === clientid && address(raw) === address(def)) {
      node.error(
        `The client id "${clientid}" is also that of the broker node ${raw.id}: the two would throw each other out. Give each its own, or leave the field empty.`,
      );
    }
  });
}
