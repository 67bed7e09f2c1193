import type { Node, NodeAPI } from 'node-red';
import type { KeyFacts } from '../alert/key-facts';
import type { AlertRow, PastRow } from '../alert/past-alerts';
import { type ValueZone, worstZones } from '../alert/value-zones';
import type { WatchedKeys } from '../alert/watched-keys';
import type { History } from '../history/history';
import type { RecordedKey } from '../history/recorded';
import { nodesOfType } from './nodes-of-type';

/** What a `dinox-alert` has recorded, for other nodes. */
export interface AlertRecordings {
  /** Set until the history of an earlier process has been read. */
  readonly loading: Promise<void> | undefined;
  /** Undefined: the node keeps none. */
  readonly history: History | undefined;
  /** Keys that have a history; empty: the only one of a node that has one for all messages. */
  keys(): Iterable<string>;
  /** A key with what its pictures show. */
  about(key: string): RecordedKey;
  /** Alerts that were open at some time between the two, the newest first; in milliseconds since the epoch. */
  alerts(from: number, to: number): AlertRow[];
  /** Only those that are over: thousands that are open cost nothing. */
  past(): PastRow[];
  /** The last value of a key as `about` names it, even one that is in no history; undefined if it is no number. */
  current(key: string): number | undefined;
  /**
   * What it thinks of each value of a key as `about` names it; empty where it does not go by the value itself.
   * @param field only if this number in the JSON is what it reads
   */
  zones(key: string, field?: string): ValueZone[];
  /** The number in the JSON of a topic that it reads; undefined: its keys are no topics, or it reads all of it. */
  readonly field: string | undefined;
  /** What a sentence about a key needs; undefined for one that was not seen since the start. */
  facts(key: string): KeyFacts | undefined;
  /** Keys without an open alert. */
  watched(most: number): WatchedKeys;
}

/** A `dinox-alert`; one that cannot work has no recordings. */
export interface RecordingAlert extends Node {
  dinoxRecordings?: AlertRecordings;
}

/** The recordings of an alert; undefined if there is no such node, or it does not run. */
export function alertRecordings(RED: NodeAPI, id: string): AlertRecordings | undefined {
  return (RED.nodes.getNode(id) as RecordingAlert | null)?.dinoxRecordings;
}

/** True if somebody of this name has acknowledged an alert of this Node-RED since, in milliseconds since the epoch. */
export function hasAcknowledged(RED: NodeAPI, by: string, since: number): boolean {
  const ids: string[] = [];
  RED.nodes.eachNode(({ id, type }) => (type as string) === 'dinox-alert' && ids.push(id));
  const now = Date.now();
  return ids.some((id) =>
    alertRecordings(RED, id)
      ?.alerts(since, now)
      .some(({ acked }) => acked?.by === by && Date.parse(acked.at) > since),
  );
}

/** The worst that the alerts about a topic think of each value; empty without one. Waits for those that begin. */
export async function zonesAbout(
  RED: NodeAPI,
  topic: string,
  field: string | undefined,
): Promise<ValueZone[]> {
  const alerts = nodesOfType(RED, 'dinox-alert').flatMap(({ id }) => alertRecordings(RED, id) ?? []);
  for (const { loading } of alerts) if (loading) await loading;
  // A value that the server had kept is judged, and in no history.
  const about = alerts.filter((one) => one.history?.has(topic) || one.current(topic) !== undefined);
  return worstZones(about.map((one) => one.zones(topic, field)));
}
