import type { Node, NodeAPI } from 'node-red';
import { nodesOfType } from './nodes-of-type';

/** The part of a `dinox-alert`'s `AlertDesk` (`src/alert/`) that others need. */
export interface Desk {
  open(): readonly object[];
  /** A key as it is now; with an `id` if it has an open alert. */
  of(key: string): object | undefined;
  command(command: object, asker: { by: string }): { ok: boolean; text: string };
  acknowledge(which: object, typed: string, asker: { by: string }): { ok: boolean; text: string };
  silenceFor(which: object, typed: string, asker: { by: string }): { ok: boolean; text: string };
}

const MAX_ALERTS = 500;

/** The open alerts of all nodes that run, each with the id and the name of its node. */
export function openAlerts(RED: NodeAPI): (object & { node: string; name: string })[] {
  const nodes = nodesOfType(RED, 'dinox-alert');
  const alerts = nodes.flatMap(({ id, name = '' }) =>
    (deskOf(RED, id)?.open() ?? []).map((alert) => ({ ...alert, node: id, name: name.slice(0, 200) })),
  );
  return alerts.slice(0, MAX_ALERTS);
}

/** Undefined: there is no such node, or it does not run. */
export function deskOf(RED: NodeAPI, id: string): Desk | undefined {
  return (RED.nodes.getNode(id) as (Node & { dinoxAlert?: Desk }) | null)?.dinoxAlert;
}
