import type { Node, NodeAPI } from 'node-red';
import { AlertStore } from '../../alert/alert-store';
import type { AlertMachine } from '../../alert/machine';
import { systemClock } from '../../base/clock';
import type { Translate } from '../../base/translate';
import type { History } from '../../history/history';
import { HistoryStore } from '../../history/store/history-store';
import { sweep as sweepFiles } from '../../history/store/sweep';

import { findBroker } from '../../runtime/broker/find-broker';
import { alertFile, alertFolder } from '../../storage/user-dir';

const ASIDE = {
  newer: 'warning.storeNewer',
  damaged: 'warning.storeDamaged',
  unread: 'warning.storeUnread',
} as const;

/** Opens the store of the node's states; undefined if Node-RED has no folder. */
export function openAlertStore(
  folder: string | undefined,
  node: Node,
  translate: Translate,
): AlertStore | undefined {
  const file = folder && alertFile(folder, node.id);
  if (!file) return undefined;
  return new AlertStore({
    path: file,
    clock: systemClock,
    events: {
      failed: (error) => node.error(translate('error.store', { file, reason: error.message })),
      recovered: () => node.log(translate('log.storeAgain', { file })),
      setAside: (path, why, reason) => node.warn(translate(ASIDE[why], { path, reason })),
      damaged: (count, path) => node.warn(translate('warning.storeLines', { file, path, count })),
    },
  });
}

export function openHistoryStore(
  own: string | undefined,
  node: Node,
  translate: Translate,
): ((history: History) => HistoryStore) | undefined {
  if (!own) return undefined;
  const folder = alertFolder(own);
  const events = {
    aside: (path: string, why: string) =>
      node.warn(translate(why === 'newer' ? 'warning.historyNewer' : 'warning.historyDamaged', { path })),
    failed: (error: Error) => node.error(translate('error.historyStore', { folder, reason: error.message })),
    recovered: () => node.log(translate('log.historyAgain', { folder })),
  };
  return (history) => new HistoryStore({ history, folder, id: node.id, clock: systemClock, events });
}

/** Removes the files of nodes that are long gone. */
export function sweepDeletedNodes(RED: NodeAPI, folder: string): void {
  const ids = new Set<string>();
  RED.nodes.eachNode(({ id }) => {
    ids.add(id);
  });
  // Disk errors do not reject here, and no failure stops a node.
  sweepFiles(alertFolder(folder), ids, systemClock.now()).catch(() => {});
}

/** Stops no-data clocks while the samples' connection is down. */
export function watchConnection(
  RED: NodeAPI,
  node: Node,
  def: Readonly<Record<string, unknown>>,
  machine: AlertMachine,
  translate: Translate,
): () => void {
  if (typeof def.broker !== 'string' || def.broker === '') return () => undefined;
  const broker = findBroker(RED, def.broker);
  if (!broker) {
    node.warn(translate('warning.broker'));
    return () => undefined;
  }
  machine.connection(broker.connected);
  return broker.onConnected((isThere) => machine.connection(isThere));
}
